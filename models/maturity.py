"""Label maturity: of how many projects of each year the outcome can be told by a day, and of how many not yet."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.catalog import Catalog, Clock, ClockSpec
from features.timeline import Timeline, edges, outcome, span
from models.curve import Floats


@dataclass(frozen=True)
class Cohort:
    """The projects that entered in one calendar year, as one clock sees them.

    Attributes
    ----------
    projects : admitted
    came : with the milestone within the horizon, on record by the day
    left : withdrawn, refused or expired without it, horizon not over; a ledger may still take such an exit back
    over : neither, and the horizon and the reporting lag have passed
    lived : mean share of the horizon that the projects have lived, and that is on record
    """

    year: int
    projects: int
    came: int
    left: int
    over: int
    lived: float

    @property
    def observed(self) -> float:
        """The share of projects whose outcome can be told."""
        return (self.came + self.left + self.over) / self.projects


def maturity(timeline: Timeline, catalog: Catalog) -> Mapping[Clock, tuple[Cohort, ...]]:
    """Return, for each clock asked at the entry, how much of each cohort has been observed; cohorts by year.

    The share that came among the *observed* of a young cohort says nothing: successes are seen before failures, which
    need the whole horizon. So no such share is given.
    """
    return {clock: _cohorts(timeline, spec, catalog) for clock, spec in catalog.clocks.items()}


def _cohorts(timeline: Timeline, spec: ClockSpec, catalog: Catalog) -> tuple[Cohort, ...]:
    event, mature = outcome(timeline, spec, catalog)
    came = timeline.admitted & (event > 0)
    over = timeline.admitted & mature & ~came
    left = timeline.admitted & ~came & ~over & ~np.isnat(timeline.exited)
    year = timeline.entry.astype("datetime64[Y]")
    lived = _lived(timeline, spec, catalog)
    found = []
    for one in np.unique(year[timeline.admitted]):
        mine = timeline.admitted & (year == one)
        n_came, n_left, n_over = (int((mine & mask).sum()) for mask in (came, left, over))
        found.append(Cohort(int(str(one)), int(mine.sum()), n_came, n_left, n_over, float(lived[mine].mean())))
    return tuple(found)


def _lived(timeline: Timeline, spec: ClockSpec, catalog: Catalog) -> Floats:
    """Return the share of the horizon that each project has lived, and that is on record, (n,)."""
    n_periods = -(-spec.horizon_months // catalog.period_months)
    horizon = edges(n_periods, catalog.period_months)[-1] / np.timedelta64(1, "D")
    age = (timeline.as_of - span(timeline.lag_months) - timeline.entry) / np.timedelta64(1, "D")
    return np.asarray(np.clip(np.nan_to_num(age / horizon), 0.0, 1.0))
