r"""What a model expects to be recorded, month by month, beside what was: the records of one clock, for a watch.

A project has a curve F, and an event takes D months to be on record. Of a project without a record before month r, the
chance that month r brings one of an event of month s is

    ΔF(s) · P(D = r − s) / [1 − Σ_u ΔF(u) · P(D < r − u)]

so what is not on record yet is never taken for what has not happened, and a late record is weighed as a late one. How
long records take, and how months differ (offices date much into December), is learned from what was on record when the
model was trained. Withdrawn projects stay at risk, as they do in the curve.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import logit

from features.catalog import DAYS_PER_MONTH, Clock
from features.milestones import Days, Mask
from features.timeline import Timeline
from models.curve import Floats, curve, hazards, held
from models.delays import LONGEST, Months, delays
from models.hazard import Hazard
from models.vigil import Watched

NEVER = 10**6  # a month that does not come
_SURE = 1.0 - 1e-9  # no chance is told closer to 1
_EVEN = 20.0  # events that each month of the year is taken to have had at the usual pace


@dataclass(frozen=True)
class Records:
    """What is on record of n projects and one clock.

    Attributes
    ----------
    entry, refiled : (n,) days; ``refiled`` NaT = not filed anew
    happened : (n,) day of the event; NaT = none is on record
    known : (n,) day it came on record, or is taken to have
    dated : (n,) whether the record itself says so
    active : months in which anything at all was recorded, of any milestone
    """

    entry: Days
    refiled: Days
    happened: Days
    known: Days
    dated: Mask
    active: Months
    lag_months: float


def records(timeline: Timeline, clock: Clock, recorded: Mapping[str, Days]) -> Records:
    """Return what is on record of the sound rows of a timeline.

    Parameters
    ----------
    recorded : (n,) day of the record of each milestone, as the file gives it; NaT where it does not
    """
    rows = np.flatnonzero(~timeline.rejected)
    dated = {name: ~np.isnat(day[rows]) & ~np.isnat(timeline.happened[name][rows]) for name, day in recorded.items()}
    written = [timeline.known[name][rows][told] for name, told in dated.items() if told.any()]
    taken = written or [known[rows] for known in timeline.known.values()]  # nothing is dated: the lag tells all
    active = np.concatenate(taken)
    of = (timeline.entry, timeline.reentry, timeline.happened[clock], timeline.known[clock])
    entry, refiled, happened, known = (days[rows] for days in of)
    months = np.unique(_month(active[active <= timeline.as_of]))
    return Records(entry, refiled, happened, known, dated[clock], months, timeline.lag_months)


def unshaken(hazard: Hazard, matrix: Floats) -> Floats:
    """Return the curves of projects as the level was fitted, (n, K): under no shock, which a watch weighs itself."""
    frailty_sd = hazard.level.frailty_sd
    level = held(np.asarray(logit(hazards(hazard.baseline, hazard.spread_sd))), frailty_sd)
    return curve(level, hazard.log_odds(matrix), frailty_sd)


@dataclass(frozen=True)
class Awaited:
    """What was expected and what came, from the first whole month after the training on.

    Attributes
    ----------
    watched : steps of months; those without any record are joined to the next that has one
    ends : (T,) first month after each step
    past : expected and counted by month of happening before that, (2, M), as known at the training
    delay_months : by which half of all events are on record
    """

    watched: Watched
    ends: Months
    past: Floats
    delay_months: int

    @property
    def expected(self) -> float:
        """Records expected in all steps."""
        return float(self.watched.expected.sum())

    @property
    def came(self) -> int:
        """Records that came in all steps."""
        return int(self.watched.came.sum())

    def month(self, place: int) -> np.datetime64:
        """Return the calendar month of one of the columns watched."""
        first = self.ends[0] - self.watched.months[0] - self.watched.before
        return np.datetime64(int(first + place), "M")


def awaited(of: Records, by: Floats, period_months: int, since: np.datetime64, until: np.datetime64) -> Awaited:
    """Return the records that curves let one expect, and those that came.

    Parameters
    ----------
    by : (n, K) probability of the event by the end of each period
    since : the day of training; whole months after it are watched
    until : the last day of which anything is known; whole months before it are watched
    """
    first = int(_month(np.array([since - 1]))[0]) + 1
    if of.dated.any():  # what is not dated beside what is came with a first load, which the training knew
        loaded = ~of.dated & (of.happened < since)
        of = replace(of, known=np.where(loaded, np.fmin(of.known, since - 1), of.known))
    steps = of.active[(of.active >= first) & (of.active < int(_month(np.array([until + 1]))[0]))]
    past = LONGEST + by.shape[1] * period_months
    months = np.arange(first - past, max([first, *(steps + 1)]))
    follow = _Followed.of(of, by, period_months, months)
    known = of.dated & (follow.known < first)
    late = delays(follow.happened[known], follow.known[known], first, of.lag_months)
    season, before = follow.past(late, first)
    follow = follow.weighted(season)
    tables = [follow.step(late, month) for month in range(first, int(months[-1]) + 1)]
    expected, came = (
        _joined([table[part][past - LONGEST + 1 :] for table in tables], steps - first) for part in (0, 1)
    )
    ends = steps + 1
    told = Watched(expected, came, np.diff(ends, prepend=first).astype(np.intp), before=LONGEST - 1)
    return Awaited(told, ends, before, int(np.searchsorted(np.cumsum(late), 0.5)))


@dataclass(frozen=True)
class _Followed:
    """Chances and events of n projects by month of happening: those months that the curves cover.

    Attributes
    ----------
    months : (M,) in a row
    hazard : (n, M) of the event in each month, cumulative over it
    entered, ended, happened, known : (n,) months; `NEVER` where there is none
    """

    months: Months
    hazard: Floats
    entered: Months
    ended: Months
    happened: Months
    known: Months

    @classmethod
    def of(cls, told: Records, by: Floats, period_months: int, months: Months) -> "_Followed":
        edge = np.append(months, months[-1] + 1).astype("datetime64[M]").astype("datetime64[D]")
        reach = by.shape[1]
        age = (edge - told.entry[:, None]).astype(np.float64) / DAYS_PER_MONTH / period_months
        place = np.clip(age, 0, reach)
        full = np.minimum(place.astype(np.intp), reach - 1)
        edges = np.column_stack([np.zeros(len(by)), -np.log1p(-np.minimum(by, _SURE))])
        low, high = (np.take_along_axis(edges, column, axis=1) for column in (full, full + 1))
        hazard = np.diff(low + (place - full) * (high - low), axis=1)
        old = (told.happened - told.entry).astype(np.float64) >= reach * period_months * DAYS_PER_MONTH
        left_out = old | (told.happened >= told.refiled)
        happened, known = (np.where(left_out, NEVER, _month(days)) for days in (told.happened, told.known))
        return cls(months, hazard, _month(told.entry), _month(told.refiled), happened, known)

    @cached_property
    def chance(self) -> Floats:
        """The chance of the event in each month, (n, M)."""
        lived = np.cumsum(self.hazard, axis=1) - self.hazard
        return np.asarray(np.exp(-lived) * -np.expm1(-self.hazard))

    def past(self, late: Floats, first: int) -> tuple[Floats, Floats]:
        """Return the pace of each of the months, (M,), and what was expected and counted before the first, (2, m)."""
        there = self.months < first
        ago = np.minimum(first - 1 - self.months[there], LONGEST - 1)
        expected = self.chance[:, there].sum(axis=0) * np.cumsum(late)[ago]
        seen = (self.known < first) & (self.happened >= self.months[0])
        counted = np.bincount(self.happened[seen] - self.months[0], minlength=there.sum()).astype(np.float64)
        of_year = self.months % 12
        by_year = [np.bincount(of_year[there], part, 12) for part in (expected, counted)]
        usual = by_year[0] * by_year[1].sum() / max(by_year[0].sum(), 1e-9)
        pace = ((by_year[1] + _EVEN) / (usual + _EVEN))[of_year]
        return pace, np.array([expected * pace[there], counted])

    def weighted(self, pace: Floats) -> "_Followed":
        """Return the same with another pace in each month."""
        return replace(self, hazard=self.hazard * pace)

    def step(self, late: Floats, month: int) -> tuple[Floats, Floats]:
        """Return what was expected of a month's records, and what came, by month of happening: (M,) each."""
        ago = month - self.months
        by_then = np.where(ago >= 1, np.cumsum(late)[np.clip(ago - 1, 0, LONGEST - 1)], 0.0)
        unseen = np.maximum(1.0 - self.chance @ by_then, 1.0 - _SURE)
        there = (self.entered <= month) & (self.known >= month) & ~(self.ended <= month)
        share = np.where((ago >= 0) & (ago < LONGEST), late[np.clip(ago, 0, LONGEST - 1)], 0.0)
        expected = (np.where(there, 1.0 / unseen, 0.0) @ self.chance) * share
        hit = there & (self.known == month)
        oldest = month - LONGEST + 1
        came = np.bincount(np.maximum(self.happened[hit], oldest) - self.months[0], minlength=len(self.months))
        return expected, came.astype(np.float64)


def _joined(tables: list[Floats], steps: Months) -> Floats:
    """Return the tables of months added up to steps, (T, M); months after the last step are left out."""
    if not len(steps):
        return np.zeros((0, 0))
    return np.add.reduceat(np.array(tables), np.append(0, steps[:-1] + 1), axis=0)


def _month(days: Days) -> Months:
    """Return months since 1970; `NEVER` where there is no day."""
    return np.where(np.isnat(days), NEVER, days.astype("datetime64[M]").astype(np.int64))
