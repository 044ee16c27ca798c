r"""How far the level ahead may be from that of the past: learned from how it moved from calendar step to calendar step.

A project's hazard is :math:`\sigma(g_k + f_i + u_c)`, u_c the effect of the calendar step in which its period k ended.
The effects follow an AR(1); its spread and memory are weighed on a grid by their marginal likelihood in Laplace's
approximation (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, section 3.4). What counts is the
mean effect over the horizon of a new cohort, as seen from the level g that is shipped.

A calm past says little of the next change of rules: what it shows is pooled with a prior as so many horizons with so
many others, and the first horizon of a register, which only sets its level, counts for none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, toeplitz
from scipy.special import expit

from features.milestones import Days
from features.timeline import PersonPeriods, edges
from models.curve import Floats

MEMORIES = (6.0, 12.0, 24.0, 48.0, 96.0, 192.0)  # months after which 1/e of an effect is left; all equally likely
_STEPS = 160  # calendar steps told apart; what is older counts with the oldest
_SPREADS = np.arange(-6, 5) / 2  # grid of the shock's log standard deviation around the prior's: normal, with sd 1
_BINS = 8  # a unit of log-odds is cut into so many: projects in one bin are counted together
_ANY_MEAN = 4.0  # variance of a mean of the effects: wide, so that a level off target is not taken for a shock


@dataclass(frozen=True)
class ShockPrior:
    """What is believed of the shock before the register has shown any.

    Attributes
    ----------
    sd : its standard deviation in log-odds
    horizons : how many horizons, each with a shock of its own, the belief is worth; the UK planning
        register showed 0.2 until 2015 and then fell by 0.8 to 1.4, so a few calm horizons must not talk it down
    """

    sd: float = 0.8
    horizons: float = 5.0


@dataclass(frozen=True)
class Shock:
    """What a new cohort will meet over its horizon, in log-odds, relative to the level that is shipped.

    Attributes
    ----------
    sd : standard deviation of the mean effect over a horizon, pooled with the prior: what curves are averaged over
    level : the mean effect ahead that the past lets one expect; drawn towards 0 as memory fades, and by a short past
    seen : standard deviation as the register alone shows it; the prior's without events
    horizons : how many horizons the register has lived beyond its first, by the steps that had events
    effects : (c,) of the calendar steps of the past, as expected afterwards
    steps : (c,) first day after each step
    """

    sd: float
    level: float
    seen: float
    horizons: float
    effects: Floats
    steps: Days


@dataclass(frozen=True)
class _Past:
    """Person-periods counted by calendar step and log-odds.

    Attributes
    ----------
    step, log_odds, rows : (b,) how many person-periods have such log-odds in such a step
    events : (c,) in each step
    """

    step: NDArray[np.intp]
    log_odds: Floats
    rows: Floats
    events: Floats


@dataclass(frozen=True)
class _Told:
    """What one spread and memory tell: the log weight they deserve, the shock's spread, the effects, the level."""

    weight: float
    sd: float
    effects: Floats
    level: float


def fit_shock(
    periods: PersonPeriods,
    log_odds: Floats,
    hazards: Floats,
    period_months: int,
    prior: ShockPrior,
) -> Shock:
    """Learn what a new cohort may meet from the person-periods of the past.

    Parameters
    ----------
    periods : m person-periods
    log_odds : (m,) of each person-period, from a model that did not see the project
    hazards : (H,) of the reference project in each period that a new cohort's figure covers
    period_months : length of a period, and of a calendar step; steps are counted back from the last end

    Examples
    --------
    Without events, the prior:

    >>> end = np.array(["2024-04-01", "2024-07-01"], dtype="datetime64[D]")
    >>> lived = PersonPeriods(np.array([0, 0]), np.array([0, 1]), np.zeros(2), end, n_periods=4)
    >>> fit_shock(lived, np.full(2, -2.0), np.full(4, 0.1), 3, ShockPrior(sd=0.7)).sd
    0.7
    """
    if not periods.event.any():
        return Shock(prior.sd, 0.0, prior.sd, 0.0, np.zeros(0), np.zeros(0, dtype="datetime64[D]"))
    back = edges(_STEPS - 1, period_months)
    ago = np.searchsorted(back, periods.end.max() - periods.end, side="right") - 1
    n_steps = int(ago.max()) + 1
    past = _counted(n_steps - 1 - ago, log_odds, periods.event)
    share = hazards / hazards.sum()  # an effect moves the figure as much as the hazard of its period
    told = list(_told(past, share, period_months, prior))
    lived = max(np.count_nonzero(past.events) / len(hazards) - 1.0, 0.0)
    return _pooled(told, prior, lived, (periods.end.max() - back[:n_steps])[::-1])


