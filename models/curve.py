r"""From log-odds to curves: what share of projects like this one has the milestone behind it, by each period.

The hazard of period k is :math:`\sigma(g_k + f)`: a level that all projects share, and one score that is the project's
own. Everything here is a rising function of f and of k, computed so that no figure is lost to rounding.

Where ``spread_sd`` is given, something a ~ N(0, spread_sd²) in log-odds is shared by all periods of a project and known
to nobody: the shock of its cohort, and what sets it apart that no attribute tells. Every function then returns its
average over a, and they still fit together, as all use the same nodes and weights.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, log_expit, logsumexp

Floats = NDArray[np.float64]

# Equal steps under the normal density, in standard deviations. For hazards of up to 40 periods the error stays below
# 1e-11 up to a spread_sd of 2 and 1e-8 up to 2.8; Gauss-Hermite needs three times as many nodes for that.
NODES = np.arange(-32, 33) / 4
WEIGHTS = np.exp(-(NODES**2) / 2) / np.exp(-(NODES**2) / 2).sum()
_FAR = 300.0  # log-odds; beyond, a figure is 0 or 1 to all its digits, and the odds would leave the floats
_SURE = 100.0  # log-odds; no fit of lives comes near
_BLOCK = 8192  # rows worked on at once: they stay in the processor's cache


def curve(g: Floats, f: Floats, spread_sd: float = 0.0) -> Floats:
    r"""Return the probability of the milestone by the end of each period.

    Parameters
    ----------
    g : (K,) log-odds per period of a project whose score is 0
    f : (n,) scores in log-odds; a missing score gives missing figures
    spread_sd : standard deviation of what the figures are averaged over, in log-odds; 0 = nothing

    Returns
    -------
    (n, K) of :math:`F_k = 1 - \prod_{j \le k} (1 - \sigma(g_j + f))`, or its average over a

    Examples
    --------
    Two periods with even odds: half by the first, three quarters by the second.

    >>> curve(np.zeros(2), np.zeros(1)).tolist()
    [[0.5, 0.75]]

    It moves figures above one half down, and those below it up.

    >>> curve(np.zeros(2), np.zeros(1), spread_sd=1.0).round(3).tolist()
    [[0.5, 0.707]]
    """
    if spread_sd:
        odds = _odds(g, spread_sd)
        return np.minimum(np.cumsum(_growth(f) * _lived_to(odds, odds, f), axis=0).T, 1.0)
    survived = log_expit(-(g[None, :] + f[:, None]))
    return np.asarray(-np.expm1(np.cumsum(survived, axis=1)))


def incidence(g: Floats, f: Floats, n_periods: int | None = None, spread_sd: float = 0.0) -> Floats:
    """Return the probability of the milestone within the first ``n_periods`` (all, if None): shape (n,)."""
    if spread_sd:
        odds = _odds(g[:n_periods], spread_sd)
        return np.minimum(_growth(f) * _summed(_lived_to(odds, odds, f)), 1.0)
    survived = np.zeros(len(f))
    for level in g[:n_periods]:  # period by period: the same sum for one project as for a million
        survived += log_expit(-(level + f))
    return np.asarray(-np.expm1(survived))


def rise(g: Floats, f: Floats, n_periods: int | None = None, spread_sd: float = 0.0) -> Floats:
    r"""Return :math:`F(f) - F(0)`, shape (n,), without the cancellation that subtracting the two would suffer near 0.

    With :math:`S = 1 - F`: :math:`S(f)/S(0) = \prod_k 1 / (1 + \sigma(g_k)(e^f - 1))`, and each factor is exact near 0.

    Examples
    --------
    >>> tiny = np.array([1e-300])
    >>> bool(rise(np.zeros(1), tiny)[0] == 0.25e-300)
    True
    """
    levels = g[:n_periods]
    if spread_sd:
        odds = _odds(levels, spread_sd)
        onwards = np.cumprod(1 / (1 + odds[:, ::-1]), axis=1)[:, ::-1]  # survival at 0 from each period to the last
        return np.asarray(np.expm1(np.clip(f, -_FAR, _FAR)) * _summed(_lived_to(odds, odds * onwards, f)))
    survived = np.zeros(len(f))
    growth = np.expm1(f)
    for level in levels:
        survived -= np.log1p(expit(level) * growth)
    return np.asarray(-np.exp(log_expit(-levels).sum()) * np.expm1(survived))


def slope(g: Floats, f: Floats, n_periods: int | None = None, spread_sd: float = 0.0) -> Floats:
    r"""Return :math:`F'(f) = S(f) \sum_k \sigma(g_k + f)`, shape (n,), in probability per unit of log-odds."""
    levels = g[:n_periods]
    if spread_sd:
        return _summed(np.array([w * slope(levels + spread_sd * z, f) for z, w in zip(NODES, WEIGHTS, strict=True)]))
    hazards = np.zeros(len(f))
    for level in levels:
        hazards += expit(level + f)
    return np.asarray((1.0 - incidence(levels, f)) * hazards)


def hazards(g: Floats, spread_sd: float = 0.0) -> Floats:
    """Return the hazard of each period of a project whose score is 0, (K,), averaged over a among who is left.

    Examples
    --------
    >>> hazards(np.zeros(2)).tolist()
    [0.5, 0.5]
    """
    nodes, weights = (NODES, WEIGHTS) if spread_sd else (np.zeros(1), np.ones(1))
    lived = np.cumsum(log_expit(-(g[:, None] + spread_sd * nodes)), axis=0)  # logarithms: few may be left
    left = logsumexp(lived, axis=1, b=weights)
    return np.asarray(-np.expm1(np.diff(left, prepend=0.0)))


def held(g: Floats, spread_sd: float) -> Floats:
    r"""Return the levels, (K,), with which a project whose score is 0 has the curve of ``g``, a averaged over.

    A level that was fitted to the lives of many projects has their average in it already. Were it averaged
    once more, low figures would rise, and those who wait long would look slower than they are. Solved period by period,
    as each depends on those before it alone.

    Examples
    --------
    >>> g = np.array([-3.0, -2.0, -2.5])
    >>> bool(np.allclose(curve(held(g, 0.8), np.zeros(1), 0.8), curve(g, np.zeros(1)), atol=1e-12))
    True
    """
    if not spread_sd:
        return g
    levels, left = np.empty_like(g), WEIGHTS
    for k, wanted in enumerate(expit(-np.clip(g, -_SURE, _SURE))):
        levels[k] = brentq(_surplus, -_FAR, _FAR, (left, spread_sd, wanted), xtol=1e-14, rtol=1e-14)
        left = left * expit(-(levels[k] + spread_sd * NODES))
        left = left / left.sum()  # among those who are left: of a long curve none may be, in all the digits there are
    return levels


def _surplus(level: float, left: Floats, spread_sd: float, wanted: float) -> float:
    """Return by how much a level keeps more than the share wanted, ``left`` being how many stand at each node."""
    return float(left @ expit(-(level + spread_sd * NODES)) - wanted)


def median_months(g: Floats, f: Floats, period_months: int, spread_sd: float = 0.0) -> Floats:
    """Return the months after entry by which half of such projects have the milestone: shape (n,).

    Within a period the probability is taken to rise evenly. Missing where the curve does not reach one half.

    Examples
    --------
    >>> median_months(np.zeros(2), np.array([0.0, -9.0]), 6).tolist()
    [6.0, nan]
    """
    reached = np.column_stack([np.zeros(len(f)), curve(g, f, spread_sd)])
    after = np.argmax(reached >= 0.5, axis=1)  # 0 where never, as the first column is 0
    rows = np.arange(len(f))
    low, high = reached[rows, after - 1], reached[rows, after]
    share = (0.5 - low) / np.where(after > 0, high - low, np.nan)
    return np.asarray((after - 1 + share) * period_months)


def _odds(levels: Floats, spread_sd: float) -> Floats:
    """Return the odds of each period at each node for a score of 0: shape (M, K)."""
    return np.exp(np.clip(levels + spread_sd * NODES[:, None], -_FAR, _FAR))


def _growth(f: Floats) -> Floats:
    """Return what a score multiplies the odds by, (n,): one exponential a row serves all nodes and periods."""
    return np.exp(np.clip(f, -_FAR, _FAR))


def _lived_to(odds: Floats, gain: Floats, f: Floats) -> Floats:
    r"""Return for each period the average over the nodes m of ``gain`` times what survives it: shape (K, n).

    Survival to the end of period k is :math:`\prod_{j \le k} 1 / (1 + e^f \cdot odds_{mj})`; times its odds, it is the
    chance that the milestone comes in k, divided by :math:`e^f`. All terms are positive: nothing cancels.
    """
    parts = np.zeros((odds.shape[1], len(f)))
    growth = _growth(f)
    for start in range(0, len(f), _BLOCK):
        block = slice(start, start + _BLOCK)
        _add_nodes(odds, gain, growth[block], parts[:, block])
    return parts


def _add_nodes(odds: Floats, gain: Floats, growth: Floats, parts: Floats) -> None:
    """Add to ``parts`` (K, n) node by node, period by period: the same sum for one project as for a million."""
    work = np.empty_like(growth)
    for weight, at_node, worth in zip(WEIGHTS, odds, gain, strict=True):
        survived = np.full_like(growth, weight)
        for part, ratio, each in zip(parts, at_node, worth, strict=True):
            np.multiply(growth, ratio, out=work)
            work += 1.0
            survived /= work
            np.multiply(survived, each, out=work)
            part += work


def _summed(parts: Floats) -> Floats:
    """Return the sum of ``parts`` (m, n) over the first axis, from the first to the last."""
    added = np.zeros(parts.shape[1])
    for part in parts:
        added += part
    return added
