import json
import re
import subprocess
import sys

import numpy as np
import pytest

from features.errors import BundleError
from models.bundle import contents, load
from models.sealed import MANIFEST, manifest


def resealed(copy, name, text):
    (copy / name).write_text(text, encoding="utf-8")
    reseal(copy)


def reseal(copy):
    files = {path.name: path.read_bytes() for path in copy.iterdir() if path.name != MANIFEST}
    (copy / MANIFEST).write_bytes(manifest(files))


def as_a_number(scale):
    """The scale of a category as that of a number."""
    return {"id": scale["id"], "values": [0.0], "at": [0.0], "below": 1.0, "above": 1.0} if "known" in scale else scale


def one_more_level(scale):
    return {"known": [*scale["known"], True]} if "known" in scale else {}


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
        ("likeness.json", lambda told: told | {"columns": [as_a_number(c) for c in told["columns"]]}),
        ("likeness.json", lambda told: told | {"columns": [c | one_more_level(c) for c in told["columns"]]}),
        ("builder.json", lambda told: told | {"columns": [c | {"weights": {"landed": 9}} for c in told["columns"]]}),
        ("builder.json", lambda told: told | {"columns": [c | {"typical": None} for c in told["columns"]]}),
        ("builder.json", lambda told: told | {"columns": [c | {"levels": c["levels"][::-1]} for c in told["columns"]]}),
        ("builder.json", lambda told: told | {"columns": [c | {"levels": ["a"]} for c in told["columns"]]}),
        ("builder.json", lambda told: told | {"columns": [*told["columns"], told["columns"][0]]}),
        ("builder.json", lambda told: told | {"columns": [told["columns"][0] | {"id": "planet"}]}),
        ("builder.json", lambda told: told | {"volatile": "perhaps"}),
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


def test_trees_of_other_columns_are_refused_even_under_a_sound_manifest(model, copy):
    builder = json.loads(contents(model)["builder.json"])
    builder["columns"].reverse()
    (copy / "builder.json").write_text(json.dumps(builder), encoding="utf-8")
    reseal(copy)
    with pytest.raises(BundleError, match="another order"):
        load(copy)


def test_trees_that_are_no_trees_are_refused_in_words(copy):
    (copy / "clock-landed.txt").write_text("tree\nversion=v4\n")
    reseal(copy)
    with pytest.raises(BundleError, match="fit together"):
        load(copy)


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
