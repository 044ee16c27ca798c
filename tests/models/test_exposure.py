from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from features.timeline import PersonPeriods
from models.exposure import exposure_of

DAY = np.datetime64("2024-01-01")


@pytest.fixture(scope="module")
def periods(cut):
    """Person-periods of projects that end on days of their own, every third project with none."""
    random = np.random.default_rng(4)
    whole = cut(random.random((60, 5)) < 0.2)
    kept = whole.project % 3 > 0
    end = DAY - random.integers(0, 4000, kept.sum())
    return PersonPeriods(whole.project[kept], whole.period[kept], whole.event[kept], end, 5)


@pytest.fixture(scope="module")
def baseline():
    return np.array([-2.0, -1.5, -1.0, -1.2, -0.5])


# Oracle: the same sums, person-period by person-period


def test_pull_is_the_sum_over_the_person_periods_of_the_logistic_gradient_and_curvature(periods, baseline):
    score = np.random.default_rng(0).normal(size=60)
    exposure = exposure_of(periods)
    gradient, curvature = exposure.pull(baseline, score[exposure.project])
    chance = expit(baseline[periods.period] + score[periods.project])
    for row, project in enumerate(exposure.project):
        mine = periods.project == project
        assert gradient[row].sum() == pytest.approx((periods.event - chance)[mine].sum(), rel=1e-12)
        assert curvature[row].sum() == pytest.approx((chance * (1 - chance))[mine].sum(), rel=1e-12)


def test_pull_is_the_slope_of_the_log_likelihood(periods, baseline):
    exposure, step = exposure_of(periods), 1e-5
    score = np.random.default_rng(1).normal(size=len(exposure.project))

    def likelihood(moved):
        chance = expit(baseline + moved[:, None])
        won, lost = exposure.came * np.log(chance), (exposure.risk - exposure.came) * np.log1p(-chance)
        return (won + lost).sum(axis=1)

    up, here, down = (likelihood(score + by) for by in (step, 0.0, -step))
    gradient, curvature = exposure.pull(baseline, score)
    np.testing.assert_allclose(gradient.sum(axis=1), (up - down) / (2 * step), atol=1e-8)
    np.testing.assert_allclose(curvature.sum(axis=1), -(up - 2 * here + down) / step**2, atol=1e-4)


# Properties


def test_every_person_period_is_found_in_its_cell_and_nothing_else_is(periods):
    exposure = exposure_of(periods)
    assert exposure.project.tolist() == sorted(set(periods.project.tolist()))
    assert exposure.risk.sum() == len(periods.event)
    assert exposure.events == periods.event.sum()
    row = np.searchsorted(exposure.project, periods.project)
    assert (exposure.risk[row, periods.period] == 1).all()
    assert exposure.came[row, periods.period].tolist() == periods.event.tolist()


def test_what_is_old_counts_as_what_is_new(periods):
    one, other = exposure_of(periods), exposure_of(replace(periods, end=np.full(len(periods.end), DAY)))
    assert (one.risk.tolist(), one.came.tolist()) == (other.risk.tolist(), other.came.tolist())


def test_the_order_of_the_person_periods_changes_nothing(periods):
    turned = PersonPeriods(*(a[::-1] for a in (periods.project, periods.period, periods.event, periods.end)), 5)
    one, other = exposure_of(periods), exposure_of(turned)
    assert [a.tolist() for a in (one.project, one.risk, one.came)] == [
        a.tolist() for a in (other.project, other.risk, other.came)
    ]


def test_the_first_periods_alone_are_those_of_lives_cut_off_there(periods):
    first = periods.period < 2
    short = PersonPeriods(*(a[first] for a in (periods.project, periods.period, periods.event, periods.end)), 2)
    cut_off, cut_before = exposure_of(periods).until(2), exposure_of(short)
    assert cut_off.n_periods == cut_before.n_periods == 2
    assert cut_off.risk.tolist() == cut_before.risk.tolist()
    assert cut_off.came.tolist() == cut_before.came.tolist()


def test_a_project_counted_twice_is_two_projects_and_one_counted_no_time_is_none(periods, baseline):
    exposure = exposure_of(periods)
    times = np.arange(len(exposure.project)) % 3
    weighted = exposure.weighted(times.astype(float))
    repeated = exposure.of(np.repeat(np.arange(len(times)), times))
    assert weighted.project.tolist() == sorted(set(repeated.project.tolist()))
    for one, other in zip(weighted.pull(baseline, np.zeros(len(weighted.project))),
                          repeated.pull(baseline, np.zeros(len(repeated.project))), strict=True):  # fmt: skip
        np.testing.assert_allclose(one.sum(axis=0), other.sum(axis=0), rtol=1e-12)


def test_a_mask_and_the_places_it_marks_take_the_same_projects(periods):
    exposure = exposure_of(periods)
    mask = exposure.project % 2 == 0
    assert exposure.of(mask).risk.tolist() == exposure.of(np.flatnonzero(mask)).risk.tolist()


def test_nobody_lived_nothing(cut):
    nobody = exposure_of(cut(np.zeros((0, 4), dtype=bool)))
    assert (nobody.risk.shape, nobody.events, nobody.n_periods) == ((0, 4), 0.0, 4)
