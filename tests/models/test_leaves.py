from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import Clock
from models.exposure import exposure_of
from models.leaves import leaves
from models.recipe import read_recipe
from models.tree_arrays import MOST_SPLITS, read_trees
from models.trees import filled, grow

CATEGORY = 3  # the column of codes
ZERO = float(np.float32(1e-35))  # up to here a number is 0 to LightGBM, before any tree is asked


def table(n, rng):
    """Rows with numbers, whole numbers, codes, and blanks in some of the columns."""
    matrix = rng.normal(size=(n, 6))
    matrix[:, CATEGORY] = rng.integers(0, 8, n)
    matrix[:, 4] = rng.integers(0, 3, n)
    matrix[rng.random(n) < 0.2, 1] = np.nan
    matrix[rng.random(n) < 0.2, CATEGORY] = np.nan
    return matrix


def grown(most, seed=0, one_hot=1, rounds=40, **more):
    rng = np.random.default_rng(seed)
    matrix = table(800, rng)
    sum_ = matrix[:, 0] * matrix[:, 5] + np.nan_to_num(matrix[:, 1]) + (np.nan_to_num(matrix[:, CATEGORY]) % 3)
    y = (sum_ + rng.normal(size=len(matrix)) > 1).astype(float)
    params = {"objective": "binary", "num_leaves": most, "min_data_per_group": 5, "cat_smooth": 1.0, "verbose": -1}
    params |= {"max_cat_to_onehot": one_hot, "seed": seed, "deterministic": True, "num_threads": 1, **more}
    return lgb.train(params, lgb.Dataset(matrix, y, categorical_feature=[CATEGORY]), rounds)


def asked(booster, seed=1):
    """Rows to score: blanks where training had none, codes it never saw, and numbers that sit on the thresholds."""
    rng = np.random.default_rng(seed)
    matrix = table(600, rng)
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    matrix[:4, CATEGORY] = [99, -1, 1e6, 0]
    matrix[20:27, 0] = [np.inf, -np.inf, 0.0, -0.0, 1e300, 1e-36, -1e-36]
    for row, (feature, threshold) in enumerate(thresholds(booster)[:200]):
        around = [threshold, np.nextafter(threshold, 9e9), np.nextafter(threshold, -9e9)]
        matrix[30 + row, feature] = around[row % 3]
    return matrix


def thresholds(booster):
    """What the trees ask of numbers, in their order."""
    table = booster.trees_to_dataframe()
    table = table[table["decision_type"] == "<="]
    names = booster.feature_name()
    return [(names.index(name), float(at)) for name, at in zip(table["split_feature"], table["threshold"], strict=True)]


def listed(*boosters):
    """The lists of boosters, a missing number read as LightGBM has it."""
    return leaves([read_trees(booster.model_to_string(), np.full(6, np.nan)) for booster in boosters])


def raw(booster, rows):
    return booster.predict(rows, raw_score=True, num_threads=1)


# Oracle: LightGBM, to the bit


@pytest.mark.parametrize("one_hot", [1, 100])
@pytest.mark.parametrize("most", [2, 3, 4, 5, 6])
def test_lists_give_the_bits_of_lightgbm(most, one_hot):
    booster = grown(most, one_hot=one_hot)
    rows = asked(booster)
    assert listed(booster).scores(rows).tobytes() == raw(booster, rows).tobytes()
    assert np.unique(raw(booster, rows)).size > 5


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(2, 6), st.booleans())
def test_any_small_forest_agrees_with_lightgbm(seed, most, missing):
    booster = grown(most, seed=seed, rounds=8, use_missing=missing)
    rows = asked(booster, seed + 1)
    assert listed(booster).scores(rows).tobytes() == raw(booster, rows).tobytes()


def test_trees_read_back_from_their_text_are_listed_alike():
    booster = grown(4)
    again, rows = lgb.Booster(model_str=booster.model_to_string()), asked(booster)
    assert listed(again).scores(rows).tobytes() == raw(booster, rows).tobytes()


