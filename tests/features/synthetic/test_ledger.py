from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from features.synthetic import Design, generate

EVENTS = (
    ("start_date", "start_recorded", "started_on"),
    ("production_date", "production_recorded", "produced_on"),
    ("exit_date", "exit_recorded", "exited_on"),
)
STEPS = (
    "review_date",
    "signed_date",
    "registered_date",
    "land_granted_date",
    "permit_date",
    "start_date",
    "completed_date",
    "production_date",
)


@pytest.mark.parametrize(("date", "recorded", "real"), EVENTS)
def test_a_third_to_two_thirds_of_the_last_years_events_are_not_yet_recorded(county, date, recorded, real):
    day = pd.Timestamp(county.design.day)
    last_year = county.truth[real].between(day - pd.Timedelta(days=365), day)
    assert last_year.sum() > 100
    assert 1 / 3 < county.history.loc[last_year, date].isna().mean() < 2 / 3


@pytest.mark.parametrize(("date", "recorded", "real"), EVENTS)
def test_the_ledger_shows_nothing_later_than_its_day(county, date, recorded, real):
    day = pd.Timestamp(county.design.day)
    shown = county.history[date].notna()
    assert (county.history.loc[shown, date] <= day).all()
    assert (county.history.loc[shown, recorded] <= day).all()
    assert (county.history.loc[shown, recorded] >= county.history.loc[shown, date]).all()
    assert county.history.loc[~shown, recorded].isna().all()


@pytest.mark.parametrize(("date", "recorded", "real"), EVENTS)
def test_every_old_event_is_shown_and_none_is_invented(county, date, recorded, real):
    day = pd.Timestamp(county.design.day)
    shown = county.history[date].notna()
    assert county.truth.loc[shown, real].notna().all()
    old = county.truth[real] < day - pd.Timedelta(days=1000)
    assert county.history.loc[old, date].notna().mean() > 0.999


def test_without_delay_every_event_is_recorded_when_it_happens():
    register = generate(Design(n_projects=1500, reporting_delay=0.0, heaping=0.0), seed=3)
    day = pd.Timestamp(register.design.day)
    for date, recorded, real in EVENTS:
        happened = register.truth[real].where(register.truth[real] <= day)
        pd.testing.assert_series_equal(register.history[date], happened, check_names=False)
        pd.testing.assert_series_equal(register.history[recorded], happened, check_names=False)


def test_young_cohorts_are_censored_not_failed(county):
    last = county.history["review_date"].dt.year == 2023
    assert county.history.loc[last, "start_date"].notna().mean() < 0.15
    landed = (county.truth["started_on"] - county.truth["review_date"]).dt.days < 365
    assert landed[last].mean() > 0.25


def test_the_pipeline_grows(county):
    per_year = county.history.groupby(county.history["review_date"].dt.year).size()
    assert per_year.loc[2023] / per_year.loc[2012] == pytest.approx(1.08**11, rel=0.15)


@pytest.mark.parametrize(("date", "recorded", "real"), EVENTS[:2])
def test_dates_heap_in_december_and_move_by_two_months_at_most(county, date, recorded, real):
    shown = county.history[date].dropna()
    truly = county.truth.loc[shown.index, real]
    assert (shown.dt.month == 12).mean() > (truly.dt.month == 12).mean() + 0.06
    moved = shown[shown != truly]
    assert (moved.dt.month == 12).all()
    months = (moved.dt.year - truly[moved.index].dt.year) * 12 + moved.dt.month - truly[moved.index].dt.month
    assert months.abs().between(1, 2).all()


def test_without_heaping_dates_are_the_real_ones():
    register = generate(Design(n_projects=1500, heaping=0.0), seed=3)
    for date, _, real in EVENTS:
        shown = register.history[date].notna()
        assert (register.history.loc[shown, date] == register.truth.loc[shown, real]).all()


def test_the_steps_of_a_project_are_in_order(county):
    for earlier, later in pairwise(STEPS):
        both = county.history[[earlier, later]].dropna()
        assert len(both) > 1000
        assert (both[earlier] <= both[later]).all(), (earlier, later)
    assert (county.history["start_date"] > county.history["review_date"]).sum() == county.history[
        "start_date"
    ].notna().sum()


def test_signing_comes_a_median_of_two_months_after_the_review(county):
    old = county.history[county.history["review_date"] < pd.Timestamp("2020-01-01")]
    wait = (old["signed_date"] - old["review_date"]).dt.days
    assert wait.median() / 30.4 == pytest.approx(2.0, abs=0.3)


def test_a_project_that_left_shows_a_reason_and_no_later_paper(county):
    gone = county.history["exit_date"].notna()
    assert county.history.loc[gone, "exit_reason"].notna().all()
    assert county.history.loc[~gone, "exit_reason"].isna().all()
    waiting = gone & county.truth["started_on"].isna()
    papers = county.history.loc[waiting, ["signed_date", "registered_date", "land_granted_date", "permit_date"]]
    assert not (papers.gt(county.history.loc[waiting, "exit_date"], axis=0)).any(axis=None)


def test_an_earlier_snapshot_shows_the_same_projects_with_less_of_their_lives():
    design = Design(n_projects=1200)
    late, early = (generate(Design(n_projects=1200, snapshot=d), seed=5) for d in (None, np.datetime64("2018-06-30")))
    assert early.history["review_date"].max() <= pd.Timestamp("2018-06-30")
    n = len(early.history)
    assert 300 < n < len(late.history)
    pd.testing.assert_frame_equal(early.filings, late.filings.head(n))
    for date, recorded, _ in EVENTS:
        shown = early.history[date].notna()
        same = late.history[date].head(n)
        assert (early.history.loc[shown, date] == same[shown]).all()
        assert (late.history[recorded].head(n)[~shown].dropna() > pd.Timestamp("2018-06-30")).all()
    assert design.day == np.datetime64("2023-12-31")
