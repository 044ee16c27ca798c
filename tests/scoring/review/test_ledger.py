from datetime import date

import pytest

from features.errors import Refused
from scoring.review.filings import admit
from scoring.review.ledger import Known, Told, append, known_of, last_recorded
from scoring.review.models import AuditEntry, MilestoneEntry


@pytest.fixture
def by(store, person, sheet):
    """Who keeps the ledger of a store with two projects, one of them filed twice."""
    who = person("clerk", "analyst")
    admit(sheet(("P1", "2020-01-01"), ("P2", "2020-01-01"), recorded="2020-01-01"), who)
    admit(sheet(("P2", "2022-01-01"), recorded="2022-01-01"), who)
    return who


def told(entries, by, **options):
    found = append(entries, by, **options)
    return [one.value for one in found.told]


def on_record(uid, milestone, day=None):
    return known_of([uid], None if day is None else date.fromisoformat(day))[uid].get(milestone)


def test_an_event_is_on_record_from_its_day_of_record(by, entry):
    assert told([entry("P1", "landed", "2020-05-01", "2020-06-01")], by) == ["new"]
    assert on_record("P1", "landed", "2020-05-31") is None
    day = date(2020, 6, 1)
    assert on_record("P1", "landed", "2020-06-01") == Known(date(2020, 5, 1), day, day)


def test_a_correction_leaves_what_was_on_record_before_it(by, entry):
    append([entry("P1", "landed", "2020-05-01", "2020-06-01")], by)
    assert told([entry("P1", "landed", "2020-04-01", "2020-09-01")], by) == ["correction"]
    assert on_record("P1", "landed", "2020-08-31").happened == date(2020, 5, 1)
    assert on_record("P1", "landed") == Known(date(2020, 4, 1), date(2020, 6, 1), date(2020, 9, 1))
    assert MilestoneEntry.objects.count() == 2


def test_what_was_said_before_is_not_written_again(by, entry):
    line = entry("P1", "landed", "2020-05-01", "2020-06-01")
    append([line], by)
    assert told([line, entry("Ｐ1", "landed", "2020-05-01", "2020-09-01")], by) == ["known", "known"]
    assert MilestoneEntry.objects.count() == 1


def test_what_is_taken_back_is_gone_until_it_is_said_again(by, entry):
    append([entry("P1", "landed", "2020-05-01", "2020-06-01")], by)
    assert told([entry("P1", "landed", None, "2020-09-01")], by) == ["correction"]
    assert on_record("P1", "landed", "2020-08-31").happened == date(2020, 5, 1)
    assert on_record("P1", "landed") is None
    assert told([entry("P1", "landed", "2021-05-01", "2021-06-01")], by) == ["new"]
    assert on_record("P1", "landed").first_recorded == date(2021, 6, 1)


def test_each_filing_of_a_project_has_a_life_of_its_own(by, entry):
    first = entry("P2", "withdrawn", "2021-03-01", "2021-03-01")
    second = entry("P2", "withdrawn", "2023-03-01", "2023-03-01")
    assert told([first, second, first], by) == ["new", "new", "known"]
    assert on_record("P2", "withdrawn").happened == date(2023, 3, 1)


def test_lines_of_one_feed_may_correct_one_another(by, entry):
    days = ["2020-05-01", "2020-04-01", None]
    assert told([entry("P1", "landed", day) for day in days], by) == ["new", "correction", "correction"]
    assert on_record("P1", "landed") is None
    first, second, third = MilestoneEntry.objects.order_by("id")
    assert (first.corrects_id, second.corrects_id, third.corrects_id) == (None, first.pk, second.pk)


def test_a_correction_counts_from_its_feed_whatever_day_of_record_it_gives(by, entry):
    append([entry("P1", "landed", "2020-05-01", "2020-06-01")], by, on=date(2020, 6, 30))
    append([entry("P1", "landed", "2020-04-01", "2020-06-01")], by, on=date(2020, 12, 31))
    assert on_record("P1", "landed", "2020-12-30").happened == date(2020, 5, 1)
    assert on_record("P1", "landed", "2020-12-31").happened == date(2020, 4, 1)


def test_no_entry_counts_from_before_the_one_it_corrects(by, entry):
    append([entry("P1", "landed", "2020-05-01", "2020-06-01")], by)
    append([entry("P1", "landed", "2020-04-01", "2020-02-01")], by)
    assert on_record("P1", "landed", "2020-05-31") is None


def test_late_is_what_the_feed_before_could_have_had(by, entry):
    assert last_recorded() == date(2022, 1, 1)
    lines = [
        entry("P1", "landed", "2021-12-01", "2022-06-01"),  # had happened by then
        entry("P1", "produced", "2022-02-01", "2022-06-01"),  # had not
        entry("P1", "landed", "2021-11-01", "2022-06-01"),  # a correction
    ]
    assert append(lines, by).late == (True, False, False)


def test_the_first_load_of_a_project_is_not_late(store, person, sheet, entry):
    who = person("clerk", "analyst")
    admit(sheet(("P1", "2020-01-01"), recorded="2022-01-01"), who)
    assert append([entry("P1", "landed", "2021-01-01", "2022-01-01")], who).late == (False,)


def test_every_line_that_cannot_be_entered_is_named_and_nothing_is_kept(by, entry):
    lines = [
        entry("P1", "landed", "2020-05-01", line=2),
        entry("P9", "landed", "2020-05-01", line=3),
        entry("P1", "produced", None, line=4),
    ]
    with pytest.raises(Refused) as refused:
        append(lines, by)
    assert [problem.line for problem in refused.value.problems] == [3, 4]
    assert not MilestoneEntry.objects.exists()


def test_an_entry_says_who_wrote_it_and_where_it_is_from(by, entry):
    append([entry("P1", "landed", "2020-05-01", line=7)], by)
    kept = MilestoneEntry.objects.get()
    assert (kept.entered_by, kept.source, kept.line) == (by, "feed.csv", 7)
    assert AuditEntry.objects.last().detail == {"new": 1, "known": 0, "correction": 0, "late": 1}


def test_the_ledger_is_the_same_on_both_kinds_of_store(stores, person, sheet, entry):
    who = person("clerk", "analyst")
    admit(sheet(*((f"P{i}", "2020-01-01") for i in range(700)), recorded="2020-01-01"), who)
    lines = [entry(f"P{i}", "landed", "2020-05-01") for i in range(700)]
    assert append(lines, who).count(Told.NEW) == 700
    assert append(lines, who).count(Told.KNOWN) == 700
    found = known_of([f"p{i}" for i in range(701)])
    assert sum(bool(one) for one in found.values()) == 700
    assert found["p700"] == {}
