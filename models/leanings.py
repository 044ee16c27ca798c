"""What is known of an attribute before any outcome: which way it leans on a clock, and how much an expert gives it.

A catalogue speaks of landing and of production. Finishing leans as production does; withdrawing leans against landing.
"""

from collections.abc import Sequence

import numpy as np

from features.catalog import Clock
from features.inputs import Feature, Floats

SPREAD = 0.6  # log-odds: two in three pairs ranked right, and more where attributes go together

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


def expert_weights(features: Sequence[Feature], clock: Clock) -> Floats:
    """Return the catalogue's weights, (p,), in log-odds per standard deviation, as they stand side by side.

    Each is told for one attribute by itself. Attributes go together, and scores of dozens of full weights would be
    surer than any expert is: all are scaled down by one factor until independent attributes would give a score of a
    standard deviation of `SPREAD`.

    Examples
    --------
    >>> from features.catalog import Dimension
    >>> from features.words import Words
    >>> one = Feature("a", Words("甲", "a"), Dimension.MARKET, weights={Clock.LANDED: 0.3})
    >>> expert_weights([one], Clock.LANDED).tolist(), expert_weights([one] * 16, Clock.LANDED)[:1].round(12).tolist()
    ([0.3], [0.15])
    """
    asked, sign = _READ_AS[clock]
    told = np.array([0.0 if f.categorical else sign * f.weights.get(asked, 0.0) for f in features])
    return np.asarray(told * min(1.0, SPREAD / max(float(np.linalg.norm(told)), SPREAD)))
