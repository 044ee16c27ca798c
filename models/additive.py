r"""The additive hazard fitted: :math:`\sigma(g_k + \sum_m b_m s_{im})`, a level per period and weights on scores.

Maximum a posteriori by Newton's method. The Hessian is an arrow, as every period meets only its own level and all the
weights: the weights are solved for first, then each period by itself. A step that would lower the posterior is halved.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit

from models.curve import Floats
from models.exposure import Exposure
from models.level import Anchor

_STEPS = 200  # ten are usual; more only where weights run along their bounds
_CLOSE = 1e-11
_SHARES = 0.5 ** np.arange(30)  # of a step, the whole first
_ROUNDING = 1e-12  # relative; a posterior that is lower by less has not fallen


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
AS_IT_IS = Belief(np.ones(1), np.zeros((1, 1)), np.ones(1), np.ones(1))  # one score whose weight is settled


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
    posterior = _Posterior(exposure, scores, anchor, belief)
    at = Fit(np.asarray(logit(anchor.hazards)), np.clip(belief.mean, belief.low, belief.high))
    slopes = posterior.slopes(at)
    for _ in range(_STEPS):
        above, below = at.weights > belief.low, at.weights < belief.high
        step, turn = _newton(slopes, above | (slopes.weight > 0), below | (slopes.weight < 0))
        scale = min(1.0, 1.0 / max(_furthest(step, turn), 1e-300))
        whole = posterior.moved(at, scale * step, scale * turn)
        if _furthest(scale * step, whole.weights - at.weights) < _CLOSE:
            return whole
        at, slopes = _climbed(posterior, at, scale * step, scale * turn)
    return at


@dataclass(frozen=True)
class _Posterior:
    """What is climbed: the lives, the anchor and the belief together."""

    exposure: Exposure
    scores: Floats
    anchor: Anchor
    belief: Belief

    def moved(self, at: Fit, step: Floats, turn: Floats) -> Fit:
        """Return where a step leads within the bounds."""
        return Fit(at.baseline + step, np.clip(at.weights + turn, self.belief.low, self.belief.high))

    def height(self, at: Fit) -> float:
        """Return the log posterior, up to a constant."""
        exposure, anchor, away = self.exposure, self.anchor, at.weights - self.belief.mean
        odds = at.baseline[None, :] + (self.scores @ at.weights)[:, None]
        lives = (exposure.risk * log_expit(-odds) + exposure.came * odds).sum()
        reference = anchor.projects * (log_expit(-at.baseline) + anchor.hazards * at.baseline).sum()
        return float(lives + reference - away @ self.belief.precision @ away / 2)

    def slopes(self, at: Fit) -> _Slopes:
        """Return its derivatives."""
        exposure, scores, anchor, belief = self.exposure, self.scores, self.anchor, self.belief
        gradient, curvature = exposure.pull(at.baseline, scores @ at.weights)
        reference = expit(at.baseline)
        return _Slopes(
            level=gradient.sum(axis=0) + anchor.projects * (anchor.hazards - reference),
            level_bend=curvature.sum(axis=0) + anchor.projects * reference * (1 - reference),
            weight=scores.T @ gradient.sum(axis=1) - belief.precision @ (at.weights - belief.mean),
            weight_bend=(scores * curvature.sum(axis=1)[:, None]).T @ scores + belief.precision,
            shared=scores.T @ curvature,
        )

    def fell(self, before: Fit, after: Fit, slopes: _Slopes) -> bool:
        """Tell whether a move lowered the posterior; ``slopes`` are those after it.

        It is concave: where it does not fall at the end of the move, it rose all the way, and is not computed.
        """
        moved = after.baseline - before.baseline, after.weights - before.weights
        if slopes.level @ moved[0] + slopes.weight @ moved[1] >= 0:
            return False
        height = self.height(before)
        return self.height(after) < height - _ROUNDING * abs(height)


def _climbed(posterior: _Posterior, at: Fit, step: Floats, turn: Floats) -> tuple[Fit, _Slopes]:
    """Return where the largest share of a step leads that does not lower the posterior, and the slopes there.

    Where every share lowers it, which a weight at its bound may bring about, it is the whole step all the same.
    """
    found = []
    for share in _SHARES:
        ahead = posterior.moved(at, share * step, share * turn)
        found.append((ahead, posterior.slopes(ahead)))
        if not posterior.fell(at, *found[-1]):
            return found[-1]
    return found[0]


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
