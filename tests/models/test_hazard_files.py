import json
import re
from dataclasses import replace

import numpy as np
import pytest

from features.catalog import Clock, ClockSpec
from models.bag import fit_bag
from models.blend import fit_hazard
from models.followed import MONTHS_TO_START
from models.hazard_files import as_json, bag_files, followed_columns, hazard_files, read_bag, read_hazard
from models.lesson import lesson_of
from models.trees import stump

SPEC = ClockSpec(Clock.LANDED, 36)


@pytest.fixture(scope="module")
def lives(small_world, lives_of):
    return lives_of(*small_world(300, seed=5))


@pytest.fixture(scope="module")
def hazard(lives, quick):
    return fit_hazard(lives, SPEC, 6, quick)


@pytest.fixture(scope="module")
def bag(lives, hazard, quick):
    return fit_bag(lesson_of(lives, SPEC, 6, quick)[0], hazard)


@pytest.fixture(scope="module")
def columns(lives):
    return lives.features.columns


@pytest.fixture(scope="module")
def asked(lives):
    """The projects, and one with nothing filled in."""
    return np.vstack([lives.features.matrix, np.full((1, 6), np.nan)])


# Properties


def test_a_hazard_survives_the_round_trip_to_the_bit(hazard, columns, asked):
    files = hazard_files(Clock.LANDED, hazard)
    again = read_hazard(Clock.LANDED, files, columns, 6)
    assert hazard_files(Clock.LANDED, again) == files
    for one, other in zip(again.parts(asked), hazard.parts(asked), strict=True):
        assert one.tolist() == other.tolist()
    assert again.baseline.tolist() == hazard.baseline.tolist()
    assert (again.shock_sd, again.level.shock_seen) == (hazard.shock_sd, hazard.level.shock_seen)
    np.testing.assert_array_equal(again.trees.fill, hazard.trees.fill)
    assert np.isnan(again.trees.fill).any()


def test_a_bag_survives_the_round_trip_to_the_bit(bag, hazard, columns, asked):
    files = bag_files(bag)
    again = read_bag(files, hazard, columns)
    assert bag_files(again) == files
    assert again.deviations(hazard, asked).tolist() == bag.deviations(hazard, asked).tolist()
    assert sorted(files) == ["bag-000.txt", "bag-001.txt", "bag-002.txt", "bag.json"]


@pytest.mark.parametrize("without", ["trees", "members", "columns"])
def test_a_bag_of_little_survives_too(bag, hazard, columns, asked, without):
    if without == "trees":
        bag = replace(bag, trees=())
    elif without == "members":
        bag = replace(bag, trees=(), cards=bag.cards[:, :0], centre=bag.centre[:0])
    else:
        hazard = replace(hazard, card=replace(hazard.card, readings=(), weights=np.zeros(0), centre=np.zeros(0)))
        hazard, bag = replace(hazard, trees=stump(0)), replace(bag, trees=(), cards=bag.cards[:0])
        columns, asked = (), asked[:, :0]
    again = read_bag(bag_files(bag), hazard, columns)
    assert again.cards.shape == bag.cards.shape
    assert again.deviations(hazard, asked).tolist() == bag.deviations(hazard, asked).tolist()


def test_a_hazard_without_trees_is_kept_as_no_text(hazard, columns, asked):
    bare = replace(hazard, trees=stump(6), tree_weight=0.0)
    files = hazard_files(Clock.LANDED, bare)
    assert files["clock-landed.txt"] == b""
    again = read_hazard(Clock.LANDED, files, columns, 6)
    assert again.contributions(asked).tolist() == bare.contributions(asked).tolist()


def test_files_are_plain_json_and_lightgbm_s_text(hazard, bag):
    for name, content in {**hazard_files(Clock.LANDED, hazard), **bag_files(bag)}.items():
        if name.endswith(".json"):
            json.loads(content, parse_constant=pytest.fail)
        else:
            assert content.startswith(b"tree\nversion=")


# Completeness


@pytest.mark.parametrize("clock", list(Clock))
def test_only_the_finish_clock_reads_one_more_column(columns, clock):
    told = followed_columns(clock, columns)
    assert tuple(told) == ((*columns, MONTHS_TO_START) if clock is Clock.FINISHED else columns)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"card_weight": -0.1}, "a weight of"),
        ({"tree_weight": -1e-9}, "a weight of"),
        ({"shock_sd": -1.0}, "a weight of"),
        ({"shock_seen": -1.0}, "a weight of"),
        ({"baseline": [0.0] * 5}, "5 periods for the 6"),
        ({"trees": {"centre": [0.0] * 5, "fill": [None] * 6}}, "6 columns for 6 attributes"),
        ({"trees": {"centre": [0.0] * 6, "fill": [None] * 7}}, "6 columns for 6 attributes"),
    ],
)
def test_what_does_not_belong_together_is_refused(hazard, columns, change, message):
    files = dict(hazard_files(Clock.LANDED, hazard))
    files["clock-landed.json"] = as_json(json.loads(files["clock-landed.json"]) | change)
    with pytest.raises(ValueError, match=message):
        read_hazard(Clock.LANDED, files, columns, 6)


