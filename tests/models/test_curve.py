import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from models.curve import curve, hazards, held, incidence, median_months, rise, slope

LEVELS = arrays(np.float64, st.integers(1, 16), elements=st.floats(-12, 4))
SCORES = arrays(np.float64, st.integers(1, 20), elements=st.floats(-8, 8))
SHOCKS = st.floats(0.01, 2.0)


def test_a_curve_of_two_periods_worked_by_hand():
    # hazards 1/4 and 1/2: 1/4 by the first, 1 - 3/4 * 1/2 = 5/8 by the second
    levels = np.array([np.log(1 / 3), 0.0])
    np.testing.assert_allclose(curve(levels, np.zeros(1)), [[1 / 4, 5 / 8]], rtol=1e-15)
    # a score of ln 3 turns odds of 1:3 into 1:1 and of 1:1 into 3:1
    np.testing.assert_allclose(curve(levels, np.log([3.0])), [[1 / 2, 7 / 8]], rtol=1e-15)


@given(LEVELS, SCORES)
def test_the_curve_is_the_product_of_what_survives(levels, scores):
    hazards = 1 / (1 + np.exp(-(levels[None, :] + scores[:, None])))
    np.testing.assert_allclose(curve(levels, scores), 1 - np.cumprod(1 - hazards, axis=1), atol=1e-12)


@given(LEVELS, SCORES)
def test_the_curve_never_falls_in_time_and_ends_in_the_incidence(levels, scores):
    drawn = curve(levels, scores)
    assert (np.diff(drawn, axis=1) >= 0).all()
    np.testing.assert_allclose(drawn[:, -1], incidence(levels, scores), rtol=1e-13)


@given(LEVELS, SCORES)
def test_a_higher_score_never_gives_a_lower_figure(levels, scores):
    ordered = np.sort(scores)
    assert (np.diff(incidence(levels, ordered)) >= 0).all()


@given(LEVELS, SCORES)
def test_a_figure_is_the_same_alone_and_in_company(levels, scores):
    company = incidence(levels, scores)
    alone = [incidence(levels, scores[i : i + 1])[0] for i in range(len(scores))]
    assert company.tolist() == alone


@given(LEVELS, SCORES)
def test_the_rise_is_the_difference_of_two_figures(levels, scores):
    expected = incidence(levels, scores) - incidence(levels, np.zeros(1))
    np.testing.assert_allclose(rise(levels, scores), expected, atol=1e-14)


@pytest.mark.parametrize("score", [1e-16, -1e-12, 1e-8, -1e-5])
def test_the_rise_keeps_its_digits_near_zero(score):
    levels = np.linspace(-4, -2, 12)
    gradient = slope(levels, np.zeros(1))[0]
    assert rise(levels, np.array([score]))[0] / score == pytest.approx(gradient, rel=max(1e-14, 5 * abs(score)))


@given(LEVELS, SCORES)
def test_the_slope_is_the_derivative(levels, scores):
    step = 1e-5
    numeric = (incidence(levels, scores + step) - incidence(levels, scores - step)) / (2 * step)
    np.testing.assert_allclose(slope(levels, scores), numeric, atol=1e-8)


def test_fewer_periods_give_the_curve_at_an_earlier_day():
    levels, scores = np.array([-3.0, -2.0, -1.0]), np.array([0.5, -0.5])
    drawn = curve(levels, scores)
    for n in (1, 2, 3):
        np.testing.assert_allclose(incidence(levels, scores, n), drawn[:, n - 1], rtol=1e-15)


@given(LEVELS, SHOCKS)
def test_the_averaged_hazards_are_those_of_the_averaged_curve(levels, shock_sd):
    drawn = np.append(0.0, curve(levels, np.zeros(1), shock_sd)[0])
    np.testing.assert_allclose(hazards(levels, shock_sd) * (1 - drawn[:-1]), np.diff(drawn), atol=1e-12)
    np.testing.assert_allclose(hazards(levels), expit(levels), rtol=1e-9)


@pytest.mark.parametrize("first", [5.0, 20.0, 40.0, 700.0])
@pytest.mark.parametrize("shock_sd", [0.0, 0.8, 2.0])
def test_where_all_land_in_the_first_period_hazards_are_finite(first, shock_sd):
    levels = np.array([first, -2.0, first, 0.0])
    found = hazards(levels, shock_sd)
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()
    assert found[0] > 0.9
    assert 0.01 < found[1] < expit(-2.0) + 1e-9, "of the few that are left some still land"
    assert np.isfinite(held(np.minimum(levels[:2], 40.0), shock_sd)).all()


def test_the_median_lies_where_the_curve_crosses_one_half():
    # 25 % by month 6, 62.5 % by month 12: one half at two thirds of the second period
    levels = np.array([np.log(1 / 3), 0.0])
    assert median_months(levels, np.zeros(1), 6)[0] == pytest.approx(10.0)


def test_a_missing_score_gives_a_missing_figure():
    assert np.isnan(incidence(np.zeros(3), np.array([np.nan]))).all()


@pytest.mark.parametrize("shock_sd", [0.3, 0.8, 2.0])
@pytest.mark.parametrize("levels", [np.zeros(1), np.full(12, -3.0), np.linspace(-6, 1, 40)])
def test_with_a_shock_the_figure_is_the_normal_mixture_of_figures(levels, shock_sd):
    scores = np.array([-10.0, -2.0, 0.0, 3.0, 10.0])
    for score, found in zip(scores, incidence(levels, scores, None, shock_sd), strict=True):
        shocked = [
            quad(
                lambda a, score=score: norm.pdf(a) * incidence(levels, np.array([score + shock_sd * a]))[0],
                *bounds,
                epsabs=1e-13,
                limit=200,
            )[0]
            for bounds in ((-12, 0), (0, 12))
        ]
        assert found == pytest.approx(sum(shocked), abs=1e-9)


