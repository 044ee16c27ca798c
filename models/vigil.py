r"""Whether as much comes as a model expects: evidence that may be looked at on any day without raising false alarms.

What is counted are records: by the step in which they came in, and by the month in which they say it happened. Under
the *null* the model is right up to a level :math:`u_t` that it cannot know and that moves a little:

    records of a step ~ Poisson(expected · e^u)      u_0 ~ N(0, level²)      u a slow AR(1), its sd weighed by the past

The *alternative* adds a shift δ to what happens from some month c on. Mixed over c and δ, the ratio of the two
likelihoods is a martingale of mean 1 under the null, an e-process: by Ville's inequality (Ville, Étude critique de la
notion de collectif, 1939) the chance that it ever reaches 1/α is at most α, however often one looks and whenever one
stops (Howard, Ramdas, McAuliffe and Sekhon, Annals of Statistics 2021, doi:10.1214/20-AOS1991). A sum over start days
whose weights add up to at most 1 stays an e-process (Shin, Ramdas and Rinaldo, *E-detectors*, 2022, arXiv:2203.03532).

The null is a distribution over levels and drifts, so that the promise is one on average over them: a county whose level
moves further than its past let one expect has changed, and is told so. Chances of a month are small, so that a count of
single chances varies a little less than Poisson: the evidence is weighed too low, if anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from models.curve import Floats

_REACH, _WIDTH = 1.25, 0.05  # log-odds: how far the grid of levels goes, and how fine it is
_DRIFTS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45)  # all equally likely beforehand


@dataclass(frozen=True)
class Beliefs:
    """What is believed before anything has come in.

    Attributes
    ----------
    level_sd : how far the model's level may be off on the day of training, in log rates
    drifts : how far a quiet calendar may move it (standard deviation in log rates), each with its weight; they add up
        to 1
    memory_months : after which 1/e of a movement is left
    starts : chance that a change begins in a given month, if none has before
    shifts : sizes of a change in log rates, each with its weight; they add up to 1
    """

    level_sd: float = 0.07
    drifts: tuple[tuple[float, float], ...] = ((0.05, 1.0),)
    memory_months: float = 18.0
    starts: float = 1 / 18
    shifts: tuple[tuple[float, float], ...] = ((-1.2, 0.15), (-0.7, 0.65), (-0.35, 0.1), (0.5, 0.1))


@dataclass(frozen=True)
class Watched:
    """Records that were expected, and that came, in T steps, by the M months in which they say it happened.

    Attributes
    ----------
    expected, came : (T, M) sums of chances, and counts
    months : (T,) calendar months that each step covers
    before : how many of the M months were over when the model was trained: no change is looked for in them
    """

    expected: Floats
    came: Floats
    months: NDArray[np.intp]
    before: int


@dataclass(frozen=True)
class Evidence:
    """What the records say against the model.

    Attributes
    ----------
    log_e : (T,) logarithm of the e-process after each step
    since : place among the M months in which a change, if there was one, most likely began; -1 without any step
    shift : its expected size in log rates
    """

    log_e: Floats
    since: int
    shift: float

    def alarm(self, alpha: float) -> int | None:
        """Return the first step after which the evidence reached 1 / ``alpha``, None = never.

        An alarm stands until a new model is trained: Ville's bound is on the highest value ever reached.
        """
        reached = np.flatnonzero(self.log_e >= -np.log(alpha))
        return int(reached[0]) if reached.size else None


def calendar(past: Floats, level_sd: float) -> Beliefs:
    """Return beliefs in which the level drifts as far as it may have done before the training, by what the past shows.

    Parameters
    ----------
    past : (2, M) expected and counted by month
    level_sd : how far the model's level may be off

    Examples
    --------
    >>> steady, wild = np.full((2, 60), 50.0), np.array([[50.0] * 60, [80.0] * 30 + [30.0] * 30])
    >>> [max(calendar(past, 0.1).drifts, key=lambda drift: drift[1])[0] for past in (steady, wild)]
    [0.02, 0.3]
    """
    told = np.array([_evidence(past, level_sd, drift) for drift in _DRIFTS])
    weight = np.exp(told - logsumexp(told))
    return Beliefs(level_sd, tuple(zip(_DRIFTS, weight.tolist(), strict=True)))


def _evidence(past: Floats, level_sd: float, drift: float) -> float:
    """Return the log likelihood of the past, but for what all drifts share."""
    level = _levels()
    weight = _logged(np.exp(-((level / np.hypot(level_sd, drift)) ** 2) / 2))
    month = _month(level, drift, Beliefs.memory_months)
    for expected, came in past.T:
        weight = _moved(weight, month) + came * level - expected * np.expm1(level)
    return float(logsumexp(weight))


def vigil(watched: Watched, held: Beliefs) -> Evidence:
    """Weigh what came against what was expected, step by step.

    Examples
    --------
    Fifty a month are expected; from the sixth month on, half of that comes.

    >>> expected = np.diag(np.full(12, 50.0))
    >>> came = np.diag(np.r_[np.full(5, 50.0), np.full(7, 25.0)])
    >>> found = vigil(Watched(expected, came, np.ones(12, dtype=np.intp), before=0), Beliefs())
    >>> found.alarm(0.01), found.since, round(found.shift, 1)
    (6, 5, -0.7)
    """
    starts = np.arange(watched.before, watched.expected.shape[1])
    if not len(watched.months) or not len(starts):
        return Evidence(np.zeros(len(watched.months)), -1, 0.0)
    shift, weight = (np.array(part) for part in zip(*held.shifts, strict=True))
    drifts = [_likelihoods(watched, held, drift, starts, shift) for drift, _ in held.drifts]
    null, change = (_mean([part[k] for part in drifts], [share for _, share in held.drifts]) for k in (0, 1))
    prior = held.starts * (1 - held.starts) ** np.arange(len(starts))
    ratio = np.log(prior)[:, None] + np.log(weight) + change - null[:, None, None]
    never = len(starts) * np.log1p(-held.starts)
    log_e = np.logaddexp(logsumexp(ratio, axis=(1, 2)), never)
    share = np.exp(ratio[-1] - logsumexp(ratio[-1]))
    likeliest = int(share.sum(axis=1).argmax())
    size = float(share[likeliest] @ shift / share[likeliest].sum())
    return Evidence(log_e, int(starts[likeliest]), size)


def _likelihoods(
    watched: Watched, held: Beliefs, drift: float, starts: NDArray[np.intp], shift: Floats
) -> tuple[Floats, Floats]:
    """Return the log likelihood after each step without a change, (T,), and by start and size of one, (T, C, D)."""
    level = _levels()
    month = _month(level, drift, held.memory_months)
    null = _logged(np.exp(-((level / held.level_sd) ** 2) / 2))
    change = np.broadcast_to(null, (len(starts), len(shift), len(level)))
    told: list[tuple[Floats, Floats]] = []
    for expected, came, months in zip(watched.expected, watched.came, watched.months, strict=True):
        moved = np.linalg.matrix_power(month, int(months))
        null, change = _moved(null, moved), _moved(change, moved)
        null = null + came.sum() * level - expected.sum() * np.exp(level)
        after, counted = (np.cumsum(part[::-1])[::-1][starts] for part in (expected, came))
        total = expected.sum() + after[:, None] * np.expm1(shift)
        change = change + came.sum() * level - total[..., None] * np.exp(level) + (counted[:, None] * shift)[..., None]
        told.append((logsumexp(null), logsumexp(change, axis=-1)))
    return np.array([one for one, _ in told]), np.array([other for _, other in told])


def _mean(logs: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Return the logarithm of the weighted mean of what has these logarithms."""
    by = np.array(weights).reshape(-1, *(1 for _ in logs[0].shape))
    return np.asarray(logsumexp(np.array(logs), axis=0, b=by))


def _levels() -> Floats:
    return np.arange(-_REACH, _REACH + _WIDTH / 2, _WIDTH)


def _month(level: Floats, drift: float, memory_months: float) -> Floats:
    """Return the chances with which a level moves to each other within a month, (U, U)."""
    kept = np.exp(-1 / memory_months)
    width = np.hypot(drift * np.sqrt(1 - kept**2), _WIDTH / 4)  # never so narrow as to fall between two of the grid
    chance = np.exp(-(((level - kept * level[:, None]) / width) ** 2) / 2)
    return np.asarray(chance / chance.sum(axis=1, keepdims=True))


def _moved(weight: Floats, moved: Floats) -> Floats:
    """Return logarithmic weights of the levels, (..., U), after the level has moved."""
    most = weight.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.maximum(np.exp(weight - most) @ moved, 1e-300)) + most)


def _logged(weight: Floats) -> Floats:
    return np.asarray(np.log(weight / weight.sum()))
