r"""From log-odds to curves: what share of projects like this one has the milestone behind it, by each period.

The hazard of period k is :math:`\sigma(g_k + f)`: a level that all projects share, and one score that is the project's
own. Everything here is a rising function of f and of k, computed in logarithms so that no figure is lost to rounding.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

Floats = NDArray[np.float64]


def curve(g: Floats, f: Floats) -> Floats:
    r"""Return the probability of the milestone by the end of each period.

    Parameters
    ----------
    g : (K,) log-odds per period of a project whose score is 0
    f : (n,) scores in log-odds; a missing score gives missing figures

    Returns
    -------
    (n, K) of :math:`F_k = 1 - \prod_{j \le k} (1 - \sigma(g_j + f))`

    Examples
    --------
    Two periods with even odds: half by the first, three quarters by the second.

    >>> curve(np.zeros(2), np.zeros(1)).tolist()
    [[0.5, 0.75]]
    """
    survived = log_expit(-(g[None, :] + f[:, None]))
    return np.asarray(-np.expm1(np.cumsum(survived, axis=1)))


def incidence(g: Floats, f: Floats, n_periods: int | None = None) -> Floats:
    """Return the probability of the milestone within the first ``n_periods`` (all, if None): shape (n,)."""
    survived = np.zeros(len(f))
    for level in g[:n_periods]:  # period by period: the same sum for one project as for a million
        survived += log_expit(-(level + f))
    return np.asarray(-np.expm1(survived))


def rise(g: Floats, f: Floats, n_periods: int | None = None) -> Floats:
    r"""Return :math:`F(f) - F(0)`, shape (n,), without the cancellation that subtracting the two would suffer near 0.

    With :math:`S = 1 - F`: :math:`S(f)/S(0) = \prod_k 1 / (1 + \sigma(g_k)(e^f - 1))`, and each factor is exact near 0.

    Examples
    --------
    >>> tiny = np.array([1e-300])
    >>> bool(rise(np.zeros(1), tiny)[0] == 0.25e-300)
    True
    """
    levels = g[:n_periods]
    survived = np.zeros(len(f))
    growth = np.expm1(f)
    for level in levels:
        survived -= np.log1p(expit(level) * growth)
    return np.asarray(-np.exp(log_expit(-levels).sum()) * np.expm1(survived))


def slope(g: Floats, f: Floats, n_periods: int | None = None) -> Floats:
    r"""Return :math:`F'(f) = S(f) \sum_k \sigma(g_k + f)`, shape (n,), in probability per unit of log-odds."""
    levels = g[:n_periods]
    hazards = np.zeros(len(f))
    for level in levels:
        hazards += expit(level + f)
    return np.asarray((1.0 - incidence(levels, f)) * hazards)


def median_months(g: Floats, f: Floats, period_months: int) -> Floats:
    """Return the months after entry by which half of such projects have the milestone: shape (n,).

    Within a period the probability is taken to rise evenly. Missing where the curve does not reach one half.

    Examples
    --------
    >>> median_months(np.zeros(2), np.array([0.0, -9.0]), 6).tolist()
    [6.0, nan]
    """
    reached = np.column_stack([np.zeros(len(f)), curve(g, f)])
    after = np.argmax(reached >= 0.5, axis=1)  # 0 where never, as the first column is 0
    rows = np.arange(len(f))
    low, high = reached[rows, after - 1], reached[rows, after]
    share = (0.5 - low) / np.where(after > 0, high - low, np.nan)
    return np.asarray((after - 1 + share) * period_months)
