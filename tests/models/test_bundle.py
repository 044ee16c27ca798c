import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.catalog import ASKED, Clock
from features.errors import BundleError
from features.words import Language
from models.bundle import contents, load, model_hash, save
from models.cold import cold_model
from models.sealed import MANIFEST, manifest
from models.training import train

FILES = [
    *(f"bag-00{member}.txt" for member in range(3)),
    "bag.json",
    "builder.json",
    "card.en.md",
    "card.json",
    "card.zh.md",
    "catalog.toml",
    *(f"clock-{clock}.{kind}" for clock in ("finished", "landed", "produced", "withdrawn") for kind in ("json", "txt")),
    "clocks.json",
    "history.parquet",
    "likeness.json",
    "manifest.json",
    "recipe.toml",
]


@pytest.fixture
def copy(bundle, tmp_path):
    return Path(shutil.copytree(bundle, tmp_path / "elsewhere"))


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


def test_a_bundle_is_plain_files_and_no_more(bundle):
    assert sorted(p.name for p in bundle.iterdir()) == FILES
    for path in bundle.glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)


@pytest.mark.parametrize("name", [name for name in FILES if name != MANIFEST])
def test_one_changed_byte_is_refused(copy, name):
    flip_a_byte(copy / name)
    with pytest.raises(BundleError, match=name) as caught:
        load(copy)
    assert "被改动" in caught.value.said(Language.ZH)


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    if content:
        content[len(content) // 2] ^= 1
    path.write_bytes(content or b"x")  # no trees are no bytes


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(copy, name):
    (copy / name).unlink()
    with pytest.raises(BundleError, match=name):
        load(copy)


def test_an_added_file_is_refused(copy):
    (copy / "extra.txt").write_text("hello")
    with pytest.raises(BundleError, match=r"extra\.txt"):
        load(copy)


@pytest.mark.parametrize(
    "claim", [b"", b"[]", b"{}", b'{"luodi_bundle": 1}', b'{"luodi_bundle": 1, "files": 3}', b"\xff"]
)
def test_a_broken_manifest_is_refused_in_words(copy, claim):
    (copy / MANIFEST).write_bytes(claim)
    with pytest.raises(BundleError, match="luodi train"):
        load(copy)


def test_another_layout_is_refused_in_words(copy):
    claim = json.loads((copy / MANIFEST).read_text())
    (copy / MANIFEST).write_text(json.dumps(claim | {"luodi_bundle": 99}))
    with pytest.raises(BundleError, match="version 2; got 99"):
        load(copy)


def test_no_bundle_at_all_says_how_to_train_one(tmp_path):
    with pytest.raises(BundleError, match=r"luodi train history\.csv"):
        load(tmp_path / "none")


def test_trees_of_other_columns_are_refused_even_under_a_sound_manifest(model, copy):
    builder = json.loads(contents(model)["builder.json"])
    builder["columns"].reverse()
    (copy / "builder.json").write_text(json.dumps(builder), encoding="utf-8")
    reseal(copy)
    with pytest.raises(BundleError, match="another order"):
        load(copy)


def test_an_older_bundle_is_replaced_whole(model, copy):
    other = replace(model, medians={"total_investment": 1.0})
    assert save(other, copy) == model_hash(other) != model_hash(model)
    assert load(copy).medians == {"total_investment": 1.0}
    assert [p.name for p in copy.parent.iterdir()] == [copy.name]


def test_anything_else_is_never_overwritten(model, tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(BundleError, match="something else"):
        save(model, tmp_path)
    file = tmp_path / "thesis.docx"
    with pytest.raises(BundleError, match="something else"):
        save(model, file)
    assert file.read_text() == "years of work"


def test_what_somebody_put_beside_a_model_is_never_thrown_away(model, copy):
    (copy / "notes.txt").write_text("years of work")
    with pytest.raises(BundleError, match="something else"):
        save(model, copy)
    assert (copy / "notes.txt").read_text() == "years of work"


def test_a_damaged_model_can_be_trained_again(model, copy):
    (copy / "card.json").unlink()
    (copy / "recipe.toml").write_text("")
    save(model, copy)
    assert model_hash(load(copy)) == model_hash(model)


def test_a_link_to_a_model_stays_a_link_to_the_new_one(model, copy):
    link = copy.parent / "champion"
    link.symlink_to(copy.name, target_is_directory=True)
    other = replace(model, medians={"total_investment": 1.0})
    save(other, link)
    assert link.is_symlink()
    assert model_hash(load(copy)) == model_hash(load(link)) == model_hash(other)
    assert sorted(p.name for p in copy.parent.iterdir()) == sorted([copy.name, link.name])


def test_trees_that_are_no_trees_are_refused_in_words(copy):
    (copy / "clock-landed.txt").write_text("tree\nversion=v4\n")
    reseal(copy)
    with pytest.raises(BundleError, match="fit together"):
        load(copy)


def test_a_place_that_cannot_be_written_is_refused_and_left_as_it_was(model, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="can be written"):
        save(model, tmp_path / "file" / "model")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_refused_in_words():
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    from models.sealed import _in_words, _write

    with pytest.raises(BundleError, match="disk is full"), _in_words(full):
        _write(full, b"x")


def test_names_of_firms_are_not_in_a_bundle(register, bundle):
    firms = register.history["investor_name"].dropna().unique()
    for path in bundle.iterdir():
        content = path.read_bytes()
        assert not any(firm.encode() in content for firm in firms), path.name


def test_missing_values_survive_the_round_trip(bundle):
    fills = np.concatenate([hazard.trees.fill for hazard in load(bundle).hazards.values()])
    assert np.isnan(fills).any()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("card.json", lambda _: "[" * 200_000),
        ("card.json", lambda _: [1]),
        ("card.json", lambda _: {}),
        ("likeness.json", lambda _: [1]),
        ("clocks.json", lambda told: told | {"later": [1]}),
        ("clocks.json", lambda told: told | {"later": ["done"]}),
        ("likeness.json", lambda told: told | {"columns": [c | {"id": "x" + c["id"]} for c in told["columns"]]}),
        ("likeness.json", lambda told: told | {"reach": [np.nan, *told["reach"][1:]]}),
        ("clocks.json", lambda told: told | {"giving_up": told["giving_up"][1:]}),
        ("clocks.json", lambda told: told | {"giving_up": []}),
        ("clocks.json", lambda told: told | {"giving_up": [np.nan, *told["giving_up"][1:]]}),
        ("clocks.json", lambda told: told | {"giving_up": [1.0, *told["giving_up"][1:]]}),
        ("clocks.json", lambda told: told | {"giving_up": [-0.1, *told["giving_up"][1:]]}),
        ("clocks.json", lambda told: told | {"giving_up": [told["giving_up"]]}),
        ("clocks.json", lambda told: told | {"medians": {"cost": np.inf}}),
        ("clocks.json", lambda told: told | {"medians": [1]}),
        ("clocks.json", lambda told: told | {"medians": {"cost": "x"}}),
        ("clock-landed.json", lambda _: []),
        ("clock-landed.json", lambda told: told | {"card_weight": -0.5}),
        ("clock-landed.json", lambda told: told | {"tree_weight": None}),
        ("clock-landed.json", lambda told: told | {"shock_sd": "wide"}),
        ("clock-landed.json", lambda told: told | {"trees": {"centre": [], "fill": []}}),
        ("clock-landed.json", lambda told: told | {"card": told["card"] | {"weights": []}}),
        ("clock-finished.json", lambda told: told | {"baseline": []}),
        ("bag.json", lambda told: told | {"clock": "landed"}),
        ("bag.json", lambda told: told | {"members": 7}),
        ("bag.json", lambda told: told | {"centre": []}),
        ("bag.json", lambda told: told | {"cards": told["cards"][1:]}),
    ],
)
def test_files_that_are_no_model_are_refused_even_under_a_sound_manifest(copy, name, change):
    changed = change(json.loads((copy / name).read_text(encoding="utf-8")))
    resealed(copy, name, changed if isinstance(changed, str) else json.dumps(changed))
    with pytest.raises(BundleError, match="fit together"):
        load(copy)


