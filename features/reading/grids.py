"""A grid of text: what every kind of file becomes before a catalogue looks at it."""

import math
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import Protocol

from features.words import Words

Row = tuple[int, list[str]]  # 1-based line of the file on which the row begins, and its cells as text, "" = blank

_LONGEST_WHOLE = 1e21  # beyond it a whole number is told by its power of ten
FORMULA = "\0="  # begins the text of a formula whose value was never stored; no file can hold it as text


class FileKind(StrEnum):
    """The kinds of file that are read."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


class Grid(Protocol):
    """One table of text in a file. `rows` opens the file anew each time and raises only DataError."""

    @property
    def kind(self) -> FileKind:
        """The kind of file."""

    @property
    def encoding(self) -> str:
        """The encoding taken, "" where the file brings its own."""

    @property
    def delimiter(self) -> str:
        """The delimiter between cells, "" where there is none."""

    @property
    def told(self) -> tuple[Words, ...]:
        """What was taken, for people."""

    def rows(self) -> Iterator[Row]:
        """Yield every row of the file in order, blank ones included."""


def is_blank(cells: list[str]) -> bool:
    """Return whether a row holds nothing but blanks."""
    return not any(cell and not cell.isspace() for cell in cells)


def top(grid: Grid, most: int) -> list[Row]:
    """Return the first ``most`` rows that are not blank."""
    return list(islice((row for row in grid.rows() if not is_blank(row[1])), most))


def figure_text(value: float) -> str:
    """Return a number of a typed file in digits, as a sheet of text would hold it: 13800138000, not 1.3800138e+10.

    Examples
    --------
    >>> figure_text(1.1e17), figure_text(0.1), figure_text(3.0), figure_text(float("inf"))
    ('110000000000000000', '0.1', '3', 'inf')
    """
    if not math.isfinite(value) or abs(value) >= _LONGEST_WHOLE or value != math.floor(value):
        return repr(value)
    return f"{Decimal(repr(value)):.0f}"
