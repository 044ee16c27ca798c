import csv
import io
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.catalogs.reader import read_catalog
from features.synthetic import Design, as_office_sheet, generate

LUODI = Path(sys.executable).with_name("luodi")
DESIGN = Design(n_projects=240, first_year=2019, years=6)
REVIEW = str(DESIGN.day + np.timedelta64(30, "D"))


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office: its folder, its way to run the command, its ledger and its round, not yet on the form."""
    folder = tmp_path_factory.mktemp("office")
    catalog = read_catalog("zhaoshang")
    register = generate(DESIGN, seed=4)
    ledger = as_office_sheet(register.history, catalog, seed=4)
    round_ = as_office_sheet(register.new_round(25, seed=2).rows, catalog, seed=5)

    def luodi(*arguments):
        return subprocess.run([LUODI, *map(str, arguments)], cwd=folder, capture_output=True, check=False)

    return folder, luodi, ledger, round_


def filled_in(form, sheet):
    """The sheet copied into the columns of the form; what the office does not keep stays blank."""
    headers = next(csv.reader(io.StringIO(form.decode("utf-8-sig"))))
    missing = [name for name in sheet.columns if name not in headers]
    assert not missing, missing
    return sheet.reindex(columns=headers)


def quick_recipe(folder):
    text = resources.files("models").joinpath("recipes", "default.toml").read_text(encoding="utf-8")
    file = folder / "quick.toml"
    file.write_text(re.sub(r"^rounds = \d+", "rounds = 20", text, flags=re.MULTILINE), encoding="utf-8")
    return file


def test_an_office_goes_from_an_empty_form_to_an_explained_ranking(office):
    folder, luodi, ledger, round_ = office

    form = luodi("template", "--history")
    filled_in(form.stdout, ledger).to_csv(folder / "ledger.csv", index=False, encoding="gb18030")
    checked = luodi("check", "ledger.csv", "--history")
    assert (checked.returncode, checked.stderr.count(b"Traceback")) == (0, 0), checked.stdout.decode()

    recipe = quick_recipe(folder)
    trained = luodi("train", "ledger.csv", "--out", "model", "--recipe", recipe, "--as-of", REVIEW, "--lang", "en")
    assert trained.returncode == 0, trained.stderr.decode()
    digest = re.search(rb"SHA-256 ([0-9a-f]{64})", trained.stdout)[1].decode()

    form = luodi("template")
    filled_in(form.stdout, round_).to_csv(folder / "round.csv", index=False, encoding="utf-8-sig")
    checked = luodi("check", "round.csv")
    assert checked.returncode == 0, checked.stdout.decode()

    scored = luodi("score", "round.csv", "--model", "model", "--as-of", REVIEW, "--lang", "en")
    assert scored.returncode == 0, scored.stderr.decode()
    assert b"rows in: 25 = " in scored.stdout
    table = pd.read_csv(folder / "scored.csv", encoding="utf-8-sig")
    assert set(table["model_hash"]) == {digest}
    ranked = table[table["status"] == "scored"].sort_values("rank")
    assert ranked["p_produced"].is_monotonic_decreasing

    first = ranked["project_name"].iloc[0]
    explained = luodi("explain", "round.csv", "--model", "model", "--id", first, "--as-of", REVIEW)
    assert explained.returncode == 0, explained.stderr.decode()
    assert f"{ranked['p_produced'].iloc[0] * 100:.1f}" in explained.stdout.decode()


def test_the_same_ledger_trains_the_same_model(office):
    folder, luodi, ledger, _ = office
    filled_in(luodi("template", "--history").stdout, ledger).to_csv(folder / "again.csv", index=False)
    recipe = quick_recipe(folder)
    hashes = set()
    for name in ("one", "two"):
        said = luodi("train", "again.csv", "--out", name, "--recipe", recipe, "--as-of", REVIEW)
        hashes.add(re.search(rb"SHA-256 ([0-9a-f]{64})", said.stdout)[1])
    assert len(hashes) == 1


def test_a_ledger_is_evaluated_against_its_rivals(office):
    folder, luodi, ledger, _ = office
    filled_in(luodi("template", "--history").stdout, ledger).to_csv(folder / "past.csv", index=False)
    said = luodi("evaluate", "past.csv", "--from", 2022, "--to", 2022, "--json", "found.json", "--lang", "en",
                 "--snapshot", DESIGN.day, "--reporting-lag", 0)  # fmt: skip
    assert said.returncode == 0, said.stderr.decode()
    found = pd.read_json(folder / "found.json", typ="series")
    models = found["clocks"]["landed"]["models"]
    assert "luodi" in models
    assert len(models) > 1
    assert {"auc", "log_loss", "brier", "ece"} <= set(models["luodi"])
    assert b"AUC" in said.stdout
