"""How sure a rank is: an interval of ranks, the chance of the first k places, and what is left to discuss."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from models.explain import total
from models.frailty import stretched

Floats = NDArray[np.float64]

COVERAGE = 0.8  # of an interval, in figures and in ranks
IN, OUT = 0.9, 0.1  # chance of a seat from which, and up to which, there is nothing to discuss
# By how much a score may be off for what no attribute tells, in log-odds averaged over the frailty: an assumption, as
# refits do not vary by it, and the frailty also holds what comes after the review. Without it ranks are told somewhat
# too surely; half as much again would be too timid.
UNSEEN_SD = 0.3
CELLS = 4_000_000  # simulated ranks of a round, within the bounds of the next line
FEWEST_DRAWS, MOST_DRAWS = 50, 4_000
BLOCK = 500_000  # scores sorted at once


class Verdict(StrEnum):
    """Where a project stands to the seats there are."""

    IN = "in"
    DISCUSS = "discuss"
    OUT = "out"


@dataclass(frozen=True)
class RankUncertainty:
    """How sure the ranks of n projects are; NaN for a project without a figure, and where there are no draws.

    Attributes
    ----------
    low, high : (n,) the best and the worst rank of the interval, whole numbers; the shown rank is between them
    p_top : (n,) chance of being among the first k; NaN where nobody asked for k
    verdict : (n,) of `Verdict`; empty where there is no chance
    """

    low: Floats
    high: Floats
    p_top: Floats
    verdict: NDArray[np.object_]


def unseen_of(frailty_sd: float) -> float:
    """Return `UNSEEN_SD` on the scale of scores that a frailty has stretched.

    Examples
    --------
    >>> unseen_of(0.0) == UNSEEN_SD
    True
    """
    return UNSEEN_SD * stretched(frailty_sd)


def around(score: Floats, deviations: Floats) -> Floats:
    """Return plausible scores, (B, n): the score shown, and the deviations of B refits from their own mean.

    What all refits share says how refits differ from the whole, and nothing of how sure the whole is.

    Examples
    --------
    >>> around(np.array([1.0]), np.array([[0.5], [0.7]])).round(12).tolist()
    [[0.9], [1.1]]
    """
    return np.asarray(score + (deviations - _mean(deviations)))


def score_interval(score: Floats, deviations: Floats, unseen: float = UNSEEN_SD) -> tuple[Floats, Floats]:
    """Return the interval of each score that holds `COVERAGE`, (n,) and (n,); NaN from fewer than two refits.

    It allows for what refits differ by and for what no attribute tells; the shock is in the curve it goes through.

    Parameters
    ----------
    score : (n,) log-odds
    deviations : (B, n) of B refits; taken as draws of a normal of which only they are known
    unseen : standard deviation of what no attribute tells, as `unseen_of` gives it

    Examples
    --------
    >>> low, high = score_interval(np.array([0.0]), np.array([[-1.0], [1.0]]))
    >>> bool(np.isclose(high[0], 3.0776835 * (2 + UNSEEN_SD**2) ** 0.5)), bool(low[0] == -high[0])
    (True, True)
    """
    b = len(deviations)
    if b < 2:
        return np.full(len(score), np.nan), np.full(len(score), np.nan)
    spread = np.sqrt(total(((deviations - _mean(deviations)) ** 2).T) / (b - 1))
    half = stdtrit(b - 1, 0.5 + COVERAGE / 2) * np.sqrt(spread**2 + unseen**2)
    return score - half, score + half


def rank_uncertainty(
    draws: Floats, k: int | None, figure: Floats, seed: int = 0, unseen_sd: float = 0.0
) -> RankUncertainty:
    r"""Return how sure each rank is, from a few draws of all scores together.

    Twenty refits give chances in steps of a twentieth, and call sure what none of them contradicts. So thousands of
    draws are simulated from what they have in common: a multivariate t with their mean, their covariance and
    :math:`B - 1` degrees of freedom. Projects that rise and fall together keep their order in it.

    Parameters
    ----------
    draws : (B, n) plausible scores on any scale that ranks, around those shown
    k : seats; None = no chance of a seat is asked for
    figure : (n,) the figure shown, which gives the shown rank; NaN = no figure, and no rank
    unseen_sd : standard deviation of what each project has of its own beyond all draws, on their scale; `UNSEEN_SD`
        for log-odds. 0 = that refits differ is all that is unsure

    Returns
    -------
    RankUncertainty of n projects
        Projects alike in figure and draws share what they get. The order of the projects does not matter.

    Examples
    --------
    >>> apart = np.array([[3.0, 2.1, 1.9], [3.1, 1.9, 2.1], [2.9, 2.0, 2.0]])
    >>> found = rank_uncertainty(apart, 2, np.array([0.9, 0.51, 0.5]))
    >>> found.low.tolist(), found.high.tolist(), found.verdict.tolist()
    ([1.0, 2.0, 2.0], [1.0, 3.0, 3.0], ['in', 'discuss', 'discuss'])
    """
    low, high, p_top = (np.full(len(figure), np.nan) for _ in range(3))
    known = np.flatnonzero(~np.isnan(figure))
    if len(draws) >= 2 and len(known):
        order, group = _alike(figure[known], draws[:, known])
        count = np.bincount(group)
        begin = np.cumsum(count) - count
        first = known[order[begin]]
        shown = 1.0 + begin  # the groups stand in the order of the figures shown
        shown = shown[np.searchsorted(-figure[first], -figure[first], side="left")]
        best, worst, chance = _of_groups(draws[:, known[order]], count, k, seed, unseen_sd)
        low[known[order]] = np.minimum(best, shown)[group]
        high[known[order]] = np.maximum(worst, shown)[group]
        if k is not None:
            p_top[known[order]] = chance[group]
    return RankUncertainty(low, high, p_top, _verdicts(p_top, figure, k))


def _of_groups(
    draws: Floats, count: NDArray[np.intp], k: int | None, seed: int, unseen_sd: float
) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
    """Return the ends of the interval, and the chance of the first k, of each group of projects that stand together."""
    begin = np.cumsum(count) - count
    if not unseen_sd:
        return _simulated(draws[:, begin], count, k, seed)
    apart = np.ones(draws.shape[1], dtype=np.intp)  # alike in all that is seen, they are not alike in what is not
    best, worst, chance = _simulated(draws, apart, k, seed, unseen_sd)
    each = np.add.reduceat(chance, begin) / count
    return np.minimum.reduceat(best, begin), np.maximum.reduceat(worst, begin), each


def _verdicts(p_top: Floats, figure: Floats, k: int | None) -> NDArray[np.object_]:
    verdict = np.full(len(p_top), "", dtype=object)
    if k is None:
        return verdict
    known = np.sort(-figure[~np.isnan(figure)])
    seated = np.searchsorted(known, -figure, side="left") < k
    told = ~np.isnan(p_top)
    verdict[told] = Verdict.DISCUSS.value
    verdict[told & seated & (p_top >= IN)] = Verdict.IN.value
    verdict[told & ~seated & (p_top <= OUT)] = Verdict.OUT.value
    return verdict


def _alike(figure: Floats, draws: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the order by figure, the largest first, then by draws, and which in it are alike in all: both (n,)."""
    keys = np.vstack([draws[::-1], -figure])
    order = np.lexsort(keys)
    changed = (keys[:, order[1:]] != keys[:, order[:-1]]).any(axis=0)
    return order, np.concatenate([[0], np.cumsum(changed)])


