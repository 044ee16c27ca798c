"""The clocks of projects on their way: what they learn from beside the attributes filed at the entry."""

import numpy as np

from features.catalog import DAYS_PER_MONTH, Clock, Dimension
from features.inputs import Feature, Features, Floats
from features.timeline import Timeline
from features.words import Words

FINISHING = frozenset({Clock.FINISHED})  # the clocks that know how long the start took
MONTHS_TO_START = Feature("months_to_start", Words("评审至开工月数", "Months from entry to start"), Dimension.DELIVERY)


def with_start(features: Features, months: Floats) -> Features:
    """Return the features with one more, the last: the months it took to start.

    Parameters
    ----------
    months : (n,) NaN where construction has not started
    """
    return Features(
        matrix=np.ascontiguousarray(np.column_stack([features.matrix, months])),
        columns=(*features.columns, MONTHS_TO_START),
        unseen=np.column_stack([features.unseen, np.zeros(len(months), dtype=np.bool_)]),
    )


def months_to_start(timeline: Timeline) -> Floats:
    """Return how long each project took to start, (n,); NaN where it has not, or the day of the start is not known."""
    days = (timeline.started - timeline.entry).astype("timedelta64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.float64) / DAYS_PER_MONTH)
