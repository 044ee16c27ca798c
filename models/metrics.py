"""How good a set of forecasts is: order, level and the top of the list, each as one function of labels and chances.

Every function takes ``labels`` of shape (n,), 0 or 1; ``chances`` of shape (n,), probabilities or any score that
orders; and ``weights`` of shape (..., n), how often each project counts (rows of resampling counts). It returns an
array of shape ``weights.shape[:-1]``: zero-dimensional without weights. What is not defined is NaN, without a warning,
and `undefined` says why. Equal chances share their places, so that no figure depends on the order of the rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from features.words import Words

Floats = NDArray[np.float64]

BINS = 10
TOP_SHARE = 0.2
_SMALLEST = np.finfo(np.float64).eps  # the clip of scikit-learn's log_loss


@dataclass(frozen=True)
class _Steps:
    """Projects of equal chance taken together, from the highest chance to the lowest."""

    positives: Floats  # (..., g) weight of the labels 1
    weight: Floats  # (..., g)

    @property
    def negatives(self) -> Floats:
        return self.weight - self.positives

    @property
    def before(self) -> Floats:
        """The weight above each step."""
        return np.cumsum(self.weight, axis=-1) - self.weight

    def within(self, mass: Floats) -> Floats:
        """Return how much of each step lies in the first ``mass``, in shares of the step."""
        taken = np.clip(mass[..., None] - self.before, 0.0, self.weight)
        return _ratio(taken, self.weight, otherwise=0.0)


def _ratio(above: Floats, below: Floats, otherwise: float = np.nan) -> Floats:
    shares: Floats = np.full(np.broadcast_shapes(np.shape(above), np.shape(below)), otherwise)
    np.divide(above, below, out=shares, where=below > 0)
    return shares


def _steps(labels: Floats, chances: Floats, weights: Floats | None) -> _Steps:
    counted = np.ones(len(labels)) if weights is None else weights
    if not len(labels):
        return _Steps(np.zeros((*counted.shape[:-1], 0)), np.zeros((*counted.shape[:-1], 0)))
    order = np.argsort(-chances, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(chances[order]) != 0])
    counted = counted[..., order]
    return _Steps(np.add.reduceat(counted * labels[order], starts, axis=-1), np.add.reduceat(counted, starts, axis=-1))


def auc(labels: Floats, chances: Floats, weights: Floats | None = None) -> Floats:
    """Return the chance that a project that came stands above one that did not; a tie counts half.

    Examples
    --------
    >>> float(auc(np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.2, 0.7])))
    0.75
    >>> float(auc(np.ones(2), np.array([0.1, 0.9])))
    nan
    """
    steps = _steps(labels, chances, weights)
    negatives = steps.negatives
    below = negatives.sum(-1, keepdims=True) - np.cumsum(negatives, axis=-1)
    pairs = steps.positives.sum(-1) * negatives.sum(-1)
    return _ratio((steps.positives * (below + negatives / 2)).sum(-1), pairs)


def pr_auc(labels: Floats, chances: Floats, weights: Floats | None = None) -> Floats:
    """Return the average precision: precision at each step of recall, weighted by the step."""
    steps = _steps(labels, chances, weights)
    precision = _ratio(np.cumsum(steps.positives, axis=-1), np.cumsum(steps.weight, axis=-1), otherwise=0.0)
    return _ratio((steps.positives * precision).sum(-1), steps.positives.sum(-1))


def log_loss(labels: Floats, chances: Floats, weights: Floats | None = None) -> Floats:
    """Return the mean of -log of the chance given to what happened, chances held off 0 and 1 by 2e-16."""
    sure = np.clip(chances, _SMALLEST, 1 - _SMALLEST)
    return _mean(-(labels * np.log(sure) + (1 - labels) * np.log1p(-sure)), weights)


def brier(labels: Floats, chances: Floats, weights: Floats | None = None) -> Floats:
    """Return the mean squared distance between chance and outcome."""
    return _mean((chances - labels) ** 2, weights)


def _mean(losses: Floats, weights: Floats | None) -> Floats:
    counted = np.ones(len(losses)) if weights is None else weights
    return _ratio((counted * losses).sum(-1), counted.sum(-1))


def precision_at(labels: Floats, chances: Floats, k: float, weights: Floats | None = None) -> Floats:
    """Return the share that came among the ``k`` highest; NaN where there are fewer than ``k``.

    Projects that tie across the cut count in part: the mean over every order of the tied.

    Examples
    --------
    >>> float(precision_at(np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.5, 0.5]), k=2))
    0.75
    """
    steps = _steps(labels, chances, weights)
    mass = np.full(steps.weight.shape[:-1], float(k))
    found = (steps.positives * steps.within(mass)).sum(-1) / k
    return np.where(steps.weight.sum(-1) >= k, found, np.nan)


def lift_at(labels: Floats, chances: Floats, k: float, weights: Floats | None = None) -> Floats:
    """Return `precision_at` ``k`` over the share of all: 1 is what a list in any order gives."""
    steps = _steps(labels, chances, weights)
    return _ratio(precision_at(labels, chances, k, weights) * steps.weight.sum(-1), steps.positives.sum(-1))


def lift_of_top(labels: Floats, chances: Floats, weights: Floats | None = None, share: float = TOP_SHARE) -> Floats:
    """Return the share that came among the top ``share`` of projects, over the share of all.

    The project at the cut counts in part, so that a fifth of 7 projects is 1.4 projects.
    """
    steps = _steps(labels, chances, weights)
    mass = share * steps.weight.sum(-1)
    found = _ratio((steps.positives * steps.within(mass)).sum(-1), mass)
    return _ratio(found * steps.weight.sum(-1), steps.positives.sum(-1))


def ndcg_at(labels: Floats, chances: Floats, k: int, weights: Floats | None = None) -> Floats:
    """Return the discounted gain of the first ``k`` places over the best possible one.

    Tied projects share the gains of their places. Weights must be whole: a project drawn twice takes two places.
    """
    steps = _steps(labels, chances, weights)
    discounts = np.r_[0.0, np.cumsum(1 / np.log2(np.arange(k) + 2))]
    gain = _ratio(steps.positives, steps.weight, otherwise=0.0)
    above = np.minimum(steps.before, k).astype(np.intp)
    below = np.minimum(steps.before + steps.weight, k).astype(np.intp)
    found = (gain * (discounts[below] - discounts[above])).sum(-1)
    best = discounts[np.minimum(steps.positives.sum(-1), k).astype(np.intp)]
    return np.where(steps.weight.sum(-1) >= k, _ratio(found, best), np.nan)


def bins_of(chances: Floats, bins: int = BINS) -> NDArray[np.intp]:
    """Return the bin of each project, 0 the lowest: bins of equal count by rank, equal chances never parted.

    A group of equal chances goes where the middle of its ranks falls, so a bin may stay empty.

    Examples
    --------
    >>> bins_of(np.array([0.1, 0.2, 0.3, 0.4]), bins=2).tolist()
    [0, 0, 1, 1]
    """
    _, group, count = np.unique(chances, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2
    return (middle / max(len(chances), 1) * bins).astype(np.intp)[group]


def ece(labels: Floats, chances: Floats, bins: int = BINS) -> Floats:
    """Return the expected calibration error: the mean |mean chance - share that came| over bins of equal count.

    Sampling noise alone lifts it: with 40 projects a bin and a true share of .4, a perfect forecast gets about .06.
    """
    if not len(labels):
        return np.array(np.nan)
    gaps = np.bincount(bins_of(chances, bins), weights=chances - labels)
    return np.array(np.abs(gaps).sum() / len(labels))


@dataclass(frozen=True)
class Metric:
    """A figure of merit: what it is called, whether more is better, and how to take it."""

    id: str
    label: Words
    rises: bool
    of: Callable[[Floats, Floats, Floats | None], Floats]
    resampled: bool = True  # False: its bootstrap would be biased, so it carries no interval


def metrics_at(k: int) -> Mapping[str, Metric]:
    """Return every metric by its id, those of the top of the list at ``k``."""
    table = (
        Metric("auc", Words("AUC", "AUC"), True, auc),
        Metric("pr_auc", Words("PR-AUC", "PR-AUC"), True, pr_auc),
        Metric("log_loss", Words("对数损失", "log loss"), False, log_loss),
        Metric("brier", Words("Brier 分", "Brier"), False, brier),
        # Resampled bins are noisier than the sample's own: every draw would lie above the figure.
        Metric("ece", Words("校准误差", "ECE"), False, lambda y, p, _: ece(y, p), resampled=False),
        Metric(
            "precision_at_k", Words(f"前{k}命中率", f"precision@{k}"), True, lambda y, p, w: precision_at(y, p, k, w)
        ),
        Metric("lift_at_k", Words(f"前{k}提升度", f"lift@{k}"), True, lambda y, p, w: lift_at(y, p, k, w)),
        Metric("ndcg_at_k", Words(f"NDCG@{k}", f"NDCG@{k}"), True, lambda y, p, w: ndcg_at(y, p, k, w)),
        Metric("lift_at_20pct", Words("前20%提升度", "lift@20%"), True, lift_of_top),
    )
    return MappingProxyType({metric.id: metric for metric in table})


def undefined(labels: Floats, k: int) -> tuple[Words, ...]:
    """Return, in words, why some metrics of these labels are NaN; nothing where all are defined."""
    n, came = len(labels), int(labels.sum())
    said = []
    if n and came == 0:
        said.append(
            Words(
                f"{n} 个项目均未达成：AUC、PR-AUC、提升度、NDCG 无定义",
                f"none of {n} projects came: AUC, PR-AUC, lift, NDCG undefined",
            )
        )
    if n and came == n:
        said.append(Words(f"{n} 个项目全部达成：AUC 无定义", f"all of {n} projects came: AUC undefined"))
    if n < k:
        said.append(
            Words(
                f"只有 {n} 个项目，不足 {k} 个：前{k}指标无定义",
                f"only {n} projects, fewer than {k}: figures at {k} undefined",
            )
        )
    return tuple(said)
