"""As-of history: what earlier projects of the same firm, place or trade had come to, strictly before the review day."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import Catalog, History
from features.history.event_index import NOT_YET, EventIndex, day_numbers, family_id
from features.history.exposure import Exposure, Floats, Integers
from features.history.fingerprints import UNKNOWN, fingerprints
from features.history.measures import Column, Form, history_columns
from features.milestones import days
from features.timeline import edges, span

__all__ = ["EventIndex", "history_features"]

PRIOR = 2.0  # events as expected, added to both sides of a rate: few projects prove little
OTHER_CAP_MONTHS = 120  # how long a milestone that has no clock is waited for
_DAY_BITS = 32
_EPOCH = 1 << 31


def history_features(index: EventIndex, rows: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Return the as-of history of each row, from the projects of the index alone.

    Parameters
    ----------
    index : what was known by its day; a later row is answered as of that day
    rows : DataFrame of shape (n_projects, ...), typed; they never inform each other

    Returns
    -------
    float64 DataFrame of shape (n_projects, n_columns), one column per family and measure
        ``count``: projects that entered, or milestones that became known, strictly before the row's entry.
        ``a_vs_b``: (a + 1) / (a + b + 2) of those counts.
        ``rate``: (observed + 2) / (expected + 2), 1 = as projects of that age fare; both up to the first day of the
        row's month, so that the two cover the same days.
        Missing where the key or the entry is missing. A key never met counts 0 and fares as expected.
    """
    columns = list(history_columns(catalog))
    query = Query.ask(rows, catalog, index)
    groups: dict[str, Group] = {}
    for by in dict.fromkeys(column.family.by for column in columns):
        groups[family_id(by)] = Group.of(index.keys[family_id(by)], fingerprints(rows, by, catalog, index.salt))
    found = {c.id: _counted(index, query, groups[family_id(c.family.by)], c) for c in columns if not _is_rate(c)}
    for (milestone, window), alike in _rate_columns(columns).items():
        asked = {c.id: groups[family_id(c.family.by)] for c in alike}
        found |= _rates(query, asked, waiting(index, milestone, catalog), window)
    unknown = np.isnat(days(rows, catalog.entry))
    told = {c.id: unknown | groups[family_id(c.family.by)].unnamed for c in columns}
    return pd.DataFrame({c.id: np.where(told[c.id], np.nan, found[c.id]) for c in columns}, index=rows.index)


@dataclass(frozen=True)
class Query:
    """The days on which rows ask, as days since 1970, none later than what the index knows."""

    day: Integers
    month: Integers  # first day of the month of ``day``

    @classmethod
    def ask(cls, rows: pd.DataFrame, catalog: Catalog, index: EventIndex) -> "Query":
        """Return the entry days of the rows; a row without one asks on the index's day, and is blanked later."""
        day = np.fmin(days(rows, catalog.entry), index.as_of)
        month = day.astype("datetime64[M]").astype("datetime64[D]")
        return cls(day.astype(np.int64), month.astype(np.int64))


@dataclass(frozen=True)
class Group:
    """Which projects of the index, and which rows, share a key.

    Parameters
    ----------
    member : int64 array of shape (n_index,), group of each project; ``size`` = no key
    asked : int64 array of shape (n_projects,), group of each row; ``size`` = never met
    unnamed : bool array of shape (n_projects,), rows that give no key
    """

    member: Integers
    asked: Integers
    unnamed: NDArray[np.bool_]
    size: int

    @classmethod
    def of(cls, keys: NDArray[np.uint64], asked: NDArray[np.uint64]) -> "Group":
        """Number the keys of the index, and find those asked for among them."""
        known = np.unique(keys[keys != UNKNOWN])
        return cls(_position(known, keys), _position(known, asked), asked == UNKNOWN, known.size)

    def count(self, day: Integers, until: Integers, window: int | None) -> Floats:
        """Count, for each row, the members whose ``day`` is strictly before ``until`` and within the window."""
        placed = np.sort(_placed(self.member, day))
        since = np.full_like(until, -_EPOCH) if window is None else until - window
        last, first = (np.searchsorted(placed, _placed(self.asked, end), side="left") for end in (until, since))
        return np.where(self.asked < self.size, last - first, 0).astype(np.float64)

    def total(self, amount: Floats, asked: NDArray[np.intp]) -> Floats:
        """Add up what each of the first projects of the index brings, for the groups of the rows ``asked``."""
        sums = np.bincount(self.member[: amount.size], weights=amount, minlength=self.size + 1)
        sums[self.size] = 0.0
        return np.asarray(sums[self.asked[asked]], dtype=np.float64)


