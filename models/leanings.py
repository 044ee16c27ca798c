"""What is known of an attribute before any outcome: which way it leans on a clock, and how much an expert gives it.

A catalogue speaks of landing and of production. Finishing leans as production does; withdrawing leans against landing.
"""

from features.catalog import Clock
from features.inputs import Feature

_READ_AS = {
    Clock.LANDED: (Clock.LANDED, 1),
    Clock.PRODUCED: (Clock.PRODUCED, 1),
    Clock.FINISHED: (Clock.PRODUCED, 1),
    Clock.WITHDRAWN: (Clock.LANDED, -1),
}


def direction(feature: Feature, clock: Clock) -> int:
    """Return the monotone direction: 1 = more never lowers the hazard, -1 = never raises it, 0 = free.

    Examples
    --------
    >>> from features.catalog import Dimension
    >>> from features.words import Words
    >>> debt = Feature("debt", Words("债", "debt"), Dimension.CAPITAL_STRENGTH, directions={Clock.LANDED: -1})
    >>> direction(debt, Clock.LANDED), direction(debt, Clock.WITHDRAWN), direction(debt, Clock.FINISHED)
    (-1, 1, 0)
    """
    asked, sign = _READ_AS[clock]
    return 0 if feature.categorical else sign * feature.directions.get(asked, 0)


def expert_weight(feature: Feature, clock: Clock) -> float:
    """Return the catalogue's weight, in log-odds per standard deviation; 0 where it names none."""
    asked, sign = _READ_AS[clock]
    return 0.0 if feature.categorical else sign * feature.weights.get(asked, 0.0)
