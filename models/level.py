"""The level that all projects share: one log-odds per period, and what to believe where few have lived."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from features.catalog import ClockSpec
from features.timeline import PersonPeriods
from models.curve import Floats


@dataclass(frozen=True)
class Fit:
    """Baseline log-odds per period (K,), and the slope on the score."""

    baseline: Floats
    slope: float


def published_hazards(spec: ClockSpec, period_months: int, n_periods: int) -> Floats | None:
    """Return the hazard of each period on the catalogue's published curve, (K,), or None without one.

    Between two published points, and beyond the last, the hazard per month is constant.

    Examples
    --------
    >>> from features.catalog import Clock
    >>> spec = ClockSpec(Clock.LANDED, 24, curve=((12, 0.5), (24, 0.75)))
    >>> published_hazards(spec, 12, 3).round(12).tolist()
    [0.5, 0.5, 0.5]
    """
    if not spec.curve:
        return None
    months = np.array([0.0, *(m for m, _ in spec.curve)])
    cumulative = -np.log1p(-np.array([0.0, *(p for _, p in spec.curve)]))
    per_month = (cumulative[-1] - cumulative[-2]) / (months[-1] - months[-2])
    end = max(months[-1], n_periods * period_months) + 1.0
    months = np.append(months, end)
    cumulative = np.append(cumulative, cumulative[-1] + per_month * (end - months[-2]))
    edges = np.interp(np.arange(n_periods + 1) * period_months, months, cumulative)
    return np.asarray(-np.expm1(-np.diff(edges)))


def prior_hazards(spec: ClockSpec, period_months: int, periods: PersonPeriods) -> Floats:
    """Return what a period's hazard is taken for before anyone has lived it, (K,).

    The published curve where the catalogue has one; else the mean hazard of all periods lived, half an event and one
    project-period added, so that no events at all leave it small and not zero.
    """
    published = published_hazards(spec, period_months, periods.n_periods)
    if published is not None:
        return published
    pooled = (periods.event.sum() + 0.5) / (len(periods.event) + 1.0)
    return np.full(periods.n_periods, pooled)


def fit_level(periods: PersonPeriods, score: Floats, prior: Floats, weight: float, slope_sd: float = 0.0) -> Fit:
    r"""Fit :math:`\sigma(g_k + b \cdot f_i)` to the person-periods, g shrunk to ``prior`` and b to 1.

    In each period, ``weight`` reference projects (score 0) are added, of which the share ``prior`` had the event: with
    no rows, g is the logit of the prior; with score 0 throughout, (events + weight·prior) / (rows + weight). The
    slope has a normal prior around 1 with standard deviation ``slope_sd`` (0 holds it at 1) and is never negative: a
    negative one would turn monotone directions round.

    Parameters
    ----------
    periods : m person-periods of K periods
    score : (m,) score of each person-period's project, from trees that did not see the project
    prior : (K,) hazards
    weight : projects that the prior counts for in each period, > 0

    Examples
    --------
    >>> end = np.array(["2024-04-01", "2024-04-01"], dtype="datetime64[D]")
    >>> lived = PersonPeriods(np.array([0, 1]), np.array([0, 0]), np.array([1.0, 0.0]), end, n_periods=2)
    >>> fit = fit_level(lived, np.zeros(2), np.array([0.2, 0.2]), weight=8.0)
    >>> expit(fit.baseline).round(12).tolist()
    [0.26, 0.2]
    """
    fit = _newton(periods, score, prior, weight, slope_sd)
    if fit.slope < 0:
        return Fit(_newton(periods, np.zeros_like(score), prior, weight, 0.0).baseline, 0.0)
    return fit


def _newton(periods: PersonPeriods, score: Floats, prior: Floats, weight: float, slope_sd: float) -> Fit:
    k, y, n = periods.period, periods.event, periods.n_periods
    g, slope = np.asarray(logit(prior)), 1.0
    precision = slope_sd**-2 if slope_sd > 0 else np.inf
    for _ in range(100):
        p, reference = expit(g[k] + slope * score), expit(g)
        spread = p * (1 - p)
        gradient = np.bincount(k, y - p, n) + weight * (prior - reference)
        curvature = np.bincount(k, spread, n) + weight * reference * (1 - reference)
        shared = np.bincount(k, spread * score, n)
        pull = score @ (y - p) - (0.0 if slope == 1 else precision * (slope - 1))
        # the Hessian is an arrow: solve for the slope first, then each period by itself
        turn = (pull - shared @ (gradient / curvature)) / (
            (spread * score) @ score + precision - shared @ (shared / curvature)
        )
        step = (gradient - shared * turn) / curvature
        scale = min(1.0, 1.0 / max(np.abs(step).max(initial=0.0), abs(turn), 1e-300))
        g, slope = g + scale * step, slope + scale * turn
        if max(np.abs(step).max(initial=0.0), abs(turn)) < 1e-12:
            break
    return Fit(g, float(slope))
