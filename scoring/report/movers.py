"""Which projects of the pipeline change rank or grade under the new model: by name for the office, in numbers else."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.words import Words
from models.findings import Table
from models.movers import Pipeline
from scoring.policy import Policy
from scoring.ranking import grades
from scoring.report.section import Section, plain

SHOWN = 30
POINTS = 0.05  # a move of a figure that a committee would notice


@dataclass(frozen=True)
class Moves:
    """A pipeline with the grades that a policy gives its figures.

    Attributes
    ----------
    was, now : (n,) grades by the champion and by the challenger
    """

    pipeline: Pipeline
    was: NDArray[np.object_]
    now: NDArray[np.object_]

    @property
    def regraded(self) -> NDArray[np.bool_]:
        """(n,) whether the grade changes."""
        return np.asarray(self.was != self.now, dtype=np.bool_)

    def counts(self) -> dict[str, int | float]:
        """Return what may be told outside the office: how many move, and how far. No names."""
        moved = np.abs(self.pipeline.now - self.pipeline.was)
        return {
            "projects": len(moved),
            "other_grade": int(self.regraded.sum()),
            "other_rank": int((self.pipeline.rank_was != self.pipeline.rank_now).sum()),
            "five_points_or_more": int((moved >= POINTS).sum()),
            "largest_move": self.pipeline.largest,
        }


def moves_of(pipeline: Pipeline, policy: Policy) -> Moves:
    """Return a pipeline with its grades."""
    was, now = (np.asarray(grades(policy, figures), dtype=object) for figures in (pipeline.was, pipeline.now))
    return Moves(pipeline, was, now)


def moves_section(moves: Moves | None, *, named: bool) -> Section:
    """Return how the pipeline moves; with names only where they stay in the office."""
    title = Words("在库项目的名次与等级变化", "How the pipeline moves")
    if moves is None:
        return Section("moves", title, (_NOT_ASKED,))
    told = moves.counts()
    said = Words(
        f"在库项目 {told['projects']} 个：等级变化 {told['other_grade']} 个，名次变化 {told['other_rank']} 个，"
        f"概率变动 5 个百分点以上 {told['five_points_or_more']} 个，"
        f"最大变动 {100 * moves.pipeline.largest:.1f} 个百分点。",
        f"{told['projects']} projects in the pipeline: {told['other_grade']} change grade, {told['other_rank']} change "
        f"rank, {told['five_points_or_more']} move by 5 points or more, the most by "
        f"{100 * moves.pipeline.largest:.1f} points.",
    )
    if not named:
        return Section("moves", title, (said, _UNNAMED))
    return Section("moves", title, (said,), tables=[_table(moves)] if told["projects"] else [], private=True)


def _table(moves: Moves) -> Table:
    header = (
        Words("项目", "project"),
        Words("等级", "grade"),
        Words("名次", "rank"),
        Words("现用", "champion"),
        Words("新模型", "challenger"),
        Words("变动（百分点）", "move (points)"),
    )
    order = moves.pipeline.order
    first = np.concatenate([order[moves.regraded[order]], order[~moves.regraded[order]]])[:SHOWN]
    title = Words(
        f"等级变化的在前，其余按变动大小（前 {len(first)} 个）",
        f"those that change grade first, the others by the size of the move (first {len(first)})",
    )
    return Table(title, header, tuple(_row(moves, int(i)) for i in first))


def _row(moves: Moves, i: int) -> tuple[Words, ...]:
    p = moves.pipeline
    return (
        plain(p.keys[i]),
        plain(_change(moves.was[i], moves.now[i])),
        plain(_change(p.rank_was[i], p.rank_now[i])),
        plain(f"{p.was[i]:.1%}"),
        plain(f"{p.now[i]:.1%}"),
        plain(f"{100 * (p.now[i] - p.was[i]):+.1f}"),
    )


def _change(was: object, now: object) -> str:
    return f"{now}" if was == now else f"{was} → {now}"


_NOT_ASKED = Words(
    "没有可比的现用模型，或没有在库项目。", "There is no champion to compare with, or no project in the pipeline."
)
_UNNAMED = Words("项目名称只写在本地报告里。", "Names of projects are in the local report alone.")
