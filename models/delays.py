"""How long an event takes to be on record: the months from the day it happened to the day it was written down."""

import numpy as np
from numpy.typing import NDArray

from models.curve import Floats

LONGEST = 36  # months; what takes longer counts with the longest
FEW = 30  # records; of fewer, the catalogue's word on the lag is worth more
Months = NDArray[np.int64]


def delays(happened: Months, recorded: Months, now: int, lag_months: float) -> Floats:
    """Return the share of events that is recorded so many months after the one in which it happened, (LONGEST,).

    What happened lately is on record only if it was recorded soon. Each event is therefore compared with those alone
    that would be on record too had they taken as long (the product limit in reversed time: Lagakos, Barraj and De
    Gruttola, Biometrika 1988, doi:10.1093/biomet/75.3.515). Events from before the first record tell nothing: those of
    them that were recorded soon are not dated.

    Parameters
    ----------
    happened, recorded : (m,) months, counted from any one, of events with a dated record
    now : the first month of which nothing is known
    lag_months : what the catalogue says; stands in, spread evenly, where the records are too few

    Examples
    --------
    >>> happened = np.repeat(np.arange(40), 2)
    >>> shares = delays(happened, happened + np.tile([0, 2], 40), now=40, lag_months=3)
    >>> shares[:4].round(3).tolist()
    [0.5, 0.0, 0.5, 0.0]
    >>> delays(happened[:4], happened[:4], now=40, lag_months=3)[:5].tolist()
    [0.25, 0.25, 0.25, 0.25, 0.0]
    """
    known = recorded < now
    known &= happened >= (recorded[known].min() if known.any() else now)
    late = np.clip(recorded - happened, 0, LONGEST - 1)[known]
    room = np.clip(now - 1 - happened, 0, LONGEST - 1)[known]
    if known.sum() < FEW:
        within = int(min(round(lag_months), LONGEST - 1)) + 1
        return np.where(np.arange(LONGEST) < within, 1.0 / within, 0.0)
    by = np.ones(LONGEST)
    for months in range(LONGEST - 1, 0, -1):
        there = (late <= months) & (room >= months)
        share = (there & (late == months)).sum() / max(int(there.sum()), 1)
        by[months - 1] = by[months] * (1.0 - share)
    return np.diff(by, prepend=0.0)
