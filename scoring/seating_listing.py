"""A round and its seats as people read them: a table with the cut line in it, and what is left to discuss."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from rich.box import HORIZONTALS
from rich.table import Table

from features.catalog import Catalog
from features.terms import CLOCKS
from features.words import Language, Words
from models.ranks import COVERAGE, IN, OUT, Verdict
from scoring.engine import SCORED, interval_columns
from scoring.seating import VERDICTS, Seating, headline
from scoring.wording import LIST

BELOW = 5  # projects shown below the last that is open
NAMED = 12  # projects that a sentence names


def seats_table(seating: Seating, catalog: Catalog, language: Language) -> Table:
    """Return the projects by rank down to the last that is open and a few more, the cut line after the last seat."""
    rows = _shown(seating)
    title = Words(f"排名与名额（{seating.seats} 个名额）", f"Ranks and seats ({seating.seats} seats)")
    drawn = Table(
        title=title.said(language), title_justify="left", box=HORIZONTALS, pad_edge=False, collapse_padding=True
    )
    spec, share = catalog.clocks[catalog.headline], f"{COVERAGE:.0%}"
    clock = CLOCKS[catalog.headline]
    labels = catalog.attributes[catalog.key].label
    drawn.add_column(Words("名次", "rank").said(language), justify="right", no_wrap=True)
    drawn.add_column(Words(f"名次区间\n{share}", f"{share} of\nranks").said(language), justify="right", no_wrap=True)
    drawn.add_column(labels.said(language), overflow="fold", min_width=16, ratio=3)
    within = Words(f"{clock.zh}\n{spec.horizon_months}个月内", f"{clock.en}\nin {spec.horizon_months} mo.")
    drawn.add_column(within.said(language), justify="right", no_wrap=True)
    drawn.add_column(Words(f"区间\n{share}", f"{share}\ninterval").said(language), justify="right", no_wrap=True)
    seat = Words(f"进入前\n{seating.seats} 名", f"chance of\nfirst {seating.seats}")
    drawn.add_column(seat.said(language), justify="right", no_wrap=True)
    drawn.add_column(Words("结论", "verdict").said(language), no_wrap=True)
    last = int((rows["rank"] <= seating.seats).sum())
    for place, (_, row) in enumerate(rows.iterrows(), start=1):
        drawn.add_row(*_cells(row, catalog, language), end_section=place == last)
    return drawn


def seats_words(seating: Seating, catalog: Catalog) -> Iterator[Words]:
    """Yield what there is to say about a round: how many of each verdict, who is open, and what was not shown."""
    if not seating.told:
        yield Words(
            zh="模型没有重复训练的结果，名次区间和入选的可能无从得知。",
            en="the model has no refits: how sure a rank is cannot be told.",
        )
        return
    counts = [(VERDICTS[verdict], len(seating.of(verdict))) for verdict in Verdict]
    yield Words(
        zh=f"{seating.seats} 个名额：" + "，".join(f"{words.zh} {count}" for words, count in counts),
        en=f"{seating.seats} seats: " + ", ".join(f"{count} {words.en}" for words, count in counts),
    )
    yield _tied(seating.of(Verdict.DISCUSS)[catalog.key].tolist())
    hidden = int((seating.frame["status"] == SCORED).sum()) - len(_shown(seating))
    if hidden:
        yield Words(f"其余 {hidden} 个项目落选，未列出。", f"{hidden} more projects are out and not shown.")


def _tied(names: Sequence[str]) -> Words:
    if not names:
        return Words("分界线两侧分得开，没有需要讨论的项目。", "The cut line is clear: there is nobody to discuss.")
    zh, en = (LIST[language].join(names[:NAMED]) for language in Language)
    more = len(names) - NAMED
    return Words(
        zh=f"分界线上难分高下的 {len(names)} 个项目，请重点讨论：{zh}"
        + (f" 等（另有 {more} 个）。" if more > 0 else "。"),
        en=f"{len(names)} projects are tied with the cut line; discuss these: {en}"
        + (f", and {more} more." if more > 0 else "."),
    )


def verdict_rule(seats: int) -> Words:
    """Return by what rule a verdict is given, and what the intervals rest on."""
    return Words(
        zh=f"入选：进入前 {seats} 名的可能不低于 {IN:.0%}；落选：不高于 {OUT:.0%}；其余讨论。"
        "区间来自在重抽样台账上的重复训练，并计入属性未能说明的差异，不是保证。"
        "辅助参考，不替代集体决策。",
        en=f"in: at least {IN:.0%} sure of the first {seats}; out: at most {OUT:.0%}; else discuss. "
        "Intervals: refits on resampled registers, and what no attribute tells; no guarantee. "
        "An aid to the committee, not its decision.",
    )


def _shown(seating: Seating) -> pd.DataFrame:
    scored = seating.frame[seating.frame["status"] == SCORED]
    open_ = scored.index[scored["verdict"] == Verdict.DISCUSS.value]
    last = max([seating.seats - 1, *open_.tolist()])
    return scored.iloc[: last + 1 + BELOW]


def _cells(row: "pd.Series[Any]", catalog: Catalog, language: Language) -> list[str]:
    verdict = VERDICTS[Verdict(row["verdict"])].said(language) if row["verdict"] else ""
    low, high = (row[name] for name in interval_columns(catalog))
    return [
        str(row["rank"]),
        "" if pd.isna(row["rank_low"]) else f"{row['rank_low']}–{row['rank_high']}",
        str(row[catalog.key]),
        f"{row[headline(catalog)]:.1%}",
        "" if pd.isna(low) else f"{low:.0%}–{high:.0%}",
        _chance(row["p_top_k"]),
        verdict,
    ]


def _chance(share: float) -> str:
    """Return a chance in whole percent; what is not certain is not printed as certain.

    Examples
    --------
    >>> [_chance(share) for share in (1.0, 0.998, 0.5, 0.001, 0.0, float("nan"))]
    ['100%', '>99%', '50%', '<1%', '0%', '']
    """
    if pd.isna(share):
        return ""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"
