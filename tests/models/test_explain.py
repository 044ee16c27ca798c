import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.integrate import quad

from features.catalog import EXPLAINED, Dimension
from models.curve import incidence, slope
from models.explain import by_dimension, coherent, explained, largest_remainder, total

LEVELS = arrays(np.float64, st.integers(1, 16), elements=st.floats(-8, 2))
PARTS = arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 9)), elements=st.floats(-2, 2))


def test_points_are_the_integral_along_the_path_from_the_reference():
    levels, parts = np.linspace(-4, -2, 8), np.array([[1.2, -0.4, 0.1]])
    score = parts.sum()
    integral, _ = quad(lambda s: slope(levels, np.array([s * score]))[0], 0, 1, epsabs=1e-13)
    np.testing.assert_allclose(explained(parts, levels).points, parts * integral, atol=1e-12)


def test_one_period_with_even_odds_worked_by_hand():
    # log-odds 2 and -1 from a base of 1/2: the figure is 1/(1 + e^-1), the rise is shared 2 : -1
    answer = explained(np.array([[2.0, -1.0]]), np.zeros(1))
    lift = 1 / (1 + np.exp(-1)) - 0.5
    np.testing.assert_allclose(answer.points, [[2 * lift, -lift]], atol=1e-15)
    assert answer.base.tolist() == [0.5]


@given(PARTS, LEVELS)
def test_base_and_points_add_up_to_the_figure(parts, levels):
    answer = explained(parts, levels)
    np.testing.assert_allclose(answer.base + answer.points.sum(axis=1), answer.figure, atol=1e-13)


@given(PARTS, LEVELS, st.floats(0.01, 2.0))
def test_base_and_points_add_up_to_the_figure_averaged_over_a_shock(parts, levels, shock_sd):
    answer = explained(parts, levels, None, shock_sd)
    np.testing.assert_allclose(answer.base + answer.points.sum(axis=1), answer.figure, atol=1e-12)
    assert answer.figure.tolist() == incidence(levels, total(parts), None, shock_sd).tolist()


def test_points_under_a_shock_are_the_integral_along_the_path_of_the_averaged_figure():
    levels, parts = np.linspace(-4, -2, 8), np.array([[1.2, -0.4, 0.1]])
    integral, _ = quad(lambda s: slope(levels, np.array([s * parts.sum()]), None, 0.8)[0], 0, 1, epsabs=1e-13)
    np.testing.assert_allclose(explained(parts, levels, None, 0.8).points, parts * integral, atol=1e-12)


@given(PARTS, LEVELS)
def test_points_have_the_sign_of_their_log_odds(parts, levels):
    answer = explained(parts, levels)
    assert (np.sign(answer.points) * np.sign(parts) >= 0).all()


@given(PARTS, LEVELS)
def test_a_row_is_explained_the_same_alone_and_in_company(parts, levels):
    company = explained(parts, levels)
    for i in range(len(parts)):
        alone = explained(parts[i : i + 1], levels)
        assert alone.figure[0] == company.figure[i]
        assert alone.points[0].tolist() == company.points[i].tolist()


@given(st.floats(-1e-3, 1e-3), LEVELS)
def test_points_of_opposed_attributes_stay_smooth_where_they_cancel(rest, levels):
    answer = explained(np.array([[1.0, rest - 1.0]]), levels)
    gradient = slope(levels, np.zeros(1))[0]
    assert answer.points[0, 0] == pytest.approx(gradient, rel=20 * abs(rest) + 1e-9)


@given(PARTS, LEVELS, LEVELS)
def test_a_project_never_produces_before_it_lands(parts, landing, producing):
    landed, produced = explained(parts, landing), explained(parts[:, ::-1], producing)
    raised = coherent(landed, produced)
    assert (raised.figure >= produced.figure).all()
    np.testing.assert_allclose(raised.base + raised.points.sum(axis=1), raised.figure, atol=1e-13)
    assert raised.overtaken.tolist() == (landed.figure < produced.figure).tolist()


def test_only_the_rows_that_would_fall_below_are_raised():
    landed = explained(np.array([[-2.0], [2.0]]), np.array([-1.0]))
    produced = explained(np.array([[1.0], [1.0]]), np.array([-1.0]))
    raised = coherent(landed, produced)
    assert raised.overtaken.tolist() == [True, False]
    assert raised.figure.tolist() == [produced.figure[0], landed.figure[1]]
    assert raised.log_odds.tolist() == [[1.0], [2.0]]


@given(PARTS)
def test_dimensions_add_up_to_all_the_attributes(parts):
    dimensions = [EXPLAINED[j % len(EXPLAINED)] for j in range(parts.shape[1])]
    sums = by_dimension(parts, dimensions)
    np.testing.assert_allclose(sum(sums.values()), parts.sum(axis=1), atol=1e-12)


def test_every_explained_dimension_has_its_sum():
    assert tuple(by_dimension(np.ones((1, 1)), [Dimension.MARKET])) == EXPLAINED


@given(
    arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=st.floats(-1, 1)), st.integers(0, 4)
)
def test_rounded_parts_add_up_to_the_rounded_whole(values, digits):
    rounded = largest_remainder(values, digits)
    np.testing.assert_allclose(rounded.sum(axis=1), np.round(total(values), digits), atol=1e-9)
    assert (np.abs(rounded - values) <= 10.0**-digits + 1e-12).all()


def test_a_sum_of_rows_does_not_depend_on_the_layout_of_the_table():
    table = np.random.default_rng(0).normal(size=(57, 23))
    assert total(table).tolist() == total(np.asfortranarray(table)).tolist()


def test_the_figure_explained_is_the_figure_shown():
    levels, parts = np.linspace(-3, -1, 5), np.random.default_rng(1).normal(size=(40, 6))
    assert explained(parts, levels).figure.tolist() == incidence(levels, total(parts)).tolist()
