"""The event index: what is kept of past projects so that a new one can be told their history. No names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.catalog import Catalog
from features.history.fingerprints import fingerprints
from features.milestones import Days
from features.timeline import Timeline

NOT_YET = (1 << 31) - 1  # a day number later than any


def day_numbers(days: Days) -> NDArray[np.int64]:
    """Return days since 1970; ``NOT_YET`` where the day is missing."""
    return np.where(np.isnat(days), NOT_YET, days.astype("datetime64[D]").astype(np.int64))


@dataclass(frozen=True)
class EventIndex:
    """n past projects, ordered by entry and then by everything else: the order of the file does not matter.

    Parameters
    ----------
    entry : datetime64[D] array of shape (n,), rising
    known : datetime64[D] array of shape (n,) per milestone, the day it became known
    keys : uint64 array of shape (n,) per family, keyed hash of its columns' values (0 = missing)
        The key travels with the index, as scoring needs it: who holds both can test a name they already guess, and
        cannot read one.
    places : float64 array of shape (n, 2) per pair of coordinate columns
    as_of : the day the index knows; later rows are answered as of this day
    lag_months : reporting lag that went into ``known``
    salt : key of the hashes
    """

    entry: Days
    known: Mapping[str, Days]
    keys: Mapping[str, NDArray[np.uint64]]
    places: Mapping[str, NDArray[np.float64]]
    as_of: np.datetime64
    lag_months: float
    salt: bytes

    @classmethod
    def build(cls, rows: pd.DataFrame, timeline: Timeline, catalog: Catalog, salt: bytes) -> "EventIndex":
        """Index the rows of a history file that entered before the timeline's day.

        A row rejected for an impossible date is a project all the same: were it left out, a date recorded today would
        change what was counted last year.

        Parameters
        ----------
        rows : DataFrame of shape (n_projects, ...), typed
        timeline : their lives
        salt : key of the hashes, at most 64 bytes
        """
        past = np.flatnonzero(timeline.entry < timeline.as_of)
        taken = rows.iloc[past].reset_index(drop=True)
        entry = timeline.entry[past]
        known = {name: day[past] for name, day in timeline.known.items()}
        keys = {family_id(by): fingerprints(taken, by, catalog, salt) for by in _families(catalog)}
        places = {place_id(x, y): coordinates(taken, x, y) for x, y in _pairs(catalog)}
        points = [axis for place in places.values() for axis in place.T]
        order = np.lexsort([*points, *keys.values(), *map(day_numbers, known.values()), entry])
        return cls(
            entry=entry[order],
            known={name: day[order] for name, day in known.items()},
            keys={name: key[order] for name, key in keys.items()},
            places={name: place[order] for name, place in places.items()},
            as_of=timeline.as_of,
            lag_months=timeline.lag_months,
            salt=salt,
        )

    def to_table(self) -> pa.Table:
        """Return the index as an Arrow table that says itself what it is."""
        columns: dict[str, NDArray[np.generic]] = {"entry": self.entry}
        columns |= {f"known:{name}": day for name, day in self.known.items()}
        columns |= {f"key:{name}": key for name, key in self.keys.items()}
        columns |= {f"{axis}:{name}": place[:, i] for name, place in self.places.items() for i, axis in enumerate("xy")}
        about = {"as_of": str(self.as_of), "lag_months": repr(self.lag_months), "salt": self.salt.hex()}
        return pa.table(columns).replace_schema_metadata(about)

    @classmethod
    def from_table(cls, table: pa.Table) -> "EventIndex":
        """Return the index that `to_table` wrote."""
        columns = {name: table.column(name).to_numpy() for name in table.column_names}
        about = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
        named = {name.partition(":")[::2]: column for name, column in columns.items()}
        return cls(
            entry=columns["entry"].astype("datetime64[D]"),
            known={name: day.astype("datetime64[D]") for (kind, name), day in named.items() if kind == "known"},
            keys={name: key for (kind, name), key in named.items() if kind == "key"},
            places={name: np.column_stack([x, named["y", name]]) for (kind, name), x in named.items() if kind == "x"},
            as_of=np.datetime64(about["as_of"], "D"),
            lag_months=float(about["lag_months"]),
            salt=bytes.fromhex(about["salt"]),
        )


def family_id(by: tuple[str, ...]) -> str:
    """Return the name of a family of keys."""
    return "_".join(by)


def place_id(x: str, y: str) -> str:
    """Return the name of a pair of coordinate columns."""
    return f"{x}|{y}"


def coordinates(rows: pd.DataFrame, x: str, y: str) -> NDArray[np.float64]:
    """Return the points of the rows; float64 array of shape (n_projects, 2), both missing where one is."""
    points = np.column_stack([_axis(rows, x), _axis(rows, y)])
    return np.where(np.isfinite(points).all(axis=1, keepdims=True), points, np.nan)


def _axis(rows: pd.DataFrame, column: str) -> NDArray[np.float64]:
    return rows[column].to_numpy(dtype=np.float64) if column in rows else np.full(len(rows), np.nan)


def _families(catalog: Catalog) -> Iterator[tuple[str, ...]]:
    yield from (family.by for family in catalog.histories)
    yield from ((family.same,) for family in catalog.neighbours if family.same)


def _pairs(catalog: Catalog) -> Iterator[tuple[str, str]]:
    yield from ((family.x, family.y) for family in catalog.neighbours)
