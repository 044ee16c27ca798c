import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.shapley import tabulated
from models.tree_arrays import read_trees

CATEGORY = 3  # the column of codes


def table(n, rng):
    """Rows with numbers, whole numbers, codes, and blanks in some of the columns."""
    matrix = rng.normal(size=(n, 6))
    matrix[:, CATEGORY] = rng.integers(0, 8, n)
    matrix[:, 4] = rng.integers(0, 3, n)
    matrix[rng.random(n) < 0.2, 1] = np.nan
    matrix[rng.random(n) < 0.2, CATEGORY] = np.nan
    return matrix


def grown(leaves, seed=0, one_hot=1, rounds=40):
    rng = np.random.default_rng(seed)
    matrix = table(800, rng)
    sum_ = matrix[:, 0] * matrix[:, 5] + np.nan_to_num(matrix[:, 1]) + (np.nan_to_num(matrix[:, CATEGORY]) % 3)
    y = (sum_ + rng.normal(size=len(matrix)) > 1).astype(float)
    params = {"objective": "binary", "num_leaves": leaves, "min_data_per_group": 5, "cat_smooth": 1.0, "verbose": -1}
    params |= {"max_cat_to_onehot": one_hot, "seed": seed, "deterministic": True, "num_threads": 1}
    return lgb.train(params, lgb.Dataset(matrix, y, categorical_feature=[CATEGORY]), rounds)


def asked(seed=1):
    """Rows to explain, with blanks where training had none, and codes it never saw."""
    rng = np.random.default_rng(seed)
    matrix = table(300, rng)
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    matrix[:10, CATEGORY] = 99
    matrix[10:20, CATEGORY] = -1
    matrix[20:25, 0] = [np.inf, -np.inf, 0.0, -0.0, 1e300]
    return matrix


def forest_of(booster):
    return tabulated(read_trees(booster.model_to_string(), np.full(booster.num_feature(), np.nan)))


@pytest.mark.parametrize("one_hot", [1, 100])
@pytest.mark.parametrize("leaves", [2, 3, 4, 5, 6])
def test_tables_give_what_lightgbm_gives(leaves, one_hot):
    booster, rows = grown(leaves, one_hot=one_hot), asked()
    expected = booster.predict(rows, pred_contrib=True)[:, :-1]
    np.testing.assert_allclose(forest_of(booster).contributions(rows), expected, rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap's import, under this matplotlib
def test_tables_give_what_shap_gives():
    import shap

    booster, rows = grown(4), asked()
    explainer = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    with pytest.warns(UserWarning, match="list of ndarray"):
        told = explainer.shap_values(rows)
    expected = np.asarray(told[1] if isinstance(told, list) else told)
    np.testing.assert_allclose(forest_of(booster).contributions(rows), expected, rtol=0, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_any_small_forest_agrees_with_lightgbm(seed, leaves):
    booster, rows = grown(leaves, seed=seed, rounds=8), asked(seed + 1)
    expected = booster.predict(rows, pred_contrib=True)[:, :-1]
    np.testing.assert_allclose(forest_of(booster).contributions(rows), expected, rtol=0, atol=1e-12)


def test_contributions_differ_from_the_prediction_by_the_same_amount_in_every_row():
    booster, rows = grown(4), asked()
    rest = booster.predict(rows, raw_score=True) - forest_of(booster).contributions(rows).sum(axis=1)
    assert np.ptp(rest) < 1e-12


def test_a_row_has_the_same_bits_alone_and_in_company():
    forest, rows = forest_of(grown(4)), asked()
    together = forest.contributions(rows)
    for i in (0, 10, 20, 24, 299):
        assert forest.contributions(rows[i : i + 1]).tobytes() == together[i].tobytes()


def test_a_tree_that_never_split_gives_nothing():
    constant = lgb.train(
        {"objective": "binary", "min_data_in_leaf": 1000, "verbose": -1},
        lgb.Dataset(np.random.default_rng(0).normal(size=(50, 2)), np.arange(50) % 2.0),
        3,
    )
    assert not forest_of(constant).contributions(np.zeros((4, 2))).any()
