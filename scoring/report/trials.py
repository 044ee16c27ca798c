"""What the trials found: the newest outcomes that neither model has seen, and rolling origins by recipe."""

from collections.abc import Mapping

from features.catalog import Clock
from features.terms import CLOCKS
from features.words import Words
from models.comparison import LUODI, ClockResult, share_bounds
from models.findings import Table
from models.intervals import COVERAGE
from models.metrics import metrics_at
from models.newest import CHALLENGER, METRICS, Newest
from models.rolling import CHAMPION, Rolling
from scoring.report.charts import Span, pairs
from scoring.report.section import Chart, Section, between, number, plain, share

MODELS = {CHALLENGER: Words("新模型（影子）", "challenger (shadow)"), "champion": Words("现用模型", "champion")}
_SHOWN = ("log_loss", "auc", "brier", "lift_at_20pct")
_INTERVAL = Words(
    f"方括号内是 {COVERAGE:.0%} 区间：同一投资方的项目一起重抽，两个模型用同一批抽样。",
    f"In brackets are {COVERAGE:.0%} intervals: projects of one investor are drawn together, both models on the same "
    "draws.",
)


def newest_section(found: Mapping[Clock, Newest] | Words) -> Section:
    """Return what both models said of outcomes that neither could know."""
    title = Words("最新结果：双方都没见过", "The newest outcomes: neither model has seen them")
    if isinstance(found, Words):
        return Section("newest", title, (found,))
    if not found:
        return Section("newest", title, (_NONE,))
    one = next(iter(found.values()))
    said = Words(
        f"{one.since} 之后、{one.until} 为止入账的每个周期。影子是用同一配方、只凭 {one.since} 以前所知训练的新模型；"
        "真正的新模型已学过这些结果，不能用来考自己。对数损失、Brier 分越小越好，AUC 越大越好。",
        f"Every period that went on record after {one.since} and by {one.until}. The shadow is of the challenger's "
        f"recipe, trained on what was known on {one.since}: the challenger itself has learned from these outcomes. "
        "Log loss and Brier: less is better; AUC: more is better.",
    )
    summary = [_expected(result) for result in found.values()]
    return Section(
        "newest", title, (*summary, said, _INTERVAL), tables=[_newest_table(result) for result in found.values()]
    )


def _expected(result: Newest) -> Words:
    expected, (low, high) = result.expected[CHALLENGER], result.bounds
    fits = low <= expected <= high
    clock = CLOCKS[result.clock]
    return Words(
        f"{clock.zh}：新模型预期 {expected:.0f} 件，实际 {result.events} 件，"
        + ("在偶然可及的范围内。" if fits else "超出了偶然可及的范围。"),
        f"{clock.en}: {expected:.0f} expected by the challenger, {result.events} came: "
        + ("within what chance allows." if fits else "beyond what chance allows."),
    )


def _newest_table(result: Newest) -> Table:
    metrics, clock = metrics_at(1), CLOCKS[result.clock]
    title = Words(
        f"{clock.zh}：{result.projects} 个项目，{result.periods} 个周期，实际发生 {result.events} 件",
        f"{clock.en}: {result.projects} projects, {result.periods} periods, {result.events} came",
    )
    header = (Words("模型", "model"), Words("预期件数", "expected"), *(metrics[id_].label for id_ in METRICS))
    rows = [
        (MODELS[name], number(result.expected[name], 1), *(between(result.figures[name][id_], 4) for id_ in METRICS))
        for name in result.figures
    ]
    if result.gap:
        gaps = [between(result.gap[id_], 4, signed=True) for id_ in METRICS]
        rows.append((Words("新减现用", "challenger less champion"), plain(""), *gaps))
    return Table(title, header, tuple(rows))


def rolling_section(found: Rolling | Words) -> Section:
    """Return how the recipes would have fared from past days."""
    title = Words("滚动检验：站在过去看后来", "Rolling origins: from past days, what came")
    if isinstance(found, Words):
        return Section("rolling", title, (found,))
    which = _TWO if found.twice else _ONE
    return Section(
        "rolling",
        title,
        (which, _INTERVAL, found.origins, *found.notes),
        [_cohort_chart(result) for result in found.clocks.values()],
        [_models_table(found, result) for result in found.clocks.values()],
    )


def _models_table(found: Rolling, result: ClockResult) -> Table:
    metrics, clock = metrics_at(10), CLOCKS[result.clock]
    title = Words(
        f"{clock.zh}（{result.horizon_months} 个月内）：{len(result.origins)} 个起点，{result.n} 个项目，"
        f"{result.came:.1%} 达成；{result.immature} 个未到期未计",
        f"{clock.en} within {result.horizon_months} months: {len(result.origins)} origins, {result.n} projects, "
        f"{result.came:.1%} came; {result.immature} immature left out",
    )
    header = (Words("做法", "made by"), *(metrics[id_].label for id_ in _SHOWN))
    rows = [
        (found.labels[name], *(between(model.figures[id_]) for id_ in _SHOWN)) for name, model in result.models.items()
    ]
    if CHAMPION in result.models:
        gaps = result.models[CHAMPION].luodi_minus
        rows.append((Words("本次减现用", "this less champion's"), *(between(gaps[i], signed=True) for i in _SHOWN)))
    return Table(title, header, tuple(rows))


def _cohort_chart(result: ClockResult) -> Chart:
    """Return calibration by cohort: what was said of each year's projects, and what came."""
    clock, rows = CLOCKS[result.clock], []
    for cohort in result.cohorts:
        came = round(cohort.came * cohort.n)
        low, high = share_bounds(came, cohort.n)
        rows.append((cohort, Span("", cohort.came, low, high, share(cohort.came).zh)))
    zh, en = (
        pairs([(f"{c.year}{year}（{c.n}）" if year else f"{c.year} ({c.n})", came, c.said) for c, came in rows], names)
        for year, names in (("年进入", ("实际比例", "预测均值")), ("", ("came", "said")))
    )
    return Chart(Words(f"{clock.zh}：逐年校准", f"{clock.en}: calibration by cohort"), zh, en)


_NONE = Words("此后没有新的周期入账。", "No period has gone on record since.")
_ONE = Words(
    f"本次配方与现用模型相同（或还没有现用模型），只检验一次。{LUODI} 在每个起点只凭当时所知重训。",
    "The recipe is the champion's (or there is no champion): it is tried once, trained anew at each origin on what was "
    "known there.",
)
_TWO = Words(
    "本次配方与现用模型不同，两种配方在同样的起点、同样的项目上各训一遍。",
    "The recipe is not the champion's: both were trained anew at the same origins and tried on the same projects.",
)