def _position(known: NDArray[np.uint64], keys: NDArray[np.uint64]) -> Integers:
    place = np.searchsorted(known, keys)
    met = (np.append(known, UNKNOWN)[place] == keys) & (keys != UNKNOWN)
    return np.where(met, place, known.size).astype(np.int64)


def _placed(group: Integers, day: Integers) -> Integers:
    """Return one integer that orders by group, then by day."""
    return (group << _DAY_BITS) + day + _EPOCH


def _is_rate(column: Column[History]) -> bool:
    return column.measure.form is Form.RATE


def _window(family: History) -> int | None:
    return None if family.window_months is None else int(span(family.window_months).astype(np.int64))


def _counted(index: EventIndex, query: Query, group: Group, column: Column[History]) -> Floats:
    """Count up to the very day: the counts that a reader of the ledger would find."""
    counted = [index.known[name] for name in column.measure.milestones] or [index.entry]
    counts = [group.count(day_numbers(day), query.day, _window(column.family)) for day in counted]
    if column.measure.form is Form.VERSUS:
        return np.divide(counts[0] + 1, counts[0] + counts[1] + 2)
    return counts[0]


def _rate_columns(columns: list[Column[History]]) -> Mapping[tuple[str, int | None], list[Column[History]]]:
    """Gather the rates that look at one milestone and window: they share the exposure."""
    gathered: dict[tuple[str, int | None], list[Column[History]]] = defaultdict(list)
    for column in filter(_is_rate, columns):
        gathered[column.measure.milestones[0], _window(column.family)].append(column)
    return gathered


def waiting(index: EventIndex, milestone: str, catalog: Catalog) -> Exposure:
    """Return the time the projects of the index wait for a milestone to become known.

    Waiting ends with the clock's horizon (120 months where it has none) and the reporting lag. Both the event and the
    time count by the day of knowledge, so that a lag shifts the baseline and biases nothing.
    """
    horizons = {spec.clock.value: spec.horizon_months for spec in catalog.clocks.values()}
    horizon = horizons.get(milestone, OTHER_CAP_MONTHS)
    n_bins = -(-(horizon + int(np.ceil(index.lag_months))) // catalog.period_months)
    bins = edges(n_bins, catalog.period_months).astype(np.int64)
    entry, known = day_numbers(index.entry), day_numbers(index.known[milestone])
    return Exposure(entry, np.minimum(known, entry + bins[-1]), known < entry + bins[-1], bins)


def _rates(query: Query, asked: Mapping[str, Group], wait: Exposure, window: int | None) -> dict[str, Floats]:
    """Compare seen with expected at the first day of each row's month; the loop is over months, not rows."""
    expected = {name: np.zeros(query.day.size) for name in asked}
    for month in np.unique(query.month).tolist():
        now = np.flatnonzero(query.month == month)
        due = wait.expected(month, None if window is None else month - window)
        for name, group in asked.items():
            expected[name][now] = group.total(due, now)
    came = np.where(wait.event, wait.stop, NOT_YET)
    seen = {name: group.count(came, query.month, window) for name, group in asked.items()}
    return {name: (seen[name] + PRIOR) / (expected[name] + PRIOR) for name in asked}
