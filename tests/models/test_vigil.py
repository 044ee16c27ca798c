from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm, poisson

from models.vigil import Beliefs, Watched, calendar, vigil

ONE = Beliefs(drifts=((0.02, 1.0),), shifts=((-0.7, 1.0),))


def watched(expected, came):
    """Records on the day of what they tell: months of happening are steps."""
    return Watched(np.diag(expected), np.diag(came), np.ones(len(expected), dtype=np.intp), before=0)


def quiet(rng, months, drift=0.0, level=0.07):
    """What comes under the null: sixty a month, at a level that is off and drifts."""
    kept, at = np.exp(-1 / Beliefs.memory_months), level * rng.standard_normal()
    came = np.empty(months)
    for month in range(months):
        at = kept * at + drift * np.sqrt(1 - kept**2) * rng.standard_normal()
        came[month] = rng.poisson(60 * np.exp(at))
    return watched(np.full(months, 60.0), came)


@pytest.mark.parametrize("came", [20, 60, 90])
def test_the_first_step_is_the_ratio_of_two_integrals(came):
    kept = np.exp(-1 / ONE.memory_months)
    sd = np.sqrt((kept * ONE.level_sd) ** 2 + 0.02**2 * (1 - kept**2) + 0.0125**2)  # the last is the grid's

    def likelihood(shift):
        def at(u):
            return norm.pdf(u, 0, sd) * poisson.pmf(came, 60 * np.exp(u + shift))

        return quad(at, -0.6, 0.6, epsabs=1e-14)[0]

    found = vigil(watched([60.0], [came]), ONE)
    oracle = np.log(ONE.starts * likelihood(-0.7) / likelihood(0.0) + 1 - ONE.starts)
    assert found.log_e[0] == pytest.approx(oracle, rel=0.015, abs=0.02)


@pytest.mark.parametrize("drift", [0.02, 0.2])
def test_a_quiet_county_gets_an_alarm_no_more_often_than_promised(drift):
    rng = np.random.default_rng(3)
    held = Beliefs(drifts=((drift, 1.0),))
    found = [vigil(quiet(rng, 24, drift), held) for _ in range(300)]
    assert sum(one.alarm(0.1) is not None for one in found) <= 0.1 * 300
    assert np.mean([np.exp(one.log_e[-1]) for one in found]) < 1.25  # its mean is 1, and rare large values carry it


def test_what_comes_later_changes_nothing_of_what_was_said():
    whole = quiet(np.random.default_rng(1), 18)
    part = Watched(whole.expected[:7, :7], whole.came[:7, :7], whole.months[:7], before=0)
    np.testing.assert_allclose(vigil(whole, ONE).log_e[:7], vigil(part, ONE).log_e, atol=1e-9)


def test_an_alarm_stands_though_better_times_come():
    came = np.r_[np.full(6, 60.0), np.full(9, 20.0), np.full(40, 60.0)]
    found = vigil(watched(np.full(55, 60.0), came), Beliefs())
    raised = found.alarm(0.01)
    assert raised is not None
    assert 6 <= raised < 12
    assert found.log_e.max() > found.log_e[-1]


def test_more_than_expected_is_told_as_well():
    found = vigil(watched(np.full(24, 60.0), np.r_[np.full(12, 60.0), np.full(12, 110.0)]), Beliefs())
    assert found.alarm(0.01) is not None
    assert found.shift > 0
    assert abs(found.since - 12) <= 1


def test_a_change_shows_in_what_happened_after_it_and_not_in_late_records_of_before():
    # Each month brings half of what happened in it, and half of the month before.
    months = 24
    expected = np.zeros((months, months + 1))
    for step in range(months):
        expected[step, step : step + 2] = 40.0
    came = expected.copy()
    came[:, 13:] *= 0.5
    turned = Watched(expected, came, np.ones(months, dtype=np.intp), before=1)
    assert vigil(turned, Beliefs()).since == 13
    late = expected.copy()
    late[12:] = np.where(np.arange(months + 1) < 13, 1.0, 0.5) * expected[12:]
    assert vigil(replace(turned, came=late), Beliefs()).log_e[-1] == pytest.approx(
        vigil(turned, Beliefs()).log_e[-1]
    )  # the same records, told otherwise


def test_a_step_of_many_months_lets_the_level_move_as_far_as_they_would():
    held = Beliefs(drifts=((0.3, 1.0),), shifts=((-0.7, 1.0),))
    short = Watched(np.array([[400.0]]), np.array([[250.0]]), np.array([1]), before=0)
    long = replace(short, months=np.array([12]))
    assert vigil(long, held).log_e[0] < vigil(short, held).log_e[0] - 1


def test_nothing_recorded_is_no_evidence():
    none = Watched(np.zeros((0, 5)), np.zeros((0, 5)), np.zeros(0, dtype=np.intp), before=5)
    found = vigil(none, Beliefs())
    assert (len(found.log_e), found.since, found.alarm(0.01)) == (0, -1, None)


def test_a_restless_past_makes_the_watch_slower_to_speak():
    rng = np.random.default_rng(8)
    calm = np.array([np.full(96, 60.0), rng.poisson(60.0, 96)])
    wave = 60 * np.exp(0.4 * np.sin(np.arange(96) / 6))
    restless = np.array([np.full(96, 60.0), rng.poisson(wave)])
    turned = watched(np.full(24, 60.0), np.r_[np.full(12, 60.0), np.full(12, 36.0)])
    first, second = (vigil(turned, calendar(past, 0.07)).log_e[-1] for past in (calm, restless))
    assert first > second + 3
    assert sum(weight for _, weight in calendar(restless, 0.07).drifts) == pytest.approx(1.0)
