"""Taking a feed in: read, judged against the store, and kept in one transaction; one feed at a time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from features.catalog import Catalog
from features.errors import Problem, Refused
from features.refiling import PROJECT_UID
from features.timeline import snapshot_day
from features.words import Language, Words
from scoring.outcomes import event_rows, ledger_rows
from scoring.outcomes.feed import Event, Feed, Shape, day_of
from scoring.outcomes.judging import Verdict, delays, judged
from scoring.outcomes.reading import opened
from scoring.outcomes.storing import ADDED, keep, last_feed, register, situated
from scoring.outcomes.taken import Rows, Taken
from scoring.review.audit import note
from scoring.review.filings import Sheet, admit, uids_of
from scoring.review.models import User
from scoring.settings import PATIENCE_SECONDS
from scoring.store import exclusive, settled


def take(
    path: Path,
    catalog: Catalog,
    recorded_on: date | None,
    by: User,
    *,
    as_of: date | None = None,
    language: Language = Language.ZH,
) -> Taken:
    """Take the outcomes of a file into the store: all that is sound in it, or, if stopped on the way, nothing.

    Parameters
    ----------
    path : a feed of events or a ledger, see `Shape`
    recorded_on : the day on which the outcomes came to be known; None = the day the ledger was written, else ``as_of``
    as_of : the day of the entry, after which nothing is recorded; None = ``recorded_on``, or what the ledger says
    language : of the "problems" column of the rejects

    Raises
    ------
    DataError
        If the file cannot be read as a feed of this catalogue.
    Refused
        If another feed is being taken in, the day of record is before that of an earlier feed, or the database cannot
        be reached.
    """
    with opened(path, catalog, language) as feed:
        day = recorded_on or _written(feed, catalog, as_of) or as_of
        if day is None:
            raise _undated(path.name)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        with exclusive("outcomes", PATIENCE_SECONDS), settled(alone=True):
            _refuse_disorder(day, as_of or day, catalog.name)
            taking = _Taking(feed, catalog, day, path.name, by)
            taken = taking.events() if feed.shape is Shape.EVENTS else taking.ledger()
            detail = {"catalog": catalog.name, "recorded_on": day, "shape": feed.shape, "digest": digest}
            note(by, ADDED, path.name, **detail, counts=taken.counts())
    return taken


def _written(feed: Feed, catalog: Catalog, as_of: date | None) -> date | None:
    """Return the day on which a ledger says that it was written; a day yet to come is a slip."""
    written = snapshot_day(feed.batch.rows, catalog) if feed.shape is Shape.LEDGER else None
    days = [day for day in (day_of(written), as_of) if day is not None]
    return None if written is None else min(days)


def _undated(name: str) -> Refused:
    return Refused(
        Words(
            zh=f"{name}：须知道这批结果是哪一天得知的；实际没有写明。请给出 --recorded。",
            en=f"{name}: it must be known on which day these outcomes came to be known; got none. Give --recorded.",
        )
    )


def _refuse_disorder(day: date, as_of: date, catalog: str) -> None:
    if day > as_of:
        raise Refused(
            Words(
                zh=f"--recorded 不得晚于今天（或 --as-of）{as_of}；实际为 {day}。请改日期。",
                en=f"--recorded must not be after today (or --as-of), {as_of}; got {day}. Correct it.",
            )
        )
    before = last_feed(catalog)
    if before is not None and day < before:
        raise Refused(
            Words(
                zh=f"记录日不得早于上一批的记录日 {before}；实际为 {day}：过去某一天所知道的，不能事后改变。"
                "请用 --recorded 写明这批得知的日期。",
                en=f"the day of record must not be before that of the last feed, {before}; got {day}: what was known "
                "on a past day must stay what it was. Say with --recorded when this feed came to be known.",
            )
        )


@dataclass(frozen=True)
class _Taking:
    """One feed on its way into the store."""

    feed: Feed
    catalog: Catalog
    day: date
    source: str
    by: User

    def events(self) -> Taken:
        """Keep a feed of events."""
        told = list(event_rows.told(self.feed, self.catalog, register()))
        unread = [row for row in told if isinstance(row, Problem)]
        verdict = self._kept([row for row in told if isinstance(row, Event)])
        refused = self.feed.read - len(told) + len(unread) + verdict.refused
        return self._taken(verdict, refused, Rows(), unread)

    def ledger(self) -> Taken:
        """Keep a ledger: its new projects first, then what the milestones tell."""
        known, batch = register(), self.feed.batch
        unnumbered = uids_of(batch.rows[[self.catalog.key, self.catalog.entry]], self.catalog)
        uids = ledger_rows.numbers(self.feed, self.catalog, known, unnumbered)
        placed = ledger_rows.placed(self.feed, self.catalog, known, uids, self.day)
        filed = placed.new | placed.refiled
        rows = batch.rows.assign(**{PROJECT_UID: np.array(uids, dtype=object)})[filed].reset_index(drop=True)
        admitted = admit(Sheet(rows, self.catalog, self.day, self.source, batch.lines[filed].tolist()), self.by)
        for at, uid in zip(np.flatnonzero(filed).tolist(), admitted.uids, strict=True):
            uids[at] = uid
        verdict = self._kept(list(ledger_rows.told(self.feed, self.catalog, uids, placed.kept, self.day)))
        planned = ledger_rows.planned(self.feed, self.catalog, placed.kept, self.day)
        moved, seen = int(placed.moved.sum()), int(placed.known.sum())
        counted = Rows(admitted.projects, int(filed.sum()) - admitted.projects, seen, moved, planned)
        return self._taken(verdict, self.feed.read - int(placed.kept.sum()), counted, placed.problems)

    def _kept(self, events: Sequence[Event]) -> Verdict:
        repeating = self.feed.shape is Shape.LEDGER
        placed, situation = situated(events, self.catalog, self.day, repeating=repeating)
        verdict = judged(placed, situation)
        keep(verdict, self.source, self.day, self.by)
        return verdict

    def _taken(self, verdict: Verdict, refused_rows: int, rows: Rows, more: Sequence[Problem]) -> Taken:
        later = sorted([*more, *verdict.problems], key=lambda problem: problem.line or 0)
        half = [] if self.feed.half is None else [self.feed.half.problem]
        is_first = last_feed(self.catalog.name) is None
        timed = () if is_first else (*verdict.new, *verdict.late)
        return Taken(
            source=self.source,
            shape=self.feed.shape,
            recorded_on=self.day,
            read=self.feed.read,
            refused_rows=refused_rows,
            told=verdict.told,
            new=len(verdict.new),
            late=len(verdict.late),
            corrections=len(verdict.corrections),
            known=verdict.known,
            refused=verdict.refused,
            changes=verdict.corrections,
            rows=rows,
            problems=tuple(sorted([*self.feed.batch.problems, *half, *later], key=lambda p: p.line or 0)),
            rejects=self.feed.rejects(later),
            notes=self.feed.notes,
            delays=np.array(delays(timed), dtype=np.int64),
            milestones=np.array([event.milestone for event in timed], dtype=object),
        )
