"""As-of neighbours: earlier projects within a radius, strictly before the review day."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from features.catalog import Catalog, Neighbours
from features.history.event_index import EventIndex, coordinates, day_numbers, place_id
from features.history.exposure import Floats, Integers
from features.history.families import Query
from features.history.fingerprints import UNKNOWN, fingerprints
from features.history.measures import neighbour_columns
from features.milestones import days

EARTH_RADIUS = 6_371_008.8  # metres, mean radius (IUGG)
PAIRS_AT_ONCE = 1_000_000  # pairs of a row and a neighbour held in memory
_SLACK = 1 + 1e-9  # the tree may round at the rim; the distance itself decides


def neighbour_features(index: EventIndex, rows: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Return how many earlier projects lie around each row.

    Parameters
    ----------
    index : what was known by its day; a later row is answered as of that day
    rows : DataFrame of shape (n_projects, ...), typed; they never inform each other

    Returns
    -------
    float64 DataFrame of shape (n_projects, n_columns), one column per family and measure
        Projects that entered, or milestones that became known, strictly before the row's entry. Missing where the
        place, the entry or the value to be shared is missing.
    """
    query = Query.ask(rows, catalog, index)
    unknown = np.isnat(days(rows, catalog.entry))
    found: dict[str, Floats] = {}
    for family in catalog.neighbours:
        columns = [c for c in neighbour_columns(catalog) if c.family is family]
        around = Surroundings.of(index, rows, catalog, family)
        counted = [index.known[c.measure.milestones[0]] if c.measure.milestones else index.entry for c in columns]
        counts = around.count([day_numbers(day) for day in counted], query.day)
        missing = unknown | around.unplaced
        found |= {c.id: np.where(missing, np.nan, count) for c, count in zip(columns, counts, strict=True)}
    return pd.DataFrame(found, index=rows.index)


@dataclass(frozen=True)
class Surroundings:
    """Where the projects of the index and the rows lie, and what they must share.

    Parameters
    ----------
    places, asked : float64 arrays of shape (n_index, d) and (n_projects, d), metres; all NaN = nowhere
    trades, shared : uint64 arrays of shape (n_index,) and (n_projects,), what neighbours must have in common
    unplaced : bool array of shape (n_projects,), rows that cannot be answered
    reach : metres, straight through the ground where places are degrees
    """

    places: Floats
    asked: Floats
    trades: NDArray[np.uint64]
    shared: NDArray[np.uint64]
    unplaced: NDArray[np.bool_]
    reach: float

    @classmethod
    def of(cls, index: EventIndex, rows: pd.DataFrame, catalog: Catalog, family: Neighbours) -> "Surroundings":
        """Lay out the places of a family."""
        reach = family.radius_km * 1000
        places, asked = index.places[place_id(family.x, family.y)], coordinates(rows, family.x, family.y)
        if family.degrees:
            places, asked = on_sphere(places), on_sphere(asked)
            reach = 2 * EARTH_RADIUS * float(np.sin(min(reach / (2 * EARTH_RADIUS), np.pi / 2)))
        trades, shared = np.ones(len(places), np.uint64), np.ones(len(rows), np.uint64)
        if family.same is not None:
            trades, shared = index.keys[family.same], fingerprints(rows, (family.same,), catalog, index.salt)
        unplaced = np.isnan(asked).any(axis=1) | (shared == UNKNOWN)
        return cls(places, asked, trades, shared, unplaced, reach)

    def count(self, counted: list[Integers], until: Integers) -> list[Integers]:
        """Count, for each row and each of the days ``counted``, the neighbours whose day is before ``until``."""
        n = self.unplaced.size
        totals = [np.zeros(n, dtype=np.int64) for _ in counted]
        for row, neighbour in self._pairs():
            for total, day in zip(totals, counted, strict=True):
                total += np.bincount(row[day[neighbour] < until[row]], minlength=n)
        return totals

    def _pairs(self) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Yield pairs of a row and a project of the index within reach, sharing what they must, in blocks."""
        placed = np.flatnonzero(~np.isnan(self.places).any(axis=1))
        asking = np.flatnonzero(~self.unplaced)
        if not placed.size or not asking.size:
            return
        tree = cKDTree(self.places[placed])
        found = tree.query_ball_point(self.asked[asking], self.reach * _SLACK, return_length=True)
        block = np.cumsum(found) // PAIRS_AT_ONCE
        for part in np.split(asking, np.flatnonzero(np.diff(block)) + 1):
            near = cKDTree(self.asked[part]).sparse_distance_matrix(tree, self.reach * _SLACK, output_type="ndarray")
            row, neighbour = part[near["i"]], placed[near["j"]]
            apart = np.square(self.asked[row] - self.places[neighbour]).sum(axis=1)
            kept = (apart <= self.reach**2) & (self.trades[neighbour] == self.shared[row])
            yield row[kept], neighbour[kept]


def on_sphere(degrees: Floats) -> Floats:
    """Return points on the sphere, in metres from its centre.

    Parameters
    ----------
    degrees : float64 array of shape (n, 2), longitude and latitude
        A point outside -180..180, -90..90 is nowhere.

    Returns
    -------
    float64 array of shape (n, 3)

    Examples
    --------
    >>> (on_sphere(np.array([[0.0, 0.0], [0.0, 95.0]])) / EARTH_RADIUS).tolist()
    [[1.0, 0.0, 0.0], [nan, nan, nan]]
    """
    inside = (np.abs(degrees) <= [180.0, 90.0]).all(axis=1, keepdims=True)
    longitude, latitude = np.radians(np.where(inside, degrees, np.nan)).T
    flat = np.cos(latitude)
    return EARTH_RADIUS * np.column_stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)])
