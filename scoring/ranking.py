"""Ranks within a round, and grades by bands that do not depend on it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.policy import Policy

Floats = NDArray[np.float64]

DIGITS = 12  # decimals of a figure that count: what is written decides, so that a file's order and its figures agree

# The columns of a scored file that depend on the round. Only `rank` has a figure of its own so far: the interval of a
# rank and the chance of the top k follow from a bag of refits, and stay empty until there is one.
ROUND_COLUMNS = ("rank", "rank_low", "rank_high", "p_top_k")


def ranks(figures: Floats) -> pd.Series:
    """Return each project's rank by its headline figure, the largest first; equal figures share the best rank.

    Parameters
    ----------
    figures : (n,) headline probabilities of one round; NaN = no figure (vetoed)

    Returns
    -------
    Series of shape (n,), Int64
        Missing where there is no figure. Projects without a figure take no place from the others.

    Examples
    --------
    >>> ranks(np.array([0.2, 0.5, np.nan, 0.5, 0.1])).tolist()
    [3, 1, <NA>, 1, 4]
    """
    shown = np.round(figures, DIGITS)
    known = ~np.isnan(shown)
    places = pd.Series(pd.array([pd.NA] * len(shown), dtype="Int64"))
    places[known] = np.searchsorted(np.sort(-shown[known]), -shown[known], side="left") + 1
    return places


def grades(policy: Policy, figures: Floats) -> NDArray[np.object_]:
    """Return the policy's grade of each headline figure, (n,); empty where there is no figure."""
    bands = np.array([*(grade.id for grade in policy.grades), ""], dtype=object)
    bounds = np.array([grade.at_least for grade in policy.grades])
    reached = np.round(figures, DIGITS)[:, None] >= bounds[None, :]
    return np.asarray(bands[np.where(reached.any(axis=1), reached.argmax(axis=1), len(policy.grades))])
