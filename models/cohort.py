"""A cohort's count: how many of a group of projects will have the milestone, and how far the shock may move that."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from models.curve import NODES, WEIGHTS, Floats, incidence
from models.hazard import Hazard

SHARE = 0.8
_LEAST = 1e-12  # variance of a count that is certain: its steps stay steps


def cohort_interval(hazard: Hazard, matrix: Floats, n_periods: int, share: float = SHARE) -> tuple[int, int]:
    """Return the least and the greatest count of an interval that holds ``share`` of what may come.

    All projects meet the same shock, so a large cohort is hardly surer than a small one. What is beside the shock, the
    luck of each project by itself and what no attribute tells of it, is all that averages out.

    Parameters
    ----------
    matrix : (n, p) attributes of the cohort as the features' builder gives them; NaN = missing
    n_periods : periods from each project's entry within which the milestone counts

    Returns
    -------
    (int, int), both between 0 and n
        Each tail beyond holds at most half of what is left of ``share``.

    Examples
    --------
    >>> from features.catalog import Clock
    >>> from models.hazard import Level
    >>> from models.scorecard import Scorecard
    >>> from models.trees import stump
    >>> nothing = Scorecard((), np.zeros(0), np.zeros(0))
    >>> levels = [Level(np.zeros(1), sd, sd) for sd in (0.0, 1.0)]
    >>> even = [Hazard(Clock.LANDED, nothing, stump(0), 1.0, 0.0, level) for level in levels]
    >>> [cohort_interval(hazard, np.zeros((100, 0)), 1) for hazard in even]
    [(44, 56), (21, 79)]
    """
    chances = _chances(hazard, matrix, n_periods)
    tail = (1 - share) / 2
    low, high = np.searchsorted(_at_most(chances), [tail, 1 - tail])
    return int(low), int(min(high, len(matrix)))


def _chances(hazard: Hazard, matrix: Floats, n_periods: int) -> NDArray[np.float64]:
    """Return each project's chance under each shock, (nodes, n)."""
    levels, score = hazard.baseline[:n_periods], hazard.log_odds(matrix)
    return np.array([incidence(levels + hazard.shock_sd * z, score, None, hazard.level.frailty_sd) for z in NODES])


def _at_most(chances: Floats) -> Floats:
    """Return the chance of at most 0, 1, ... n events, (n + 1,).

    Under one shock projects are independent and their count is taken as normal, with the correction for whole numbers.
    """
    mean, variance = chances.sum(axis=1), (chances * (1 - chances)).sum(axis=1)
    steps = np.arange(chances.shape[1] + 1) + 0.5
    under = ndtr((steps - mean[:, None]) / np.sqrt(np.maximum(variance, _LEAST))[:, None])
    return np.asarray(WEIGHTS @ under)
