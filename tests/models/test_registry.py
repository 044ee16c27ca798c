import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml

from features.errors import BundleError
from models.bundle import load, model_hash, save
from models.cold import cold_model
from models.fetching import HASH, fetch
from models.registry import log, point, run_of, versions
from models.training import train

ROOT = Path(__file__).parents[2]
FIRM, PROJECT = "金丝雀实业集团", "canary-project-"


@pytest.fixture(scope="module")
def cold(zhaoshang, tmp_path_factory):
    """Two bundles that are quickly made and not the same."""
    folder = tmp_path_factory.mktemp("cold")
    for name, day in (("first", "2024-06-30"), ("second", "2024-09-30")):
        save(cold_model(zhaoshang, as_of=np.datetime64(day)), folder / name)
    return folder


def logged(bundle, **changed):
    told = {
        "parameters": {"rounds": 40},
        "metrics": {"auc": 0.75},
        "artifacts": {"report/report.html": b"<p>", "report/report.json": b"{}"},
        "tags": {"catalog": "c0ffee"},
        "loader_module": "scoring.serving",
    }
    return log(bundle, **{**told, **changed})


def test_a_bundle_comes_back_as_it_went(registry_home, cold):
    told = logged(cold / "first")
    folder, digest = fetch("models:/luodi@challenger")
    assert digest == told.bundle_hash == model_hash(load(cold / "first"))
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        p.name: p.read_bytes() for p in (cold / "first").iterdir()
    }
    assert model_hash(load(folder)) == digest


def test_a_run_keeps_what_was_told_of_it(registry_home, cold):
    told = logged(cold / "first")
    (version,) = versions()
    run = run_of(version)
    assert (run.parameters, run.metrics) == ({"rounds": "40"}, {"auc": 0.75})
    assert version.tags == {"catalog": "c0ffee", HASH: told.bundle_hash}
    client = mlflow.MlflowClient(f"sqlite:///{registry_home / 'mlflow.db'}")
    assert client.get_run(told.run_id).info.status == "FINISHED"
    names = {file.path for file in client.list_artifacts(told.run_id, "report")}
    assert names == {"report/report.html", "report/report.json"}


def test_the_newest_version_is_the_challenger(registry_home, cold):
    first, second = logged(cold / "first"), logged(cold / "second")
    assert [version.version for version in versions()] == [2, 1]
    assert [version.aliases for version in versions()] == [{"challenger"}, set()]
    assert fetch("models:/luodi@challenger")[1] == second.bundle_hash != first.bundle_hash
    assert fetch("models:/luodi/1")[1] == first.bundle_hash


def test_aliases_point_where_they_are_told_and_say_what_was_behind(registry_home, cold):
    assert point({"champion": None}) == ()  # nothing was ever logged
    logged(cold / "first")
    logged(cold / "second")
    assert point({"champion": 1, "previous": None, "challenger": 2}) == ("champion",)
    assert point({"champion": 1, "previous": None, "challenger": 2}) == ()
    assert set(point({"champion": 2, "previous": 1, "challenger": None})) == {"champion", "previous", "challenger"}
    assert {v.version: v.aliases for v in versions()} == {2: {"champion"}, 1: {"previous"}}


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("models:/luodi@champion", "its aliases are: challenger"),
        ("models:/luodi/7", "got nothing there"),
        ("models:/other/1", "got nothing there"),
        ("models:luodi", "must be written models:/luodi@champion"),
        ("models:/luodi/01", "must be written"),
        ("models:/luo'di/1", "must be written"),
    ],
)
def test_a_model_that_is_not_there_is_refused_by_name(registry_home, cold, uri, said):
    logged(cold / "first")
    with pytest.raises(BundleError, match=said):
        fetch(uri)


@pytest.mark.parametrize("spoilt", ["card.json", "manifest.json"])
def test_a_bundle_is_brought_again_where_it_was_lost_or_spoilt(registry_home, cold, spoilt):
    digest = logged(cold / "first").bundle_hash
    kept, _ = fetch("models:/luodi/1")
    assert kept == registry_home / "bundles" / digest
    (kept / spoilt).write_text("{}")
    assert model_hash(load(fetch("models:/luodi/1")[0])) == digest
    shutil.rmtree(kept)
    assert model_hash(load(fetch("models:/luodi/1")[0])) == digest
    assert [p.name for p in kept.parent.iterdir()] == [digest]


def test_a_bundle_that_is_at_hand_is_not_brought_again(registry_home, cold):
    logged(cold / "first")
    kept, _ = fetch("models:/luodi/1")
    shutil.rmtree(registry_home / "mlartifacts")
    assert fetch("models:/luodi/1")[0] == kept


def test_another_bundle_under_the_same_version_is_refused(registry_home, cold):
    logged(cold / "first")
    (place,) = registry_home.glob("mlartifacts/models/*/artifacts/data/*")
    for path in place.iterdir():
        path.unlink()
    for path in (cold / "second").iterdir():
        (place / path.name).write_bytes(path.read_bytes())
    with pytest.raises(BundleError, match="must have the registered hash"):
        fetch("models:/luodi/1")
    assert not list((registry_home / "bundles").iterdir())


