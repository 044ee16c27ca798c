from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit
from sklearn.linear_model import LogisticRegression

from models.additive import NO_SCORE, Belief, Fit, _climbed, _newton, _Posterior, fit_additive
from models.exposure import Exposure
from models.level import Anchor

LEVELS = np.array([-2.0, -1.0, -1.5, -2.5])
FAINT = Anchor(np.full(4, 0.2), 1e-9)
FIRM = Anchor(np.array([0.1, 0.2, 0.2, 0.1]), 12.0)


def drawn(n, seed, effects=(0.7, -0.4, 0.0)):
    """Lives that end with their event, of projects whose scores have these effects, each weighed by itself."""
    random = np.random.default_rng(seed)
    scores = random.normal(size=(n, len(effects)))
    came = random.random((n, 4)) < expit(LEVELS + (scores @ np.array(effects))[:, None])
    before = np.cumsum(came, axis=1) - came == 0
    weight = random.uniform(0.2, 1.5, n)[:, None]
    return Exposure(np.arange(n), before * weight, (came & before) * weight), scores


def free(m, precision=1e-9):
    return Belief(np.zeros(m), precision * np.eye(m), np.full(m, -np.inf), np.full(m, np.inf))


def lost(exposure, scores, anchor, belief, g, b):
    """The penalised log likelihood, person-period by person-period, with its sign turned."""
    odds = g[None, :] + (scores @ b)[:, None]
    lives = exposure.came * log_expit(odds) + (exposure.risk - exposure.came) * log_expit(-odds)
    reference = anchor.hazards * log_expit(g) + (1 - anchor.hazards) * log_expit(-g)
    away = b - belief.mean
    return -lives.sum() - anchor.projects * reference.sum() + away @ belief.precision @ away / 2


# Oracles


def test_with_a_negligible_prior_the_fit_is_a_logistic_regression_on_periods_and_scores():
    exposure, scores = drawn(1500, seed=3)
    fit = fit_additive(exposure, scores, FAINT, free(3))
    row, period = np.nonzero(exposure.risk)
    design = np.column_stack([np.eye(4)[period], scores[row]])
    event = exposure.came[row, period] > 0
    oracle = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=1000)
    oracle.fit(design, event, sample_weight=exposure.risk[row, period])
    np.testing.assert_allclose([*fit.baseline, *fit.weights], oracle.coef_[0], atol=1e-5)


def test_under_a_level_that_is_held_the_weights_are_a_ridge_regression_of_scikit_learn():
    exposure, scores = drawn(400, seed=8)
    first, even = exposure.until(1), Anchor(np.array([0.5]), 1e12)
    fit = fit_additive(first, scores, even, free(3, precision=25.0))
    oracle = LogisticRegression(C=1 / 25, fit_intercept=False, tol=1e-12, max_iter=10_000)
    oracle.fit(scores, first.came[:, 0] > 0, sample_weight=first.risk[:, 0])
    np.testing.assert_allclose(fit.weights, oracle.coef_[0], atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_fit_is_the_least_of_the_penalised_likelihood_within_its_bounds(seed):
    exposure, scores = drawn(120, seed)
    belief = Belief(
        mean=np.array([0.2, 0.1, 0.3]),
        precision=np.array([[30.0, 5.0, 0.0], [5.0, 20.0, 2.0], [0.0, 2.0, 10.0]]),
        low=np.array([-np.inf, 0.0, -0.1]),
        high=np.array([np.inf, np.inf, 0.1]),
    )
    fit = fit_additive(exposure, scores, FIRM, belief)
    bounds = [(None, None)] * 4 + list(zip(belief.low, belief.high, strict=True))
    told = minimize(
        lambda x: lost(exposure, scores, FIRM, belief, x[:4], x[4:]), np.zeros(7), method="L-BFGS-B", bounds=bounds,
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000},
    )  # fmt: skip
    np.testing.assert_allclose([*fit.baseline, *fit.weights], told.x, atol=2e-4)
    assert lost(exposure, scores, FIRM, belief, fit.baseline, fit.weights) <= told.fun + 1e-9


@given(st.integers(0, 10_000), st.integers(0, 4))
def test_the_step_solved_by_the_arrow_is_that_of_the_whole_hessian(seed, m):
    exposure, scores = drawn(40, seed, effects=(0.5,) * m)
    posterior = _Posterior(exposure, scores, FIRM, free(m, 3.0))
    slopes = posterior.slopes(fit_additive(exposure, scores * 0, FIRM, free(m, 3.0)))
    hessian = np.block([[np.diag(slopes.level_bend), slopes.shared.T], [slopes.shared, slopes.weight_bend]])
    whole = np.linalg.solve(hessian, np.concatenate([slopes.level, slopes.weight]))
    anywhere = np.ones(m, dtype=bool)
    np.testing.assert_allclose(np.concatenate(_newton(slopes, anywhere, anywhere)), whole, atol=1e-10)


# Properties


@given(st.integers(0, 10_000), st.integers(0, 60), st.floats(0.5, 50))
def test_expected_events_meet_the_events_and_the_prior_in_every_period(seed, n, projects):
    exposure, scores = drawn(n, seed)
    anchor = replace(FIRM, projects=projects)
    fit = fit_additive(exposure, scores, anchor, free(3, 1.0))
    expected = (exposure.risk * expit(fit.baseline + (scores @ fit.weights)[:, None])).sum(axis=0)
    told = expected + projects * expit(fit.baseline)
    np.testing.assert_allclose(told, exposure.came.sum(axis=0) + projects * anchor.hazards, rtol=1e-8)


