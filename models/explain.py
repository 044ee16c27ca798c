"""Percentage points that add up: each attribute's share of the figure shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.catalog import EXPLAINED, Dimension
from models.curve import Floats, incidence, rise, slope


@dataclass(frozen=True)
class Explained:
    """Figures of one clock with their explanation: ``base + points.sum(axis=1) == figure``.

    Attributes
    ----------
    base : (n,) figure of the reference project, whose score is 0
    log_odds : (n, p) each attribute's part of the score
    points : (n, p) each attribute's part of the figure, as probability
    gradient : (n,) probability per unit of log-odds, on the way from the base to the figure: what turns a part of the
        score into points
    figure : (n,) probability of the milestone within the horizon
    overtaken : (n,) True where the figure and its explanation were taken from the later milestone's clock
    """

    base: Floats
    log_odds: Floats
    points: Floats
    gradient: Floats
    figure: Floats
    overtaken: NDArray[np.bool_]


def total(parts: Floats) -> Floats:
    """Return the row sums of (n, p), added from left to right, so that a row gives the same bits alone and in company.

    Examples
    --------
    >>> total(np.array([[0.1, 0.2, 0.3]])).tolist() == [0.1 + 0.2 + 0.3]
    True
    """
    added = np.zeros(len(parts))
    for part in parts.T:
        added += part
    return added


def explained(log_odds: Floats, g: Floats, n_periods: int | None = None, spread_sd: float = 0.0) -> Explained:
    r"""Share the figure out among the attributes, exactly.

    The figure is a smooth rising function F of one score :math:`f = \sum_j \varphi_j`. The Aumann-Shapley integral of
    such a function along the straight path from the reference (0) gives attribute j
    :math:`c_j = \varphi_j (F(f) - F(0)) / f`, and :math:`\varphi_j F'(0)` where f = 0 (Aumann and Shapley, Values of
    Non-Atomic Games, 1974; Sundararajan and others, arXiv:1703.01365).

    Parameters
    ----------
    log_odds : (n, p), centred on the reference population
    g : (K,) log-odds per period
    n_periods : how many periods the figure covers; None = all
    spread_sd : standard deviation of what the figure is averaged over, in log-odds; 0 = nothing

    Examples
    --------
    >>> e = explained(np.array([[1.0, -0.5], [0.3, -0.3]]), np.zeros(1))
    >>> bool(np.allclose(e.base + e.points.sum(axis=1), e.figure, atol=1e-15))
    True
    >>> e.points[1].round(3).tolist()
    [0.075, -0.075]
    """
    f = total(log_odds)
    at_zero = np.zeros(1)
    still = f == 0
    risen = rise(g, f, n_periods, spread_sd)
    gradient = np.where(still, slope(g, at_zero, n_periods, spread_sd)[0], risen / np.where(still, 1.0, f))
    return Explained(
        base=np.repeat(incidence(g, at_zero, n_periods, spread_sd), len(f)),
        log_odds=log_odds,
        points=log_odds * gradient[:, None],
        gradient=gradient,
        figure=incidence(g, f, n_periods, spread_sd),
        overtaken=np.zeros(len(f), dtype=np.bool_),
    )


def coherent(earlier: Explained, later: Explained) -> Explained:
    """Return ``earlier`` (landed) raised to ``later`` (produced by the same month) where it would fall below.

    No project produces before it lands. The later milestone's figure is never altered: where the two disagree, the
    earlier one takes its figure, base and points, and the row is marked as overtaken.
    """
    below = earlier.figure < later.figure
    row = below[:, None]
    return Explained(
        base=np.where(below, later.base, earlier.base),
        log_odds=np.where(row, later.log_odds, earlier.log_odds),
        points=np.where(row, later.points, earlier.points),
        gradient=np.where(below, later.gradient, earlier.gradient),
        figure=np.where(below, later.figure, earlier.figure),
        overtaken=below,
    )


def by_dimension(parts: Floats, dimensions: Sequence[Dimension]) -> Mapping[Dimension, Floats]:
    """Return the sum of ``parts`` (n, p) within each explained dimension, in the catalogue's order of dimensions.

    Examples
    --------
    >>> sums = by_dimension(np.array([[1.0, 2.0, 4.0]]), [Dimension.MARKET, Dimension.DELIVERY, Dimension.MARKET])
    >>> float(sums[Dimension.MARKET][0]), float(sums[Dimension.DELIVERY][0]), float(sums[Dimension.CONTEXT][0])
    (5.0, 2.0, 0.0)
    """
    return {d: total(parts[:, [own is d for own in dimensions]]) for d in EXPLAINED}


def largest_remainder(values: Floats, digits: int) -> Floats:
    """Return ``values`` (n, p) rounded so that each row adds up to its own rounded sum (Hamilton's method).

    Parameters
    ----------
    values : (n, p), what a reader adds up: a base and its points
    digits : decimals kept

    Examples
    --------
    >>> largest_remainder(np.array([[0.3333, 0.3333, 0.3334]]), 2).tolist()
    [[0.33, 0.33, 0.34]]
    """
    scaled = values * 10.0**digits
    floors = np.floor(scaled)
    short = np.round(total(scaled)) - total(floors)
    order = np.argsort(-(scaled - floors), axis=1, kind="stable")
    place = np.argsort(order, axis=1, kind="stable")
    return np.asarray(np.round((floors + (place < short[:, None])) / 10.0**digits, digits)) + 0.0  # no "-0.0" in print
