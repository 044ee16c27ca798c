import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.catalog import ASKED, Clock
from features.errors import BundleError
from models.bundle import contents, load, model_hash, save
from models.cold import cold_model
from models.sealed import MANIFEST
from models.training import train


def test_a_bundle_loaded_elsewhere_scores_the_same_bits(model, copy, register):
    rows = register.new_round(80, seed=3).rows
    there, here = load(copy).explain(rows), model.explain(rows)
    for clock in ASKED:
        for part in ("base", "log_odds", "points", "figure", "overtaken"):
            assert getattr(there[clock], part).tolist() == getattr(here[clock], part).tolist()


def test_a_bundle_keeps_the_refits_the_clocks_on_the_way_and_the_likeness_to_the_bit(model, copy, register):
    there, features = load(copy), model.features(register.new_round(40, seed=3).rows)
    assert there.bagged(features).tolist() == model.bagged(features).tolist()
    assert there.likeness.to_dict() == model.likeness.to_dict()
    finishing = np.column_stack([features.matrix, np.linspace(1.0, 30.0, 40)])
    assert list(there.later) == list(model.later)
    for clock, hazard in model.later.items():
        matrix = finishing if clock is Clock.FINISHED else features.matrix
        assert there.later[clock].log_odds(matrix).tolist() == hazard.log_odds(matrix).tolist()
        assert there.later[clock].baseline.tolist() == hazard.baseline.tolist()
        assert there.later[clock].level.shock_seen == hazard.level.shock_seen


def test_a_model_is_the_same_files_in_memory_saved_and_loaded(model, bundle):
    files = contents(model)
    assert contents(load(bundle)) == files
    assert {p.name: p.read_bytes() for p in bundle.iterdir() if p.name != MANIFEST} == files
    assert model_hash(load(bundle)) == model_hash(model)


def test_a_bundle_scores_the_same_bits_in_another_process(model, bundle, register, tmp_path):
    rows = register.new_round(20, seed=4).rows
    rows.to_parquet(tmp_path / "rows.parquet")
    program = (
        "import sys, pandas as pd\n"
        "from models.bundle import load\n"
        "told = load(sys.argv[1]).explain(pd.read_parquet(sys.argv[2]))\n"
        "print([[f.hex() for f in told[c].figure.tolist()] for c in told])\n"
    )
    command = [sys.executable, "-c", program, str(bundle), str(tmp_path / "rows.parquet")]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    here = model.explain(rows)
    assert said.stdout.strip() == str([[f.hex() for f in here[c].figure.tolist()] for c in here])


def test_names_of_firms_are_not_in_a_bundle(register, bundle):
    firms = register.history["investor_name"].dropna().unique()
    for path in bundle.iterdir():
        content = path.read_bytes()
        assert not any(firm.encode() in content for firm in firms), path.name


def test_missing_values_survive_the_round_trip(bundle):
    fills = np.concatenate([hazard.trees.fill for hazard in load(bundle).hazards.values()])
    assert np.isnan(fills).any()


def test_shares_that_give_up_may_be_told_or_not_where_nobody_is_under_construction(model, tmp_path):
    later = {clock: hazard for clock, hazard in model.later.items() if clock is not Clock.FINISHED}
    for name, shares in {"told": model.giving_up, "none": np.zeros(0)}.items():
        save(replace(model, later=later, giving_up=shares), tmp_path / name)
        assert load(tmp_path / name).giving_up.tolist() == shares.tolist()


# Models of other shapes


@pytest.fixture(scope="module")
def shapes(zhaoshang, orchards, orchard_catalog, quick, tmp_path_factory):
    """An expert card before any outcome, and the model of a register that knows one milestone: each with its bundle."""
    models = {
        "cold": cold_model(zhaoshang, as_of=np.datetime64("2024-06-30")),
        "one clock": train(orchards(), orchard_catalog, as_of=np.datetime64("2020-06-30"), recipe=quick),
    }
    for name, model in models.items():
        save(model, tmp_path_factory.getbasetemp() / "shapes" / name)
    return models, tmp_path_factory.getbasetemp() / "shapes"


@pytest.mark.parametrize("shape", ["cold", "one clock"])
def test_every_shape_of_model_survives_the_round_trip(shapes, shape, register, orchards):
    model, there = shapes[0][shape], load(shapes[1] / shape)
    assert contents(there) == contents(model)
    rows = register.new_round(20, seed=3).rows if shape == "cold" else orchards(40, seed=5)
    for clock, told in there.explain(rows).items():
        assert told.points.tolist() == model.explain(rows)[clock].points.tolist()
    assert there.bagged(there.features(rows)).shape == ((0, 20) if shape == "cold" else (3, 40))
    assert there.cold is (shape == "cold")


@pytest.mark.parametrize("shape", ["cold", "one clock"])
def test_one_changed_byte_in_any_file_of_any_shape_is_refused(shapes, shape, tmp_path, flip_a_byte):
    names = sorted(p.name for p in (shapes[1] / shape).iterdir() if p.name != MANIFEST)
    assert ("bag.json" in names) is (shape != "cold")
    assert ("likeness.json" in names) is (shape != "cold")
    assert any(name.startswith("clock-landed") for name in names)
    assert any(name.startswith("clock-produced") for name in names) is (shape == "cold")
    for name in names:
        folder = Path(shutil.copytree(shapes[1] / shape, tmp_path / name))
        flip_a_byte(folder / name)
        with pytest.raises(BundleError, match=name):
            load(folder)
