"""What became of a feed: every row and every event accounted for, and the sums in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import Catalog
from features.errors import Problem
from features.reading.sayings import seen
from features.words import Words
from scoring.outcomes.feed import Shape
from scoring.outcomes.judging import Change

SHOWN = 20


@dataclass(frozen=True)
class Rows:
    """What became of the rows of a ledger: read = new projects + refiled + known + refused."""

    new_projects: int = 0
    refiled: int = 0
    known: int = 0
    moved: int = 0  # those of ``known`` whose entry is told otherwise; what was seen first stands
    planned: int = 0  # exits ahead of the day of record: plans, and no events


@dataclass(frozen=True)
class Taken:
    """What became of a feed: events told = new + late + corrections + known + refused.

    Attributes
    ----------
    read, refused_rows : rows in, and rows of which nothing was kept; of a feed of events each row is an event, and
        read = new + late + corrections + known + refused_rows
    told, refused : events of the rows that were kept, and those of them that cannot be
    changes : the corrections
    rows : of a ledger
    problems : of rows and events, by line
    rejects : DataFrame of the rows with problems, as they were
    delays : (new + late,) days from an event to its record; empty for a first feed, which tells of all at once
    milestones : (new + late,) which milestone each of them is
    """

    source: str
    shape: Shape
    recorded_on: date
    read: int
    refused_rows: int
    told: int
    new: int
    late: int
    corrections: int
    known: int
    refused: int
    changes: tuple[Change, ...]
    rows: Rows
    problems: tuple[Problem, ...]
    rejects: pd.DataFrame
    notes: tuple[Words, ...]
    delays: NDArray[np.int64]
    milestones: NDArray[np.object_]

    def counts(self) -> dict[str, int]:
        """Return the sums, for the audit trail."""
        ledger = {"new_projects": self.rows.new_projects, "refiled": self.rows.refiled, "known_rows": self.rows.known}
        names = ("read", "refused_rows", "told", "new", "late", "corrections", "known", "refused")
        return {**{name: getattr(self, name) for name in names}, **(ledger if self.shape is Shape.LEDGER else {})}

    def words(self) -> Iterator[Words]:
        """Yield the sums."""
        if self.shape is Shape.EVENTS:
            yield _events("读入 {n} 行", "rows in: {n}", self.read, self, self.refused_rows)
        else:
            yield self._ledger()
            yield _events("事件 {n} 个", "events told: {n}", self.told, self, self.refused)
        if self.rows.planned:
            yield Words(
                zh=f"另有 {self.rows.planned} 个尚未到期的退出日期，按计划看待，不作为事件",
                en=f"besides, {self.rows.planned} exits lie ahead: plans, and no events",
            )
        if self.rows.moved:
            yield Words(
                zh=f"{self.rows.moved} 个已知项目的进入日期与存储不同；以首次所见为准",
                en=f"{self.rows.moved} known projects have another day of entry than on file; the first seen stands",
            )

    def _ledger(self) -> Words:
        rows, refused = self.rows, self.refused_rows
        return Words(
            zh=f"读入 {self.read} 行 = 新项目 {rows.new_projects} + 再次申报 {rows.refiled} + 已知项目 {rows.known}"
            f" + 退回 {refused}",
            en=f"rows in: {self.read} = {rows.new_projects} new projects + {rows.refiled} filed anew + {rows.known} "
            f"known + {refused} refused",
        )

    def corrected(self, catalog: Catalog) -> Iterator[Words]:
        """Yield what the feed corrects, the first twenty."""
        for change in self.changes[:SHOWN]:
            event, label = change.event, catalog.milestones[change.event.milestone].label
            after = Words("撤销", "taken back") if event.happened is None else Words(*[str(event.happened)] * 2)
            reason = f"（{event.reason}）" if event.reason else ""
            yield Words(
                zh=f"  更正 第 {event.line} 行 {seen(event.uid)} {label.zh}：{change.before} → {after.zh}{reason}",
                en=f"  corrected, line {event.line}, {seen(event.uid)} {label.en}: {change.before} -> {after.en}"
                + (f" ({event.reason})" if event.reason else ""),
            )
        if len(self.changes) > SHOWN:
            rest = len(self.changes) - SHOWN
            yield Words(f"  ……另有 {rest} 处更正", f"  ... and {rest} corrections more")


def _events(zh: str, en: str, n: int, taken: Taken, refused: int) -> Words:
    return Words(
        zh=f"{zh.format(n=n)} = 新 {taken.new} + 迟报 {taken.late} + 更正 {taken.corrections} + 已知 {taken.known}"
        f" + 退回 {refused}",
        en=f"{en.format(n=n)} = {taken.new} new + {taken.late} late + {taken.corrections} corrections + {taken.known} "
        f"known already + {refused} refused",
    )
