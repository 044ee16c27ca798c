from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import DAYS_PER_MONTH, Catalog, Clock, ClockSpec, Milestone
from features.timeline import Timeline, outcome, person_periods, snapshot_day, span, trace
from features.words import Words

Draw = Callable[..., pd.DataFrame]
NAT = np.datetime64("NaT", "D")
DAY = np.datetime64("2016-05-17")
SEEDS = st.integers(0, 10**6)


def life(catalog: Catalog, **cells: str | None) -> pd.DataFrame:
    row = {"site": "site 1", "proposed": "2012-03-01", **cells}
    dates = {
        name: pd.to_datetime(pd.Series([value])).astype("datetime64[s]")
        for name, value in row.items()
        if name != "site"
    }
    return pd.DataFrame({"site": pd.Series(["site 1"], dtype="str"), **dates})


def traced(catalog: Catalog, as_of: str = "2019-01-01", lag: float = 0, **cells: str | None) -> Timeline:
    return trace(life(catalog, **cells), catalog, as_of=np.datetime64(as_of), lag_months=lag)


def spec_of(catalog: Catalog, clock: Clock) -> ClockSpec:
    return {**catalog.clocks, **catalog.later}[clock]


def run_by_hand(rows: pd.DataFrame, timeline: Timeline, clock: Clock, i: int) -> tuple[np.datetime64, np.datetime64]:
    """Say from which day the clock runs, and on which its event came."""
    entry, landed, left = timeline.entry[i], timeline.happened["landed"][i], timeline.exited[i]
    begun = rows["begun"].to_numpy().astype("datetime64[D]")[i]
    match clock:
        case Clock.WITHDRAWN:
            return entry, NAT if np.isnat(left) or landed <= left else left
        case Clock.FINISHED:
            return begun if begun == landed else NAT, timeline.happened["produced"][i]
        case _:
            return entry, timeline.happened[clock][i]


def periods_by_hand(
    rows: pd.DataFrame, catalog: Catalog, clock: Clock, as_of: np.datetime64
) -> list[tuple[int, int, float]]:
    """Walk each project's life, one period at a time."""
    timeline = trace(rows, catalog, as_of=as_of)
    lag = round(catalog.reporting_lag_months * DAYS_PER_MONTH)
    as_of = min(as_of, np.datetime64("2020-06-30"))  # the day the file was written
    found = []
    for i in range(len(rows)):
        since, happened = run_by_hand(rows, timeline, clock, i)
        leaving = [timeline.reentry[i], timeline.exited[i] if clock is Clock.FINISHED else NAT]
        if timeline.rejected[i] or not timeline.entry[i] < as_of or np.isnat(since):
            continue
        for k in range(spec_of(catalog, clock).horizon_months // catalog.period_months):
            begin = since + round(k * catalog.period_months * DAYS_PER_MONTH)
            end = since + round((k + 1) * catalog.period_months * DAYS_PER_MONTH)
            if end + lag > as_of or any(end > day for day in leaving):  # nothing is after NaT
                break
            event = bool(begin <= happened < end)
            found.append((i, k, float(event)))
            if event:
                break
    return found


@pytest.mark.parametrize("clock", Clock)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, n=st.integers(0, 60), days=st.integers(-500, 4500))
def test_person_periods_are_those_of_a_walk_through_each_life(mills, draw, clock, seed, n, days):
    rows, as_of = draw(n, seed), np.datetime64("2010-01-01") + days
    cut = person_periods(trace(rows, mills, as_of=as_of), spec_of(mills, clock), mills)
    assert list(zip(cut.project.tolist(), cut.period.tolist(), cut.event.tolist(), strict=True)) == periods_by_hand(
        rows, mills, clock, as_of
    )


@pytest.mark.parametrize("clock", Clock)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_nothing_dated_or_recorded_after_the_day_changes_its_person_periods(mills, draw, clock, seed):
    rows, rng = draw(50, seed), np.random.default_rng(seed + 1)
    changed = changed_after(rows, DAY, rng)
    before, after = (person_periods(trace(r, mills, as_of=DAY), spec_of(mills, clock), mills) for r in (rows, changed))
    for name in ("project", "period", "event", "end"):
        assert getattr(before, name).tolist() == getattr(after, name).tolist()


def changed_after(rows: pd.DataFrame, day: np.datetime64, rng: np.random.Generator) -> pd.DataFrame:
    """Redraw every date after the day, and every milestone that was recorded after it."""
    changed = rows.copy()
    for column in ("proposed", "begun", "milling", "left", "updated"):
        late = (rows[column] > day).to_numpy()
        changed.loc[late, column] = day + rng.integers(1, 2000, int(late.sum()))
    unseen = (rows["milling_seen"] > day).to_numpy()
    changed.loc[unseen, "milling"] = day - rng.integers(-2000, 6000, int(unseen.sum()))
    changed.loc[unseen, "milling_seen"] = day + rng.integers(1, 2000, int(unseen.sum()))
    return changed


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_a_life_is_cut_the_same_alone_and_in_company(mills, draw, seed):
    rows = draw(30, seed).drop(columns="project_uid")
    spec = mills.clocks[Clock.LANDED]
    whole = person_periods(trace(rows, mills, as_of=DAY), spec, mills)
    alone = [person_periods(trace(rows.iloc[[i]], mills, as_of=DAY), spec, mills) for i in range(30)]
    assert whole.event.tolist() == [event for cut in alone for event in cut.event]
    assert whole.end.tolist() == [end for cut in alone for end in cut.end]