def test_other_columns_are_refused(hazard, columns):
    files = hazard_files(Clock.LANDED, hazard)
    with pytest.raises(ValueError, match="6 attributes for the 5"):
        read_hazard(Clock.LANDED, files, columns[1:], 6)
    with pytest.raises(ValueError, match="another order"):
        read_hazard(Clock.LANDED, files, columns[::-1], 6)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["baseline", "card_weight", "tree_weight", "shock_sd", "shock_seen", "trees"])
def test_a_number_of_a_hazard_that_is_none_is_refused(hazard, columns, name, odd):
    files = dict(hazard_files(Clock.LANDED, hazard))
    told = json.loads(files["clock-landed.json"])
    change = {"baseline": [odd] * 6, "trees": told["trees"] | {"centre": [odd] * 6}}.get(name, odd)
    files["clock-landed.json"] = json.dumps(told | {name: change}).encode()
    with pytest.raises(ValueError, match=r"finite|a weight of"):
        read_hazard(Clock.LANDED, files, columns, 6)


@pytest.mark.parametrize("odd", [np.inf, -np.inf])
def test_a_missing_number_is_read_as_a_number_or_as_none(hazard, columns, odd):
    files = dict(hazard_files(Clock.LANDED, hazard))
    told = json.loads(files["clock-landed.json"])
    told["trees"]["fill"][0] = odd
    files["clock-landed.json"] = json.dumps(told).encode()
    with pytest.raises(ValueError, match="fill must be finite"):
        read_hazard(Clock.LANDED, files, columns, 6)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
@pytest.mark.parametrize("part", ["weights", "centre", "knots", "heights"])
def test_a_number_of_a_card_that_is_none_is_refused(hazard, columns, part, odd):
    files = dict(hazard_files(Clock.LANDED, hazard))
    told = json.loads(files["clock-landed.json"])
    card = told["card"]
    where = card if part in card else next(r for r in card["readings"] if len(r["heights"]))
    where[part][-1] = odd
    files["clock-landed.json"] = json.dumps(told).encode()
    with pytest.raises(ValueError, match=f"{part} must be finite"):
        read_hazard(Clock.LANDED, files, columns, 6)


@pytest.mark.parametrize("name", ["shock_sd", "shock_seen"])
def test_a_shock_is_at_most_ten(hazard, columns, name):
    files = dict(hazard_files(Clock.LANDED, hazard))
    told = json.loads(files["clock-landed.json"])
    read_hazard(Clock.LANDED, files | {"clock-landed.json": as_json(told | {name: 10.0})}, columns, 6)
    with pytest.raises(ValueError, match="a weight of"):
        read_hazard(Clock.LANDED, files | {"clock-landed.json": as_json(told | {name: 10.1})}, columns, 6)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_a_number_of_a_refit_that_is_none_is_refused(bag, hazard, columns, odd):
    files = dict(bag_files(bag))
    told = json.loads(files["bag.json"])
    cards = np.full(np.shape(told["cards"]), odd).tolist()
    trees = [told["trees"][0] | {"centre": [odd] * 6}, *told["trees"][1:]]
    for change in ({"cards": cards}, {"centre": [0.0, 0.0, odd]}, {"trees": trees}):
        files["bag.json"] = json.dumps(told | change).encode()
        with pytest.raises(ValueError, match=r"(cards|centre) must be finite"):
            read_bag(files, hazard, columns)


def test_trees_are_looked_through_before_lightgbm_sees_them(hazard, bag, columns):
    files = dict(hazard_files(Clock.LANDED, hazard))
    files["clock-landed.txt"] = asks_beyond(files["clock-landed.txt"])
    with pytest.raises(ValueError, match="split_feature must be between 0 and 5"):
        read_hazard(Clock.LANDED, files, columns, 6)
    files = dict(bag_files(bag))
    files["bag-002.txt"] = asks_beyond(files["bag-002.txt"])
    with pytest.raises(ValueError, match="split_feature must be between 0 and 5"):
        read_bag(files, hazard, columns)


def asks_beyond(trees):
    """Let the first question be of attribute 6, in as many bytes."""
    return re.sub(rb"(\nsplit_feature=)[0-9]", rb"\g<1>6", trees, count=1)


def test_trees_cut_short_are_refused_before_lightgbm_sees_them(hazard, columns):
    files = dict(hazard_files(Clock.LANDED, hazard))
    files["clock-landed.txt"] = files["clock-landed.txt"][: len(files["clock-landed.txt"]) // 2]
    with pytest.raises(ValueError, match="end too early"):
        read_hazard(Clock.LANDED, files, columns, 6)


@pytest.mark.parametrize("change", [{"clock": "produced"}, {"centre": [0.0]}, {"members": 4}])
def test_refits_of_another_hazard_are_refused(bag, hazard, columns, change):
    files = dict(bag_files(bag))
    files["bag.json"] = as_json(json.loads(files["bag.json"]) | change)
    with pytest.raises(ValueError):  # noqa: PT011 - numpy's or our own words
        read_bag(files, hazard, columns)


def test_a_file_that_is_not_there_is_missed(hazard, bag, columns):
    with pytest.raises(KeyError):
        read_hazard(Clock.PRODUCED, hazard_files(Clock.LANDED, hazard), columns, 6)
    files = dict(bag_files(bag))
    del files["bag-001.txt"]
    with pytest.raises(KeyError):
        read_bag(files, hazard, columns)