@given(st.integers(0, 10_000), st.floats(-3, 3), st.floats(-1, 0.5), st.floats(0, 1))
def test_weights_keep_within_their_bounds_and_only_a_bound_holds_them_back(seed, effect, low, width):
    exposure, scores = drawn(60, seed, effects=(effect, -effect, 0.2))
    belief = Belief(np.array([2.0, 0.0, -1.0]), 2.0 * np.eye(3), np.full(3, low), np.full(3, low + width))
    fit = fit_additive(exposure, scores, FIRM, belief)
    assert (fit.weights >= belief.low).all()
    assert (fit.weights <= belief.high).all()
    pulled = _Posterior(exposure, scores, FIRM, belief).slopes(fit)
    np.testing.assert_allclose(pulled.level, 0.0, atol=1e-7)
    np.testing.assert_allclose(np.clip(fit.weights + pulled.weight, belief.low, belief.high), fit.weights, atol=1e-7)


def test_a_score_given_twice_shares_its_weight():
    exposure, scores = drawn(300, seed=2)
    one = fit_additive(exposure, scores[:, [0]], FIRM, free(1, 5.0)).weights
    two = fit_additive(exposure, scores[:, [0, 0]], FIRM, free(2, 10.0)).weights
    np.testing.assert_allclose(two, [one[0] / 2] * 2, rtol=1e-8)


def test_scores_that_mean_nothing_are_turned_down():
    exposure, _ = drawn(2000, seed=1, effects=(0.7,))
    noise = np.random.default_rng(9).normal(size=(2000, 1))
    belief = Belief(np.ones(1), np.eye(1) / 0.5**2, np.zeros(1), np.full(1, np.inf))
    assert fit_additive(exposure, noise, FIRM, belief).weights[0] < 0.15


@pytest.mark.parametrize("precision", [1e-9, 1e-3, 1.0])
def test_scores_on_wildly_different_scales_are_fitted_all_the_same(precision):
    exposure, scores = drawn(60, seed=5)
    wild, belief = np.exp(3 * scores), free(3, precision)
    fit = fit_additive(exposure, wild, FIRM, belief)
    slopes = _Posterior(exposure, wild, FIRM, belief).slopes(fit)
    np.testing.assert_allclose(slopes.level, 0.0, atol=1e-6)
    np.testing.assert_allclose(slopes.weight / np.sqrt(np.diag(slopes.weight_bend)), 0.0, atol=1e-6)


@given(st.integers(0, 10_000), st.floats(0.1, 4.0))
def test_no_step_lowers_the_posterior(seed, spread):
    exposure, scores = drawn(30, seed)
    posterior = _Posterior(exposure, np.exp(spread * scores), FIRM, free(3, 0.1))
    at = Fit(logit(FIRM.hazards), np.zeros(3))
    for _ in range(10):
        slopes, before = posterior.slopes(at), posterior.height(at)
        at, _ = _climbed(posterior, at, *_newton(slopes, np.ones(3, dtype=bool)))
        assert posterior.height(at) >= before - 1e-9 * abs(before)


# Examples


def test_without_scores_the_hazard_is_events_and_prior_over_exposure_and_weight():
    risk = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    came = np.zeros((4, 3))
    came[0, 1] = came[1, 0] = 1.0
    lived = Exposure(np.arange(4), risk, came)
    fit = fit_additive(lived, np.zeros((4, 0)), Anchor(np.array([0.1, 0.2, 0.3]), 4.0), NO_SCORE)
    np.testing.assert_allclose(expit(fit.baseline), [(1 + 0.4) / 8, (1 + 0.8) / 5, 0.3], rtol=1e-12)
    assert fit.weights.shape == (0,)


def test_without_rows_the_weight_is_what_was_believed_and_the_level_the_prior():
    nobody = Exposure(np.zeros(0, dtype=np.intp), np.zeros((0, 2)), np.zeros((0, 2)))
    belief = Belief(np.ones(1), np.eye(1) / 0.5**2, np.zeros(1), np.full(1, np.inf))
    fit = fit_additive(nobody, np.zeros((0, 1)), Anchor(np.array([0.25, 0.5]), 10.0), belief)
    np.testing.assert_allclose(fit.baseline, logit([0.25, 0.5]), rtol=1e-15)
    assert fit.weights.tolist() == [1.0]


def test_a_period_nobody_has_lived_takes_the_hazard_of_the_anchor():
    risk, came = np.zeros((400, 2)), np.zeros((400, 2))
    risk[:, 0], came[:100, 0] = 1.0, 1.0
    anchor = Anchor(np.array([0.3, 0.4]), 10.0)
    fit = fit_additive(Exposure(np.arange(400), risk, came), np.zeros((400, 0)), anchor)
    assert expit(fit.baseline) == pytest.approx([(100 + 10 * 0.3) / 410, 0.4])


def test_a_score_that_tells_all_apart_is_held_by_its_prior():
    came = np.array([[1.0]] * 20 + [[0.0]] * 20)
    scores = np.array([[1.0]] * 20 + [[-1.0]] * 20)
    fit = fit_additive(
        Exposure(np.arange(40), np.ones((40, 1)), came), scores, Anchor(np.full(1, 0.5), 1.0), free(1, 1e-4)
    )
    assert np.isfinite(fit.weights).all()
    assert fit.weights[0] > 5
