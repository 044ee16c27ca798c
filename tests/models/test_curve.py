import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.curve import curve, incidence, median_months, rise, slope

LEVELS = arrays(np.float64, st.integers(1, 16), elements=st.floats(-12, 4))
SCORES = arrays(np.float64, st.integers(1, 20), elements=st.floats(-8, 8))


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


def test_the_median_lies_where_the_curve_crosses_one_half():
    # 25 % by month 6, 62.5 % by month 12: one half at two thirds of the second period
    levels = np.array([np.log(1 / 3), 0.0])
    assert median_months(levels, np.zeros(1), 6)[0] == pytest.approx(10.0)


def test_a_missing_score_gives_a_missing_figure():
    assert np.isnan(incidence(np.zeros(3), np.array([np.nan]))).all()
