"""The detail of one project as people read it: a table a clock, its weights, and how far the model reaches."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rich.console import RenderableType
from rich.table import Table as Drawn

from features.terms import CLOCKS
from features.words import Language, Words
from models.explain import largest_remainder
from models.model import Model
from scoring.assessment import Assessment, known_attributes
from scoring.detail import Detail, Part, details
from scoring.wording import LIST

Floats = NDArray[np.float64]

LOG_ODDS, POINTS = 3, 2  # digits printed; points in percentage points
SHOWN = 0.05  # percentage points: attributes of which card and trees both give less are told in one line

OTHERS = Words("其余 {n} 项与舍入", "others ({n}) and rounding")
ROUNDING = Words("舍入", "rounding")
SUM = Words("合计", "sum")
HEADS = (
    Words("评分卡\n对数几率", "card\nlog-odds"),
    Words("树\n对数几率", "trees\nlog-odds"),
    Words("评分卡\n百分点", "card\npoints"),
    Words("树\n百分点", "trees\npoints"),
    Words("合计\n百分点", "both\npoints"),
)


def detailed_project(found: Assessment, model: Model, language: Language) -> Iterator[RenderableType]:
    """Yield what there is to print about the only row of an assessment beyond its waterfalls."""
    for detail in details(found, model, 0, language):
        yield ""
        yield _drawn(detail, language)
        yield _grounds(detail).said(language)
    if found.doubt is not None:
        yield ""
        yield _unlike(found, language).said(language)


def _drawn(detail: Detail, language: Language) -> Drawn:
    """Return the table of one clock: as printed, its columns add up, and card and trees to both."""
    told = detail.breakdown
    clock, months = CLOCKS[told.clock], told.horizon_months
    title = Words(f"{clock.zh}（{months} 个月内）：评分卡与树", f"{clock.en} within {months} months: card and trees")
    drawn = Drawn(title=title.said(language), title_justify="left", box=None, pad_edge=False)
    drawn.add_column("", overflow="fold")
    drawn.add_column("", overflow="fold")
    for head in HEADS:
        drawn.add_column(head.said(language), justify="right", no_wrap=True)
    shown = [part for part in detail.parts if max(abs(part.card.points), abs(part.trees.points)) * 100 >= SHOWN]
    numbers = [_numbers(part) for part in shown]
    for part, row in zip(shown, numbers, strict=True):
        drawn.add_row(part.whole.label.said(language), part.whole.value, *_cells(row))
    sums = _sums(detail)[1:]
    left, others = sums - np.array(numbers).reshape(len(shown), 4).sum(axis=0), len(detail.parts) - len(shown)
    drawn.add_row((OTHERS.said(language).format(n=others) if others else ROUNDING.said(language)), "", *_cells(left))
    drawn.add_row(SUM.said(language), "", *_cells(sums), style="bold")
    return drawn


def _numbers(part: Part) -> Floats:
    """Return what card and trees give in log-odds, and in percentage points, rounded as printed: (4,)."""
    log_odds, points = [part.card.log_odds, part.trees.log_odds], np.array([part.card.points, part.trees.points])
    return np.append(np.round(log_odds, LOG_ODDS), np.round(points * 100, POINTS))


def _sums(detail: Detail) -> Floats:
    """Return the base, and the sums of all attributes, (1 + 4,): as printed, base and points give the figure."""
    parts = detail.parts
    exact = np.array([(p.card.log_odds, p.trees.log_odds, p.card.points, p.trees.points) for p in parts])
    sums = exact.reshape(len(parts), 4).sum(axis=0)
    base, *points = largest_remainder(np.array([[detail.breakdown.base, *sums[2:]]]) * 100, POINTS)[0]
    return np.array([base, *np.round(sums[:2], LOG_ODDS), *points])


def _cells(row: Floats) -> list[str]:
    row = row + 0.0  # no "-0.0" in print
    return [f"{n:+.{LOG_ODDS}f}" for n in row[:2]] + [f"{n:+.{POINTS}f}" for n in (*row[2:], row[2:].sum())]


def _grounds(detail: Detail) -> Words:
    told, (base, _, _, card, trees) = detail.breakdown, _sums(detail)
    figure = f"{base + card + trees:.{POINTS}f}%"
    zh = f"基准 {base:.{POINTS}f}，评分卡 {card:+.{POINTS}f}，树 {trees:+.{POINTS}f}：{figure}；"
    en = f"base {base:.{POINTS}f}, card {card:+.{POINTS}f}, trees {trees:+.{POINTS}f}: {figure}; "
    if told.overtaken:
        zh, en = zh + "取自投产；", en + "taken from production; "
    zh += f"权重：评分卡 β {detail.card_weight:.3f}，树 γ {detail.tree_weight:.3f}；"
    en += f"weights: card β {detail.card_weight:.3f}, trees γ {detail.tree_weight:.3f}; "
    averaged = _averaged_over(detail)
    return Words(f"{zh}{averaged.zh}。", f"{en}{averaged.en}.")


def _averaged_over(detail: Detail) -> Words:
    """Return the size of the shock, and of what no attribute tells where lives could show it."""
    zh, en = f"总体变动 {detail.shock_sd:.2f}", f"of the shock {detail.shock_sd:.2f}"
    if detail.frailty_sd:
        zh += f"，属性说明不了的差异 {detail.frailty_sd:.2f}"
        en += f", of what no attribute tells {detail.frailty_sd:.2f}"
    return Words(f"标准差（对数几率）：{zh}", f"standard deviation in log-odds: {en}")


def _unlike(found: Assessment, language: Language) -> Words:
    """Return how unlike history the only row of an assessment is."""
    unlike = found.doubt.unlike if found.doubt is not None else None
    if unlike is None:
        return Words("与历史的差异：尚无结果可比。", "unlike history: no outcomes yet to compare with.")
    if unlike.reason is not None:
        return Words(f"与历史的差异：{unlike.reason.zh}。", f"unlike history: {unlike.reason.en}.")
    share = f"{unlike.distance[0]:.0%}"
    zh, en = (
        f"与历史的差异：{share} 的已有结果项目离其近邻比它更近",
        f"unlike history: {share} of projects with a known",
    )
    en += " outcome lie nearer to their neighbours than this one"
    labels = {column.id: column.label for column in found.columns}
    labels |= {name: attribute.label for name, attribute in known_attributes(found.catalog).items()}
    strange = [labels[name].said(language) for name, mask in unlike.strange.items() if mask[0]]
    if strange:
        listed = LIST[language].join(strange)
        zh, en = f"{zh}；超出已知取值范围：{listed}", f"{en}; outside what they have: {listed}"
    return Words(f"{zh}。", f"{en}.")
