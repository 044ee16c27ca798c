"""Some rows of a file as Arrow columns: text a tenth of the size of Python's, made while the rows are still warm."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.reading.grids import Row

_WARM = 512  # rows turned into columns at a time: few enough to be still in the processor's cache


@dataclass(frozen=True)
class Block:
    """Rows as wide as the header, by column, and those that are not, as they are."""

    lines: NDArray[np.int64]  # (n,)
    columns: tuple[pa.StringArray, ...]  # one a column of the file, each (n,)
    ragged: tuple[Row, ...]

    def row(self, at: int) -> list[str]:
        """Return the cells of one row."""
        return [column[at].as_py() for column in self.columns]


def block(rows: Iterable[Row], width: int, fitted: Callable[[Row], list[str] | None]) -> Block:
    """Return ``rows`` by column, each first made to fit the header by ``fitted``; None leaves the row out.

    Examples
    --------
    >>> found = block([(2, ["a", "b"]), (3, []), (4, ["c"])], 2, lambda row: row[1] or None)
    >>> found.lines.tolist(), [column.to_pylist() for column in found.columns], found.ragged
    ([2], [['a'], ['b']], ((4, ['c']),))
    """
    left = iter(rows)
    lines: list[int] = []
    ragged: list[Row] = []
    parts: list[list[pa.StringArray]] = [[pa.array([], pa.string())] for _ in range(width)]
    while some := list(islice(left, _WARM)):
        whole: list[list[str]] = []
        for row in some:
            cells = fitted(row)
            if cells is None:
                continue
            if len(cells) == width:
                lines.append(row[0])
                whole.append(cells)
            else:
                ragged.append((row[0], cells))
        for part, column in zip(parts, zip(*whole, strict=True), strict=False):
            part.append(pa.array(column, pa.string()))
    return Block(np.array(lines, dtype=np.int64), tuple(pa.concat_arrays(part) for part in parts), tuple(ragged))
