"""Feeds and the store: what it knows before one, and what of it is kept, all or nothing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from features.catalog import Catalog
from features.spelling import folded
from scoring.outcomes.feed import Event
from scoring.outcomes.judging import Life, Situation, Verdict
from scoring.outcomes.register import Register, Registered
from scoring.review.filings import projects_by
from scoring.review.ledger import Entry, append
from scoring.review.models import AuditEntry, Filing, User
from scoring.review.standing import filing_days, spell, standing_entries

ADDED = "outcomes.add"  # in the audit trail


def last_feed(catalog: str) -> date | None:
    """Return the day of record of the newest feed of a catalogue, None where there was none."""
    notes = AuditEntry.objects.filter(action=ADDED, detail__catalog=catalog)
    days = [detail["recorded_on"] for detail in notes.values_list("detail", flat=True)]
    return max(map(date.fromisoformat, days), default=None)


def register() -> Register:
    """Return every project of the store, under whatever catalogue it was filed."""
    filings = Filing.objects.order_by("entry", "id")
    found: dict[str, Registered] = {}
    for uid, name, catalog, entry in filings.values_list("project__uid", "project__name", "catalog__name", "entry"):
        known = found.get(folded(uid))
        entries = (*(known.entries if known else ()), entry)
        found[folded(uid)] = Registered(uid, name, known.catalog if known else catalog, entries)
    return Register(found)


def situated(
    events: Sequence[Event], catalog: Catalog, recorded_on: date, *, repeating: bool
) -> tuple[list[Event], Situation]:
    """Return events, each with the filing that it belongs to, and what is known before them.

    What is taken back belongs to the last filing that has it.
    """
    projects = {project.pk: project.uid for project in projects_by([event.uid for event in events]).values()}
    filings = filing_days(list(projects))
    by_uid = {uid: filings[number] for number, uid in projects.items()}
    records: dict[Life, dict[str, date]] = defaultdict(dict)
    last: dict[tuple[str, str], int] = {}
    for entry in standing_entries(list(projects)):
        uid, filing = projects[entry.project], spell(filings[entry.project], entry.happened)
        records[uid, filing][entry.milestone] = entry.happened
        last[uid, entry.milestone] = max(filing, last.get((uid, entry.milestone), 0))
    placed = [
        replace(e, filing=spell(by_uid[e.uid], e.happened) if e.happened else last.get((e.uid, e.milestone), 0))
        for e in events
    ]
    entries = {event.life: by_uid[event.uid][event.filing][0] for event in placed}
    return placed, Situation(catalog, recorded_on, last_feed(catalog.name), records, entries, repeating)


def keep(verdict: Verdict, source: str, on: date, by: User) -> None:
    """Write into the ledger what a feed changes."""
    events = [*verdict.new, *verdict.late, *(change.event for change in verdict.corrections)]
    append([_entry(event, source) for event in sorted(events, key=lambda event: event.line)], by, on)


def _entry(event: Event, source: str) -> Entry:
    assert event.recorded is not None, "the verdict has given every event its day of record"
    return Entry(event.uid, event.milestone, event.happened, event.recorded, source, event.line, event.reason)
