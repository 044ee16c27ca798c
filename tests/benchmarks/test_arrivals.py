from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from features.catalog import Clock


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
