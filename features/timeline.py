"""The timeline: what had happened by a day, cut into the person-periods that a discrete-time hazard trains on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import DAYS_PER_MONTH, Catalog, Clock, ClockSpec
from features.errors import Problem
from features.milestones import NEVER, Days, Ledger, Mask, days
from features.refiling import PROJECT_UID, reentries

__all__ = [
    "PROJECT_UID",
    "PersonPeriods",
    "Timeline",
    "edges",
    "outcome",
    "person_periods",
    "snapshot_day",
    "span",
    "trace",
]


def span(months: float) -> np.timedelta64:
    """Return so many months as whole days.

    Examples
    --------
    >>> span(12)
    np.timedelta64(365,'D')
    """
    return np.timedelta64(round(months * DAYS_PER_MONTH), "D")


@dataclass(frozen=True)
class Timeline:
    """The lives of n projects as they were known on one day.

    Parameters
    ----------
    entry : datetime64[D] array of shape (n,)
        NaT where the row gives none; such a row is rejected.
    happened : datetime64[D] array of shape (n,) per milestone
        NaT = not happened by ``as_of``, or recorded only after it.
    known : datetime64[D] array of shape (n,) per milestone
        The day it was recorded, else the day it happened + the reporting lag; may lie after ``as_of``.
    started : datetime64[D] array of shape (n,)
        The start of construction, of projects whose landing has a day of its own; ``happened`` also has the day of
        production where it is all that tells of one.
    exited : datetime64[D] array of shape (n,)
        The first exit that no later progress overtook. ``happened`` keeps every exit: on the day between the two it was
        the truth.
    reentry : datetime64[D] array of shape (n,)
        The next filing of the same project; what comes after it belongs to that filing. NaT = none.
    as_of : the last day of which anything is known, never after the file's snapshot
    lag_months : reporting lag, 0 = every event is on record the day it happens
    rejected, repaired : bool arrays of shape (n,)
        Rows that cannot be used, and rows of which an impossible date was left out.
    problems : one for each of those
    """

    entry: Days
    happened: Mapping[str, Days]
    known: Mapping[str, Days]
    started: Days
    exited: Days
    reentry: Days
    as_of: np.datetime64
    lag_months: float
    rejected: Mask
    repaired: Mask
    problems: tuple[Problem, ...]

    @property
    def admitted(self) -> Mask:
        """The rows to learn from: sound, and entered before the day."""
        return ~self.rejected & (self.entry < self.as_of)

    def since(self, clock: Clock) -> Days:
        """Return the days from which the clock runs: entry, or start of construction; NaT = it does not run."""
        return self.started if clock is Clock.FINISHED else self.entry

    def came(self, clock: Clock) -> Days:
        """Return the days on which the clock's event came: of WITHDRAWN, an exit before the start; NaT = none."""
        if clock is Clock.WITHDRAWN:
            landed = self.happened.get(Clock.LANDED, self.happened.get(Clock.PRODUCED, self.started))
            return np.where(landed <= self.exited, NEVER, self.exited)
        return self.happened[Clock.PRODUCED if clock is Clock.FINISHED else clock]


def snapshot_day(rows: pd.DataFrame, catalog: Catalog) -> np.datetime64 | None:
    """Return the day the file was written, as far as its "last updated" column tells."""
    written = days(rows, catalog.snapshot_column)
    written = written[~np.isnat(written)]
    return written.max() if written.size else None


def trace(
    rows: pd.DataFrame,
    catalog: Catalog,
    *,
    as_of: np.datetime64,
    snapshot: np.datetime64 | None = None,
    lag_months: float | None = None,
    lines: NDArray[np.int64] | None = None,
) -> Timeline:
    """Read the lives of projects from their milestone columns, as they were known on a day.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, ...), typed
    as_of : the day of which the answer speaks
    snapshot : the day the file was written; None = its "last updated" column, or ``as_of``
        Dates after the earlier of the two are plans, and no events.
    lag_months : reporting lag; None = the catalogue's, 0 = compare by event dates
    lines : lines of the file, for the messages

    Returns
    -------
    Timeline of n_projects
        A milestone before the entry is impossible: the headline's rejects the row, any other is left out. Landed after
        produced is left out; produced without landed has landed on that day at the latest.
    """
    written = snapshot_day(rows, catalog) if snapshot is None else snapshot
    seen = (as_of if written is None else min(as_of, written)).astype("datetime64[D]")
    lag = float(catalog.reporting_lag_months if lag_months is None else lag_months)
    entry = days(rows, catalog.entry)
    ledger = Ledger(rows, catalog, entry, seen, span(lag), lines)
    return Timeline(
        entry=entry,
        happened=ledger.happened,
        known=ledger.known,
        started=ledger.started,
        exited=_exited(ledger.happened, catalog, len(rows)),
        reentry=reentries(rows, entry),
        as_of=seen,
        lag_months=lag,
        rejected=ledger.rejected,
        repaired=ledger.repaired,
        problems=tuple(ledger.problems),
    )


