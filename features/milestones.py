"""What the ledger knew by one day: the day each milestone happened and became known, without impossible dates."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import ASKED, Catalog, Clock, Milestone
from features.errors import Problem
from features.words import Words

Days = NDArray[np.datetime64]
Mask = NDArray[np.bool_]

NEVER = np.datetime64("NaT", "D")


def days(rows: pd.DataFrame, column: str | None) -> Days:
    """Return a date column as days, all NaT where the file has no such column.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, ...)
    column : id of a date column, or None

    Returns
    -------
    datetime64[D] array of shape (n_projects,)
    """
    if column is None or column not in rows:
        return np.full(len(rows), NEVER)
    return rows[column].to_numpy(dtype="datetime64[s]").astype("datetime64[D]")


@dataclass
class Ledger:
    """The milestones of a file while they are checked: impossible dates are left out, and each is told.

    Parameters
    ----------
    rows, catalog : the file and what it means
    entry : datetime64[D] array of shape (n_projects,)
    seen : last day of which the file speaks; later dates are plans
    lag : days between what happened and its record, where no record is dated
    lines : 1-based lines of the file for messages, or None
    """

    rows: pd.DataFrame
    catalog: Catalog
    entry: Days
    seen: np.datetime64
    lag: np.timedelta64
    lines: NDArray[np.int64] | None = None
    happened: dict[str, Days] = field(default_factory=dict)
    known: dict[str, Days] = field(default_factory=dict)
    started: Days = field(init=False)
    problems: list[Problem] = field(default_factory=list)
    rejected: Mask = field(init=False)
    repaired: Mask = field(init=False)

    def __post_init__(self) -> None:
        """Read and check every milestone of the catalogue."""
        self.rejected = np.isnat(self.entry)
        self.repaired = np.zeros(len(self.rows), dtype=np.bool_)
        for row in np.flatnonzero(self.rejected):
            self._tell(row, self.catalog.entry, NO_ENTRY)
        for milestone in self.catalog.milestones.values():
            self._read(milestone)
        told = self.happened.get(Clock.LANDED, np.full(len(self.rows), NEVER))
        if {Clock.LANDED, Clock.PRODUCED} <= set(self.catalog.milestones):
            self._put_in_order(Clock.LANDED, Clock.PRODUCED)
        stands = told == self.happened.get(Clock.LANDED, told)
        self.started = np.where(stands, told, NEVER)

    def _read(self, milestone: Milestone) -> None:
        """Take the earliest possible day among the milestone's columns, and the day it became known."""
        recorded = days(self.rows, milestone.recorded)
        happened = np.full(len(self.rows), NEVER)
        for column in milestone.columns:
            day = days(self.rows, column)
            day[(day > self.seen) | (recorded > self.seen)] = NEVER
            happened = np.fmin(happened, self._not_before_entry(day, column, milestone))
        known = np.where(np.isnat(recorded), happened + self.lag, np.maximum(recorded, happened))
        self.happened[milestone.id] = happened
        self.known[milestone.id] = known

    def _not_before_entry(self, day: Days, column: str, milestone: Milestone) -> Days:
        early = day < self.entry
        if milestone.id not in ASKED and not milestone.is_exit:  # signed before the review: as good as on the day
            return np.where(early, self.entry, day)
        fatal = milestone.id == self.catalog.headline.value
        (self.rejected if fatal else self.repaired)[early] = True
        for row in np.flatnonzero(early):
            self._tell(row, column, _before_entry(day[row], self.entry[row], fatal=fatal))
        return np.where(early, NEVER, day)

    def _put_in_order(self, first: str, last: str) -> None:
        """Make ``first`` come no later than ``last``: what has come to its end has begun."""
        late = self.happened[first] > self.happened[last]
        self.repaired |= late
        for row in np.flatnonzero(late):
            message = _out_of_order(self.happened[first][row], self.happened[last][row])
            self._tell(row, self.catalog.milestones[first].columns[0], message)
        self.happened[first] = np.fmin(self.happened[first], self.happened[last])
        # Either record tells that it has begun, even one with a wrong day: no later record may undo that.
        self.known[first] = np.fmin(self.known[first], self.known[last])

    def _tell(self, row: np.intp, column: str, message: Words) -> None:
        self.problems.append(Problem(column, message, None if self.lines is None else int(self.lines[row])))


NO_ENTRY = Words(
    zh="必须有进入日期；实际为空；请补上评审（申报）日期",
    en="must give the day the project enters; got nothing; fill in the review (application) date",
)


def _before_entry(day: np.datetime64, entry: np.datetime64, *, fatal: bool) -> Words:
    left_out = ("整行未采用", "the row is left out") if fatal else ("该日期未采用", "the date is left out")
    return Words(
        zh=f"不得早于项目进入日期 {entry}；实际为 {day}；{left_out[0]}，请核对台账",
        en=f"must not be before the project's entry on {entry}; got {day}; {left_out[1]}, correct the ledger",
    )


def _out_of_order(first: np.datetime64, last: np.datetime64) -> Words:
    return Words(
        zh=f"不得晚于投产日期 {last}；实际为 {first}；按投产日期计，请核对台账",
        en=f"must not be after production on {last}; got {first}; the earlier day stands, correct the ledger",
    )
