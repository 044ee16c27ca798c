"""The forecast of a ledger on a terminal: the two lists in order of concern, and what became of every row."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from rich.box import HORIZONTALS
from rich.table import Table

from features.timeline import Timeline
from features.words import Language, Words
from scoring.forecasting import LISTS, Outlook
from scoring.wording import LIST

SHOWN = 20
NAMED = 10  # of those that are left to a person's judgement
Column = tuple[Words, Callable[["pd.Series[Any]"], str]]

UNKNOWN = "–"


def lists(found: Outlook, table: pd.DataFrame, language: Language) -> Iterator[Table]:
    """Yield the list of those that wait and that of those being built, the most worrying first; none where empty.

    Parameters
    ----------
    table : of the same projects, as ``scoring.forecasting.frame`` gives it
    """
    table = table.assign(months_here=found.forecast.age)
    for stage in LISTS:
        listed = table[(found.standings.stage == stage) & ~np.isnan(found.concern)].sort_values("concern")
        if len(listed):
            yield _list(found, listed, language)


def tally(found: Outlook, table: pd.DataFrame, language: Language) -> Iterator[Words]:
    """Yield the sum of all rows by where they stand, and how many running ones are left to a person's judgement."""
    counts = Counter(table["stage"].where(~found.timeline.rejected, Words("不采用", "left out").said(language)))
    sums = [f"{stage} {count}" for stage, count in counts.items()]
    day, rows = found.timeline.as_of, len(table)
    yield Words(f"截至 {day}：{rows} 个项目 = {' + '.join(sums)}", f"on {day}: {rows} projects = {' + '.join(sums)}")
    old = found.beyond
    if old.any():
        some = [str(name) for name in table.loc[old, found.catalog.key].head(NAMED)]
        more = "……" if language is Language.ZH else ", ..."
        named = LIST[language].join(some) + (more if old.sum() > len(some) else "")
        yield Words(
            f"{old.sum()} 个比模型跟踪的 {found.followed_months} 个月更久，不给数值，请人工判断：{named}。"
            "台账有更久的结果时，可在目录中调大 reach_months 后重新训练。",
            f"{old.sum()} are older than the {found.followed_months} months the model followed; no figure, judge by "
            f"hand: {named}. If the history goes back further, raise reach_months in the catalogue and train anew.",
        )


def stood(timeline: Timeline, asked: np.datetime64) -> Iterator[Words]:
    """Yield what to know of the day on which a ledger stands, and of how far it lags."""
    if timeline.as_of < asked:
        yield Words(
            f"台账写于 {timeline.as_of}：预测从这一天起算。",
            f"the ledger was written on {timeline.as_of}: the forecast counts from that day.",
        )
    if timeline.lag_months:
        yield Words(
            f"台账一般滞后 {timeline.lag_months:g} 个月：近期的开工、投产可能尚未登记。",
            f"ledgers lag by {timeline.lag_months:g} months: recent starts and productions may not be in it yet.",
        )


def _list(found: Outlook, listed: pd.DataFrame, language: Language) -> Table:
    shown = listed.head(SHOWN)
    stage = str(shown["stage"].iloc[0])
    title = Words(
        f"{stage}（共 {len(listed)} 个，按关注程度列前 {len(shown)} 个）",
        f"{stage[:1].upper()}{stage[1:]} ({len(listed)}; the first {len(shown)} in order of concern)",
    )
    drawn = Table(
        title=title.said(language), title_justify="left", box=HORIZONTALS, pad_edge=False, collapse_padding=True
    )
    drawn.add_column("", justify="right", no_wrap=True)
    drawn.add_column(found.catalog.attributes[found.catalog.key].label.said(language), overflow="fold", min_width=12)
    columns = _columns(found, shown)
    for header, _ in columns:
        drawn.add_column(header.said(language), justify="right", no_wrap=True)
    for _, row in shown.iterrows():
        name = str(row[found.catalog.key])
        drawn.add_row(str(int(row["concern"])), name, *(cell(row) for _, cell in columns))
    return drawn


def _columns(found: Outlook, shown: pd.DataFrame) -> list[Column]:
    """Return the columns after the name; that of production only where it is not the next milestone anyway."""
    months, coming = found.months, str(shown["next_milestone"].iloc[0])
    columns: list[Column] = [
        (Words("已历\n月数", "months\nso far"), lambda row: _months(row["months_here"])),
        (
            Words(f"{months}个月内\n{coming}", f"{coming}\nin {months} mo."),
            lambda row: _share(row["p_next_within"]),
        ),
        (Words("预计", "expected"), _range),
        (Words("逾期\n月数", "months\noverdue"), lambda row: _months(row["overdue_months"])),
    ]
    if (shown["p_produced_within"] != shown["p_next_within"]).any() and shown["p_produced_within"].notna().any():
        said = Words(f"{months}个月内\n投产", f"produced\nin {months} mo.")
        columns.insert(2, (said, lambda row: _share(row["p_produced_within"])))
    return columns


def _share(value: float) -> str:
    return UNKNOWN if np.isnan(value) else f"{value:.1%}"


def _months(value: float) -> str:
    return UNKNOWN if np.isnan(value) else f"{value:.0f}"


def _range(row: "pd.Series[Any]") -> str:
    """Return the expected months, first to last."""
    days = [row["expected_from"], row["expected_to"]]
    return UNKNOWN if pd.isna(days[0]) or pd.isna(days[1]) else f"{days[0]:%Y-%m} – {days[1]:%Y-%m}"