def _simulated(
    draws: Floats, count: NDArray[np.intp], k: int | None, seed: int, unseen_sd: float = 0.0
) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
    """Return the ends of the interval of simulated ranks, and the chance of the first k, of each group: (groups,)."""
    b, n = draws.shape
    simulations = int(np.clip(CELLS // n, FEWEST_DRAWS, MOST_DRAWS))
    rng = np.random.default_rng(seed)
    mean = _mean(draws)
    factors = (draws - mean) / np.sqrt(b - 1)
    weights = rng.standard_normal((simulations, b)) * np.sqrt((b - 1) / rng.chisquare(b - 1, (simulations, 1)))
    places = np.empty((n, simulations), np.int32)
    chance = np.zeros(n)
    step = max(1, BLOCK // n)
    for begin in range(0, simulations, step):
        scores = mean + weights[begin : begin + step] @ factors
        if unseen_sd:
            scores += unseen_sd * rng.standard_normal(scores.shape)
        before = _before(scores, count)
        places[:, begin : begin + step] = before.T + 1
        if k is not None:
            chance += np.clip((k - before) / count, 0.0, 1.0).sum(axis=0)
    tail = int((1 - COVERAGE) / 2 * simulations)
    places.partition((tail, simulations - 1 - tail), axis=1)
    return places[:, tail], places[:, simulations - 1 - tail], chance / simulations


def _before(scores: Floats, count: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return how many projects stand above each group in each simulation: both of shape (simulations, groups)."""
    order = np.argsort(-scores, axis=1)
    sizes = count[order]
    before = np.empty_like(order)
    np.put_along_axis(before, order, np.cumsum(sizes, axis=1) - sizes, axis=1)
    return before


def _mean(draws: Floats) -> Floats:
    """Return the mean over the draws, (n,), the same bits alone and in company."""
    return np.asarray(total(draws.T) / max(1, len(draws)))
