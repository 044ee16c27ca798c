"""A feed of outcomes as it was read: what it tells of which project, and what of it could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pandas as pd

from features.errors import Problem
from features.tables import Batch, Table
from features.words import Language, Words
from scoring.outcomes.cut import Half


class Shape(StrEnum):
    """How a feed is laid out."""

    EVENTS = "events"  # one event a row
    LEDGER = "ledger"  # one project a row, with the dates of its milestones


@dataclass(frozen=True, slots=True)
class Event:
    """One thing told: that a milestone of a project happened on a day, or (None) that it did not happen.

    ``recorded`` is the day on which the feed itself says that it was recorded, None where it says nothing; ``filing``
    tells which of the project's filings the event belongs to.
    """

    line: int
    column: str  # header of the cell that tells it
    uid: str
    milestone: str
    happened: date | None
    recorded: date | None = None
    reason: str = ""
    filing: int = 0

    @property
    def life(self) -> tuple[str, int]:
        """What the event is part of: one filing of a project lives until the next one."""
        return self.uid, self.filing


@dataclass(frozen=True)
class Feed:
    """A feed that was read.

    Attributes
    ----------
    table : the file, to ask for rows as they were
    batch : its sound rows, typed; those that could not be read, and why, are its rejects and problems
    headers : attribute id -> header of the file
    half : the line that the file breaks off in, and is left out
    language : of what is said of the rejects
    """

    shape: Shape
    table: Table
    batch: Batch
    headers: Mapping[str, str]
    half: Half | None
    language: Language = Language.ZH

    @property
    def read(self) -> int:
        """Rows in, sound or not."""
        return len(self.batch.rows) + len(self.batch.rejects) + (self.half is not None)

    @property
    def notes(self) -> tuple[Words, ...]:
        """How the file was read, in words."""
        return self.table.layout.notes

    def header(self, attribute: str) -> str:
        """Return what the file calls a column."""
        return self.headers.get(attribute, attribute)

    def rejects(self, later: list[Problem]) -> pd.DataFrame:
        """Return the rows with problems as they were, by line: those not read, and those refused later."""
        parts = [self.batch.rejects, self.table.rejected(later)]
        if self.half is not None:
            cut = {"line": self.half.line, "problems": self.half.problem.message.said(self.language)}
            first = next((name for name in parts[0].columns if name not in cut), "row")
            parts.append(pd.DataFrame([{**cut, first: self.half.text}]))
        joined = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        return joined.sort_values("line", kind="stable", ignore_index=True).fillna("")


def day_of(value: object) -> date | None:
    """Return a cell of a typed date column as a day, None where it is missing.

    Examples
    --------
    >>> day_of(pd.Timestamp("2024-03-05")), day_of(pd.NaT)
    (datetime.date(2024, 3, 5), None)
    """
    return None if pd.isna(value) else pd.Timestamp(value).date()  # type: ignore[call-overload,arg-type]
