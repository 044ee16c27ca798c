from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.catalog import Catalog, Clock
from features.timeline import PersonPeriods, Timeline, outcome, person_periods, span, trace

ENTRY = np.datetime64("2012-03-01")


def traced(catalog: Catalog, as_of: str = "2019-01-01", lag: float = 0, **cells: str | None) -> Timeline:
    row = pd.DataFrame([{"proposed": str(ENTRY), **cells}]).apply(pd.to_datetime).astype("datetime64[s]")
    return trace(row, catalog, as_of=np.datetime64(as_of), lag_months=lag)


def cut(timeline: Timeline, catalog: Catalog, clock: Clock) -> PersonPeriods:
    return person_periods(timeline, catalog.later[clock], catalog)


@pytest.mark.parametrize(
    ("cells", "events"),
    [
        ({"left": "2012-06-01"}, [1.0]),
        ({"left": "2012-10-01"}, [0.0, 1.0]),
        ({"left": "2012-06-01", "begun": "2014-01-01"}, [0.0] * 4),  # overtaken: it was no exit
        ({"begun": "2012-05-01", "left": "2012-06-01"}, [0.0] * 4),  # started first
        ({"begun": "2012-06-01", "left": "2012-06-01"}, [0.0] * 4),  # not before the start
        ({"milling": "2012-05-01", "left": "2012-06-01"}, [0.0] * 4),  # what produces has started
        ({}, [0.0] * 4),
    ],
)
def test_an_exit_counts_as_withdrawal_only_before_the_start(mills, cells, events):
    assert cut(traced(mills, **cells), mills, Clock.WITHDRAWN).event.tolist() == events


def test_a_started_project_stays_at_risk_of_withdrawal_until_the_horizon(mills):
    assert cut(traced(mills, begun="2012-04-01"), mills, Clock.WITHDRAWN).period.tolist() == [0, 1, 2, 3]


def test_a_withdrawal_is_undone_by_a_later_start_only_once_that_is_known(mills):
    lives = [traced(mills, day, left="2012-06-01", begun="2014-01-01") for day in ("2013-12-31", "2014-01-01")]
    assert [cut(life, mills, Clock.WITHDRAWN).event.sum() for life in lives] == [1.0, 0.0]


@pytest.mark.parametrize("clock", [Clock.LANDED, Clock.WITHDRAWN])
def test_no_project_both_lands_and_withdraws(mills, draw, clock):
    timeline = trace(draw(300, 1), mills, as_of=np.datetime64("2020-01-01"))
    other = Clock.WITHDRAWN if clock is Clock.LANDED else Clock.LANDED
    came, spared = ~np.isnat(timeline.came(clock)), np.isnat(timeline.came(other))
    assert came.any()
    assert spared[came].all()


def test_where_no_start_is_on_record_withdrawal_comes_before_production(mills):
    milestones = {name: milestone for name, milestone in mills.milestones.items() if name != "landed"}
    openings = replace(mills, milestones=milestones)
    gone, done = traced(openings, left="2013-01-01"), traced(openings, milling="2012-12-01", left="2013-01-01")
    assert [np.isnat(life.came(Clock.WITHDRAWN)).item() for life in (gone, done)] == [False, True]
    assert np.isnat(gone.started).all()


def test_finishing_is_counted_from_the_start(mills):
    found = cut(traced(mills, begun="2013-03-01", milling="2013-10-01"), mills, Clock.FINISHED)
    assert (found.period.tolist(), found.event.tolist()) == ([0, 1], [0.0, 1.0])
    assert found.end.tolist() == [(np.datetime64("2013-03-01") + span(m)).item() for m in (6, 12)]


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"milling": "2014-01-01"},  # it has started, but nobody knows when
        {"begun": "2014-02-01", "milling": "2014-01-01"},  # an impossible start
        {"begun": "2012-02-01"},  # before the entry: left out
        {"begun": "2019-02-01"},  # a plan
    ],
)
def test_only_a_start_with_a_day_of_its_own_can_be_followed(mills, cells):
    timeline = traced(mills, **cells)
    assert not cut(timeline, mills, Clock.FINISHED).project.size
    assert outcome(timeline, mills.later[Clock.FINISHED], mills)[1].tolist() == [False]


def test_a_start_and_production_on_one_day_finish_in_the_first_period(mills):
    assert cut(traced(mills, begun="2014-01-01", milling="2014-01-01"), mills, Clock.FINISHED).event.tolist() == [1.0]


def test_finishing_waits_for_whole_periods_and_the_lag(mills):
    ripe = np.datetime64("2013-03-01") + span(6) + span(3)
    for day, events in ((ripe - 1, []), (ripe, [0.0])):
        assert cut(traced(mills, str(day), lag=3, begun="2013-03-01"), mills, Clock.FINISHED).event.tolist() == events


@pytest.mark.parametrize(("left", "lived"), [(None, 6), ("2014-06-01", 2), ("2013-06-01", 0)])
def test_who_gives_up_during_construction_is_no_longer_at_risk_of_finishing(mills, left, lived):
    cells = {"left": left} if left else {}
    found = cut(traced(mills, begun="2013-01-01", **cells), mills, Clock.FINISHED)
    assert found.event.tolist() == [0.0] * lived


@pytest.mark.parametrize("left", ["2013-03-01", "2013-03-02", "2013-06-01", "2013-09-01"])
def test_an_exit_after_production_leaves_the_project_finished(mills, left):
    found = cut(traced(mills, begun="2013-01-01", milling="2013-03-01", left=left), mills, Clock.FINISHED)
    assert (found.period.tolist(), found.event.tolist()) == ([0], [1.0])


def test_whether_a_project_finished_is_told_a_horizon_after_its_start(mills):
    ripe = np.datetime64("2013-03-01") + span(36)
    for day, mature in ((ripe - 1, False), (ripe, True)):
        life = traced(mills, str(day), begun="2013-03-01", milling="2015-01-01")
        event, told = outcome(life, mills.later[Clock.FINISHED], mills)
        assert (event.tolist(), told.tolist()) == ([1.0], [mature])


def test_whether_a_project_withdrew_is_told_a_horizon_after_its_entry(mills):
    gone, begun = traced(mills, left="2012-09-01"), traced(mills, begun="2012-08-01", left="2012-09-01")
    told = [outcome(life, mills.later[Clock.WITHDRAWN], mills) for life in (gone, begun)]
    assert [(event.item(), mature.item()) for event, mature in told] == [(1.0, True), (0.0, True)]


def test_a_start_after_the_project_was_filed_anew_belongs_to_the_later_filing(mills):
    days = {"proposed": [ENTRY, np.datetime64("2013-04-01")], "begun": [np.datetime64("2014-02-01")] * 2}
    rows = pd.DataFrame(days).astype("datetime64[s]").assign(project_uid="P 1")
    found = cut(trace(rows, mills, as_of=np.datetime64("2019-01-01"), lag_months=0), mills, Clock.FINISHED)
    assert set(found.project.tolist()) == {1}
