"""CSV files as grids: encoding and delimiter found out, rows streamed with the line on which each begins."""

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from features.errors import DataError
from features.reading.grids import FileKind, Row
from features.words import Words

ENCODINGS = ("utf-8", "gb18030", "cp1252")
DELIMITERS = (",", "\t", ";", "|", "，")
_BLOCK = 1 << 20
_END = "\0end"  # fed to the csv reader after the last line: no file that is read holds a NUL
_NAMES = {"\t": ("制表符", "tab"), ",": ("逗号", "comma"), ";": ("分号", "semicolon")}


@dataclass(frozen=True)
class DelimitedGrid:
    """A CSV file read with one encoding and one delimiter."""

    path: Path
    encoding: str
    delimiter: str
    kind: FileKind = FileKind.CSV

    @property
    def told(self) -> tuple[Words, ...]:
        """What was taken, for people."""
        zh, en = _NAMES.get(self.delimiter, (self.delimiter, self.delimiter))
        return (
            Words(zh=f"编码按 {self.encoding} 读取，分隔符为{zh}", en=f"read as {self.encoding}, delimited by {en}"),
        )

    def rows(self) -> Iterator[Row]:
        """Yield every row; a quoted cell may span lines, and a row's line is its first."""
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                yield from _numbered(_ended(file, self.path.name), self.delimiter, self.path.name)
        except (OSError, UnicodeError) as error:
            raise unreadable(self.path, error) from None


def _ended(file: TextIO, name: str) -> Iterator[str]:
    for line in file:
        if "\0" in line:
            raise binary(name)
        yield line
    yield _END


def _numbered(lines: Iterator[str], delimiter: str, name: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if cells == [_END]:
                return
            if cells and cells[-1].endswith(_END):
                raise _open_quote(line, name)
            yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise _open_quote(line, name) from None


def _open_quote(line: int, name: str) -> DataError:
    return DataError(
        Words(
            zh=f"{name} 第 {line} 行：引号有开无合，或单元格超过 131072 字；请检查该行起的引号",
            en=f"{name}, line {line}: a quote must be closed and a cell shorter than 131072 characters; "
            "got one that runs on; mend the quotes from that line on",
        )
    )


def binary(name: str) -> DataError:
    """Return the refusal of a file with bytes that no text has."""
    return DataError(
        Words(
            zh=f"{name}：必须是 csv、xlsx 或 parquet；实际为二进制文件；请重新导出",
            en=f"{name}: must be csv, xlsx or parquet; got a binary file; export it again",
        )
    )


def unreadable(path: Path, error: Exception) -> DataError:
    """Return the refusal of a file that the system does not let us read."""
    reason = getattr(error, "strerror", None) or type(error).__name__
    return DataError(
        Words(
            zh=f"{path.name}：必须是可读的文件；实际为 {reason}；请检查路径和权限",
            en=f"{path.name}: must be a file that can be read; got {reason}; look at the path and its permissions",
        )
    )


def encoding_of(path: Path, encodings: Sequence[str]) -> str:
    """Return the first of ``encodings`` in which the whole file is sound; a byte order mark decides at once.

    Raises
    ------
    DataError
        Where the file is in none of them.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(BOM_UTF8):
        return "utf-8-sig" if _is_sound(path, "utf-8-sig") else _first_sound(path, encodings)
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    return _first_sound(path, encodings)


def _first_sound(path: Path, encodings: Sequence[str]) -> str:
    tried = [name for name in (encodings or ENCODINGS) if name.lower().replace("_", "-") != "utf-8-sig"]
    for name in tried:
        if _is_sound(path, name):
            return name
    raise DataError(
        Words(
            zh=f"{path.name}：编码必须是 {'、'.join(tried)} 之一；实际都读不通；请另存为 UTF-8 的 CSV",
            en=f"{path.name}: must be text in one of {', '.join(tried)}; got bytes that fit none; save it as CSV UTF-8",
        )
    )


def _is_sound(path: Path, encoding: str) -> bool:
    decoder = getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def delimited_grids(path: Path, encodings: Sequence[str]) -> list[DelimitedGrid]:
    """Return the file as a grid for each delimiter that it could have, the likeliest first."""
    encoding = encoding_of(path, encodings)
    return [DelimitedGrid(path, encoding, delimiter) for delimiter in DELIMITERS]
