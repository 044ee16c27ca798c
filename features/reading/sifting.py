"""Rows of text go in; sound typed rows come out, and beside them every rejected row with all that is wrong in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import Kind, Tier
from features.errors import Problem
from features.reading import sayings
from features.reading.blocks import block
from features.reading.cells import Typed, typed
from features.reading.grids import FORMULA, FileKind, Row, is_blank
from features.reading.headers import Columns, Heading, readable
from features.reading.judging import Purpose, Request
from features.reading.privacy import MASK, masked
from features.reading.skipping import Places, Tally, is_skipped
from features.spelling import folded
from features.words import Language, Words

_FIGURES = frozenset({Kind.NUMBER, Kind.INTEGER})


@dataclass(frozen=True)
class Batch:
    """Some rows of a file, sifted: rows in = sound + rejected; blank, totals and repeated header rows aside.

    Attributes
    ----------
    rows : DataFrame of shape (n_sound, n_columns)
        Typed by the catalogue, columns in its order, index 0 … n - 1.
    lines : array of shape (n_sound,)
        The line of the file on which each sound row begins.
    flags : Series of shape (n_sound,)
        What is worth a look in each sound row, "name:column" joined by "; ", names as in `sayings.FLAGS`.
    rejects : DataFrame of shape (n_rejected, 2 + n_raw_columns)
        "line", "problems", and the row as it was, private numbers masked.
    problems : tuple of Problem
        Every problem of every rejected row, by line.
    """

    rows: pd.DataFrame
    lines: NDArray[np.int64]
    flags: "pd.Series[Any]"
    rejects: pd.DataFrame
    problems: tuple[Problem, ...]


Fault = tuple[str, Words]  # header, what is wrong


class Sieve:
    """Sifts the rows of one file, in order; it remembers only the keys it has met."""

    def __init__(self, columns: Columns, kind: FileKind, request: Request) -> None:
        """Start at the top of a file."""
        self.tally = Tally()
        self._columns = columns
        self._request = request
        self._is_ragged_kind = kind is FileKind.CSV  # a sheet's rows simply end at their last cell
        self._by_id = {heading.attribute.id: heading for heading in columns.known}
        entry = self._by_id.get(request.catalog.entry)
        self._places = Places(self._by_id[request.catalog.key].position, entry.position if entry else None)
        self._met: dict[int, int] = {}  # key -> line; a hash of 64 bits stands for the key
        self._required = [h for h in columns.known if self._is_required(h)]
        self._width = len(columns.cells)
        self._names = columns.names()
        self._named = [at for at in range(self._width) if at not in columns.unnamed]

    def _is_required(self, heading: Heading) -> bool:
        catalog = self._request.catalog
        return heading.attribute.tier is Tier.KEY or heading.attribute.id in {catalog.key, catalog.entry}

    def sift(self, rows: Iterable[Row]) -> Batch:
        """Return some rows, sifted."""
        found = block(rows, self._width, self._fitted)
        day_first = self._request.catalog.day_first
        values = {h.attribute.id: typed(found.columns[h.position], h, day_first) for h in self._columns.known}
        faults = {line: [("", sayings.ragged(len(cells), self._width))] for line, cells in found.ragged}
        wrong = sorted(self._faults(values, found.lines).items())
        faults.update({int(found.lines[at]): said for at, said in wrong})
        sound = np.ones(len(found.lines), dtype=bool)
        sound[[at for at, _ in wrong]] = False
        rejected = sorted([*found.ragged, *((int(found.lines[at]), found.row(at)) for at, _ in wrong)])
        return Batch(
            rows=self._rows(values, sound),
            lines=found.lines[sound],
            flags=_flags(values, sound),
            rejects=self.rejects(rejected, faults),
            problems=tuple(Problem(h, words, line) for line in sorted(faults) for h, words in faults[line]),
        )

    def _fitted(self, row: Row) -> list[str] | None:
        """Return the cells at the width of the header where nothing is lost by it, else as they are."""
        line, cells = row
        if is_skipped(line, cells, self._columns.cells, self._places, self.tally):
            return None
        if len(cells) < self._width and not self._is_ragged_kind:
            cells = [*cells, *[""] * (self._width - len(cells))]
        surplus = [cells[at] for at in self._columns.unnamed if at < len(cells)]
        if len(cells) > self._width and (not self._is_ragged_kind or is_blank(cells[self._width :])):
            surplus += cells[self._width :]
            cells = cells[: self._width]
        if not is_blank(surplus):
            self.tally.unnamed.append(line)
        return cells

    def _faults(self, values: dict[str, Typed], lines: NDArray[np.int64]) -> dict[int, list[Fault]]:
        """Return what is wrong in each row (by its place in the block), column by column, then the row as such."""
        found: dict[int, list[Fault]] = {}
        for heading in sorted(self._columns.known, key=lambda h: h.position):
            for at, words in values[heading.attribute.id].faults.items():
                found.setdefault(at, []).append((heading.header, words))
        for at, heading, words in (*self._blank(values), *self._excluded(values), *self._early(values)):
            found.setdefault(at, []).append((heading.header, words))
        for at, heading, words in self._repeated(values, lines):
            found.setdefault(at, []).append((heading.header, words))
        return found

    def _blank(self, values: dict[str, Typed]) -> Iterator[tuple[int, Heading, Words]]:
        for heading in self._required:
            column = values[heading.attribute.id]
            for at in np.flatnonzero(column.values.isna()).tolist():
                if at not in column.faults:
                    yield at, heading, sayings.BLANK

    def _excluded(self, values: dict[str, Typed]) -> Iterator[tuple[int, Heading, Words]]:
        for exclusion in self._request.catalog.exclusions:
            heading = self._by_id.get(exclusion.column)
            if heading is not None:
                out = {folded(value) for value in exclusion.values}
                distinct = values[exclusion.column].values.dropna()
                for at in distinct.index[distinct.map(lambda value, out=out: folded(str(value)) in out).astype(bool)]:
                    yield int(at), heading, exclusion.reason

    def _early(self, values: dict[str, Typed]) -> Iterator[tuple[int, Heading, Words]]:
        request = self._request
        heading = self._by_id.get(request.catalog.entry)
        if request.purpose is Purpose.SCORE and request.as_of is not None and heading is not None:
            entered = values[request.catalog.entry].values
            for at in np.flatnonzero(entered.to_numpy() > request.as_of.astype("datetime64[s]")).tolist():
                day = str(np.datetime_as_string(entered.to_numpy()[at], unit="D"))
                yield at, heading, sayings.in_the_future(day, str(request.as_of.astype("datetime64[D]")))

    def _repeated(self, values: dict[str, Typed], lines: NDArray[np.int64]) -> Iterator[tuple[int, Heading, Words]]:
        catalog = self._request.catalog
        keys = values[catalog.key].values
        said = keys.map(folded, na_action="ignore").astype("str")
        if self._request.purpose is Purpose.HISTORY:  # a project filed again on another day is another filing
            said = said + "\x1f" + values[catalog.entry].values.astype("str").fillna("")
        codes = pd.util.hash_pandas_object(said, index=False).to_numpy()
        for at in np.flatnonzero(keys.notna().to_numpy()).tolist():
            first = self._met.setdefault(int(codes[at]), int(lines[at]))
            if first != lines[at]:
                yield at, self._by_id[catalog.key], sayings.duplicate(str(keys[at]), first)

    def _rows(self, values: dict[str, Typed], sound: NDArray[np.bool_]) -> pd.DataFrame:
        request = self._request
        kept = {id_: column.values for id_, column in values.items() if request.reads(self._by_id[id_].attribute)}
        if request.catalog.entry not in kept and request.as_of is not None:
            day = request.as_of.astype("datetime64[s]")
            kept[request.catalog.entry] = pd.Series(np.full(len(sound), day, dtype="datetime64[s]"))
        order = [id_ for id_ in readable(request.catalog) if id_ in kept]
        return pd.DataFrame({id_: kept[id_] for id_ in order}).loc[sound].reset_index(drop=True)

    def rejects(self, rejected: Sequence[Row], faults: Mapping[int, Sequence[Fault]]) -> pd.DataFrame:
        """Return rows as they were, private numbers masked, with what is wrong in them by line."""
        language = self._request.language
        raw = [self._as_it_was(cells, {header for header, _ in faults[line]}) for line, cells in rejected]
        said = pd.DataFrame(
            {
                "line": np.array([line for line, _ in rejected], dtype=np.int64),
                "problems": pd.Series([_said(faults[line], language) for line, _ in rejected], dtype="str"),
            }
        )
        return said.join(pd.DataFrame(raw, columns=pd.Index(self._names, dtype="str"), dtype="str"))

    def _as_it_was(self, cells: list[str], faulty: set[str]) -> list[str]:
        figures = {h.position for h in self._columns.known if h.attribute.kind in _FIGURES and h.header not in faulty}
        if len(cells) != self._width:  # cells of a ragged row may stand under any header
            figures = set()
        shown = [cell if at in figures else self._shown(at, cell) for at, cell in enumerate(cells)]
        row = [shown[at] if at < len(shown) else "" for at in self._named]
        surplus = [cell for at, cell in enumerate(shown) if at >= self._width or at in self._columns.unnamed]
        if not is_blank(surplus):
            row[-1] = ",".join([row[-1], *surplus])  # what stood beyond the header is kept with the last column
        return row

    def _shown(self, at: int, cell: str) -> str:
        if at in self._columns.private:
            return MASK if cell and not cell.isspace() else cell
        return masked("=" + cell[len(FORMULA) :] if cell.startswith(FORMULA) else cell)


def _said(faults: Sequence[Fault], language: Language) -> str:
    separator = "；" if language is Language.ZH else "; "
    return separator.join(f"{header}: {w.said(language)}" if header else w.said(language) for header, w in faults)


def _flags(values: dict[str, Typed], sound: NDArray[np.bool_]) -> "pd.Series[Any]":
    said: list[list[str]] = [[] for _ in range(len(sound))]
    for id_, column in values.items():
        for name, rows in column.flags.items():
            for at in np.flatnonzero(rows & sound).tolist():
                said[at].append(f"{name}:{id_}")
    joined = ["; ".join(one) for one, is_sound in zip(said, sound, strict=True) if is_sound]
    return pd.Series(pd.array(joined, dtype="str"))
