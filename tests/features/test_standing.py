from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import DAYS_PER_MONTH, Catalog
from features.standing import Stage, standing
from features.timeline import Timeline, trace

DAY = np.datetime64("2016-05-17")


def lives(*projects: dict[str, str | None]) -> pd.DataFrame:
    columns = ("proposed", "begun", "milling", "left")
    rows = pd.DataFrame([{"proposed": "2012-03-01", **project} for project in projects], columns=columns)
    return rows.apply(pd.to_datetime).astype("datetime64[s]")


def traced(catalog: Catalog, as_of: str = "2019-01-01", **cells: str | None) -> Timeline:
    return trace(lives(cells), catalog, as_of=np.datetime64(as_of), lag_months=0)


def stage_by_hand(timeline: Timeline, i: int) -> Stage:
    """Walk one project's milestones in words."""
    if timeline.rejected[i] or not timeline.entry[i] <= timeline.as_of:
        return Stage.NOT_ENTERED
    if timeline.reentry[i] <= timeline.as_of:
        return Stage.REFILED
    if not np.isnat(timeline.happened["produced"][i]):
        return Stage.PRODUCED
    if not np.isnat(timeline.exited[i]):
        return Stage.WITHDRAWN
    return Stage.WAITING if np.isnat(timeline.happened["landed"][i]) else Stage.BUILDING


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), days=st.integers(-500, 4500))
def test_stages_are_those_of_a_walk_through_each_life(mills, draw, seed, days):
    timeline = trace(draw(40, seed), mills, as_of=np.datetime64("2010-01-01") + days)
    stages = standing(timeline).stage
    assert stages.tolist() == [stage_by_hand(timeline, i) for i in range(40)]
    assert all(isinstance(stage, Stage) for stage in stages)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_project_stands_the_same_alone_and_in_company(mills, draw, seed):
    rows = draw(20, seed).drop(columns="project_uid")
    whole = standing(trace(rows, mills, as_of=DAY))
    for i in range(20):
        alone = standing(trace(rows.iloc[[i]], mills, as_of=DAY))
        assert alone.stage[0] is whole.stage[i]
        np.testing.assert_array_equal(alone.months_waited[0], whole.months_waited[i])
        np.testing.assert_array_equal(alone.months_built[0], whole.months_built[i])


def test_every_stage_is_met(mills, draw):
    timeline = trace(draw(400, 1, days=2600), mills, as_of=DAY)
    assert set(standing(timeline).stage) == set(Stage)


@pytest.mark.parametrize(
    ("cells", "stage"),
    [
        ({}, Stage.WAITING),
        ({"begun": "2013-01-01"}, Stage.BUILDING),
        ({"milling": "2013-01-01"}, Stage.PRODUCED),
        ({"begun": "2013-01-01", "milling": "2014-01-01", "left": "2015-01-01"}, Stage.PRODUCED),
        ({"left": "2013-01-01"}, Stage.WITHDRAWN),
        ({"begun": "2013-01-01", "left": "2014-01-01"}, Stage.WITHDRAWN),
        ({"left": "2013-01-01", "begun": "2014-01-01"}, Stage.BUILDING),
        ({"milling": "2012-01-01"}, Stage.NOT_ENTERED),  # before the entry: the row is rejected
        ({"begun": "2019-02-01", "left": "2019-03-01"}, Stage.WAITING),  # plans
        ({"proposed": "2019-01-02"}, Stage.NOT_ENTERED),
        ({"proposed": "2019-01-01"}, Stage.WAITING),
        ({"proposed": None}, Stage.NOT_ENTERED),
    ],
)
def test_each_life_stands_where_a_reader_of_the_ledger_says(mills, cells, stage):
    assert standing(traced(mills, **cells)).stage.tolist() == [stage]


def test_months_run_from_the_entry_and_from_the_start(mills):
    stand = standing(traced(mills, "2013-03-01", begun="2012-09-01"))
    assert stand.months_waited.tolist() == [365 / DAYS_PER_MONTH]
    assert stand.months_built.tolist() == [181 / DAYS_PER_MONTH]


def test_months_are_missing_where_nothing_began(mills):
    stand = standing(traced(mills))
    assert not np.isnan(stand.months_waited).any()
    assert np.isnan(stand.months_built).all()
    assert np.isnan(standing(traced(mills, "2012-02-01")).months_waited).all()


def test_an_earlier_filing_is_left_to_the_later_one_from_its_day_on(mills):
    rows = lives({"begun": "2014-02-01"}, {"proposed": "2013-04-01"}).assign(project_uid="P 1")
    before, after = (standing(trace(rows, mills, as_of=np.datetime64(day))) for day in ("2013-03-31", "2013-04-01"))
    assert before.stage.tolist() == [Stage.WAITING, Stage.NOT_ENTERED]
    assert after.stage.tolist() == [Stage.REFILED, Stage.WAITING]


def test_where_no_start_is_on_record_a_project_waits_until_it_produces(mills):
    milestones = {name: milestone for name, milestone in mills.milestones.items() if name != "landed"}
    rows = lives({"milling": "2015-01-01"}, {"milling": "2017-01-01"})
    stand = standing(trace(rows, replace(mills, milestones=milestones), as_of=DAY))
    assert stand.stage.tolist() == [Stage.PRODUCED, Stage.WAITING]
    assert np.isnan(stand.months_built).all()
