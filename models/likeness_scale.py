"""The scales that likeness is measured on: the quantiles of a number, the levels of a category."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.inputs import Feature

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Steps = NDArray[np.int32]

STEPS = 64  # between the smallest and the largest known number, and between two levels
HALF = STEPS // 2  # between missing and present
KNOTS = 65  # values that a scale keeps of all the known ones
TOLERANCE = 0.25  # of the way from the median to the edge: so far beyond the edge is no news yet


class Column(ABC):
    """The scale of one attribute: ``size`` places in whole steps, and one more for missing."""

    id: str

    @property
    @abstractmethod
    def size(self) -> int:
        """How many places there are; the place of that number is missing."""

    @abstractmethod
    def places(self, cells: Floats) -> Steps:
        """Return the place of each cell, (n,)."""

    @abstractmethod
    def beyond(self, cells: Floats) -> Floats:
        """Return how far each cell lies beyond the scale, (n,), the whole scale being 1; 0 within."""

    @abstractmethod
    def strange(self, cells: Floats, unseen: Mask) -> Mask:
        """Return which cells lie outside what known projects have, (n,); ``unseen`` are levels training never met."""

    @abstractmethod
    def distances(self, sample: Steps) -> NDArray[np.int16]:
        """Return the steps from every place, and from missing, to those of known projects: (size + 1, m)."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return the scale as JSON can hold it."""


@dataclass(frozen=True)
class Quantiles(Column):
    """A number on the scale of its quantiles, from 0 at the smallest known to 1 at the largest.

    Attributes
    ----------
    values, at : (k,) rising values and where they lie on the scale; none where no known project has one
    below, above : what counts as one more scale beyond either edge, in the number's own unit
    """

    id: str
    values: Floats
    at: Floats
    below: float
    above: float

    @property
    def size(self) -> int:
        """One place a step, both ends included."""
        return STEPS + 1

    def places(self, cells: Floats) -> Steps:
        """Return the nearest step; a number where none is known is taken as missing."""
        missing = np.isnan(cells)
        if not len(self.values):
            return np.full(len(cells), self.size, np.int32)
        scaled = np.interp(np.where(missing, self.values[0], cells), self.values, self.at)
        return np.where(missing, self.size, np.floor(scaled * STEPS + 0.5)).astype(np.int32)

    def beyond(self, cells: Floats) -> Floats:
        """Return how far beyond the nearer edge."""
        if not len(self.values):
            return np.zeros(len(cells))
        known = np.where(np.isnan(cells), self.values[0], cells)
        over, under = (known - self.values[-1]) / self.above, (self.values[0] - known) / self.below
        return np.asarray(np.maximum(np.maximum(over, under), 0.0))

    def strange(self, cells: Floats, unseen: Mask) -> Mask:
        """Return the cells beyond the tolerance."""
        return np.asarray(unseen | (self.beyond(cells) > TOLERANCE))

    def distances(self, sample: Steps) -> NDArray[np.int16]:
        """Return the steps between places, and half a scale to missing."""
        place = np.arange(self.size + 1)[:, None]
        one_missing = (place == self.size) != (sample == self.size)
        both = (place == self.size) & (sample == self.size)
        apart = np.where(both, 0, np.where(one_missing, HALF, np.abs(place - sample)))
        return apart.astype(np.int16)

    def to_dict(self) -> dict[str, Any]:
        """Return the scale as JSON can hold it."""
        edges = {"below": self.below, "above": self.above}
        return {"id": self.id, "values": self.values.tolist(), "at": self.at.tolist(), **edges}


