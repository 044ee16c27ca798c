"""The clocks of projects on their way: what they learn from beside the attributes filed at the entry."""

import numpy as np

from features.catalog import DAYS_PER_MONTH, Clock, Dimension
from features.inputs import Feature, Features, Floats
from features.timeline import Timeline, edges, span
from features.words import Words

_FEW_EXITS = 0.01  # so that no exit at all is told as next to none
_SHRINK = 20.0  # periods at the mean rate that are added to each
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


def giving_up(timeline: Timeline, period_months: int, n_periods: int) -> Floats:
    """Return the share of projects under construction that gives up in each period since the start, (n_periods,).

    Counted over all projects that have started, by exposure: few give up, so that one rate a period for all is as
    much as a register can tell. Some periods at the mean rate are added to each, which keeps one that few have lived
    close to the others.
    """
    bounds = edges(n_periods, period_months)
    came = timeline.came(Clock.FINISHED)
    end = np.fmin(np.fmin(timeline.exited, came), timeline.as_of - span(timeline.lag_months))
    begun = timeline.admitted & ~np.isnat(timeline.started) & (end > timeline.started)
    lived = (end - timeline.started)[begun]
    left = (timeline.exited == end)[begun] & (lived < bounds[-1])  # what came after the reach is not counted
    place = np.clip(np.searchsorted(bounds, lived, side="right") - 1, 0, n_periods - 1)
    exits = np.bincount(place, left, n_periods)
    risk = np.bincount(place, minlength=n_periods)[::-1].cumsum()[::-1].astype(np.float64)
    mean = (exits.sum() + _FEW_EXITS) / (risk.sum() + 1.0)
    return np.asarray((exits + _SHRINK * mean) / (risk + _SHRINK))
