"""Dates in both orders in one feed: where 03/25 and 25/03 stand side by side, nobody can say what 05/03 means."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from features.errors import Problem
from features.reading.sayings import seen
from features.words import Words

SLIPS = 0.01  # share of the dates that may stand in the other order and be slips of the pen, each refused by itself
_PARTS = re.compile(r"\s*(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[T ].*)?\s*", re.S)
_TWELVE = 12


@dataclass
class Column:
    """The dates of one column that do not begin with the year: which order each shows."""

    header: str
    day_first: list[int] = field(default_factory=list)  # lines
    month_first: list[int] = field(default_factory=list)
    either: list[tuple[int, str]] = field(default_factory=list)

    def take(self, line: int, cell: str) -> None:
        """Look at one more cell."""
        found = _PARTS.fullmatch(unicodedata.normalize("NFKC", cell)) if cell else None
        if found is None:
            return
        first, second = int(found[1]), int(found[3])
        if first <= _TWELVE < second:
            self.month_first.append(line)
        elif second <= _TWELVE < first:
            self.day_first.append(line)
        elif first != second:
            self.either.append((line, cell))

    @property
    def is_mixed(self) -> bool:
        """Whether so many dates stand month first, beside others, that they are no slips."""
        others = len(self.day_first) + len(self.either)
        return bool(self.month_first) and len(self.month_first) > SLIPS * others


def open_dates(cells: Iterable[tuple[int, list[str]]], headers: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for each cell of a feed read day first that might as well be month first.

    Parameters
    ----------
    cells : per row, its line and its cells of the date columns
    headers : of those columns

    Examples
    --------
    >>> feed = [(2, ["25/03/2024"]), (3, ["05/03/2024"]), (4, ["03/28/2024"]), (5, ["04/04/2024"])]
    >>> for problem in open_dates(feed, ["date"]): print(problem)
    line 3, date: the feed has dates in both orders, month first on line 4: this one may be either; got '05/03/2024';
    write it as 2024-03-05
    >>> list(open_dates(feed[:2], ["date"]))
    []
    """
    columns = [Column(header) for header in headers]
    for line, row in cells:
        for column, cell in zip(columns, row, strict=True):
            column.take(line, cell)
    for column in columns:
        if column.is_mixed:
            for line, cell in column.either:
                yield Problem(column.header, _either(cell, column.month_first[0]), line)


def _either(cell: str, line: int) -> Words:
    return Words(
        zh=f"同一批中两种日期顺序混用（第 {line} 行月在前），此日期两可；实际为 {seen(cell)}；请写成 2024-03-05",
        en=f"the feed has dates in both orders, month first on line {line}: this one may be either; got {seen(cell)}; "
        "write it as 2024-03-05",
    )
