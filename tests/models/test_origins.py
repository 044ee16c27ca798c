from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.catalog import Clock
from features.catalogs.reader import parse_catalog
from features.errors import DataError
from features.timeline import trace
from features.words import Language
from models.origins import ENOUGH_EVENTS, ENOUGH_TESTS, entered_in, every, supported

CATALOG = """
name = "mills"
entry = "filed"
key = "ref"
period_months = 12
reporting_lag_months = 6

[attribute.ref]
kind = "key"
[attribute.filed]
kind = "date"
[attribute.opened]
kind = "date"
known = "later"

[milestone.landed]
columns = ["opened"]

[clock.landed]
horizon_months = 24
"""
SNAPSHOT = np.datetime64("2020-01-01")


@pytest.fixture(scope="module")
def catalog():
    return parse_catalog(CATALOG, "mills")


def yearly(n, first=2005, last=2019):
    """n projects on the first of July of each year; every second one opens after 400 days."""
    years = np.repeat(np.arange(first, last + 1), n)
    filed = np.array([f"{year}-07-01" for year in years], dtype="datetime64[s]")
    opened = filed + np.timedelta64(400, "D")
    opened[::2] = np.datetime64("NaT")
    return pd.DataFrame({"ref": [str(i) for i in range(len(years))], "filed": filed, "opened": opened})


def lives(rows, catalog, lag=0):
    return trace(rows, catalog, as_of=SNAPSHOT, snapshot=SNAPSHOT, lag_months=lag)


def test_the_span_starts_with_enough_outcomes_and_ends_with_the_last_mature_year(catalog):
    origins = supported(lives(yearly(20), catalog), catalog)
    # 10 of 2005 open in August 2006, 10 of 2006 a year later: 20 known by January 2008, none of 2018 mature in 2020
    assert [str(day) for day in origins.days] == [f"{year}-01-01" for year in range(2008, 2018)]


def test_a_reporting_lag_takes_from_both_ends(catalog):
    origins = supported(lives(yearly(20), catalog, lag=7), catalog)
    assert [str(day) for day in (origins.days[0], origins.days[-1])] == ["2009-01-01", "2016-01-01"]


@pytest.mark.parametrize("n", [1, ENOUGH_TESTS - 1])
def test_a_register_too_small_is_refused_with_what_it_has(catalog, n):
    with pytest.raises(DataError) as refused:
        supported(lives(yearly(n), catalog), catalog)
    assert f"{ENOUGH_EVENTS} known outcomes" in str(refused.value)
    assert f"and {n}, and never both" in str(refused.value)
    assert all(refused.value.said(language) for language in Language)


def test_a_register_without_a_sound_row_is_refused(catalog):
    with pytest.raises(DataError, match="at most 0 and 0"):
        supported(lives(yearly(1).iloc[:0], catalog), catalog)


def test_steps_cover_their_years_without_gap_or_overlap(catalog):
    timeline = lives(yearly(3), catalog)
    for months in (3, 6, 12):
        origins = supported(lives(yearly(40), catalog), catalog, months)
        ends = [origins.after(day) for day in origins.days]
        assert ends[:-1] == list(origins.days[1:])
        assert len(every(2005, 2019, months)) == 15 * 12 // months
    inside = [entered_in(timeline, day, day + np.timedelta64(365, "D")) for day in every(2005, 2019, 12)]
    assert np.sum(inside, axis=0).max() == 1


def test_who_enters_on_the_day_is_tested_and_on_the_end_is_not(catalog):
    timeline = lives(yearly(1), catalog)
    first = np.datetime64("2010-07-01")
    assert entered_in(timeline, first, first + 1).sum() == 1
    assert entered_in(timeline, first - 1, first).sum() == 0


def test_the_reason_is_said_in_both_languages(catalog):
    reason = supported(lives(yearly(20), catalog), catalog).reason
    assert all("2008-01-01" in reason.said(language) for language in Language)


# Two clocks


@pytest.fixture(scope="module")
def two_clocks():
    later = '[attribute.milling]\nkind = "date"\nknown = "later"\n\n[milestone.landed]'
    text = CATALOG.replace("[milestone.landed]", later, 1)
    text += '[milestone.produced]\ncolumns = ["milling"]\n[clock.produced]\nhorizon_months = 60\n'
    return parse_catalog(text, "mills")


def milling(rows):
    return rows.assign(milling=rows["opened"] + pd.Timedelta(days=200))


def test_each_clock_ends_with_its_own_last_origin_and_begins_with_the_headline_s(two_clocks):
    origins = supported(lives(milling(yearly(20)), two_clocks), two_clocks)
    assert two_clocks.headline is Clock.PRODUCED
    spans = {clock: [str(origins.of(clock)[i])[:4] for i in (0, -1)] for clock in two_clocks.clocks}
    assert spans == {Clock.LANDED: ["2009", "2017"], Clock.PRODUCED: ["2009", "2014"]}
    assert origins.days == origins.of(Clock.LANDED)
    for language in Language:
        assert all(day in origins.reason.said(language) for day in ("2009-01-01", "2014-01-01", "2017-01-01"))


def test_the_headline_stands_on_the_days_it_would_have_alone(two_clocks):
    timeline = lives(milling(yearly(20)), two_clocks)
    alone = replace(two_clocks, clocks={Clock.PRODUCED: two_clocks.clocks[Clock.PRODUCED]})
    assert supported(timeline, two_clocks).of(Clock.PRODUCED) == supported(timeline, alone).days


def test_a_clock_without_a_supported_day_ends_with_the_headline(two_clocks):
    never = replace(two_clocks.clocks[Clock.LANDED], horizon_months=600)
    catalog = replace(two_clocks, clocks={**two_clocks.clocks, Clock.LANDED: never})
    origins = supported(lives(milling(yearly(20)), catalog), catalog)
    assert origins.of(Clock.LANDED) == origins.of(Clock.PRODUCED) == origins.days
