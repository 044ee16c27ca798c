"""A ledger with one project a row: which projects are new, which are known, and what their milestones tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import Catalog, Milestone
from features.errors import Problem
from features.milestones import Days, days
from features.reading import sayings
from features.refiling import PROJECT_UID
from features.spelling import folded
from features.words import Words
from scoring.outcomes.columns import key_is_number
from scoring.outcomes.feed import Event, Feed, day_of
from scoring.outcomes.register import Register, of_another

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Placed:
    """The sound rows of a ledger, each in one of these places; bool arrays of shape (n,).

    Attributes
    ----------
    new : of projects that the store does not know
    refiled : of known projects that were filed anew
    known : of known projects; what was filed first stands
    moved : those of ``known`` whose entry the feed tells otherwise
    problems : of the other rows
    """

    new: Mask
    refiled: Mask
    known: Mask
    moved: Mask
    problems: tuple[Problem, ...]

    @property
    def kept(self) -> Mask:
        """The rows whose milestones count."""
        return np.asarray(self.new | self.refiled | self.known)


def numbers(feed: Feed, catalog: Catalog, register: Register, made: Sequence[str]) -> list[str]:
    """Return the number of each sound row's project, as the store spells it where it knows the project.

    A project on file under its number may come without it, and the other way round: name and entry tell then.

    Parameters
    ----------
    made : the number that each row would have been given without one of its own

    Returns
    -------
    list of n texts
    """
    rows = feed.batch.rows
    own = rows.get(catalog.key if key_is_number(catalog) else PROJECT_UID, pd.Series([None] * len(rows), dtype=object))
    names, entries = rows[catalog.key].tolist(), map(day_of, rows[catalog.entry].tolist())
    found = []
    for uid, there, name, entry, instead in zip(own.tolist(), own.notna(), names, entries, made, strict=True):
        if there:
            project = register.numbered(uid) or register.numbered(instead)
        else:
            project = register.numbered(instead) or register.filed(name, entry, catalog.name)
        found.append(project.uid if project else uid if there else instead)
    return found


def placed(feed: Feed, catalog: Catalog, register: Register, uids: Sequence[str], recorded_on: date) -> Placed:
    """Tell what each sound row is to the store; ``uids`` name their projects."""
    n = len(uids)
    new, refiled, known, moved = (np.zeros(n, dtype=np.bool_) for _ in range(4))
    entries = [day_of(entry) for entry in feed.batch.rows[catalog.entry].tolist()]
    met: dict[tuple[str, date | None], int] = {}
    problems: list[Problem] = []
    for at, (uid, entry, line) in enumerate(zip(uids, entries, feed.batch.lines.tolist(), strict=True)):
        assert entry is not None, "the reader has refused rows without entry"
        first = met.setdefault((folded(uid), None if key_is_number(catalog) else entry), line)
        project = register.numbered(uid)
        if first != line:
            problems.append(Problem(feed.header(catalog.key), sayings.duplicate(uid, first), line))
        elif entry > recorded_on:
            problems.append(Problem(feed.header(catalog.entry), _early(entry, recorded_on), line))
        elif project is None:
            new[at] = True
        elif project.catalog != catalog.name:
            problems.append(Problem(feed.header(catalog.key), of_another(uid, project.catalog, catalog.name), line))
        elif entry in project.entries or key_is_number(catalog):
            known[at], moved[at] = True, entry not in project.entries
        else:
            refiled[at] = True
    return Placed(new, refiled, known, moved, tuple(problems))


def _early(entry: date, recorded_on: date) -> Words:
    return Words(
        zh=f"不得晚于记录日 {recorded_on}；实际为 {entry}；请改日期，或用更晚的 --recorded",
        en=f"must not be after the day of record {recorded_on}; got {entry}; correct it or give a later --recorded",
    )


def told(feed: Feed, catalog: Catalog, uids: Sequence[str], kept: Mask, recorded_on: date) -> Iterator[Event]:
    """Yield what the kept rows tell of each milestone, in the order of the catalogue's milestones.

    An exit ahead of the day of record is the end of a permission, known in advance: a plan, and no event.
    """
    rows, lines = feed.batch.rows, feed.batch.lines
    for milestone in catalog.milestones.values():
        happened, column = _earliest(rows, milestone)
        recorded = days(rows, milestone.recorded)
        plan = milestone.is_exit & (happened > np.datetime64(recorded_on))
        for at in np.flatnonzero(kept & ~np.isnat(happened) & ~plan).tolist():
            header = feed.header(milestone.columns[column[at]])
            day, said = happened[at].item(), recorded[at].item()
            yield Event(int(lines[at]), header, uids[at], milestone.id, day, said)


def planned(feed: Feed, catalog: Catalog, kept: Mask, recorded_on: date) -> int:
    """Return how many exits of the kept rows lie ahead of the day of record."""
    exits = (milestone for milestone in catalog.milestones.values() if milestone.is_exit)
    ahead = (_earliest(feed.batch.rows, milestone)[0] > np.datetime64(recorded_on) for milestone in exits)
    return sum(int((days & kept).sum()) for days in ahead)


def _earliest(rows: pd.DataFrame, milestone: Milestone) -> tuple[Days, NDArray[np.intp]]:
    """Return the earliest day among the milestone's columns, and in which of them it stands; (n,) each."""
    columns = np.array([days(rows, column) for column in milestone.columns])
    never = np.datetime64("9999-12-31")
    where = np.argmin(np.where(np.isnat(columns), never, columns), axis=0)
    return columns[where, np.arange(len(rows))], where
