"""A grid of text: what every kind of file becomes before a catalogue looks at it."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import Protocol

from features.words import Words

Row = tuple[int, list[str]]  # 1-based line of the file on which the row begins, and its cells as text, "" = blank

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


def count_of(cells: int, most: int) -> str:
    """Return how a count of cells is put in words when it passes what the reader takes."""
    return f"{cells:,} > {most:,}"