@pytest.fixture(scope="module")
def ours(small_world):
    """The trees of the default recipe on a small world, and projects to score."""
    features, periods = small_world(900, seed=5)
    trees = grow(features, exposure_of(periods), np.linspace(-2.5, -2.0, 6), Clock.LANDED, read_recipe())
    rows = small_world(2000, seed=6)[0].matrix
    rows[np.random.default_rng(0).random(rows.shape) < 0.1] = np.nan
    return trees, rows


def test_the_scores_of_our_own_trees_have_the_bits_of_lightgbm(ours):
    trees, rows = ours
    told = raw(trees.booster, filled(rows, trees.fill))
    assert trees.scores(rows).tobytes() == told.tobytes()
    assert trees.leaves.scores(rows).tobytes() == told.tobytes()
    assert told.std() > 0.3


@pytest.mark.parametrize("below", [True, False], ids=["0 to the right", "0 to the left"])
def test_numbers_next_to_zero_are_read_as_zero_as_lightgbm_reads_them(below):
    rng = np.random.default_rng(0)
    matrix = np.column_stack([np.repeat([-1.0, 0.0, 1.0], 300), *rng.normal(size=(5, 900))])
    came = matrix[:, 0] < 0 if below else matrix[:, 0] <= 0
    params = {"objective": "regression", "num_leaves": 3, "verbose": -1, "num_threads": 1}
    booster = lgb.train(params, lgb.Dataset(matrix, came.astype(float)), 5)
    assert (-ZERO if below else ZERO) in {at for _, at in thresholds(booster)}
    sizes = [0.0, 1e-300, 1e-36, 1e-35, ZERO, np.nextafter(ZERO, 1), 2e-35, 1e-9]
    rows = np.zeros((2 * len(sizes), 6))
    rows[:, 0] = [sign * size for sign in (1, -1) for size in sizes]
    assert listed(booster).scores(rows).tobytes() == raw(booster, rows).tobytes()


# Properties


def test_models_together_score_as_each_alone(ours):
    boosters, rows = [grown(4), grown(6, seed=1), grown(2, seed=2)], asked(grown(4))
    together = listed(*boosters)
    assert together.scores(rows).tobytes() == np.array([raw(booster, rows) for booster in boosters]).tobytes()
    assert len(together.splits) < sum(len(listed(booster).splits) for booster in boosters)


def test_a_row_has_the_same_bits_alone_and_in_company():
    booster = grown(4)
    forest, rows = listed(booster), asked(booster)
    together = forest.scores(rows)
    for i in (0, 3, 20, 26, 30, 299):
        assert forest.scores(rows[i : i + 1]).tobytes() == together[:, i].tobytes()
    assert forest.scores(rows[::-1])[:, ::-1].tolist() == together.tolist()


def test_rows_in_the_order_of_columns_score_as_rows():
    booster = grown(4)
    forest, rows = listed(booster), asked(booster)
    assert forest.scores(np.asfortranarray(rows)).tobytes() == forest.scores(rows).tobytes()


def test_a_question_that_many_trees_ask_is_answered_once():
    forest = listed(grown(4, rounds=200))
    (trees,) = forest.models
    assert len(set(forest.splits)) == len(forest.splits) < sum(len(asked) for asked, _ in trees)


# Examples


def test_a_forest_of_large_trees_is_left_to_lightgbm(ours):
    large = grown(MOST_SPLITS + 4)
    rows = asked(large)
    boosted = replace(ours[0], text=large.model_to_string(), fill=np.full(6, np.nan), centre=np.zeros(6))
    assert boosted.leaves is None
    assert boosted.scores(rows).tobytes() == raw(large, rows).tobytes()


def test_a_tree_that_never_split_says_the_same_of_everybody():
    x, y = np.random.default_rng(0).normal(size=(50, 2)), np.arange(50) % 3 == 0
    constant = lgb.train({"objective": "binary", "min_data_in_leaf": 1000, "verbose": -1}, lgb.Dataset(x, y), 3)
    (told,) = listed(constant).scores(x)
    assert told.tobytes() == raw(constant, x).tobytes()
    assert np.unique(told).size == 1
    assert told[0] != 0


def test_no_row_has_no_score():
    assert listed(grown(3)).scores(np.zeros((0, 6))).shape == (1, 0)