def test_a_later_day_only_adds_periods_when_every_event_was_on_record(mills, draw):
    rows = draw(80, 5).drop(columns="milling_seen")
    cuts = [person_periods(trace(rows, mills, as_of=DAY + d), mills.clocks[Clock.PRODUCED], mills) for d in (0, 400)]
    early, late = ({(i, k): e for i, k, e in zip(c.project, c.period, c.event, strict=True)} for c in cuts)
    assert early.items() <= late.items()


@pytest.mark.parametrize(
    ("as_of", "known"), [("2013-03-01", NAT), ("2013-03-02", NAT), ("2013-04-01", np.datetime64("2013-03-02"))]
)
def test_an_event_counts_from_the_day_it_was_recorded(mills, as_of, known):
    timeline = traced(mills, as_of, milling="2013-03-02", milling_seen="2013-04-01")
    assert timeline.happened["produced"].tolist() == [known.item()]


def test_an_event_becomes_known_on_its_record_or_after_the_lag(mills):
    timeline = traced(mills, lag=3, begun="2013-01-01", milling="2014-01-01", milling_seen="2014-01-20")
    assert timeline.known["landed"] == np.datetime64("2013-01-01") + span(3)
    assert timeline.known["produced"] == np.datetime64("2014-01-20")


def test_a_record_older_than_the_event_tells_nothing_before_it(mills):
    timeline = traced(mills, milling="2014-01-01", milling_seen="2013-01-01")
    assert timeline.known["produced"] == np.datetime64("2014-01-01")


def test_later_dates_are_plans(mills):
    assert np.isnat(traced(mills, "2014-01-01", begun="2014-01-02").happened["landed"]).all()
    assert not np.isnat(traced(mills, "2014-01-01", begun="2014-01-01").happened["landed"]).any()


def test_dates_after_the_file_was_written_are_plans_however_late_the_day(mills):
    rows = life(mills, begun="2015-06-01", updated="2015-01-01")
    timeline = trace(rows, mills, as_of=np.datetime64("2019-01-01"))
    assert np.isnat(timeline.happened["landed"]).all()
    assert timeline.as_of == snapshot_day(rows, mills) == np.datetime64("2015-01-01")


def test_production_before_entry_rejects_the_row(mills):
    timeline = traced(mills, milling="2012-02-01")
    assert timeline.rejected.tolist() == [True]
    assert str(timeline.problems[0]) == (
        "milling: must not be before the project's entry on 2012-03-01; got 2012-02-01;"
        " the row is left out, correct the ledger"
    )
    assert not person_periods(timeline, mills.clocks[Clock.PRODUCED], mills).project.size


def test_another_milestone_before_entry_is_left_out_and_told_with_its_line(mills):
    rows = life(mills, begun="2012-02-01")
    timeline = trace(rows, mills, as_of=DAY, lines=np.array([7]))
    assert (timeline.rejected.any(), timeline.repaired.all()) == (False, True)
    assert np.isnat(timeline.happened["landed"]).all()
    assert timeline.problems[0].line == 7


def test_a_signing_before_the_review_is_as_good_as_on_the_day(mills):
    signed = Milestone("signed", Words("签约", "signed"), ("left",))
    read_by_clocks = {clock: mills.milestones[clock] for clock in mills.clocks}
    timeline = traced(replace(mills, milestones={**read_by_clocks, "signed": signed}), left="2012-02-01")
    assert timeline.happened["signed"] == timeline.entry
    assert not timeline.problems


def test_where_landing_is_the_headline_a_landing_before_entry_rejects_the_row(mills):
    landing = replace(mills, clocks={Clock.LANDED: mills.clocks[Clock.LANDED]})
    assert traced(landing, begun="2012-02-01").rejected.tolist() == [True]


def test_landing_comes_no_later_than_production(mills):
    late = traced(mills, begun="2014-05-01", milling="2014-01-01")
    absent = traced(mills, milling="2014-01-01")
    assert late.happened["landed"].tolist() == absent.happened["landed"].tolist() == late.happened["produced"].tolist()
    assert (late.repaired.tolist(), absent.repaired.tolist()) == ([True], [False])


def test_either_record_tells_that_a_project_has_landed(mills):
    early = traced(mills, lag=3, begun="2014-01-01", milling="2014-02-01", milling_seen="2014-02-03")
    only = traced(mills, lag=3, milling="2014-02-01", milling_seen="2014-02-03")
    late = traced(mills, lag=3, begun="2014-01-01", milling="2014-02-01", milling_seen="2014-09-01")
    assert early.known["landed"] == only.known["landed"] == np.datetime64("2014-02-03")
    assert late.known["landed"] == np.datetime64("2014-01-01") + span(3)