def test_what_is_no_bundle_is_not_logged(registry_home, tmp_path):
    with pytest.raises(BundleError):
        logged(tmp_path)
    assert versions() == ()


def test_any_tracking_uri_works_and_is_put_back(registry_home, empty_registry, cold, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere.db"
    elsewhere.write_bytes(empty_registry.read_bytes())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{elsewhere}")
    monkeypatch.chdir(tmp_path)  # MLflow's own default for artifacts is a folder here
    logged(cold / "first")
    assert os.environ["MLFLOW_TRACKING_URI"] == f"sqlite:///{elsewhere}"
    assert len(versions()) == 1
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert versions() == ()
    assert "MLFLOW_TRACKING_URI" not in os.environ


def test_a_registry_that_does_not_answer_is_told_in_words(registry_home, tmp_path, monkeypatch):
    (tmp_path / "text.db").write_text("no database")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'text.db'}")
    with pytest.raises(BundleError, match="must answer"):
        versions()


# What others may see


def test_a_model_is_plain_files_with_a_signature_of_doubles_and_text(registry_home, cold, zhaoshang):
    logged(cold / "first")
    (place,) = registry_home.glob("mlartifacts/models/*/artifacts")
    told = yaml.safe_load((place / "MLmodel").read_text())
    inputs = {column["name"]: column for column in json.loads(told["signature"]["inputs"])}
    assert {column["type"] for column in inputs.values()} == {"double", "string"}
    for name, attribute in zhaoshang.attributes.items():
        if name in inputs:
            assert (inputs[name]["type"] == "double") is (attribute.kind.value in {"number", "integer", "flag"}), name
    assert inputs["total_investment"] == {"type": "double", "name": "total_investment", "required": True}
    assert inputs["plot_ratio"]["required"] is False
    assert told["flavors"]["python_function"]["loader_module"] == "scoring.serving"
    assert told["flavors"]["python_function"].get("code") is None
    assert (place / "input_example.json").exists()
    assert not [p.name for p in place.rglob("*") if p.suffix in {".pkl", ".pickle", ".joblib"}]


@pytest.fixture
def canaries(orchards, orchard_catalog, quick, tmp_path):
    """A bundle trained on projects and firms with names that are nowhere else."""
    rows = orchards(120).assign(ref=lambda r: PROJECT + r["ref"], grower=lambda r: FIRM + r["grower"])
    model = train(rows, orchard_catalog, as_of=np.datetime64("2020-06-30"), recipe=quick)
    save(model, tmp_path / "canaries")
    assert model.builder.index_.to_table().num_rows  # it did learn from them
    return tmp_path / "canaries"


def readable(path):
    """A file as text, Parquet and SQLite too, with and without JSON's escapes."""
    content = path.read_bytes()
    text = content.decode("utf-8", "replace") + content.decode("utf-16", "replace")
    if path.suffix == ".parquet":
        text += pd.read_parquet(path).to_string()
    return text + text.encode().decode("unicode_escape", "replace") if "\\u" in text else text


def test_no_project_and_no_firm_is_named_anywhere(registry_home, canaries):
    logged(canaries)
    files = [path for path in registry_home.rglob("*") if path.is_file()]
    assert {"mlflow.db", "MLmodel", "history.parquet", "input_example.json"} <= {path.name for path in files}
    for path in files:
        text = readable(path)
        assert FIRM not in text, path
        assert PROJECT not in text, path


def test_a_name_would_be_found_where_it_is_told(registry_home, canaries):
    logged(canaries, parameters={"largest": f"{FIRM} 1"}, artifacts={"report.json": json.dumps([PROJECT]).encode()})
    found = {
        p.name for p in registry_home.rglob("*") if p.is_file() and (FIRM in readable(p) or PROJECT in readable(p))
    }
    assert {"mlflow.db", "report.json"} <= found


# Noise, and time to load


def test_nothing_is_said_on_the_way(empty_registry, cold, tmp_path):
    program = (
        "import sys; from pathlib import Path; from models.registry import log, versions\n"
        "assert 'mlflow' not in sys.modules\n"
        f"log(Path({str(cold / 'first')!r}), parameters={{}}, metrics={{}}, artifacts={{}}, tags={{}}, "
        "loader_module='scoring.serving')\n"
        "assert len(versions()) == 1\n"
    )
    env = {**os.environ, "LUODI_VAR": str(tmp_path / "fresh")}
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", program],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["fresh"]


def test_mlflow_is_imported_in_one_module():
    found = set()
    for path in (p for floor in ("features", "models", "scoring") for p in (ROOT / floor).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "mlflow" for name in names):
                found.add(path.relative_to(ROOT).as_posix())
    assert found == {"models/tracking.py"}
