import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle
from sklearn.calibration import calibration_curve

from features.words import Language
from models import metrics

K = 5


def draw(seed, n=60, ties=False):
    rng = np.random.default_rng(seed)
    chances = rng.uniform(0.01, 0.99, n)
    labels = (rng.uniform(size=n) < chances).astype(float)
    labels[:2] = 0.0, 1.0
    return labels, np.round(chances, 1) if ties else chances


cases = given(seed=st.integers(0, 10_000), ties=st.booleans())


@cases
def test_auc_is_that_of_scikit_learn(seed, ties):
    labels, chances = draw(seed, ties=ties)
    assert metrics.auc(labels, chances) == pytest.approx(oracle.roc_auc_score(labels, chances), abs=1e-12)


@cases
def test_pr_auc_is_the_average_precision_of_scikit_learn(seed, ties):
    labels, chances = draw(seed, ties=ties)
    assert metrics.pr_auc(labels, chances) == pytest.approx(oracle.average_precision_score(labels, chances), abs=1e-12)


@cases
def test_losses_are_those_of_scikit_learn(seed, ties):
    labels, chances = draw(seed, ties=ties)
    assert metrics.log_loss(labels, chances) == pytest.approx(oracle.log_loss(labels, chances), abs=1e-12)
    assert metrics.brier(labels, chances) == pytest.approx(oracle.brier_score_loss(labels, chances), abs=1e-12)


@cases
def test_ndcg_is_that_of_scikit_learn_ties_included(seed, ties):
    labels, chances = draw(seed, ties=ties)
    expected = oracle.ndcg_score(labels[None], chances[None], k=K)
    assert metrics.ndcg_at(labels, chances, K) == pytest.approx(expected, abs=1e-12)


@given(seed=st.integers(0, 10_000))
def test_ece_is_that_of_the_quantile_curve_of_scikit_learn(seed):
    labels, chances = draw(seed, n=100)
    came, said = calibration_curve(labels, chances, n_bins=10, strategy="quantile")
    assert metrics.ece(labels, chances) == pytest.approx(np.abs(came - said).mean(), abs=1e-12)


@given(seed=st.integers(0, 10_000))
def test_weighted_figures_are_those_of_scikit_learn_with_sample_weights(seed):
    labels, chances = draw(seed, ties=True)
    weights = np.random.default_rng(seed).integers(1, 4, (3, len(labels))).astype(float)
    for of, theirs in (
        (metrics.auc, oracle.roc_auc_score),
        (metrics.pr_auc, oracle.average_precision_score),
        (metrics.log_loss, oracle.log_loss),
        (metrics.brier, oracle.brier_score_loss),
    ):
        expected = [theirs(labels, chances, sample_weight=row) for row in weights]
        assert of(labels, chances, weights) == pytest.approx(expected, abs=1e-12)


@cases
def test_a_weight_of_two_is_the_project_twice_in_every_metric(seed, ties):
    labels, chances = draw(seed, ties=ties)
    weights = np.random.default_rng(seed).integers(0, 3, len(labels)).astype(float)
    weights[:2] = 1.0
    twice = np.repeat(np.arange(len(labels)), weights.astype(int))
    for metric in metrics.metrics_at(K).values():
        if metric.resampled:
            repeated = metric.of(labels[twice], chances[twice], None)
            assert metric.of(labels, chances, weights) == pytest.approx(repeated, abs=1e-12), metric.id


@cases
def test_no_metric_depends_on_the_order_of_the_rows(seed, ties):
    labels, chances = draw(seed, ties=ties)
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    for metric in metrics.metrics_at(K).values():
        before, after = metric.of(labels, chances, None), metric.of(labels[shuffled], chances[shuffled], None)
        assert before == pytest.approx(after, abs=1e-12), metric.id


def test_precision_at_k_counts_those_that_came_among_the_highest():
    labels, chances = np.array([1.0, 0, 1, 0, 1]), np.array([0.9, 0.8, 0.7, 0.2, 0.1])
    assert metrics.precision_at(labels, chances, 3) == pytest.approx(2 / 3)
    assert metrics.lift_at(labels, chances, 3) == pytest.approx((2 / 3) / (3 / 5))
    assert metrics.lift_of_top(labels, chances) == pytest.approx(1 / (3 / 5))


def test_a_constant_forecast_lifts_nothing():
    labels, chances = np.array([1.0, 0, 1, 0, 0, 0, 1]), np.full(7, 0.3)
    assert metrics.auc(labels, chances) == pytest.approx(0.5)
    assert metrics.lift_at(labels, chances, 2) == pytest.approx(1.0)
    assert metrics.lift_of_top(labels, chances) == pytest.approx(1.0)
    assert metrics.ece(labels, chances) == pytest.approx(abs(3 / 7 - 0.3))


UNDEFINED = {
    "no project": (
        np.zeros(0),
        {"auc", "pr_auc", "log_loss", "brier", "ece", "precision_at_k", "lift_at_k", "ndcg_at_k", "lift_at_20pct"},
    ),
    "none came": (np.zeros(9), {"auc", "pr_auc", "lift_at_k", "ndcg_at_k", "lift_at_20pct"}),
    "all came": (np.ones(9), {"auc"}),
    "fewer than k": (np.array([0.0, 1.0, 0.0]), {"precision_at_k", "lift_at_k", "ndcg_at_k"}),
}


@pytest.mark.parametrize("name", UNDEFINED)
def test_the_undefined_is_nan_without_a_warning_and_said_in_both_languages(name):
    labels, missing = UNDEFINED[name]
    chances = np.linspace(0.1, 0.9, len(labels))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures = {id_: float(metric.of(labels, chances, None)) for id_, metric in metrics.metrics_at(K).items()}
    assert {id_ for id_, figure in figures.items() if np.isnan(figure)} == missing
    said = metrics.undefined(labels, K)
    assert said
    assert all(words.said(language) for words in said for language in Language)


def test_a_sound_cohort_has_every_metric_and_nothing_to_say():
    labels, chances = draw(1)
    assert not metrics.undefined(labels, K)
    assert all(np.isfinite(metric.of(labels, chances, None)) for metric in metrics.metrics_at(K).values())


def test_bins_hold_equal_counts_and_never_part_equals():
    chances = np.random.default_rng(0).uniform(size=200)
    assert np.bincount(metrics.bins_of(chances)).tolist() == [20] * 10
    assert len(set(metrics.bins_of(np.full(30, 0.4)))) == 1
