"""What the watch over a model says to a secretary: first what to think and to do, then the figures."""

from collections.abc import Iterator

import numpy as np

from features.catalog import Catalog, Clock
from features.terms import CLOCKS
from features.words import Language, Words
from scoring.watching import Watch, Watching
from scoring.wording import LIST

NAMED = 5  # attributes that drifted, by name
STALE_DAYS = 100  # a quarter, and some days of grace


def verdict(found: Watching) -> Words:
    """Return in one sentence whether the model may be relied on, and what to do where it may not."""
    if found.alarms:
        said = [_alarm(clock, found.clocks[clock]) for clock in found.alarms]
        return Words(
            f"警报：{'；'.join(one.zh for one in said)}。请先核对台账有无漏登或错登，再运行 luodi retrain。",
            f"ALARM: {'; '.join(one.en for one in said)}. First check the ledger for missing or wrong entries, then "
            "run luodi retrain.",
        )
    if not found.seen:
        return Words(
            "还看不出：训练之后还没有一个整月的登记。",
            "Too early to tell: no whole month has been recorded since the training.",
        )
    return Words(
        "平稳：训练以来的结果与模型预计的相符，可以照常使用。",
        "Calm: what came since the training is what the model expected; use it as before.",
    )


def _alarm(clock: Clock, watch: Watch) -> Words:
    zh, en = CLOCKS[clock].zh, CLOCKS[clock].en
    fewer = watch.shift < 0
    return Words(
        f"大约从 {watch.since} 起，{zh}的项目比预计的{'少' if fewer else '多'}"
        f"（训练以来预计登记 {watch.expected:.0f}，实际 {watch.came}；{watch.raised} 首次报警）",
        f"since about {watch.since} {'fewer' if fewer else 'more'} projects {en} than expected ({watch.expected:.0f} "
        f"records expected since the training, {watch.came} came; first raised in {watch.raised})",
    )


def figures(found: Watching, catalog: Catalog) -> Iterator[Words]:
    """Yield the figures behind the verdict, one a line."""
    months = int((found.day.astype("datetime64[M]") - found.trained.astype("datetime64[M]")).astype(int))
    yield Words(
        f"现用模型：以 {found.trained} 所知训练，已用 {months} 个月",
        f"model in use: trained on what was known on {found.trained}, {months} months ago",
    )
    yield _outcomes(found, catalog)
    for clock, watch in found.clocks.items():
        yield _clock(clock, watch)
    yield _last(found)
    yield _drift(found)
    yield Words(
        "结果只来自入库并跟踪的项目；未入库的怎样了，无从得知。",
        "Outcomes exist only for admitted projects; of the others nothing is known.",
    )


def _outcomes(found: Watching, catalog: Catalog) -> Words:
    counted = {catalog.milestones[name].label: count for name, count in found.outcomes.items() if count}
    zh, en = (
        LIST[language].join(f"{label.said(language)} {count}" for label, count in counted.items())
        for language in Language
    )
    return Words(f"训练后登记的结果：{zh or '无'}", f"outcomes recorded since: {en or 'none'}")


def _clock(clock: Clock, watch: Watch) -> Words:
    zh, en = CLOCKS[clock].zh, CLOCKS[clock].en
    if not len(watch.evidence.log_e):
        return Words(f"{zh}：尚无整月的登记", f"{en}: no whole month recorded yet")
    odds, limit = _odds(watch.odds), 1.0 / watch.alpha
    return Words(
        f"{zh}：预计登记 {watch.expected:.0f}，实际 {watch.came}；不符的证据 {odds}（到 {limit:.0f} 即报警；"
        f"每天看也不会多报）；一半的结果在 {watch.delay_months} 个月内登记",
        f"{en}: {watch.expected:.0f} records expected, {watch.came} came; evidence against the model {odds} (alarm at "
        f"{limit:.0f}, however often one looks); half of all is recorded within {watch.delay_months} months",
    )


def _odds(odds: float) -> str:
    """Return evidence as a short number.

    Examples
    --------
    >>> _odds(0.04), _odds(12.34), _odds(5e9)
    ('0.04', '12', '>1000000')
    """
    if odds > 1e6:
        return ">1000000"
    return f"{odds:.2g}" if odds < 100 else f"{odds:.0f}"


def _last(found: Watching) -> Words:
    if np.isnat(found.last):
        return Words("最近一次登记：没有注明日期的登记", "last record: none is dated")
    days = int((found.day - found.last).astype(int))
    stale = Words("；已久未登记，没登记不等于没发生", "; that is long ago, and what is not recorded may have happened")
    zh, en = (stale.zh, stale.en) if days > STALE_DAYS else ("", "")
    return Words(f"最近一次登记：{found.last}（{days} 天前）{zh}", f"last record: {found.last} ({days} days ago){en}")


def _drift(found: Watching) -> Words:
    drift = found.drift
    moved, columns = drift.moved, len(drift.columns)
    if all(np.isnan(column.psi) for column in drift.columns):
        return Words(
            f"新申报的项目只有 {drift.recent} 个，太少，看不出与以往有无不同",
            f"new projects: {drift.recent}, too few to tell whether they are like those before",
        )
    zh, en = (LIST[language].join(one.label.said(language) for one in moved[:NAMED]) for language in Language)
    rest = len(moved) - NAMED
    if rest > 0:
        zh, en = f"{zh}等", f"{en} and {rest} more"
    if not moved:
        return Words(
            f"新申报的 {drift.recent} 个项目与以往相像（{columns} 项属性）",
            f"the {drift.recent} new projects are like those before ({columns} attributes)",
        )
    return Words(
        f"新申报的 {drift.recent} 个项目与以往不同：{columns} 项属性中有 {len(moved)} 项有变化（{zh}）",
        f"the {drift.recent} new projects differ from those before: {len(moved)} of {columns} attributes moved ({en})",
    )
