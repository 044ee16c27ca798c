from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogs.reader import read_catalog
from scoring.outcomes.feed import Event
from scoring.outcomes.judging import Situation, delays, judged
from scoring.outcomes.rules import RULES

CATALOG = read_catalog("zhaoshang")
DAY = date(2024, 3, 31)
LIFE = ("P", 0)
ENTRY = date(2023, 1, 10)


def situation(previous=date(2024, 1, 31), repeating=False, **record):
    return Situation(CATALOG, DAY, previous, {LIFE: record} if record else {}, {LIFE: ENTRY}, repeating)


def told(milestone, happened, line=2, **more):
    return Event(line, "日期", "P", milestone, happened, **more)


def d(text):
    return date.fromisoformat(text)


BREACHES = {
    "future": (told("landed", d("2024-04-01")), {}),
    "recorded_in_future": (told("landed", d("2024-03-01"), recorded=d("2024-04-01")), {}),
    "before_entry": (told("landed", d("2023-01-09")), {}),
    "exit_before_start": (told("withdrawn", d("2024-01-01")), {"landed": d("2024-02-01")}),
    "start_after_exit": (told("landed", d("2024-03-01")), {"withdrawn": d("2024-02-01")}),
    "produced_before_start": (told("produced", d("2024-01-01")), {"landed": d("2024-02-01")}),
    "start_after_production": (told("landed", d("2024-03-01")), {"produced": d("2024-02-01")}),
}


def test_each_rule_has_an_event_that_breaks_it():
    assert set(BREACHES) == {rule.id for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_contradiction_is_refused_by_name_and_line(rule):
    event, record = BREACHES[rule.id]
    verdict = judged([event], situation(**record))
    (problem,) = verdict.problems
    assert (problem.line, verdict.refused, verdict.told) == (2, 1, 1)
    assert str(problem).partition(": ")[2].split(str(event.happened))[0].startswith(rule.en.split("{")[0])
    assert "；实际为" in problem.message.zh


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_same_event_without_the_contradiction_is_taken(rule):
    event, _ = BREACHES[rule.id]
    sound = replace(event, happened=d("2024-03-15"), recorded=None)
    assert judged([sound], situation()).refused == 0


def test_a_project_taken_up_again_may_start():
    record = {"withdrawn": d("2023-06-01"), "signed": d("2023-09-01")}
    assert judged([told("landed", d("2023-12-01"))], situation(**record)).refused == 0


def test_a_withdrawal_taken_back_lets_the_project_start():
    events = [told("withdrawn", None, reason="误报"), told("landed", d("2024-03-01"), line=3)]
    verdict = judged(events, situation(withdrawn=d("2024-02-01")))
    assert (len(verdict.corrections), len(verdict.new), verdict.refused) == (1, 1, 0)


def test_a_refused_event_counts_against_no_other():
    events = [told("landed", d("2024-05-01")), told("produced", d("2024-03-01"), line=3)]
    verdict = judged(events, situation())
    assert [problem.line for problem in verdict.problems] == [2]


def test_nothing_on_record_cannot_be_taken_back():
    (problem,) = judged([told("landed", None, reason="误报")], situation()).problems
    assert "on record" in str(problem)


def test_an_event_told_twice_is_refused_and_names_the_first_line():
    verdict = judged([told("landed", d("2024-03-01")), told("landed", d("2024-03-02"), line=7)], situation())
    assert "line 7" in str(verdict.problems[0])
    assert "repeats line 2" in str(verdict.problems[0])
    assert len(verdict.new) == 1


def test_two_filings_in_a_ledger_may_tell_the_same():
    events = [told("landed", d("2024-03-01")), told("landed", d("2024-03-01"), line=7)]
    assert judged(events, situation(repeating=True)).known == 1


@pytest.mark.parametrize(("happened", "late"), [("2024-01-30", 1), ("2024-01-31", 0), ("2024-02-01", 0)])
def test_late_is_what_happened_before_the_feed_before(happened, late):
    verdict = judged([told("landed", d(happened))], situation())
    assert (len(verdict.late), len(verdict.new)) == (late, 1 - late)


def test_nothing_is_late_in_a_first_feed():
    assert len(judged([told("landed", d("2023-02-01"))], situation(previous=None)).late) == 0


@pytest.mark.parametrize(
    ("own", "counts"),
    [(None, DAY), (d("2024-01-31"), DAY), (d("2024-02-20"), d("2024-02-20")), (d("2024-02-05"), d("2024-02-10"))],
)
def test_a_day_of_record_counts_unless_a_feed_has_passed_it(own, counts):
    verdict = judged([told("landed", d("2024-02-10"), recorded=own)], situation())
    assert verdict.new[0].recorded == counts
    assert delays(verdict.new) == [(counts - d("2024-02-10")).days]


DAYS = st.integers(-400, 40).map(lambda days: DAY + timedelta(days=days))
EVENTS = st.lists(
    st.builds(
        told,
        st.sampled_from(sorted(CATALOG.milestones)),
        st.none() | DAYS,
        line=st.integers(2, 99),
        recorded=st.none() | DAYS,
    ),
    max_size=12,
)
RECORDS = st.dictionaries(st.sampled_from(sorted(CATALOG.milestones)), DAYS, max_size=4)


@given(EVENTS, RECORDS, st.none() | DAYS)
def test_whatever_is_told_adds_up(events, record, previous):
    verdict = judged(events, replace(situation(**record), previous=previous))
    kept = len(verdict.new) + len(verdict.late) + len(verdict.corrections)
    assert verdict.told == len(events) == kept + verdict.known + verdict.refused


@given(EVENTS, RECORDS)
def test_what_was_taken_is_known_the_next_time(events, record):
    first = judged(events, situation(**record))
    changed = [*first.new, *first.late, *(change.event for change in first.corrections)]
    after = {**record, **{event.milestone: event.happened for event in changed}}
    standing = {name: day for name, day in after.items() if day is not None}
    again = judged([e for e in changed if e.happened], situation(**standing))
    assert again.known == again.told
