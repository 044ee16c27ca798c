import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import Clock, ClockSpec
from models.exposure import Exposure
from models.level import Anchor, prior_hazards, published_hazards

SPEC = ClockSpec(Clock.LANDED, 36)


def lived(rows, events, n_periods):
    """So many projects that lived the first period, so many of which had the event in it."""
    risk, came = np.zeros((rows, n_periods)), np.zeros((rows, n_periods))
    risk[:, 0], came[:events, 0] = 1.0, 1.0
    return Exposure(np.arange(rows), risk, came)


def test_the_published_curve_is_met_at_its_points_and_goes_on_beyond_them():
    spec = ClockSpec(Clock.PRODUCED, 60, curve=((12, 0.08), (24, 0.25), (36, 0.42), (48, 0.52)))
    hazards = published_hazards(spec, 3, 20)
    reached = 1 - np.cumprod(1 - hazards)
    np.testing.assert_allclose(reached[[3, 7, 11, 15]], [0.08, 0.25, 0.42, 0.52], rtol=1e-12)
    np.testing.assert_allclose(hazards[16:], hazards[15], rtol=1e-12)


@given(st.integers(1, 12), st.integers(1, 30))
def test_a_published_curve_is_the_same_in_any_length_of_period(months, n_periods):
    spec = ClockSpec(Clock.PRODUCED, 60, curve=((7, 0.1), (24, 0.25), (48, 0.5)))
    coarse = 1 - np.cumprod(1 - published_hazards(spec, months, n_periods))
    fine = 1 - np.cumprod(1 - published_hazards(spec, 1, n_periods * months))
    np.testing.assert_allclose(coarse, fine[months - 1 :: months], rtol=1e-12)


def test_a_catalogue_without_a_curve_publishes_nothing():
    assert published_hazards(SPEC, 12, 3) is None


def test_a_published_curve_stands_whatever_was_lived():
    spec = ClockSpec(Clock.LANDED, 24, curve=((24, 0.5),))
    np.testing.assert_allclose(prior_hazards(spec, 12, lived(400, 100, 2)), 1 - np.sqrt(0.5), rtol=1e-12)


def test_without_a_curve_it_takes_the_mean_hazard_of_what_was_lived():
    np.testing.assert_allclose(prior_hazards(SPEC, 12, lived(99, 9, 3)), 9.5 / 100)


def test_what_is_half_forgotten_counts_half_in_the_mean():
    half = lived(99, 9, 3).weighted(np.full(99, 0.5))
    np.testing.assert_allclose(prior_hazards(SPEC, 12, half), (4.5 + 0.5) / (49.5 + 1))


@pytest.mark.parametrize("rows", [0, 30])
def test_no_event_at_all_leaves_a_hazard_that_is_not_zero(rows):
    prior = prior_hazards(SPEC, 12, lived(rows, 0, 3))
    assert prior.tolist() == [0.5 / (rows + 1)] * 3


def test_an_anchor_of_the_first_periods_is_worth_as_much():
    anchor = Anchor(np.array([0.1, 0.2, 0.3]), 7.0).until(2)
    assert (anchor.hazards.tolist(), anchor.projects) == ([0.1, 0.2], 7.0)
