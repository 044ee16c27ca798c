r"""Frailty: what sets a project apart that no attribute tells, learned from how the effect of attributes fades.

Of projects with one score the stronger start sooner, so those still waiting are ever more alike, whatever they looked
like at the entry. With an unknown part :math:`z_i \sim N(0, s^2)` of each project's own (Vaupel, Manton and Stallard,
Demography 1979; Lancaster, Econometrica 1979), the hazard of period k is :math:`\sigma(g_k + b f_i + z_i)`, and level,
stretch b and s are fitted to whole lives, z averaged over.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_expit, logsumexp

from models.additive import AS_IT_IS, fit_additive
from models.curve import NODES, WEIGHTS, Floats
from models.exposure import Exposure
from models.level import Anchor

# A logistic slope averaged over a normal is flatter by about the root of 1 + this times the variance (Zeger, Liang and
# Albert, Biometrics 1988, doi:10.2307/2531734).
_FLATTENED = (16 * np.sqrt(3) / (15 * np.pi)) ** 2
_NODES, _LOG_WEIGHTS = NODES[::2], np.log(WEIGHTS[::2] / WEIGHTS[::2].sum())
_BINS = 8  # a unit of log-odds is cut into so many: projects in one bin are counted together
_LEAST, _MOST = 0.01, 2.5


def stretched(sd: float) -> float:
    """Return what a slope is to be multiplied by so that, averaged over a frailty, it is as steep as before.

    Examples
    --------
    >>> round(stretched(0.0), 3), round(stretched(2.0), 3)
    (1.0, 1.544)
    """
    return float(np.sqrt(1.0 + _FLATTENED * sd**2))


@dataclass(frozen=True)
class FrailtyPrior:
    """What is believed before the lives.

    Attributes
    ----------
    mode : of the frailty's standard deviation, in log-odds; a gamma of shape 2, which keeps it off 0 (Chung and others,
        Psychometrika 2013, doi:10.1007/s11336-013-9328-2)
    stretch_sd : standard deviation, around 1, of what the averaged slope is multiplied by
    """

    mode: float
    stretch_sd: float


@dataclass(frozen=True)
class Frailty:
    """The level and the stretch that go with a frailty.

    Attributes
    ----------
    baseline : (K,) log-odds per period of a project whose score and frailty are 0
    stretch : what the score is multiplied by
    sd : of the frailty, in log-odds
    """

    baseline: Floats
    stretch: float
    sd: float


@dataclass(frozen=True)
class _Lives:
    """Lives counted by score.

    Attributes
    ----------
    score : (B,)
    came : (B, K) with the event in each period
    stayed : (B, K + 1) without it, by the periods lived
    """

    score: Floats
    came: Floats
    stayed: Floats


def fit_frailty(exposure: Exposure, score: Floats, anchor: Anchor, prior: FrailtyPrior) -> Frailty:
    """Fit level, stretch and frailty to lives.

    The level's anchor counts here as everywhere: so many reference projects in each period, with its hazard averaged.
    Where no score tells projects apart, or nothing came, nothing can be seen to fade: there is no frailty.

    Parameters
    ----------
    exposure : n projects by K periods, each lived from the first period on
    score : (n,) log-odds of fits that did not see the project
    """
    plain = fit_additive(exposure, score[:, None], anchor, AS_IT_IS).baseline
    if not score.any() or not exposure.events:
        return Frailty(plain, 1.0, 0.0)
    start = np.append(plain, [1.0, prior.mode])
    bounds = [(None, None)] * len(plain) + [(0.0, None), (_LEAST, _MOST)]
    lives = _counted(exposure, score, anchor)
    found = minimize(_loss, start, (lives, prior), jac=True, method="L-BFGS-B", bounds=bounds).x
    sd = float(found[-1])
    return Frailty(found[:-2], float(found[-2]) * stretched(sd), sd)


def _counted(exposure: Exposure, score: Floats, anchor: Anchor) -> _Lives:
    nearest = np.rint(score * _BINS).astype(np.intp)
    lowest = min(int(nearest.min(initial=0)), 0)
    place, width = nearest - lowest, int(np.ptp(np.append(nearest, 0))) + 1
    came = np.zeros((width, exposure.n_periods))
    np.add.at(came, place, exposure.came)
    stayed = np.zeros((width, exposure.n_periods + 1))
    waits = ~exposure.came.any(axis=1)
    np.add.at(stayed, (place[waits], np.count_nonzero(exposure.risk[waits], axis=1)), exposure.risk[waits, 0])
    came[-lowest] += anchor.projects * anchor.hazards
    stayed[-lowest, 1:] += anchor.projects * (1.0 - anchor.hazards)
    stayed[-lowest, :-1] -= anchor.projects  # of those who came so far: what the periods before told is not told again
    return _Lives((np.arange(width) + lowest) / _BINS, came, stayed)


def _loss(at: Floats, lives: _Lives, prior: FrailtyPrior) -> tuple[float, Floats]:
    """Return minus the log posterior at (levels, averaged stretch, sd), and its gradient."""
    g, slope, sd = at[:-2], at[-2], at[-1]
    steep = stretched(sd)
    log_odds = g[:, None] + (slope * steep * lives.score)[:, None, None] + sd * _NODES  # (B, K, M)
    left = np.cumsum(log_expit(-log_odds), axis=1)
    left = np.concatenate([np.zeros_like(left[:, :1]), left], axis=1)  # (B, K + 1, M)
    coming = left[:, :-1] + log_expit(log_odds)
    told_came, came = _averaged(coming, lives.came)
    told_stayed, stayed = _averaged(left, lives.stayed)
    lived = np.cumsum((came + stayed[:, 1:])[:, ::-1], axis=1)[:, ::-1]  # through each period, or had the event in it
    pull = came - lived * np.exp(log_expit(log_odds))
    by_slope = float((pull.sum(axis=(1, 2)) * lives.score).sum())
    by_sd = float(pull.sum(axis=(0, 1)) @ _NODES) + by_slope * slope * _FLATTENED * sd / steep
    away = (slope - 1.0) / prior.stretch_sd**2
    posterior = told_came + told_stayed - away * (slope - 1.0) / 2 + np.log(sd) - sd / prior.mode
    gradient = np.append(pull.sum(axis=(0, 2)), [by_slope * steep - away, by_sd + 1 / sd - 1 / prior.mode])
    return -posterior, -gradient


def _averaged(given: Floats, count: Floats) -> tuple[float, Floats]:
    """Return the log likelihood of counted lives, and how many of them stand at each node, (B, ., M)."""
    weighted = given + _LOG_WEIGHTS
    mean = logsumexp(weighted, axis=2)
    return float((count * mean).sum()), count[..., None] * np.exp(weighted - mean[..., None])


def averaged_log_odds(frailty: Frailty, score: Floats) -> Floats:
    """Return the log-odds of each period among those still waiting, frailty averaged over: (n, K).

    Parameters
    ----------
    score : (n,) before the stretch; told to the bin that lives are counted in
    """
    bins, place = np.unique(np.rint(score * _BINS), return_inverse=True)
    return _averaged_log_odds(frailty, bins / _BINS)[place]


def _averaged_log_odds(frailty: Frailty, score: Floats) -> Floats:
    log_odds = frailty.baseline[:, None] + (frailty.stretch * score)[:, None, None] + frailty.sd * _NODES
    left = np.cumsum(log_expit(-log_odds), axis=1)
    before = np.concatenate([np.zeros_like(left[:, :1]), left[:, :-1]], axis=1)
    coming = before + log_expit(log_odds)
    return np.asarray(logsumexp(coming + _LOG_WEIGHTS, axis=2) - logsumexp(left + _LOG_WEIGHTS, axis=2))
