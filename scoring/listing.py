"""Tables for a terminal of 80 to 120 columns: the ranking, the vetoed, and findings in numbers."""

import re
from collections.abc import Sequence
from typing import Any, Protocol

import pandas as pd
from rich.box import HORIZONTALS, SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table

from features.catalog import Catalog
from features.terms import CLOCKS
from features.words import Language, Words
from scoring.policy import EFFECTS, Effect
from scoring.values import POINTS
from scoring.wording import CLAUSE

FIRST = 4  # cells: a name in the first column breaks rather than the others


class Findings(Protocol):
    """A table in words: its title, its header, and its cells."""

    @property
    def title(self) -> Words:
        """What the table is."""

    @property
    def header(self) -> Sequence[Words]:
        """One text a column."""

    @property
    def rows(self) -> Sequence[Sequence[Words]]:
        """The cells, row by row."""


def as_rich(table: Findings, language: Language) -> Table:
    """Return a table in words as one for the terminal; its first column is text, the others are numbers."""
    drawn = Table(
        title=table.title.said(language), title_justify="left", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True
    )
    for i, name in enumerate(table.header):
        words = [word for row in table.rows for word in row[i].said(language).split()]
        widest = max((cell_len(word) for word in words), default=0) if i else FIRST
        drawn.add_column(
            name.said(language), justify="right" if i else "left", overflow="fold", min_width=widest
        )  # what is too long breaks, and no figure does
    for row in table.rows:
        drawn.add_row(*(cell.said(language) for cell in row))
    return drawn


def ranking(best: pd.DataFrame, catalog: Catalog, language: Language) -> Table:
    """Return the ranking of the best projects, with the first reason for and against each."""
    title = Words(f"排名（前 {len(best)} 名）", f"Ranking (first {len(best)})")
    drawn = Table(
        title=title.said(language), title_justify="left", box=HORIZONTALS, pad_edge=False, collapse_padding=True
    )
    drawn.add_column(Words("名次", "rank").said(language), justify="right", no_wrap=True)
    drawn.add_column(catalog.attributes[catalog.key].label.said(language), overflow="fold", min_width=16, ratio=3)
    drawn.add_column(Words("等级", "grade").said(language), justify="center", no_wrap=True)
    for clock in reversed(list(catalog.clocks)):
        months = catalog.clocks[clock].horizon_months
        within = Words(f"{CLOCKS[clock].zh}\n{months}个月内", f"{CLOCKS[clock].en}\nin {months} mo.")
        drawn.add_column(within.said(language), justify="right", no_wrap=True)
    has_merit = "merit" in best and best["merit"].notna().any()
    if has_merit:
        drawn.add_column(Words("价值", "merit").said(language), justify="right", no_wrap=True)
    drawn.add_column(Words("首要理由（百分点）", "first reasons (points)").said(language), overflow="fold", ratio=4)
    for _, row in best.iterrows():
        merit = [f"{row['merit']:.0f}"] if has_merit else []
        figures = [f"{row[f'p_{clock.value}']:.1%}" for clock in reversed(list(catalog.clocks))]
        drawn.add_row(
            str(int(row["rank"])), str(row[catalog.key]), str(row["grade"]), *figures, *merit, _reasons(row, language)
        )
    return drawn


def vetoes(rows: pd.DataFrame, catalog: Catalog, language: Language) -> Table:
    """Return the projects that a red line stops, each with its gates: they have no figure and no rank."""
    title = Words("红线否决，不评分、不排名", "Stopped by a red line: no figure, no rank")
    drawn = Table(
        title=title.said(language), title_justify="left", box=HORIZONTALS, pad_edge=False, collapse_padding=True
    )
    drawn.add_column(catalog.attributes[catalog.key].label.said(language), overflow="fold", ratio=2)
    drawn.add_column(Words("依据", "why").said(language), overflow="fold", ratio=3)
    effects = "|".join(re.escape(words.said(language)) for words in EFFECTS.values())
    between = re.compile(f"{re.escape(CLAUSE[language])}(?={effects})")  # a ground may hold the mark itself
    said = EFFECTS[Effect.VETO].said(language)
    for _, row in rows.iterrows():
        gates = [gate for gate in between.split(str(row["gates"])) if gate.startswith(said)]
        drawn.add_row(str(row[catalog.key]), "\n".join(gates))
    return drawn


def _reasons(row: "pd.Series[Any]", language: Language) -> str:
    """Return the first reason for and against, a line each, its points first; the header has their unit."""
    firsts = (row[name].split(CLAUSE[language])[0] for name in ("reasons_for", "reasons_against") if row[name])
    parts = (reason.removesuffix(POINTS.said(language)).rstrip().rpartition(" ") for reason in firsts)
    return "\n".join(f"{points} {said}" for said, _, points in parts)