def _counted(step: NDArray[np.intp], log_odds: Floats, event: Floats) -> _Past:
    """Count person-periods by step and bin of log-odds: the cost no longer depends on how many there are."""
    nearest = np.rint(log_odds * _BINS).astype(np.intp)
    lowest, width = nearest.min(), int(np.ptp(nearest)) + 1
    rows = np.bincount(step * width + nearest - lowest)
    cell = np.flatnonzero(rows)
    counts = rows[cell].astype(np.float64)
    events = np.bincount(step, event).astype(np.float64)
    return _Past(cell // width, (cell % width + lowest) / _BINS, counts, events)


def _told(past: _Past, share: Floats, period_months: int, prior: ShockPrior) -> Iterator[_Told]:
    """Yield what each spread and memory of the grid tell, ``share`` (H,) being the weight of each period ahead."""
    n_steps, n_ahead = len(past.events), len(share)
    for spread, memory in product(_SPREADS, MEMORIES):
        sd = prior.sd * np.exp(spread)
        kept = toeplitz(np.exp(-np.arange(n_steps + n_ahead) * period_months / memory))
        covariance = sd**2 / (share @ kept[n_steps:, n_steps:] @ share) * kept
        seen = covariance[:n_steps, :n_steps]
        _, _, evidence = _likeliest(past, seen + _ANY_MEAN)
        effects, pull, _ = _likeliest(past, seen)
        yield _Told(evidence - spread**2 / 2, sd, effects, float(share @ covariance[n_steps:, :n_steps] @ pull))


def _likeliest(past: _Past, covariance: Floats) -> tuple[Floats, Floats, float]:
    """Return the likeliest effects (c,), the likelihood's gradient there (c,), and the log evidence for ``covariance``.

    Newton's method as in Rasmussen and Williams, algorithm 3.1; steps of more than 2 are cut short.
    """
    n = len(past.events)
    effects = np.zeros(n)
    for _ in range(100):
        chance = expit(past.log_odds + effects[past.step])
        pull = past.events - np.bincount(past.step, past.rows * chance, n)
        curvature = np.bincount(past.step, past.rows * chance * (1 - chance), n)
        root = np.sqrt(curvature)
        factor = np.linalg.cholesky(np.eye(n) + root[:, None] * covariance * root)
        aim = curvature * effects + pull
        dual = aim - root * cho_solve((factor, True), root * (covariance @ aim))
        move = covariance @ dual - effects
        furthest = np.abs(move).max()
        effects = effects + move * min(1.0, 2.0 / max(furthest, 1e-300))
        if furthest < 1e-8:
            break
    fit = past.events @ effects - past.rows @ np.logaddexp(0.0, past.log_odds + effects[past.step])
    return effects, pull, float(fit - dual @ effects / 2 - np.log(np.diag(factor)).sum())


def _pooled(told: list[_Told], prior: ShockPrior, lived: float, steps: Days) -> Shock:
    """Return the mean over the grid, its variance pooled with the prior's, horizon for horizon."""
    weight = np.array([t.weight for t in told])
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    seen = float(np.exp(weight @ np.log([t.sd for t in told])))
    level = float(weight @ np.array([t.level for t in told]))
    return Shock(
        sd=float(np.sqrt((prior.horizons * prior.sd**2 + lived * seen**2) / (prior.horizons + lived))),
        level=level * lived / (1.0 + lived),
        seen=seen,
        horizons=lived,
        effects=weight @ np.array([t.effects for t in told]),
        steps=steps,
    )
