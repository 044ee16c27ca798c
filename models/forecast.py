"""The forecast of a ledger: what comes next of each project from where it stands, and when."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from features.catalog import Clock
from features.inputs import Features
from features.standing import Stage, Standings
from models.conditioned import Course, Waiting, competing, leaving
from models.curve import Floats, curve
from models.hazard import Hazard
from models.model import Model

EARLY, LATE = 0.1, 0.9  # four fifths of the projects that will have a milestone have it between these dates
STARTS = 3  # starts within the window for which the finish clock is asked; between them it is interpolated


@dataclass(frozen=True)
class Forecast:
    """What is said of n projects: arrays of shape (n,), missing where nothing is said.

    Attributes
    ----------
    awaited : the clock of the next milestone, None where the model has none for the project
    age : months since that clock's start
    within : chance of the next milestone within the window
    produced : chance of production within the window
    ever : chance of the next milestone by the age to which the clock followed lives
    early, late : months from now by which a tenth, and nine tenths, have it of those that will by that age
    overdue : months past the age at which half of its like had it, of those that did by then; 0 = not yet that old
    remaining : months from now to that age; none: no project was followed so far, and no figure
    """

    awaited: NDArray[np.object_]
    age: Floats
    within: Floats
    produced: Floats
    ever: Floats
    early: Floats
    late: Floats
    overdue: Floats
    remaining: Floats


def forecast(model: Model, features: Features, standings: Standings, months: int) -> Forecast:
    """Return what is to be expected of projects within so many months from the day on which they stand.

    A project that waits: landing, conditioned on what it has lived; then production, by way of the finish clock. One
    being built: the finish clock from its start, conditioned likewise. A register without starts waits for production.
    Where the window ends after the time that lives were followed, the level of the last period is taken to go on.

    Parameters
    ----------
    features : of n projects, each as on its own entry
    standings : of the same projects
    months : the window, 1 or more
    """
    waiting = np.flatnonzero(standings.stage == Stage.WAITING)
    building = np.flatnonzero(standings.stage == Stage.BUILDING)
    age, built = standings.months_waited, standings.months_built
    parts = []
    if len(waiting) and model.hazards:
        parts.append((waiting, _waiting(model, features.matrix[waiting], age[waiting], months)))
    if len(building) and Clock.FINISHED in model.later:
        to_start = age[building] - built[building]
        parts.append((building, _building(model, features.matrix[building], to_start, built[building], months)))
    return _together(parts, len(standings.stage))


def _waiting(model: Model, matrix: Floats, age: Floats, months: int) -> Forecast:
    first = Clock.LANDED if Clock.LANDED in model.hazards else Clock.PRODUCED
    period = model.catalog.period_months
    waiting = _lived(model.hazards[first], model.later.get(Clock.WITHDRAWN), matrix, age, _Time(period, months))
    chance = waiting.within(months)
    if first is Clock.PRODUCED:
        return _said(first, waiting, chance, chance)
    if Clock.FINISHED not in model.later:
        return _said(first, waiting, chance, np.full(len(age), np.nan))
    starts = [age + ahead for ahead in np.linspace(0.0, months, STARTS)]
    after = [_finishing(model, matrix, to_start, 0)[0] for to_start in starts]
    return _said(first, waiting, chance, waiting.then(months, after))


def _building(model: Model, matrix: Floats, to_start: Floats, built: Floats, months: int) -> Forecast:
    time = _Time(model.catalog.period_months, months)
    followed = len(model.later[Clock.FINISHED].baseline) * time.period_months
    waiting = Waiting(*_finishing(model, matrix, to_start, time.further), built, followed)
    chance = waiting.within(months)
    return _said(Clock.FINISHED, waiting, chance, chance)


def _finishing(model: Model, matrix: Floats, to_start: Floats, further: int) -> tuple[Course, Course]:
    """Return the curves of production and of giving up, from the start of construction on."""
    finished, leaves = model.later[Clock.FINISHED], model.giving_up
    course = _course(finished, _with_start(matrix, to_start), model.catalog.period_months, further)
    return competing(course, np.append(leaves, np.repeat(leaves[-1], further)))


def _with_start(matrix: Floats, to_start: Floats) -> Floats:
    """Return the matrix of the finish clock: the attributes, and how many months the start took, or would take."""
    return np.ascontiguousarray(np.column_stack([matrix, to_start]))


@dataclass(frozen=True)
class _Time:
    period_months: int
    window: int

    @property
    def further(self) -> int:
        """Periods that a curve is drawn beyond what was followed, for windows that end there."""
        return -(-self.window // self.period_months)


def _lived(awaited: Hazard, left: Hazard | None, matrix: Floats, age: Floats, time: _Time) -> Waiting:
    followed = len(awaited.baseline) * time.period_months
    coming = _course(awaited, matrix, time.period_months, time.further)
    going = None if left is None else _course(left, matrix, time.period_months, time.further)
    return Waiting(coming, leaving(coming, going, followed), age, followed)


def _course(hazard: Hazard, matrix: Floats, period_months: int, further: int = 0) -> Course:
    """Return the curves of a clock, drawn for some periods more with the level of the last one."""
    levels = np.append(hazard.baseline, np.repeat(hazard.baseline[-1], further))
    return Course(curve(levels, hazard.log_odds(matrix), hazard.spread_sd), period_months)


def _said(awaited: Clock, waiting: Waiting, chance: Floats, produced: Floats) -> Forecast:
    return Forecast(
        awaited=np.full(len(chance), awaited, dtype=object),
        age=waiting.age,
        within=chance,
        produced=produced,
        ever=waiting.ever,
        early=waiting.expected(EARLY),
        late=waiting.expected(LATE),
        overdue=waiting.overdue(),
        remaining=waiting.followed - waiting.age,
    )


def _together(parts: Sequence[tuple[NDArray[np.intp], Forecast]], n: int) -> Forecast:
    """Return the forecast of n projects from those of some of them, each with the rows it is of."""
    columns = {}
    for name in (field.name for field in fields(Forecast)):
        column = np.full(n, None, dtype=object) if name == "awaited" else np.full(n, np.nan)
        for rows, part in parts:
            column[rows] = getattr(part, name)
        columns[name] = column
    return Forecast(**columns)
