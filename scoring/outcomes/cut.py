"""A file that stops in the middle of a line: the line is left out and told, before it is misread."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from features.errors import Problem
from features.reading.privacy import masked
from features.spelling import on_one_line
from features.words import Words

MOST_LINES = 50  # that a row at the end may span; a longer one is a quote left open far above it
_NOT_DELIMITED = (b"PK", b"PAR1", BOM_UTF16_LE, BOM_UTF16_BE)
# What is no beginning of anything else: a date in full, or words (half a word is no level, half a reason a reason).
_WHOLE = re.compile(r".*(?:\d{4}[-/.]\d{2}[-/.]\d{2}|\d{2}[-/.]\d{2}[-/.]\d{4}|[日号]|\D{2,})[\s\"”]*", re.S)
_HALF = Words(
    zh="最后一行必须完整，以换行结束；实际在行中断开；请补全该行，或确认无误后在行末加换行",
    en="the last line must be whole and end with a line break; got one that stops midway; complete it, or if it is "
    "whole add the line break",
)


@dataclass(frozen=True)
class Half:
    """The line that a file breaks off in: its number, 1-based, and what there is of it."""

    line: int
    text: str

    @property
    def problem(self) -> Problem:
        """What is said of it."""
        return Problem("", _HALF, self.line)


@contextmanager
def without_half(path: Path) -> Iterator[tuple[Path, Half | None]]:
    """Give the path to read: the file's own, or where it breaks off in a line, that of a copy without it.

    Only delimited text is looked at: a workbook that breaks off does not open at all. A last line without a line break
    passes where nothing more could have followed in its last cell.
    """
    content = path.read_bytes() if path.is_file() else b""
    end = _broken_off(content)
    if end is None:
        yield path, None
        return
    half = Half(len(content[:end].splitlines()) + 1, _shown(content[end:]))
    with TemporaryDirectory(prefix="luodi-") as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(content[:end])
        yield copy, half


def _broken_off(content: bytes) -> int | None:
    """Return where the line begins that the file breaks off in; None = it is whole."""
    if content.startswith(_NOT_DELIMITED):
        return None
    lines = content.splitlines(keepends=True)
    if len(lines) < 2:
        return None
    first = _last_row(lines)
    if first is None or not first:
        return None
    tail = b"".join(lines[first:])
    open_quote = tail.count(b'"') % 2 == 1
    if not open_quote and (tail.endswith((b"\n", b"\r")) or _is_whole(tail)):
        return None
    return len(content) - len(tail)


def _last_row(lines: list[bytes]) -> int | None:
    """Return the index of the line on which the last row begins: before it, every quote is closed."""
    quotes = sum(line.count(b'"') for line in lines)
    if quotes % 2 == 0 and lines[-1].count(b'"') % 2 == 0:
        return len(lines) - 1
    for back in range(1, min(MOST_LINES, len(lines)) + 1):
        quotes -= lines[-back].count(b'"')
        if quotes % 2 == 0:
            return len(lines) - back
    return None


def _is_whole(tail: bytes) -> bool:
    try:
        text = tail.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = tail.decode("gb18030")
        except UnicodeDecodeError:
            return False  # broken off inside a character
    last = re.split(r"[,;\t|，]", text)[-1]
    return _WHOLE.fullmatch(last) is not None


def _shown(tail: bytes) -> str:
    try:
        text = tail.decode("utf-8")
    except UnicodeDecodeError:
        text = tail.decode("gb18030", errors="replace")
    return masked(on_one_line(text))
