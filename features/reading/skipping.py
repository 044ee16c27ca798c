"""Rows of a sheet that are no projects: blank ones, totals, the header once more. They are counted and told."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from features.reading.privacy import masked
from features.spelling import on_one_line
from features.words import Words

_TOTALS = re.compile(
    r"\s*(?:本[页月年期]|全[年部区县市])?\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|sub-?\s*total|(?:grand\s+)?total)"
    r"\s*[:：]?\s*(?:[(（].*[)）])?\s*",
    re.IGNORECASE,
)
_MOST_LINES = 10


@dataclass
class Tally:
    """Rows that are no projects and were skipped, by the line on which each begins."""

    blank: int = 0
    totals: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    unnamed: list[int] = field(default_factory=list)  # rows with something under no header

    def notes(self) -> tuple[Words, ...]:
        """Return what was skipped, in words."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[Words]:
        if self.blank:
            yield Words(zh=f"跳过空行 {self.blank} 行", en=f"skipped {self.blank} blank row(s)")
        if self.totals:
            yield _skipped("合计行", "row(s) of totals", self.totals)
        if self.repeated:
            yield _skipped("重复的表头", "repeated header(s)", self.repeated)
        if self.unnamed:
            at = _shown(self.unnamed)
            yield Words(
                zh=f"无表头的列中有内容，未读取（{len(self.unnamed)} 行：{at}）",
                en=f"cells without a header were not read ({len(self.unnamed)} row(s): {at})",
            )


def _skipped(zh: str, en: str, lines: Sequence[int]) -> Words:
    return Words(
        zh=f"跳过{zh} {len(lines)} 行（行号 {_shown(lines)}）", en=f"skipped {len(lines)} {en} (line {_shown(lines)})"
    )


def _shown(lines: Sequence[int]) -> str:
    return ", ".join(str(line) for line in lines[:_MOST_LINES]) + (" …" if len(lines) > _MOST_LINES else "")


@dataclass(frozen=True)
class Places:
    """Where the cells stand that tell a project: its key, and the day it entered (None = not in the file)."""

    key: int
    entry: int | None


def is_skipped(line: int, cells: list[str], headers: Sequence[str], places: Places, tally: Tally) -> bool:
    """Return whether a row is no project, and count it in ``tally``; the key cell speaks for the row.

    A row with a day of entry is a project, whatever its name: a sum was never reviewed.

    Examples
    --------
    >>> tally = Tally()
    >>> [is_skipped(at, row, ("序号", "项目名称"), Places(1, None), tally) for at, row in
    ...     enumerate([["1", "示例甲"], ["", " "], ["合 计", ""], ["序号", "项目名称"]], start=2)]
    [False, True, True, True]
    >>> tally.blank, tally.totals, tally.repeated
    (1, [4], [5])
    """
    key = _cell(cells, places.key)
    first = key if key and not key.isspace() else next((c for c in cells if c and not c.isspace()), "")
    if not first:
        tally.blank += 1
    elif _TOTALS.fullmatch(first) and not _cell(cells, places.entry).strip():
        tally.totals.append(line)
    elif key[:1] == headers[places.key][:1] and _repeats(headers, cells):
        tally.repeated.append(line)
    else:
        return False
    return True


def _cell(cells: list[str], at: int | None) -> str:
    return cells[at] if at is not None and at < len(cells) else ""


def _repeats(headers: Sequence[str], cells: list[str]) -> bool:
    return all(_as_header(cell) == header for cell, header in zip(cells, headers, strict=False) if cell)


def _as_header(cell: str) -> str:
    return masked(on_one_line(cell))
