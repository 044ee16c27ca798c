"""The same chance for everybody: what a rate alone is worth, and what others fall back on."""

import numpy as np

from features.timeline import PersonPeriods
from models.rivals.lesson import Floats, Lesson

_PRIOR_EVENTS = 0.5  # keeps the odds of a rate off 0 and infinity


def hazards(periods: PersonPeriods, horizon: int) -> Floats:
    """Return the share of those at risk to whom the event came, by period; shape (horizon,).

    Half an event is added to each side. A period that nobody has lived takes the rate of the last one lived.
    """
    events = np.bincount(periods.period, weights=periods.event, minlength=horizon)[:horizon]
    lived = np.bincount(periods.period, minlength=horizon)[:horizon]
    rates: Floats = (events + _PRIOR_EVENTS) / (lived + 2 * _PRIOR_EVENTS)
    last = np.maximum.accumulate(np.where(lived > 0, np.arange(horizon), 0))
    return rates[last]


def constant(lesson: Lesson) -> Floats:
    """Return for every project the incidence of those who trained: each period's rate, young projects counted."""
    rate = 1 - np.prod(1 - hazards(lesson.periods, lesson.horizon))
    return np.full(len(lesson.test.matrix), rate)


def knows_the_year(lesson: Lesson) -> Floats:
    """Return the tested projects' own share: what the best constant, told the answer, would have said."""
    if lesson.answers is None:
        raise ValueError("knows_the_year is a reference: give it the answers")
    return np.full(len(lesson.answers), lesson.answers.mean())