@dataclass(frozen=True)
class Levels(Column):
    """A category: one place a level.

    Attributes
    ----------
    known : (levels,) whether a known project has it
    """

    id: str
    known: Mask

    @property
    def size(self) -> int:
        """One place a level."""
        return len(self.known)

    def places(self, cells: Floats) -> Steps:
        """Return the level's own number."""
        return np.where(np.isnan(cells), self.size, cells).astype(np.int32)

    def beyond(self, cells: Floats) -> Floats:
        """Return 0: no level lies beyond another."""
        return np.zeros(len(cells))

    def strange(self, cells: Floats, unseen: Mask) -> Mask:
        """Return the cells whose level no known project has."""
        return np.asarray(unseen | ~np.append(self.known, True)[self.places(cells)])

    def distances(self, sample: Steps) -> NDArray[np.int16]:
        """Return a whole scale between two levels, half of it to missing."""
        place = np.arange(self.size + 1)[:, None]
        one_missing = (place == self.size) != (sample == self.size)
        return np.where(place == sample, 0, np.where(one_missing, HALF, STEPS)).astype(np.int16)

    def to_dict(self) -> dict[str, Any]:
        """Return the scale as JSON can hold it."""
        return {"id": self.id, "known": self.known.tolist()}


def fit_column(feature: Feature, cells: Floats) -> Column:
    """Return the scale of an attribute among the known projects.

    Parameters
    ----------
    cells : (n,) the attribute of the known projects, codes of levels for a category; NaN = missing

    Examples
    --------
    >>> from features.catalog import Dimension
    >>> from features.words import Words
    >>> jobs = Feature("jobs", Words("人数", "jobs"), Dimension.MARKET)
    >>> scale = fit_column(jobs, np.array([0.0, 10.0, 20.0, 1000.0, np.nan]))
    >>> scale.places(np.array([0.0, 10.0, 15.0, 1000.0, 5000.0, np.nan])).tolist()
    [0, 21, 32, 64, 64, 65]
    >>> scale.beyond(np.array([1000.0, 1985.0])).tolist()
    [0.0, 1.0]
    """
    present = cells[~np.isnan(cells)]
    if feature.categorical:
        known = np.zeros(len(feature.levels), np.bool_)
        known[present.astype(np.intp)] = True
        return Levels(feature.id, known)
    if not len(present):
        return Quantiles(feature.id, np.empty(0), np.empty(0), 1.0, 1.0)
    values, counts = np.unique(present, return_counts=True)
    middle = np.cumsum(counts) - counts / 2  # of the places that equal values share
    at = (middle - middle[0]) / max(middle[-1] - middle[0], 1.0)
    kept = np.unique(np.linspace(0, len(values) - 1, KNOTS).round().astype(np.intp))
    low, median, high = np.quantile(present, [0.25, 0.5, 0.75])
    below, above = max(median - values[0], high - low), max(values[-1] - median, high - low)
    alone = max(abs(median), 1.0)  # one value throughout
    return Quantiles(feature.id, values[kept], at[kept], float(below or alone), float(above or alone))


def column_from_dict(data: Mapping[str, Any]) -> Column:
    """Return the scale that `Column.to_dict` wrote.

    Raises
    ------
    ValueError
        It is no scale: values that do not rise, places outside 0 to 1, edges without a width, levels neither known nor
        not.
    """
    name = str(data["id"])
    if "known" in data:
        if not all(isinstance(one, bool) for one in data["known"]):
            raise ValueError(f"scale {name}: each level must be known or not, true or false")
        return Levels(name, np.array(data["known"], dtype=np.bool_))
    values, at = (np.array(data[part], dtype=np.float64) for part in ("values", "at"))
    below, above = float(data["below"]), float(data["above"])
    if values.ndim != 1 or values.shape != at.shape:
        raise ValueError(f"scale {name}: must have as many places as values; got {at.shape} and {values.shape}")
    if not np.isfinite([*values, *at, below, above]).all() or (np.diff(values) <= 0).any() or (np.diff(at) < 0).any():
        raise ValueError(f"scale {name}: values and their places must be finite and rise")
    if (at < 0).any() or (at > 1).any() or min(below, above) <= 0:
        raise ValueError(f"scale {name}: places must lie between 0 and 1, and edges be wider than 0")
    return Quantiles(name, values, at, below, above)