def resealed(copy, name, text):
    (copy / name).write_text(text, encoding="utf-8")
    reseal(copy)


def reseal(copy):
    files = {path.name: path.read_bytes() for path in copy.iterdir() if path.name != MANIFEST}
    (copy / MANIFEST).write_bytes(manifest(files))


def test_trees_cut_short_are_refused_before_lightgbm_sees_them(model, copy):
    trees = contents(model)["clock-landed.txt"].decode()
    resealed(copy, "clock-landed.txt", trees[: len(trees) // 2])
    with pytest.raises(BundleError, match="end too early"):
        load(copy)


def test_trees_that_ended_the_process_are_refused_in_words(copy):
    trees = (copy / "clock-landed.txt").read_text(encoding="utf-8")
    hostile = re.sub(r"(?m)^left_child=[0-9-]", "left_child=0", trees, count=1)  # the first node is its own child
    sizes = [len(tree) for tree in re.findall(r"(?ms)^Tree=.*?\n\n\n", hostile)]
    hostile = re.sub(r"(?m)^tree_sizes=.*", f"tree_sizes={' '.join(map(str, sizes))}", hostile)
    (copy / "hostile").write_text(hostile, encoding="utf-8")
    program = (
        "import sys, lightgbm, numpy\n"
        "booster = lightgbm.Booster(model_file=sys.argv[1])\n"
        "booster.predict(numpy.zeros((1, booster.num_feature())), pred_contrib=True)\n"
    )
    command = [sys.executable, "-c", program, str(copy / "hostile")]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode < 0
    (copy / "hostile").unlink()
    resealed(copy, "clock-landed.txt", hostile)
    with pytest.raises(BundleError, match="must come after it; got 0"):
        load(copy)


def test_shares_that_give_up_may_be_told_or_not_where_nobody_is_under_construction(model, tmp_path):
    later = {clock: hazard for clock, hazard in model.later.items() if clock is not Clock.FINISHED}
    for name, shares in {"told": model.giving_up, "none": np.zeros(0)}.items():
        save(replace(model, later=later, giving_up=shares), tmp_path / name)
        assert load(tmp_path / name).giving_up.tolist() == shares.tolist()


@pytest.mark.parametrize("clock", ["landed", "produced", "withdrawn", "finished"])
def test_a_clock_that_ends_before_its_reach_is_refused(model, copy, clock):
    told = json.loads(contents(model)[f"clock-{clock}.json"])
    told["baseline"].pop()
    resealed(copy, f"clock-{clock}.json", json.dumps(told))
    with pytest.raises(BundleError, match="periods for the"):
        load(copy)


@pytest.mark.parametrize("clock", ["landed", "produced", "withdrawn", "finished"])
@pytest.mark.parametrize("kind", ["json", "txt"])
def test_a_model_without_a_clock_that_it_names_is_refused(copy, clock, kind):
    (copy / f"clock-{clock}.{kind}").unlink()
    reseal(copy)
    with pytest.raises(BundleError, match="fit together"):
        load(copy)


@pytest.mark.parametrize("name", ["more", MANIFEST])
def test_a_pipe_in_a_model_folder_is_refused_without_waiting(copy, name):
    (copy / name).unlink(missing_ok=True)
    os.mkfifo(copy / name)
    with pytest.raises(BundleError, match="no plain file"):
        load(copy)


def test_a_file_without_bound_in_a_model_folder_is_refused_unread(copy):
    with (copy / "more").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(BundleError, match="no plain file"):
        load(copy)


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
def test_one_changed_byte_in_any_file_of_any_shape_is_refused(shapes, shape, tmp_path):
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
