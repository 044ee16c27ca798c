"""Transforms: how a scorecard reads an attribute, before it is known what each reading is worth.

A number becomes its normal score (van der Waerden): where it stands among the training projects, as a standard normal
deviate, so that one project of a thousand times the size does not bend the line for all others. Few distinct values
(a flag, an ordinal) are taken as they are. Both have mean 0 and standard deviation 1 over the training projects, which
is what an expert's weight is told in. Enough missing values make a column of their own; each level with enough projects
is one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from features.inputs import Feature, Floats

KNOTS = 51  # quantiles that a normal score is read between
EDGE = 0.01  # share at either end that reads as one: beyond the first and last hundredth nothing is known
FEW_VALUES = 10  # distinct ones, up to which a number is read as it is
ENOUGH = 10  # projects that a level, or a missing value, needs for a column of its own
FEWEST = 5  # known values of a number that is read at all


@dataclass(frozen=True)
class Term:
    """What one attribute gives to a score, in log-odds.

    Attributes
    ----------
    categorical : whether the attribute holds codes of levels
    knots, points : (k,) a number between two knots reads the straight line between their points, beyond them the last
        point; of a category, the codes and their points
    missing : where there is no value
    otherwise : where there is one that no knot speaks of: a level without points of its own, a number never read
    """

    categorical: bool
    knots: Floats
    points: Floats
    missing: float
    otherwise: float

    def read(self, values: Floats) -> Floats:
        """Return the points of each value, (n,).

        Examples
        --------
        >>> line, ends = np.array([0.0, 10.0]), np.array([-0.5, 0.5])
        >>> Term(False, line, ends, 0.1, 0.2).read(np.array([2.0, 99.0, np.nan])).tolist()
        [-0.3, 0.5, 0.1]
        >>> Term(True, line, ends, 0.1, 0.2).read(np.array([10.0, 1.0, np.nan])).tolist()
        [0.5, 0.2, 0.1]
        """
        return np.where(np.isnan(values), self.missing, self._known(values))

    def _known(self, values: Floats) -> Floats:
        if not len(self.knots):
            return np.full(len(values), self.otherwise)
        if not self.categorical:
            return np.asarray(np.interp(values, self.knots, self.points))
        place = np.minimum(np.searchsorted(self.knots, values), len(self.knots) - 1)
        return np.where(self.knots[place] == values, self.points[place], self.otherwise)


@dataclass(frozen=True)
class Reading:
    """How one attribute is read.

    Attributes
    ----------
    categorical : whether it holds codes of levels
    knots, heights : (k,) of a number, the broken line that it is read by; of a category, codes with a column each
    missing : whether a missing value has a column of its own
    """

    categorical: bool
    knots: Floats
    heights: Floats
    missing: bool

    @property
    def width(self) -> int:
        """The columns it makes."""
        return (len(self.knots) if self.categorical else int(len(self.knots) > 0)) + int(self.missing)

    def columns(self, values: Floats) -> Floats:
        """Return the columns of n values, (n, width)."""
        told = [(values == code) * 1.0 for code in self.knots] if self.categorical else []
        if not self.categorical and len(self.knots):
            told = [np.where(np.isnan(values), 0.0, np.interp(values, self.knots, self.heights))]
        if self.missing:
            told.append(np.isnan(values) * 1.0)
        return np.column_stack(told) if told else np.zeros((len(values), 0))

    def believed(self, weight: float, direction: int) -> tuple[Floats, Floats, Floats]:
        """Return the expert's weight of each column, and the least and the greatest that it may take: (width,) each."""
        mean, low, high = np.zeros(self.width), np.full(self.width, -np.inf), np.full(self.width, np.inf)
        if not self.categorical and len(self.knots):
            mean[0] = weight
            low[0], high[0] = (0.0 if direction > 0 else -np.inf), (0.0 if direction < 0 else np.inf)
        return mean, low, high

    def term(self, weights: Floats, centre: float) -> Term:
        """Return the attribute's term, given the weights of its columns and what they add up to on average."""
        if self.categorical:
            points = weights[: len(self.knots)]
        else:
            points = weights[0] * self.heights if len(self.knots) else self.heights
        return Term(
            self.categorical, self.knots, points - centre, float(self.missing and weights[-1]) - centre, -centre
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the reading as JSON can hold it."""
        return {
            "categorical": self.categorical,
            "knots": self.knots.tolist(),
            "heights": self.heights.tolist(),
            "missing": self.missing,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Reading":
        """Return the reading that `to_dict` wrote."""
        knots, heights = (np.array(data[name], dtype=np.float64) for name in ("knots", "heights"))
        if (np.diff(knots) <= 0).any() or len(heights) != (0 if data["categorical"] else len(knots)):
            raise ValueError("a reading whose knots do not rise, or have other heights")
        return cls(bool(data["categorical"]), knots, heights, bool(data["missing"]))


def reading(feature: Feature, values: Floats) -> Reading:
    """Return how an attribute is read, from its values among the training projects, (n,).

    Examples
    --------
    >>> from features.catalog import Dimension
    >>> from features.words import Words
    >>> size = Feature("size", Words("规模", "size"), Dimension.MARKET)
    >>> reading(size, np.arange(101.0)).columns(np.array([50.0, 1e9, np.nan])).round(2).ravel().tolist()
    [0.0, 2.32, 0.0]
    """
    missing = int(np.isnan(values).sum()) >= ENOUGH
    known = values[~np.isnan(values)]
    if feature.categorical:
        codes, counts = np.unique(known, return_counts=True)
        return Reading(True, codes[counts >= ENOUGH], np.zeros(0), missing)
    if len(known) < FEWEST or np.ptp(known) == 0:
        return Reading(False, np.zeros(0), np.zeros(0), missing)
    distinct = np.unique(known)
    knots, heights = (distinct, distinct) if len(distinct) <= FEW_VALUES else _normal_scores(known)
    read = np.interp(known, knots, heights)
    return Reading(False, knots, (heights - read.mean()) / read.std(), missing)


def _normal_scores(known: Floats) -> tuple[Floats, Floats]:
    """Return the broken line from values to normal scores: (k,) distinct quantiles, and the deviate each stands for."""
    share = np.linspace(0, 1, min(KNOTS, len(known)))
    knots, place = np.unique(np.quantile(known, share), return_inverse=True)
    middle = np.bincount(place, share) / np.bincount(place)  # equal values stand in their middle
    return knots, np.asarray(ndtri(np.clip(middle, EDGE, 1 - EDGE)))


def expected_reading(feature: Feature, shares: tuple[float, ...] = ()) -> Reading:
    """Return how an attribute is read before any project is known, from what is typical of it.

    A typical range is that of the 10th and the 90th percentile of a normal deviate, on the scale of the catalogue's
    transform; an ordinal's levels and a flag's answers are as common as their shares say. Either way the reading has
    mean 0 and standard deviation 1 over ordinary projects. Where nothing is typical, and for categories, nothing is
    read.

    Parameters
    ----------
    shares : of ordinary projects, by level of an ordinal, no and yes of a flag; none = a number

    Examples
    --------
    >>> from features.catalog import Dimension
    >>> from features.words import Words
    >>> share = Feature("share", Words("占比", "share"), Dimension.MARKET, typical=(20.0, 80.0))
    >>> expected_reading(share).columns(np.array([50.0, 80.0])).round(2).ravel().tolist()
    [0.0, 1.28]
    >>> rare = Feature("rare", Words("少见", "rare"), Dimension.MARKET)
    >>> expected_reading(rare, (0.8, 0.2)).columns(np.array([0.0, 1.0, np.nan])).round(2).ravel().tolist()
    [-0.5, 2.0, 0.0]
    """
    if shares:
        knots, common = np.arange(len(shares), dtype=np.float64), np.array(shares)
        off = knots - common @ knots
        return Reading(False, knots, off / np.sqrt(common @ off**2), missing=False)
    if feature.categorical or feature.typical is None:
        return Reading(feature.categorical, np.zeros(0), np.zeros(0), missing=False)
    low, high = (float(_there(feature, limit)) for limit in feature.typical)
    heights = ndtri(np.linspace(EDGE, 1 - EDGE, KNOTS))
    per_deviate = (high - low) / (ndtri(0.9) - ndtri(0.1))
    values = (low + high) / 2 + per_deviate * heights
    knots, first = np.unique(np.expm1(values) if feature.transform == "log1p" else values, return_index=True)
    return Reading(False, knots, heights[first], missing=False)


def _there(feature: Feature, value: float) -> float:
    return float(np.log1p(value)) if feature.transform == "log1p" else value