def _exited(happened: Mapping[str, Days], catalog: Catalog, n: int) -> Days:
    first = np.full(n, NEVER)
    for milestone in (m for m in catalog.milestones.values() if m.is_exit):
        overtaken = np.zeros(n, dtype=np.bool_)
        for progress in (m for m in catalog.milestones.values() if not m.is_exit):
            overtaken |= happened[progress.id] > happened[milestone.id]
        first = np.fmin(first, np.where(overtaken, NEVER, happened[milestone.id]))
    return first


@dataclass(frozen=True)
class PersonPeriods:
    """m slices of projects' lives, ordered by project, then period.

    Parameters
    ----------
    project : intp array of shape (m,), position of the row in the file
    period : intp array of shape (m,), 0 = the first after entry, or after the start of construction (FINISHED)
    event : float64 array of shape (m,), 1.0 where the milestone came in the period
    end : datetime64[D] array of shape (m,), first day after the period
    n_periods : periods up to the horizon
    """

    project: NDArray[np.intp]
    period: NDArray[np.intp]
    event: NDArray[np.float64]
    end: Days
    n_periods: int


def edges(n_periods: int, period_months: int) -> NDArray[np.timedelta64]:
    """Return the days after its beginning at which periods begin, and the last one ends.

    Examples
    --------
    >>> edges(3, 6).tolist() == [span(0).item(), span(6).item(), span(12).item(), span(18).item()]
    True
    """
    return np.array([span(k * period_months) for k in range(n_periods + 1)])


def person_periods(
    timeline: Timeline, spec: ClockSpec, catalog: Catalog, *, horizon_months: int | None = None
) -> PersonPeriods:
    """Cut the lives into the periods wholly lived, and on record, on the timeline's day.

    A period counts when its end + the reporting lag is not after the day. Nothing more is known of a young project: it
    is censored, never "failed". An event in a period not yet wholly lived does not count either, or early events would
    count and their absence would not. Withdrawn projects stay at risk, and so do landed ones of withdrawal: the hazard
    is that of a competing risk, and leads to the true incidence at entry (doi:10.1093/biostatistics/kxy069). Of
    FINISHED, only projects whose start has a day of its own are there, and those that give up leave the risk set.

    Parameters
    ----------
    horizon_months : periods are cut up to here; None = the clock's horizon
    """
    horizon = spec.horizon_months if horizon_months is None else horizon_months
    n_periods = -(-horizon // catalog.period_months)
    bounds = edges(n_periods, catalog.period_months)
    last_end = np.fmin(timeline.as_of - span(timeline.lag_months), timeline.reentry)
    if spec.clock is Clock.FINISHED:  # asked of projects still being built: who gave up is no longer at risk
        last_end = np.fmin(last_end, np.where(timeline.came(spec.clock) <= timeline.exited, NEVER, timeline.exited))
    since = timeline.since(spec.clock)
    lived = np.searchsorted(bounds, _reached(since, last_end), side="right") - 1  # whole periods, -1 = not begun
    age = (timeline.came(spec.clock) - since).astype("timedelta64[D]")
    came = np.searchsorted(bounds, np.where(np.isnat(age), bounds[-1], age), side="right") - 1  # n_periods = never
    count = np.where(timeline.admitted, np.clip(np.minimum(lived, came + 1), 0, n_periods), 0)
    project = np.repeat(np.arange(count.size), count)
    period = np.arange(project.size) - np.repeat(np.cumsum(count) - count, count)
    event = (period == came[project]).astype(np.float64)
    return PersonPeriods(project, period, event, since[project] + bounds[period + 1], n_periods)


def _reached(since: Days, day: Days) -> NDArray[np.timedelta64]:
    """Return the age each project had on the day; -1 day where its clock never began."""
    age = day - since
    return np.where(np.isnat(age), np.timedelta64(-1, "D"), age)


def outcome(timeline: Timeline, spec: ClockSpec, catalog: Catalog) -> tuple[NDArray[np.float64], Mask]:
    """Tell which projects reached the milestone within the clock's horizon, and of which that can be told.

    Returns
    -------
    event : float64 array of shape (n,), 1.0 = within the horizon of the day the clock began, exclusive of its last day
    mature : bool array of shape (n,)
        The clock began, the horizon and the reporting lag have passed by the timeline's day, and the project was not
        filed anew before.
        Where False, ``event`` says nothing.
    """
    n_periods = -(-spec.horizon_months // catalog.period_months)
    horizon = timeline.since(spec.clock) + edges(n_periods, catalog.period_months)[-1]
    event = timeline.came(spec.clock) < horizon
    mature = (horizon + span(timeline.lag_months) <= timeline.as_of) & ~(timeline.reentry < horizon)
    return event.astype(np.float64), mature & ~timeline.rejected