def test_who_enters_on_the_day_is_not_yet_there_to_learn_from(mills):
    assert traced(mills, "2012-03-01").admitted.tolist() == [False]
    assert traced(mills, "2012-03-02").admitted.tolist() == [True]


def test_a_row_without_entry_is_rejected(mills):
    timeline = traced(mills, proposed=None)
    assert timeline.rejected.tolist() == [True]
    assert "must give the day" in str(timeline.problems[0])


def test_an_exit_overtaken_by_progress_is_no_exit_but_stays_in_history(mills):
    timeline = traced(mills, left="2013-01-01", begun="2014-01-01")
    assert np.isnat(timeline.exited).all()
    assert timeline.happened["withdrawn"] == np.datetime64("2013-01-01")
    assert traced(mills, left="2013-01-01", begun="2012-12-01").exited == np.datetime64("2013-01-01")


def test_a_withdrawn_project_stays_at_risk_until_the_horizon(mills):
    cut = person_periods(traced(mills, left="2012-06-01"), mills.clocks[Clock.LANDED], mills)
    assert cut.period.tolist() == [0, 1, 2, 3]
    assert not cut.event.any()


def test_a_young_project_is_censored(mills):
    cut = person_periods(traced(mills, "2013-03-05"), mills.clocks[Clock.LANDED], mills)
    assert (cut.period.tolist(), cut.event.tolist()) == ([0, 1], [0.0, 0.0])


def test_an_event_in_a_period_not_wholly_lived_does_not_count_yet(mills):
    day_before_the_end = np.datetime64("2012-03-01") + span(6) - 1
    early = traced(mills, str(day_before_the_end), begun="2012-03-05")
    late = traced(mills, str(day_before_the_end + 1), begun="2012-03-05")
    assert person_periods(early, mills.clocks[Clock.LANDED], mills).event.tolist() == []
    assert person_periods(late, mills.clocks[Clock.LANDED], mills).event.tolist() == [1.0]


def test_the_embargo_holds_back_periods_that_end_inside_the_lag(mills):
    as_of = str(np.datetime64("2012-03-01") + span(12) + span(3))
    assert person_periods(traced(mills, as_of, lag=3), mills.clocks[Clock.LANDED], mills).period.tolist() == [0, 1]
    assert person_periods(traced(mills, as_of, lag=3.1), mills.clocks[Clock.LANDED], mills).period.tolist() == [0]
    assert person_periods(traced(mills, as_of, lag=0), mills.clocks[Clock.LANDED], mills).period.tolist() == [0, 1]


def test_an_event_on_the_edge_belongs_to_the_period_that_begins(mills):
    edge = str(np.datetime64("2012-03-01") + span(6))
    cut = person_periods(traced(mills, begun=edge), mills.clocks[Clock.LANDED], mills)
    assert (cut.period.tolist(), cut.event.tolist()) == ([0, 1], [0.0, 1.0])


def test_an_event_after_the_horizon_leaves_only_periods_without_it(mills):
    timeline = traced(mills, begun=str(np.datetime64("2012-03-01") + span(24)))
    assert person_periods(timeline, mills.clocks[Clock.LANDED], mills).event.tolist() == [0.0] * 4
    longer = person_periods(timeline, mills.clocks[Clock.LANDED], mills, horizon_months=30)
    assert (longer.event.tolist(), longer.n_periods) == ([0.0] * 4 + [1.0], 5)
    assert outcome(timeline, mills.clocks[Clock.LANDED], mills)[0].tolist() == [0.0]


def filings(catalog: Catalog) -> pd.DataFrame:
    first, second = life(catalog, begun="2014-02-01"), life(catalog, proposed="2013-04-01", begun="2014-02-01")
    return pd.concat([first, second], ignore_index=True).assign(project_uid=pd.Series(["P 1", "p　1"], dtype="str"))


def test_an_earlier_filing_is_censored_when_the_project_is_filed_anew(mills):
    timeline = trace(filings(mills), mills, as_of=np.datetime64("2019-01-01"), lag_months=0)
    cut = person_periods(timeline, mills.clocks[Clock.LANDED], mills)
    assert timeline.reentry.tolist() == [np.datetime64("2013-04-01").item(), None]
    assert cut.project.tolist() == [0, 0, 1, 1]
    assert cut.event.tolist() == [0.0, 0.0, 0.0, 1.0]
    assert outcome(timeline, mills.clocks[Clock.LANDED], mills)[1].tolist() == [False, True]


def test_an_outcome_is_told_only_after_horizon_and_lag(mills):
    ripe = np.datetime64("2012-03-01") + span(24) + span(3)
    for day, mature in ((ripe - 1, False), (ripe, True)):
        event, told = outcome(traced(mills, str(day), lag=3, begun="2013-01-01"), mills.clocks[Clock.LANDED], mills)
        assert (event.tolist(), told.tolist()) == ([1.0], [mature])


def test_a_register_without_milestone_columns_has_lives_without_events(mills):
    timeline = traced(mills)
    assert set(timeline.happened) == {"landed", "produced", "withdrawn"}
    assert not person_periods(timeline, mills.clocks[Clock.PRODUCED], mills).event.any()
