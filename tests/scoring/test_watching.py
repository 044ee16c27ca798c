import numpy as np
import pytest

from features.catalog import Clock
from features.catalogs.reader import read_catalog
from features.words import Language
from scoring.watch_words import figures, verdict
from scoring.watching import ALPHA, watching

CATALOG = read_catalog("zhaoshang")
SUMMER = np.datetime64("2020-09-30")


@pytest.fixture(scope="module")
def calm(watched_county):
    return watching(watched_county.model, watched_county.quiet.history, CATALOG, SUMMER)


@pytest.fixture(scope="module")
def turned(watched_county):
    return watching(watched_county.model, watched_county.turned.history, CATALOG, SUMMER)


def test_a_quiet_county_is_told_to_go_on(calm):
    assert calm.alarms == ()
    landed = calm.clocks[Clock.LANDED]
    assert landed.came > 300
    assert landed.came == pytest.approx(landed.expected, rel=0.15)
    assert verdict(calm).zh.startswith("平稳")


def test_halved_odds_raise_the_alarm_with_the_month_they_began_in(turned):
    landed = turned.clocks[Clock.LANDED]
    assert Clock.LANDED in turned.alarms
    assert np.datetime64("2020-01") < landed.raised <= np.datetime64("2020-09")
    assert abs((landed.since - np.datetime64("2020-01")).astype(int)) <= 1
    assert landed.shift == pytest.approx(-0.7, abs=0.2)
    said = verdict(turned)
    assert "落地的项目比预计的少" in said.zh
    assert "fewer projects landed than expected" in said.en
    assert f"{landed.since}" in said.en
    assert "luodi retrain" in said.zh


def test_looking_daily_says_no_more_than_looking_once(watched_county, turned):
    raised = turned.clocks[Clock.LANDED].raised
    before = (raised.astype("datetime64[D]"), raised.astype("datetime64[D]") + 27)
    after = raised.astype("datetime64[D]") + 31
    for day in before:
        assert Clock.LANDED not in watching(watched_county.model, watched_county.turned.history, CATALOG, day).alarms
    seen = watching(watched_county.model, watched_county.turned.history, CATALOG, after)
    assert seen.clocks[Clock.LANDED].raised == raised


def test_nothing_recorded_after_the_day_shows(watched_county, calm):
    rows = watched_county.quiet.history
    later = rows["start_recorded"] > np.datetime64(SUMMER)
    without = rows.assign(start_date=rows["start_date"].mask(later), start_recorded=rows["start_recorded"].mask(later))
    again = watching(watched_county.model, without, CATALOG, SUMMER)
    np.testing.assert_allclose(again.clocks[Clock.LANDED].evidence.log_e, calm.clocks[Clock.LANDED].evidence.log_e)


def test_the_clocks_share_one_chance_of_a_false_alarm(calm):
    assert sum(watch.alpha for watch in calm.clocks.values()) == pytest.approx(ALPHA)


def test_on_the_day_of_training_it_is_too_early_to_tell(watched_county):
    found = watching(watched_county.model, watched_county.quiet.history, CATALOG, watched_county.trained)
    assert not found.seen
    assert found.alarms == ()
    assert "还看不出" in verdict(found).zh
    said = [words.said(Language.EN) for words in figures(found, CATALOG)]
    assert "outcomes recorded since: none" in said
    assert any("too few to tell" in line for line in said)


def test_outcomes_are_counted_by_the_day_of_their_record(watched_county, calm):
    recorded = watched_county.quiet.history["start_recorded"]
    assert calm.outcomes["landed"] == int(((recorded > "2019-01-01") & (recorded <= "2020-09-30")).sum())
    assert calm.last <= SUMMER


def test_the_figures_say_what_came_how_old_all_is_and_whom_it_speaks_of(calm):
    zh, en = ([words.said(language) for words in figures(calm, CATALOG)] for language in Language)
    assert len(zh) == len(en)
    assert zh[0] == "现用模型：以 2019-01-01 所知训练，已用 20 个月"
    assert any(line.startswith("落地：预计登记") for line in zh)
    assert any(line.startswith("最近一次登记：2020-09") for line in zh)
    assert "admitted" in en[-1]


def test_a_ledger_that_nobody_keeps_is_told_and_raises_no_alarm(watched_county):
    day = np.datetime64("2020-03-31")
    rows = watched_county.quiet.history
    kept = {}
    for name in ("start", "production", "exit"):
        late = rows[f"{name}_recorded"] > np.datetime64("2019-09-30")
        kept |= {
            f"{name}_date": rows[f"{name}_date"].mask(late),
            f"{name}_recorded": rows[f"{name}_recorded"].mask(late),
        }
    found = watching(watched_county.model, rows.assign(**kept), CATALOG, day)
    assert found.alarms == ()
    assert any("已久未登记" in words.zh for words in figures(found, CATALOG))
