r"""The additive hazard fitted: :math:`\sigma(g_k + \sum_m b_m s_{im})`, a level per period and weights on scores.

Maximum a posteriori by Newton's method. The Hessian is an arrow, as every period meets only its own level and all the
weights: the weights are solved for first, then each period by itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from models.curve import Floats
from models.exposure import Exposure
from models.level import Anchor

_STEPS = 200  # ten are usual; more only where weights run along their bounds
_CLOSE = 1e-11


@dataclass(frozen=True)
class Belief:
    """What is believed of m weights before the data: normal around ``mean``, and never beyond the bounds.

    Attributes
    ----------
    mean, low, high : (m,)
    precision : (m, m)
    """

    mean: Floats
    precision: Floats
    low: Floats
    high: Floats


NO_SCORE = Belief(np.zeros(0), np.zeros((0, 0)), np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class Fit:
    """Baseline log-odds per period (K,), and the weight of each score (m,)."""

    baseline: Floats
    weights: Floats


@dataclass(frozen=True)
class _Slopes:
    """First and second derivatives of the log posterior in the levels (K,) and the weights (m,), and across (m, K)."""

    level: Floats
    level_bend: Floats
    weight: Floats
    weight_bend: Floats
    shared: Floats


def fit_additive(exposure: Exposure, scores: Floats, anchor: Anchor, belief: Belief = NO_SCORE) -> Fit:
    """Fit level and weights to the lives.

    In each period so many reference projects (score 0) are added as the anchor is worth, with its hazard: with no rows
    g is the logit of that; with no score it is that of (events + projects·hazard) / (rows + projects).

    Parameters
    ----------
    exposure : n projects by K periods
    scores : (n, m); m may be 0

    Examples
    --------
    >>> lived = Exposure(np.arange(2), np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 0.0]]))
    >>> fit = fit_additive(lived, np.zeros((2, 0)), Anchor(np.array([0.2, 0.2]), 8.0))
    >>> expit(fit.baseline).round(12).tolist()
    [0.26, 0.2]
    """
    g, b = np.asarray(logit(anchor.hazards)), np.clip(belief.mean, belief.low, belief.high)
    for _ in range(_STEPS):
        slopes = _slopes(exposure, scores, anchor, belief, Fit(g, b))
        step, turn = _newton(slopes, (b > belief.low) | (slopes.weight > 0), (b < belief.high) | (slopes.weight < 0))
        scale = min(1.0, 1.0 / max(_furthest(step, turn), 1e-300))
        moved = np.clip(b + scale * turn, belief.low, belief.high)
        left = _furthest(scale * step, moved - b)
        g, b = g + scale * step, moved
        if left < _CLOSE:
            break
    return Fit(g, b)


def _slopes(exposure: Exposure, scores: Floats, anchor: Anchor, belief: Belief, at: Fit) -> _Slopes:
    gradient, curvature = exposure.pull(at.baseline, scores @ at.weights)
    reference = expit(at.baseline)
    return _Slopes(
        level=gradient.sum(axis=0) + anchor.projects * (anchor.hazards - reference),
        level_bend=curvature.sum(axis=0) + anchor.projects * reference * (1 - reference),
        weight=scores.T @ gradient.sum(axis=1) - belief.precision @ (at.weights - belief.mean),
        weight_bend=(scores * curvature.sum(axis=1)[:, None]).T @ scores + belief.precision,
        shared=scores.T @ curvature,
    )


def _newton(slopes: _Slopes, *may: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the steps of the levels and of the weights; a weight that would leave its bounds stays."""
    free = np.logical_and.reduce(may)
    shared = slopes.shared[free]
    arrow = slopes.weight_bend[np.ix_(free, free)] - (shared / slopes.level_bend) @ shared.T
    turn = np.zeros(len(slopes.weight))
    turn[free] = np.linalg.solve(arrow, slopes.weight[free] - shared @ (slopes.level / slopes.level_bend))
    return (slopes.level - slopes.shared.T @ turn) / slopes.level_bend, turn


def _furthest(step: Floats, turn: Floats) -> float:
    return max(float(np.abs(step).max(initial=0.0)), float(np.abs(turn).max(initial=0.0)))
