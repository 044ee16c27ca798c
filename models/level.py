"""What to believe of the level before the data: the hazard of each period, and how many projects that is worth."""

from dataclasses import dataclass

import numpy as np

from features.catalog import ClockSpec
from models.curve import Floats
from models.exposure import Exposure


@dataclass(frozen=True)
class Anchor:
    """Hazards per period, (K,), that the level is shrunk to, as if so many projects had shown them in each."""

    hazards: Floats
    projects: float

    def until(self, n_periods: int) -> "Anchor":
        """Return the same for the first periods alone."""
        return Anchor(self.hazards[:n_periods], self.projects)


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


def prior_hazards(spec: ClockSpec, period_months: int, exposure: Exposure) -> Floats:
    """Return what a period's hazard is taken for before anyone has lived it, (K,).

    The published curve where the catalogue has one; else the mean hazard of all periods lived, half an event and one
    project-period added, so that no events at all leave it small and not zero.
    """
    published = published_hazards(spec, period_months, exposure.n_periods)
    if published is not None:
        return published
    pooled = (exposure.events + 0.5) / (exposure.risk.sum() + 1.0)
    return np.full(exposure.n_periods, pooled)
