import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from features.catalog import Clock, ClockSpec
from features.timeline import PersonPeriods
from models.level import fit_level, prior_hazards, published_hazards

SPEC = ClockSpec(Clock.LANDED, 36)


def lives(period, event, n_periods):
    period = np.asarray(period, dtype=np.intp)
    end = np.full(len(period), np.datetime64("2024-01-01", "D"))
    return PersonPeriods(np.arange(len(period)), period, np.asarray(event, dtype=np.float64), end, n_periods)


def drawn(n, seed, slope=1.0):
    random = np.random.default_rng(seed)
    period, score = random.integers(0, 4, n), random.normal(size=n)
    chance = expit(np.array([-2.0, -1.0, -1.5, -2.5])[period] + slope * score)
    return lives(period, random.random(n) < chance, 4), score


def test_without_scores_the_hazard_is_events_and_prior_over_exposure_and_weight():
    fit = fit_level(lives([0, 0, 0, 0, 1], [1, 0, 0, 0, 1], 3), np.zeros(5), np.array([0.1, 0.2, 0.3]), weight=4.0)
    np.testing.assert_allclose(expit(fit.baseline), [(1 + 0.4) / 8, (1 + 0.8) / 5, 0.3], rtol=1e-12)
    assert fit.slope == 1.0


def test_with_a_negligible_prior_the_fit_is_a_logistic_regression_on_periods_and_score():
    periods, score = drawn(4000, seed=3, slope=0.7)
    fit = fit_level(periods, score, np.full(4, 0.2), weight=1e-9, slope_sd=1e6)
    design = np.column_stack([np.eye(4)[periods.period], score])
    oracle = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=1000).fit(design, periods.event)
    np.testing.assert_allclose([*fit.baseline, fit.slope], oracle.coef_[0], atol=1e-5)


@given(st.integers(0, 10_000), st.integers(0, 60), st.floats(0.5, 50))
def test_expected_events_meet_the_events_and_the_prior_in_every_period(seed, n, weight):
    periods, score = drawn(n, seed)
    prior = np.array([0.1, 0.2, 0.2, 0.1])
    fit = fit_level(periods, score, prior, weight)
    expected = np.bincount(periods.period, expit(fit.baseline[periods.period] + score), 4)
    observed = np.bincount(periods.period, periods.event, 4)
    np.testing.assert_allclose(expected + weight * expit(fit.baseline), observed + weight * prior, rtol=1e-9)


@given(st.integers(0, 10_000), st.floats(-3, 3))
def test_the_slope_is_never_negative(seed, slope):
    periods, score = drawn(80, seed, slope)
    assert fit_level(periods, score, np.full(4, 0.2), 5.0, slope_sd=2.0).slope >= 0


def test_scores_that_mean_nothing_are_turned_down():
    periods, _ = drawn(2000, seed=1)
    noise = np.random.default_rng(9).normal(size=2000)
    assert fit_level(periods, noise, np.full(4, 0.2), 10.0, slope_sd=0.5).slope < 0.15


def test_without_rows_the_slope_is_one_and_the_level_the_prior():
    fit = fit_level(lives([], [], 2), np.zeros(0), np.array([0.25, 0.5]), 10.0, slope_sd=0.5)
    np.testing.assert_allclose(fit.baseline, logit([0.25, 0.5]), rtol=1e-15)
    assert fit.slope == 1.0


def test_the_published_curve_is_met_at_its_points_and_goes_on_beyond_them():
    spec = ClockSpec(Clock.PRODUCED, 60, curve=((12, 0.08), (24, 0.25), (36, 0.42), (48, 0.52)))
    hazards = published_hazards(spec, 3, 20)
    reached = 1 - np.cumprod(1 - hazards)
    np.testing.assert_allclose(reached[[3, 7, 11, 15]], [0.08, 0.25, 0.42, 0.52], rtol=1e-12)
    np.testing.assert_allclose(hazards[16:], hazards[15], rtol=1e-12)


def test_a_period_nobody_has_lived_takes_the_published_hazard():
    spec = ClockSpec(Clock.LANDED, 24, curve=((24, 0.5),))
    periods = lives([0] * 400, [1] * 100 + [0] * 300, 2)
    prior = prior_hazards(spec, 12, periods)
    fit = fit_level(periods, np.zeros(400), prior, 10.0)
    assert expit(fit.baseline[1]) == pytest.approx(1 - np.sqrt(0.5))
    assert expit(fit.baseline[0]) == pytest.approx((100 + 10 * prior[0]) / 410)


def test_without_a_curve_it_takes_the_mean_hazard_of_what_was_lived():
    prior = prior_hazards(SPEC, 12, lives([0] * 99, [1] * 9 + [0] * 90, 3))
    np.testing.assert_allclose(prior, 9.5 / 100)


def test_no_event_at_all_leaves_a_small_hazard_and_not_zero():
    prior = prior_hazards(SPEC, 12, lives([0] * 30, [0] * 30, 3))
    assert (prior > 0).all()
    assert (prior < 0.02).all()
