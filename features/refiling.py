"""Projects filed more than once: each filing is a row, and ends where the next one begins."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.milestones import NEVER, Days
from features.spelling import folded

PROJECT_UID = "project_uid"  # a deferred or re-filed project keeps one; each filing is a row
_DAY_BITS = 32
_EPOCH = 1 << 31


def reentries(rows: pd.DataFrame, entry: Days) -> Days:
    """Return, for each filing, the day of the next one of the same project; NaT = none.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, ...), typed
    entry : datetime64[D] array of shape (n_projects,)
    """
    found = np.full(len(rows), NEVER)
    if PROJECT_UID not in rows:
        return found
    named = np.flatnonzero(rows[PROJECT_UID].notna().to_numpy() & ~np.isnat(entry))
    project, _ = pd.factorize(rows[PROJECT_UID].iloc[named].map(folded))
    filing = _filings(project.astype(np.int64), entry[named])
    filings = np.unique(filing)
    after = np.searchsorted(filings, filing, side="right")
    following = filings[np.minimum(after, filings.size - 1)] if filings.size else filing
    same = (following > filing) & (following >> _DAY_BITS == project)
    day = (following & ((1 << _DAY_BITS) - 1)) - _EPOCH
    found[named[same]] = day[same].astype("datetime64[D]")
    return found


def _filings(project: NDArray[np.int64], entry: Days) -> NDArray[np.int64]:
    """Return one integer per filing that orders by project, then by day."""
    return (project << _DAY_BITS) + entry.astype(np.int64) + _EPOCH
