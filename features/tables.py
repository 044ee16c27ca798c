"""Project sheets: a CSV, XLSX or Parquet file is opened under a catalogue and read in batches of sound rows."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from features.catalog import Catalog
from features.errors import DataError, Problem
from features.reading.grids import FileKind, Grid, is_blank, top
from features.reading.headers import DEEPEST, Columns, Header, Names, find_header, shown_headers
from features.reading.judging import Judged, Purpose, Request, judge
from features.reading.sayings import listed
from features.reading.sifting import Batch, Sieve
from features.reading.skipping import Tally
from features.reading.sources import grids
from features.words import Language, Words

__all__ = ["Batch", "Layout", "Purpose", "Table", "open_table"]

MOST_COLUMNS = 16_384  # as many as a workbook can have


@dataclass(frozen=True)
class Layout:
    """How a file was read."""

    path: Path
    kind: FileKind
    encoding: str  # "" where the file brings its own
    delimiter: str  # "" where there is none
    header_line: int  # 1-based
    columns: Mapping[str, str]  # header -> attribute id
    ignored: tuple[str, ...]
    notes: tuple[Words, ...]


class Table:
    """A file whose header will do. Each call of `batches` or `read` reads it from the start."""

    def __init__(self, path: Path, grid: Grid, judged: Judged, request: Request) -> None:
        """Take a file that is open to be read, not yet reading it."""
        self._path = path
        self._grid = grid
        self._judged = judged
        self._request = request
        self._tally = Tally()

    @property
    def layout(self) -> Layout:
        """How the file is read; the notes count what the last reading has skipped so far."""
        columns = self._judged.columns
        return Layout(
            path=self._path,
            kind=self._grid.kind,
            encoding=self._grid.encoding,
            delimiter=self._grid.delimiter,
            header_line=columns.line,
            columns=MappingProxyType({h.header: h.attribute.id for h in columns.known}),
            ignored=columns.ignored,
            notes=(*self._grid.told, *self._judged.notes, *self._tally.notes()),
        )

    def batches(self, chunk_rows: int = 20_000) -> Iterator[Batch]:
        """Yield the rows below the header in batches of up to ``chunk_rows`` rows; memory stays flat.

        How the file is cut into batches changes no row, no flag and no problem.

        Raises
        ------
        DataError
            Where the file turns out to be damaged further down.
        """
        sieve = Sieve(self._judged.columns, self._grid.kind, self._request)
        self._tally = sieve.tally
        rows = _below(self._grid, self._judged.columns)
        while (first := next(rows, None)) is not None:
            yield sieve.sift(chain([first], islice(rows, chunk_rows - 1)))

    def read(self) -> Batch:
        """Return all rows in one batch."""
        return _joined(list(self.batches()))

    def cells(self, ids: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
        """Yield the line of every row below the header, and what stands under some attributes, as it stands there.

        Blank where the file has no such column, or the row ends before it.
        """
        positions = {heading.attribute.id: heading.position for heading in self._judged.columns.known}
        at = [positions.get(name, MOST_COLUMNS) for name in ids]
        for line, cells in _below(self._grid, self._judged.columns):
            yield line, [cells[position] if position < len(cells) else "" for position in at]

    def rejected(self, problems: Sequence[Problem]) -> pd.DataFrame:
        """Return rows as they were, with problems found after they were read; as `Batch.rejects`.

        Parameters
        ----------
        problems : each of one line of the file
        """
        faults: dict[int, list[tuple[str, Words]]] = defaultdict(list)
        for problem in problems:
            faults[problem.line or 0].append((problem.column, problem.message))
        rows = [row for row in _below(self._grid, self._judged.columns) if row[0] in faults]
        return Sieve(self._judged.columns, self._grid.kind, self._request).rejects(rows, faults)


def _below(grid: Grid, columns: Columns) -> Iterator[tuple[int, list[str]]]:
    return (row for row in grid.rows() if row[0] > columns.line)


def _joined(batches: Sequence[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    return Batch(
        rows=pd.concat([batch.rows for batch in batches], ignore_index=True),
        lines=np.concatenate([batch.lines for batch in batches]),
        flags=pd.concat([batch.flags for batch in batches], ignore_index=True),
        rejects=pd.concat([batch.rejects for batch in batches], ignore_index=True),
        problems=tuple(problem for batch in batches for problem in batch.problems),
    )


def open_table(
    path: str | Path,
    catalog: Catalog,
    purpose: Purpose,
    *,
    as_of: np.datetime64 | None = None,
    language: Language = Language.ZH,
) -> Table:
    """Open a project sheet: find out what it is, and judge its header under ``catalog``.

    Parameters
    ----------
    path : str or Path
        A CSV, XLSX or Parquet file; told by its content, not its name.
    catalog : Catalog
    purpose : Purpose
        To score, core columns must be there and outcomes are not read; a history may lack core columns.
    as_of : datetime64, optional
        The day of the scoring: it stands for an entry column that the file lacks, and no project may enter after it.
    language : Language
        The language of the "problems" column of the rejects.

    Raises
    ------
    DataError
        Where the file cannot be read, holds no sheet of this catalogue, or its header leaves a question open.
    """
    path = Path(path)
    request = Request(catalog, purpose, as_of, language)
    grid, header = _chosen(path, request)
    judged = judge(path.name, header, request)
    if all(is_blank(cells) for _, cells in _below(grid, judged.columns)):
        raise DataError(
            Words(
                zh=f"{path.name}：表头下必须有数据行；实际只有表头（第 {header.line} 行）；请补充项目",
                en=f"{path.name}: must have rows below its header; got the header alone (line {header.line}); add rows",
            )
        )
    return Table(path, grid, judged, request)


def _chosen(path: Path, request: Request) -> tuple[Grid, Header]:
    """Return the table of the file whose header names most attributes; the first of equals."""
    names = Names(request.catalog)
    found: list[tuple[Grid, Header]] = []
    refused: list[DataError] = []
    shown: list[str] = []
    for grid in grids(path, request.catalog.encodings):
        try:
            rows = top(grid, DEEPEST)
        except DataError as error:  # a wrong delimiter may leave a quote open
            refused.append(error)
            continue
        if max((len(cells) for _, cells in rows), default=0) > MOST_COLUMNS:
            raise _too_wide(path.name)
        shown = shown or shown_headers(rows)
        header = find_header(rows, names)
        if header is not None:
            found.append((grid, header))
    if found:
        return max(found, key=lambda pair: len(pair[1].matches))
    raise refused[0] if refused and not shown else _no_sheet(path.name, shown, request)


def _too_wide(name: str) -> DataError:
    return DataError(
        Words(
            zh=f"{name}：最多 {MOST_COLUMNS} 列；实际更多；请删去多余的列，或检查分隔符和引号",
            en=f"{name}: must have at most {MOST_COLUMNS} columns; got more; "
            "delete those not needed, or look at delimiters and quotes",
        )
    )


def _no_sheet(name: str, shown: Sequence[str], request: Request) -> DataError:
    label = request.catalog.label
    got = listed(shown) or "–"
    return DataError(
        Words(
            zh=f"{name}：必须是“{label.zh}”的项目表；实际表头为 {got}；请核对文件和 --catalog",
            en=f"{name}: must be a sheet of projects under '{label.en}'; got the headers {got}; "
            "look at the file and at --catalog",
        )
    )
