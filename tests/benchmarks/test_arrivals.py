from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from features.catalog import Clock
from features.timeline import PersonPeriods


@pytest.fixture
def arrivals(benchmark_module):
    return benchmark_module("arrivals")


def taken(**changes):
    """A ledger of 10 rows with 7 events, in which every sum is right."""
    rows = SimpleNamespace(new_projects=3, refiled=0, known=6)
    sums = {"read": 10, "refused_rows": 1, "told": 7, "new": 2, "late": 1, "corrections": 1, "known": 2, "refused": 1}
    return SimpleNamespace(source="a.csv", rows=rows, **(sums | changes))


def test_sums_that_are_right_are_no_miss(arrivals):
    assert arrivals.miscounted(taken()) == []


@pytest.mark.parametrize(("changed", "said"), [({"read": 11}, "rows"), ({"late": 0}, "events")])
def test_a_sum_that_is_wrong_is_told(arrivals, changed, said):
    assert said in arrivals.miscounted(taken(**changed))[0]


def test_delays_are_of_one_milestone_and_of_events_old_enough(arrivals):
    day = np.datetime64("2024-01-01", "D")
    feed = SimpleNamespace(
        delays=np.array([10, 400, 20]), milestones=np.array(["landed", "landed", "produced"], object)
    )
    vintage = arrivals.Vintage(day, feed, None)
    first, last = np.datetime64("2022-01-01"), np.datetime64("2023-06-01")
    assert arrivals._observed(vintage, Clock.LANDED, first, last).tolist() == [400]
    assert arrivals._observed(replace(vintage, day=day - 300), Clock.PRODUCED, first, last).tolist() == [20]


def test_every_half_year_is_in_one_sample_and_in_company_of_its_age_alone(arrivals):
    end = np.full(5, np.datetime64("2024-01-01"))
    lived = PersonPeriods(np.array([0, 0, 1, 2, 2]), np.array([0, 1, 0, 0, 1]), np.array([0.0, 1, 0, 0, 0]), end, 2)
    chances = {"champion": np.array([0.1, 0.2, 0.3, 0.4, 0.5])}
    young, old = arrivals.samples(lived, chances, np.array([7, 8, 9]))
    assert (young.chances["champion"].tolist(), young.groups.tolist()) == ([0.1, 0.3, 0.4], [7, 8, 9])
    assert (old.labels.tolist(), old.groups.tolist()) == ([1.0, 0.0], [7, 9])
