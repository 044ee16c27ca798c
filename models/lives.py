"""Lives: what one clock learns from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.inputs import Features
from features.milestones import Days
from features.timeline import PersonPeriods

AT_ONCE = np.timedelta64(0, "D")


@dataclass(frozen=True)
class Lives:
    """Attributes per project, the periods they lived, and which projects go together.

    Attributes
    ----------
    features : of n projects
    periods : m person-periods up to the reach, whose ``project`` points into the n
    group : (n,) projects of one investor share a number, and are never on both sides of a fold
    entered : (n,) day of entry
    lag : days until what happened is on record
    """

    features: Features
    periods: PersonPeriods
    group: NDArray[np.intp]
    entered: Days
    lag: np.timedelta64 = AT_ONCE

    def before(self, day: np.datetime64) -> PersonPeriods:
        """Return the person-periods that were over, and on record, by a day."""
        lived, periods = self.periods.end + self.lag <= day, self.periods
        return PersonPeriods(
            periods.project[lived], periods.period[lived], periods.event[lived], periods.end[lived], periods.n_periods
        )
