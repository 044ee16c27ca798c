"""Exposure: lives as tables of projects by periods, the form in which every part of a hazard is fitted.

The score of a project is the same in all its periods, so a project is one row: what it was exposed to, and what came,
in each. The sums that a fit needs are those of the person-periods, at a fraction of the rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from features.inputs import Floats
from features.timeline import PersonPeriods


@dataclass(frozen=True)
class Exposure:
    """What n projects were exposed to in each of K periods, and what came.

    Attributes
    ----------
    project : (n,) rows of the features
    risk : (n, K) weight of the period where the project lived it at risk, else 0
    came : (n, K) the same weight where the event came in the period, else 0
    """

    project: NDArray[np.intp]
    risk: Floats
    came: Floats

    @property
    def events(self) -> float:
        """The events, by weight."""
        return float(self.came.sum())

    @property
    def n_periods(self) -> int:
        """K, the periods up to the end of the tables."""
        return int(self.risk.shape[1])

    def until(self, n_periods: int) -> "Exposure":
        """Return the first periods alone."""
        return Exposure(self.project, self.risk[:, :n_periods], self.came[:, :n_periods])

    def of(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Exposure":
        """Return some of the projects: a mask, or places, of the n."""
        return Exposure(self.project[rows], self.risk[rows], self.came[rows])

    def weighted(self, weight: Floats) -> "Exposure":
        """Return the same lives, each counted ``weight`` (n,) times; those with none are left out."""
        rows = np.flatnonzero(weight > 0)
        by = weight[rows, None]
        return Exposure(self.project[rows], self.risk[rows] * by, self.came[rows] * by)

    def pull(self, baseline: Floats, score: Floats) -> tuple[Floats, Floats]:
        r"""Return the gradient :math:`y - r p` and the curvature :math:`r p (1 - p)` of the log likelihood, (n, K).

        Parameters
        ----------
        baseline : (K,) log-odds of the periods
        score : (n,) log-odds of the projects
        """
        chance = expit(baseline[None, :] + score[:, None])
        expected = self.risk * chance
        return self.came - expected, expected * (1.0 - chance)


def exposure_of(periods: PersonPeriods) -> Exposure:
    """Return person-periods as tables, one row for each project that lived one.

    Examples
    --------
    >>> end = np.array(["2023-01-01", "2024-01-01"], dtype="datetime64[D]")
    >>> lived = PersonPeriods(np.array([7, 7]), np.array([0, 1]), np.array([0.0, 1.0]), end, n_periods=3)
    >>> exposure = exposure_of(lived)
    >>> exposure.project.tolist(), exposure.risk.tolist(), exposure.came.tolist()
    ([7], [[1.0, 1.0, 0.0]], [[0.0, 1.0, 0.0]])
    """
    project, row = np.unique(periods.project, return_inverse=True)
    risk = np.zeros((len(project), periods.n_periods))
    came = np.zeros_like(risk)
    risk[row, periods.period] = 1.0
    came[row, periods.period] = periods.event
    return Exposure(project.astype(np.intp), risk, came)
