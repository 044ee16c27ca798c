"""The calendar shock nobody can know: a stationary AR(1) in log-odds on quarters, and the truth averaged over it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import qmc

from features.synthetic.design import QUARTER, Design, Seeds, Stream
from features.synthetic.investors import Days
from features.synthetic.lives import LIFE, Curves, curves
from features.synthetic.traits import Floats

NODES = 20  # of the polynomial in either score: misses by less than 0.001
LOWEST, HIGHEST = -7.0, 4.5  # scores that the polynomial spans; beyond, chances are next to none or certain
PATHS = 128  # quasi-random shock paths of the average: misses by about 0.001


@dataclass(frozen=True)
class Ahead:
    """The two chances of each project within the horizons: arrays of shape (n,)."""

    landed: Floats
    produced: Floats


def path(design: Design, seed: int) -> Floats:
    """Return the county's shock by calendar quarter from the first year on, past all lives, in log-odds."""
    rng = Seeds(seed).rng(Stream.SHOCKS)
    n = 4 * (design.years + 2) + (2 * LIFE) // QUARTER + 8
    level = _ar1(rng.standard_normal((1, n)), design.shock_sd, design.shock_persistence)[0]
    if design.turn_on is not None:
        turned = (design.turn_on.astype("datetime64[M]") - np.datetime64(f"{design.first_year}-01", "M")).astype(int)
        level[max(turned // QUARTER, 0) :] += design.turn
    return np.asarray(level)


def on_project_months(by_quarter: Floats, reviewed: Days, first_year: int, months: int) -> Floats:
    """Return the shock in each month after the review: shape (n, months), or (n, 1) where there is no shock."""
    if not by_quarter.any():
        return np.zeros((len(reviewed), 1))
    quarter = (_month(reviewed) - 12 * (first_year - 1970))[:, None] + np.arange(months)
    return np.asarray(by_quarter[np.minimum(quarter // QUARTER, len(by_quarter) - 1)])


def given(table: Curves, months: tuple[int, int]) -> Ahead:
    """Return the chances of landing within ``months[0]`` and of producing within ``months[1]`` from exact curves."""
    return Ahead(table.landed[:, months[0] - 1], table.produced[:, months[1] - 1])


def averaged(landed: Floats, finished: Floats, reviewed: Days, design: Design, months: tuple[int, int]) -> Ahead:
    """Return the chances averaged over all shocks the county might have met, whatever it did meet.

    The average depends on the two scores and on how far into its quarter the review falls, so it is taken once on a
    grid of scores over quasi-random paths, and read off by the polynomial through the grid.
    """
    inner, outer = np.clip(landed, LOWEST, HIGHEST), np.clip(finished, LOWEST, HIGHEST)
    x, y = (2 * (s - LOWEST) / (HIGHEST - LOWEST) - 1 for s in (inner, outer))
    phase = _month(reviewed) % QUARTER
    figures = np.zeros((2, len(landed)))
    for into_quarter in range(QUARTER):
        rows = phase == into_quarter
        tables = _polynomials(design.shock_sd, design.shock_persistence, into_quarter, months)
        for figure, table in zip(figures, tables, strict=True):
            basis = chebyshev.chebvander(x[rows], NODES - 1) @ table
            figure[rows] = (basis * chebyshev.chebvander(y[rows], NODES - 1)).sum(axis=1)
    return Ahead(*np.clip(figures, 0.0, 1.0))


@lru_cache(maxsize=32)
def _polynomials(sd: float, persistence: float, phase: int, months: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return the polynomials of both averaged chances: shape (NODES, NODES) in (landing, finishing) score."""
    nodes = chebyshev.chebpts1(NODES)
    score = LOWEST + (nodes + 1) / 2 * (HIGHEST - LOWEST)
    landed, finished = (grid.ravel() for grid in np.meshgrid(score, score, indexing="ij"))
    quarter = (phase + np.arange(max(months))) // QUARTER
    sums = np.zeros((2, len(landed)))
    shocks = _paths(sd, persistence, quarter[-1] + 1)[:, quarter]
    for shock in shocks:
        ahead = given(curves(landed, finished, shock[None], max(months)), months)
        sums += ahead.landed, ahead.produced
    fit = np.linalg.inv(chebyshev.chebvander(nodes, NODES - 1))
    tables = [fit @ (total / len(shocks)).reshape(NODES, NODES) @ fit.T for total in sums]
    return tables[0], tables[1]


def _paths(sd: float, persistence: float, quarters: int) -> Floats:
    """Return shock paths spread evenly over all there might be, shape (PATHS, quarters); always the same ones."""
    even = qmc.Sobol(quarters, rng=np.random.default_rng(0)).random(PATHS)
    return _ar1(ndtri(np.clip(even, 1e-9, 1 - 1e-9)), sd, persistence)


def _ar1(normal: Floats, sd: float, persistence: float) -> Floats:
    """Return stationary paths of shape (n, quarters) from standard normal draws."""
    level = np.empty_like(normal)
    level[:, 0] = normal[:, 0]
    for quarter in range(1, normal.shape[1]):
        level[:, quarter] = persistence * level[:, quarter - 1] + np.sqrt(1 - persistence**2) * normal[:, quarter]
    return sd * level


def _month(days: Days) -> NDArray[np.int64]:
    return days.astype("datetime64[M]").astype(np.int64)
