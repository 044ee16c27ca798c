import lightgbm as lgb
import numpy as np
import pytest

from models.tree_arrays import MOST_SPLITS, Split, attributes, read_trees
from models.trees import filled

UNFILLED = np.full(3, np.nan)
LEVELS = 70  # codes, more than two numbers of 32 bits hold


@pytest.fixture(scope="module")
def grow():
    """Trees of numbers, some missing, and of a category of many levels."""

    def grown(leaves, rounds=30, **more):
        rng = np.random.default_rng(0)
        matrix = rng.normal(size=(900, 3))
        matrix[:, 2] = rng.integers(0, LEVELS, 900)
        came = (matrix[:, 0] * matrix[:, 1] + matrix[:, 2] % 3 + rng.normal(size=900) > 1) * 1.0
        matrix[rng.random(900) < 0.2, 0] = np.nan
        params = {"objective": "binary", "num_leaves": leaves, "min_data_per_group": 5, "cat_smooth": 1.0} | more
        data = lgb.Dataset(matrix, came, categorical_feature=[2], feature_name=["land", "loan", "branch"])
        return lgb.train(params | {"verbose": -1, "num_threads": 1, "deterministic": True}, data, rounds)

    return grown


def nodes(node):
    """The questions of LightGBM's own account of a tree, and how many rows came to each and went left."""
    if "split_feature" not in node:
        return []
    left = node["left_child"]
    went_left = left["internal_count"] if "split_feature" in left else left["leaf_count"]
    row = (node["split_feature"], node["threshold"], node["internal_count"], went_left)
    return [row, *nodes(left), *nodes(node["right_child"])]


# Oracle: LightGBM's own account


@pytest.mark.parametrize("leaves", [2, 4, 6])
def test_questions_and_shares_are_those_that_lightgbm_tells(grow, leaves):
    booster = grow(leaves)
    trees = read_trees(booster.model_to_string(), UNFILLED)
    for told, asked, share in zip(booster.dump_model()["tree_info"], trees.asked, trees.share, strict=True):
        expected = nodes(told["tree_structure"])
        got = []
        for split in (trees.splits[number] for number in asked):
            got.append((split.feature, "||".join(map(str, split.categories)) or split.threshold))
        assert sorted(got, key=str) == sorted(((feature, at) for feature, at, _, _ in expected), key=str)
        assert sorted(share[: len(asked)]) == pytest.approx(sorted(left / rows for _, _, rows, left in expected))


def test_a_set_of_levels_may_be_wider_than_a_number(grow):
    trees = read_trees(grow(4).model_to_string(), UNFILLED)
    codes = {code for split in trees.splits for code in split.categories}
    assert max(codes) >= 64
    assert codes <= set(range(LEVELS))


def test_a_filled_question_answers_as_lightgbm_does_on_filled_rows(grow):
    booster, fill = grow(6), np.array([0.3, -0.2, np.nan])
    rows = np.random.default_rng(1).normal(size=(200, 3))
    rows[:, 2] = np.arange(200) % LEVELS
    rows[::2, 0], rows[::3, 1], rows[::5, 2] = np.nan, np.nan, np.nan
    trees, known = read_trees(booster.model_to_string(), fill), filled(rows, fill)
    score = np.zeros(200)
    for asked, worth in zip(trees.asked, trees.worth(), strict=True):
        answers = [trees.splits[number].answers(rows[:, trees.splits[number].feature]) for number in asked]
        score += worth[sum(answer.astype(int) << bit for bit, answer in enumerate(answers))]
    assert score.tolist() == booster.predict(known, raw_score=True, num_threads=1).tolist()
    assert score.tolist() != booster.predict(rows, raw_score=True, num_threads=1).tolist()


# Properties


def test_where_nothing_is_known_every_pattern_is_worth_the_mean_of_the_training_rows(grow):
    booster = grow(5)
    trees = read_trees(booster.model_to_string(), UNFILLED)
    worth = trees.worth(np.zeros(trees.left.shape, dtype=bool))
    assert np.ptp(worth, axis=1).max() < 1e-15
    rows = np.zeros((1, 3))
    expected = booster.predict(rows, pred_contrib=True)[0, -1]
    assert worth[:, 0].sum() == pytest.approx(expected, abs=1e-12)


def test_each_question_is_kept_once(grow):
    trees = read_trees(grow(6, rounds=200).model_to_string(), UNFILLED)
    assert len(set(trees.splits)) == len(trees.splits) < sum(map(len, trees.asked))


# Examples


def test_one_tree_too_large_and_there_are_no_arrays(grow):
    assert read_trees(grow(MOST_SPLITS + 1).model_to_string(), UNFILLED) is not None
    assert read_trees(grow(MOST_SPLITS + 2).model_to_string(), UNFILLED) is None


def test_no_text_holds_no_trees():
    trees = read_trees("", UNFILLED)
    assert (trees.splits, trees.asked, trees.worth().shape) == ((), (), (0, 2))


def test_attributes_have_the_names_they_were_trained_with(grow):
    assert attributes(grow(2).model_to_string()) == ["land", "loan", "branch"]
    assert attributes("") == []


@pytest.mark.parametrize(("value", "answer"), [(2.0, True), (9.0, False), (5.0, True)])
def test_a_question_may_be_told_what_a_missing_number_is(value, answer):
    split = Split(0, 5.0, (), None).filled(value)
    assert split.answers(np.array([np.nan, 4.0, 6.0])).tolist() == [answer, True, False]


def test_a_category_and_an_unfilled_number_stay_as_they_are():
    for split in (Split(0, 0.0, (1, 3), False), Split(0, 5.0, (), True)):
        assert split.filled(np.nan) is split
    assert Split(0, 0.0, (1,), False).filled(1.0).answers(np.array([np.nan])).tolist() == [False]
