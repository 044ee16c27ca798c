"""One project of a file: found by its key, and its figures told step by step."""

import difflib
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table as Drawn
from rich.text import Text

from features.catalog import Catalog
from features.errors import Refused
from features.reading.sayings import seen
from features.spelling import folded
from features.tables import Batch, Table
from features.terms import CLOCKS
from features.words import Language, Words
from scoring.engine import Scored
from scoring.explanation import Breakdown, explanation
from scoring.gates import by_effect, gate_phrase
from scoring.waterfall import Depth, Step, waterfall

BAR = 16  # cells of the longest bar


def found_project(table: Table, catalog: Catalog, project: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return the one row of that key, with the reader's flags of it.

    Raises
    ------
    Refused
        If no sound row has the key: with the spellings that come close, or with what is wrong in the row.
    """
    wanted = folded(project)
    met: list[str] = []
    for batch in table.batches():
        keys = batch.rows[catalog.key].map(folded)
        place = np.flatnonzero((keys == wanted).to_numpy())
        if len(place):
            return batch.rows.iloc[place[:1]].reset_index(drop=True), batch.flags.iloc[place[:1]].reset_index(drop=True)
        _refuse_rejected(table, batch, catalog, wanted)
        met += batch.rows[catalog.key].tolist()
    close = difflib.get_close_matches(project, met, n=3, cutoff=0.5)
    zh = f"是否想写 {'、'.join(close)}？" if close else "请核对编号。"
    en = f"Did you mean {', '.join(close)}?" if close else "Look at the file."
    label = catalog.attributes[catalog.key].label
    raise Refused(
        Words(
            zh=f"--id 须是文件中某一行的“{label.zh}”；没有 {seen(project)}。{zh}",
            en=f"--id must be the '{label.en}' of a row of the file; there is no {seen(project)}. {en}",
        )
    )


def _refuse_rejected(table: Table, batch: Batch, catalog: Catalog, wanted: str) -> None:
    header = next(name for name, column in table.layout.columns.items() if column == catalog.key)
    if header not in batch.rejects:
        return
    mine = batch.rejects[batch.rejects[header].map(lambda cell: folded(str(cell))) == wanted]
    for _, row in mine.head(1).iterrows():
        raise Refused(
            Words(
                zh=f"这一行（第 {row['line']} 行）未能读入，没有评分：{row['problems']}",
                en=f"that row (line {row['line']}) could not be read and has no figure: {row['problems']}",
            )
        )


def explained_project(scored: Scored, language: Language) -> Iterator[RenderableType]:
    """Yield what there is to print about a single scored row: one waterfall a clock, gates, flags."""
    row, told = scored.frame.iloc[0], explanation(scored.assessment, 0, language)
    if not told.breakdowns:
        yield Words(
            zh=f"{told.key}：红线否决，没有数值和名次。",
            en=f"{told.key}: stopped by a red line, no figure and no rank.",
        ).said(language)
        yield from (f"  {gate_phrase(gate, language)}" for gate in by_effect(told.gates))
        return
    for breakdown in told.breakdowns:
        yield _drawn(told.key, breakdown, language)
        yield ""
    yield from (gate_phrase(gate, language) for gate in by_effect(told.gates))
    if row["flags"]:
        yield f"{Words('数据提示：', 'flags: ').said(language)}{row['flags']}"
    yield Words(
        "各项是与数值的关联，不是原因；辅助参考，不替代集体决策。",
        "Points are associations, not causes; an aid to the committee, not its decision.",
    ).said(language)


def _drawn(key: str, told: Breakdown, language: Language) -> Drawn:
    steps = waterfall(told, language)
    drawn = Drawn(title=_title(key, told, steps).said(language), title_justify="left", box=None, pad_edge=False)
    drawn.show_header = False
    drawn.add_column(overflow="fold")
    drawn.add_column(overflow="fold")
    drawn.add_column(justify="right", no_wrap=True)
    drawn.add_column(no_wrap=True, min_width=BAR)
    longest = max((abs(step.points) for step in steps if step.depth is Depth.DIMENSION), default=0.0)
    for step in steps:
        drawn.add_row(*_cells(step, longest), style="dim" if step.depth is Depth.ATTRIBUTE else "")
    if told.overtaken:
        drawn.caption = Words(
            "落地的数值取自投产：投产不会先于落地。", "taken from production: nothing produces before it lands."
        ).said(language)
    return drawn


def _title(key: str, told: Breakdown, steps: Sequence[Step]) -> Words:
    months, clock, figure = told.horizon_months, CLOCKS[told.clock], f"{steps[-1].points:.1f}%"
    return Words(
        f"{key}：{months} 个月内{clock.zh}的可能性 {figure}",
        f"{key}: chance of having {clock.en} within {months} months {figure}",
    )


def _cells(step: Step, longest: float) -> Sequence[RenderableType]:
    if step.depth is Depth.WHOLE:
        return step.label, "", f"{step.points:.1f}", ""
    if step.depth is Depth.ATTRIBUTE:
        return Padding(step.label, (0, 0, 0, 4)), step.value, f"{step.points:+.1f}", ""
    length = round(abs(step.points) / longest * BAR) if longest else 0
    bar = Text("█" * length, style="green" if step.points > 0 else "red")
    return Padding(step.label, (0, 0, 0, 2)), "", f"{step.points:+.1f}", bar
