"""XLSX workbooks as grids: a sheet each, values as text, damaged and outsized files refused in words."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import islice, zip_longest
from pathlib import Path
from typing import IO, Any

import openpyxl

from features.errors import DataError
from features.reading.grids import FORMULA, FileKind, Row, figure_text
from features.reading.sayings import listed
from features.words import Words

LARGEST = 1 << 30  # bytes of a workbook unpacked
DENSEST = 400  # times that a large part may be smaller when packed; sheets of text reach 30, bombs 1,000
LAST_ROW = 1_048_576
_SMALL = 16 << 20
_ROWS = 500
_LITERAL = re.compile(r'"[^"]*"|[\\_*].')  # what a number format prints as it stands: a "%" there shifts no point
_FORMULA_TAG = re.compile(rb"<(?:\w+:)?f[\s/>]")

# What openpyxl and the layers below it raise on a file that is damaged or no workbook.
_DAMAGE = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class _Book:
    """A workbook, opened once: its shared strings are dear to read. Held as bytes, so that no file stays open."""

    path: Path

    @cached_property
    def packed(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def stored(self) -> Any:
        """The workbook with the stored values of its formulas."""
        return self._opened(stored=True)

    @cached_property
    def written(self) -> Any:
        """The workbook with its formulas as written."""
        return self._opened(stored=False)

    def _opened(self, *, stored: bool) -> Any:
        # From bytes also because openpyxl judges a path by its suffix, and a suffix says little.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(self.packed), read_only=True, data_only=stored)


@dataclass(frozen=True)
class SheetGrid:
    """One sheet of a workbook."""

    book: _Book
    sheet: str
    others: tuple[str, ...]
    kind: FileKind = FileKind.XLSX
    encoding: str = ""
    delimiter: str = ""

    @property
    def told(self) -> tuple[Words, ...]:
        """What was taken, for people."""
        sheet, others = listed([self.sheet]), listed(self.others)
        left = Words(f"；未读取：{others}", f"; sheets not read: {others}") if others else Words("", "")
        return (Words(zh=f"读取工作表“{sheet}”{left.zh}", en=f"read from sheet '{sheet}'{left.en}"),)

    def rows(self) -> Iterator[Row]:
        """Yield every row of the sheet, its cells as text."""
        values = _lines(self.book, self.sheet, stored=True)
        if not self._has_formulas():
            yield from ((line, [_text(cell) for cell in cells]) for line, cells in values)
            return
        for (line, cells), (_, written) in zip(values, _lines(self.book, self.sheet, stored=False), strict=False):
            yield line, [_stored(cell, raw) for cell, raw in zip_longest(cells, written)]

    def _has_formulas(self) -> bool:
        try:
            part: str = self.book.stored[self.sheet]._worksheet_path
            with zipfile.ZipFile(io.BytesIO(self.book.packed)) as packed, packed.open(part) as xml:
                return _mentions_a_formula(xml)
        except _DAMAGE:
            raise _damaged(self.book.path) from None


def _mentions_a_formula(xml: IO[bytes]) -> bool:
    # Reading the sheet twice, as stored and as written, is dear: only where its text has a formula at all.
    tail = b""
    while block := xml.read(1 << 20):
        if _FORMULA_TAG.search(tail + block):
            return True
        tail = block[-8:]
    return False


def sheet_grids(path: Path) -> list[SheetGrid]:
    """Return the sheets of a workbook, hidden ones last.

    Raises
    ------
    DataError
        Where the file is no sound workbook, or unpacks to more than the reader takes.
    """
    _refuse_bombs(path)
    try:
        book = _Book(path)
        sheets = [(sheet.sheet_state != "visible", sheet.title) for sheet in book.stored.worksheets]
    except _DAMAGE:
        raise _damaged(path) from None
    names = [name for _, name in sorted(sheets, key=lambda pair: pair[0])]
    return [SheetGrid(book, name, tuple(other for other in names if other != name)) for name in names]


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
    except _DAMAGE:
        raise _damaged(path) from None
    dense = [p for p in parts if p.file_size > _SMALL and p.file_size > DENSEST * max(p.compress_size, 1)]
    if dense or sum(part.file_size for part in parts) > LARGEST:
        raise DataError(
            Words(
                zh=f"{path.name}：解压后必须小于 {LARGEST >> 20} MB；实际过大；请删去空白行列后重存，或改存 CSV",
                en=f"{path.name}: must unpack to less than {LARGEST >> 20} MB; got more; "
                "delete empty rows and columns, or save it as CSV",
            )
        )


def _damaged(path: Path) -> DataError:
    return DataError(
        Words(
            zh=f"{path.name}：必须是完好的 xlsx 工作簿；实际无法打开；请用 Excel 或 WPS 重新保存",
            en=f"{path.name}: must be a sound xlsx workbook; got one that does not open; save it anew in Excel or WPS",
        )
    )


def _lines(book: _Book, sheet: str, *, stored: bool) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the rows of a sheet as cells: with stored values, or as written (formulas as formulas)."""
    try:
        table = (book.stored if stored else book.written)[sheet]
        table.reset_dimensions()  # some writers declare a sheet as A1 only
        cells = enumerate(table.iter_rows(), start=1)
        while block := _block(cells):
            yield from block
    except _DAMAGE:
        raise _damaged(book.path) from None


def _block(cells: Iterator[tuple[int, tuple[Any, ...]]]) -> list[tuple[int, tuple[Any, ...]]]:
    # In blocks, because a warnings filter must not stay set while a generator waits.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        block = list(islice(cells, _ROWS))
    if block and block[-1][0] > LAST_ROW:
        raise ValueError(block[-1][0])
    return block


def _stored(cell: Any, written: Any) -> str:
    if getattr(written, "data_type", "") == "f" and (cell is None or cell.value is None):
        return FORMULA + str(written.value).lstrip("=")
    return _text(cell)


def _text(cell: Any) -> str:
    value = None if cell is None else cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number_text(value, cell.number_format or "")
    return _time_text(value)


def _number_text(value: float, number_format: str) -> str:
    if "%" in _LITERAL.sub("", number_format):
        return f"{Decimal(repr(value)) * 100:f}%"
    return figure_text(value)


def _time_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value / timedelta(days=1)) if isinstance(value, timedelta) else str(value)