@pytest.mark.parametrize("score", [-40.0, -20.0])
def test_with_a_shock_a_tiny_chance_keeps_its_digits(score):
    # where the milestone is rare, F is linear in the odds, and those are log-normal over the shock
    levels = np.array([-3.0, -2.0])
    expected = np.exp(score + 0.8**2 / 2) * np.exp(levels).sum()
    assert incidence(levels, np.array([score]), None, 0.8)[0] == pytest.approx(expected, rel=1e-6)
    assert curve(levels, np.array([score]), 0.8)[0, -1] == pytest.approx(expected, rel=1e-6)


def test_no_shock_gives_the_very_figures_of_before():
    levels, scores = np.linspace(-4, -2, 6), np.linspace(-3, 3, 7)
    assert incidence(levels, scores, None, 0.0).tolist() == incidence(levels, scores).tolist()
    assert curve(levels, scores, 0.0).tolist() == curve(levels, scores).tolist()
    assert rise(levels, scores, None, 0.0).tolist() == rise(levels, scores).tolist()
    assert slope(levels, scores, None, 0.0).tolist() == slope(levels, scores).tolist()


@given(LEVELS, SCORES)
def test_a_vanishing_shock_leaves_the_figures_alone(levels, scores):
    np.testing.assert_allclose(curve(levels, scores, 1e-9), curve(levels, scores), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(rise(levels, scores, None, 1e-9), rise(levels, scores), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(slope(levels, scores, None, 1e-9), slope(levels, scores), rtol=1e-12, atol=1e-15)


@given(LEVELS, SCORES, SHOCKS)
def test_with_a_shock_figures_rise_in_time_and_in_the_score(levels, scores, shock_sd):
    drawn = curve(levels, np.sort(scores), shock_sd)
    assert (np.diff(drawn, axis=1) >= 0).all()
    assert (np.diff(drawn, axis=0) >= -1e-14).all()
    assert ((drawn >= 0) & (drawn <= 1)).all()
    np.testing.assert_allclose(drawn[:, -1], incidence(levels, np.sort(scores), None, shock_sd), rtol=1e-13)


@given(LEVELS, SCORES, SHOCKS)
def test_with_a_shock_a_row_is_the_same_alone_and_in_company(levels, scores, shock_sd):
    for figures in (incidence, rise, slope):
        company = figures(levels, np.repeat(scores, 2)[::2], None, shock_sd)
        alone = [figures(levels, scores[i : i + 1], None, shock_sd)[0] for i in range(len(scores))]
        assert company.tolist() == alone
    assert curve(levels, scores, shock_sd)[:1].tolist() == curve(levels, scores[:1], shock_sd).tolist()


def test_with_a_shock_a_row_far_down_a_long_table_is_the_same_as_alone():
    levels, scores = np.linspace(-4, -2, 5), np.random.default_rng(0).normal(size=20_001)
    company = incidence(levels, scores, None, 0.8)
    for i in (0, 8191, 8192, 20_000):
        assert company[i] == incidence(levels, scores[i : i + 1], None, 0.8)[0]


@given(LEVELS, SCORES, SHOCKS)
def test_with_a_shock_the_rise_is_the_difference_of_two_figures(levels, scores, shock_sd):
    expected = incidence(levels, scores, None, shock_sd) - incidence(levels, np.zeros(1), None, shock_sd)
    found = rise(levels, scores, None, shock_sd)
    np.testing.assert_allclose(found, expected, atol=1e-13)
    assert (np.sign(found) * np.sign(scores) >= 0).all()


@pytest.mark.parametrize("score", [1e-16, -1e-12, 1e-8, -1e-5])
def test_with_a_shock_the_rise_keeps_its_digits_near_zero(score):
    levels = np.linspace(-4, -2, 12)
    gradient = slope(levels, np.zeros(1), None, 0.8)[0]
    assert rise(levels, np.array([score]), None, 0.8)[0] / score == pytest.approx(
        gradient, rel=max(1e-13, 5 * abs(score))
    )


@given(LEVELS, SCORES, SHOCKS)
def test_with_a_shock_the_slope_is_the_derivative(levels, scores, shock_sd):
    step = 1e-5
    above, below = (incidence(levels, scores + s, None, shock_sd) for s in (step, -step))
    np.testing.assert_allclose(slope(levels, scores, None, shock_sd), (above - below) / (2 * step), atol=1e-8)


def test_with_a_shock_fewer_periods_give_the_curve_at_an_earlier_day():
    levels, scores = np.array([-3.0, -2.0, -1.0]), np.array([0.5, -0.5])
    for n in (1, 2, 3):
        np.testing.assert_allclose(incidence(levels, scores, n, 0.8), curve(levels, scores, 0.8)[:, n - 1], rtol=1e-15)


def test_the_median_is_read_off_the_averaged_curve():
    levels, scores = np.full(8, -1.0), np.array([-0.5, 0.0, 1.0])
    months = median_months(levels, scores, 6, 1.0)
    for score, month in zip(scores, months, strict=True):
        drawn = np.append(0.0, curve(levels, np.array([score]), 1.0)[0])
        assert np.interp(month, np.arange(9) * 6.0, drawn) == pytest.approx(0.5)
    assert np.isnan(median_months(levels, np.array([-9.0]), 6, 1.0)[0])


def test_with_a_shock_absurd_and_missing_scores_give_certain_and_missing_figures():
    figures = incidence(np.array([-3.0, 2.0]), np.array([-1e6, 1e6, np.nan]), None, 2.0)
    assert figures[0] < 1e-100
    assert figures[1] == 1.0
    assert np.isnan(figures[2])
