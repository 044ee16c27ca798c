"""Where projects stand on a day: waiting for the start, under construction, in production, or gone."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from features.catalog import DAYS_PER_MONTH, Clock
from features.milestones import NEVER, Days
from features.timeline import Timeline


class Stage(StrEnum):
    """How far a project has come."""

    NOT_ENTERED = "not_entered"  # enters after the day, or its row cannot be used
    WAITING = "waiting"  # entered, construction not started; where a register has no start, not in production
    BUILDING = "building"
    PRODUCED = "produced"
    WITHDRAWN = "withdrawn"  # at any time before production
    REFILED = "refiled"  # filed anew by the day: it lives on in the later row


@dataclass(frozen=True)
class Standings:
    """Where n projects stand, and for how long.

    Parameters
    ----------
    stage : object array of shape (n,), members of `Stage`
    months_waited : float64 array of shape (n,), months since the entry; NaN where not entered
    months_built : float64 array of shape (n,), months since the start of construction; NaN where not landed
    """

    stage: NDArray[np.object_]
    months_waited: NDArray[np.float64]
    months_built: NDArray[np.float64]


def standing(timeline: Timeline) -> Standings:
    """Tell where each project stands on the timeline's day, by what was on record then.

    Months run to that day for every project that has entered, whatever became of it.
    """
    entered = ~timeline.rejected & (timeline.entry <= timeline.as_of)
    landed, produced = (timeline.happened.get(clock, _never(timeline)) for clock in (Clock.LANDED, Clock.PRODUCED))
    holds = {  # the first that does stands
        Stage.NOT_ENTERED: ~entered,
        Stage.REFILED: timeline.reentry <= timeline.as_of,
        Stage.PRODUCED: ~np.isnat(produced),
        Stage.WITHDRAWN: ~np.isnat(timeline.exited),
        Stage.BUILDING: ~np.isnat(landed),
    }
    place = np.select(list(holds.values()), range(len(holds)), default=len(holds))
    stage = np.array([*holds, Stage.WAITING], dtype=object)[place]
    return Standings(stage, _months(timeline, timeline.entry, entered), _months(timeline, landed, entered))


def _never(timeline: Timeline) -> Days:
    return np.full(timeline.entry.size, NEVER)


def _months(timeline: Timeline, since: Days, entered: NDArray[np.bool_]) -> NDArray[np.float64]:
    lived = np.subtract(timeline.as_of, np.where(entered, since, NEVER))
    return np.asarray(lived / np.timedelta64(1, "D") / DAYS_PER_MONTH, dtype=np.float64)
