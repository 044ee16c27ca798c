"""The state of the register: how much of each cohort is observed, what has drifted, what is new in the data."""

from collections.abc import Mapping

from features.catalog import Catalog, Clock
from features.terms import CLOCKS
from features.words import Words
from models.drift import LARGE, NOTICEABLE, Drift, Drifted, Movement
from models.findings import Table
from models.maturity import Cohort
from models.news import News
from scoring.report.charts import AMBER, BLUE, GREY, LIGHT, RED, Limit, Span, Stack, spans, stacks
from scoring.report.section import Chart, Section, number, plain

COHORTS, COLUMNS = 8, 12  # the latest, and those that drifted most: drawn
MOVEMENTS = {
    Movement.CALM: Words("平稳", "calm"),
    Movement.NOTICEABLE: Words("有变化", "noticeable"),
    Movement.LARGE: Words("变化大", "large"),
    Movement.TOO_FEW: Words("项目太少，不作判断", "too few projects"),
}
_COLOURS = {Movement.CALM: BLUE, Movement.NOTICEABLE: AMBER, Movement.LARGE: RED, Movement.TOO_FEW: GREY}
_PARTS = (
    (Words("已达成", "came"), BLUE),
    (Words("已退出", "withdrawn"), AMBER),
    (Words("到期未达成", "over, did not come"), GREY),
    (Words("尚未见分晓", "not known yet"), LIGHT),
)


def maturity_section(found: Mapping[Clock, tuple[Cohort, ...]]) -> Section:
    """Return of how many projects of each cohort the outcome is known."""
    charts = [_maturity_chart(clock, cohorts[-COHORTS:]) for clock, cohorts in found.items() if cohorts]
    said = [_observed(clock, cohorts[-1]) for clock, cohorts in found.items() if cohorts]
    return Section("maturity", Words("各届已见分晓的比例", "Label maturity by cohort"), [*said, _MATURITY], charts)


def _observed(clock: Clock, cohort: Cohort) -> Words:
    return Words(
        f"{CLOCKS[clock].zh}：{cohort.year} 届 {cohort.projects} 个项目，已见分晓 {cohort.observed:.0%}，"
        f"期限平均已过 {cohort.lived:.0%}。",
        f"{CLOCKS[clock].en}: {cohort.year} cohort of {cohort.projects} projects, {cohort.observed:.0%} observed, "
        f"{cohort.lived:.0%} of the horizon lived on average.",
    )


def _maturity_chart(clock: Clock, cohorts: tuple[Cohort, ...]) -> Chart:
    shares = [[c.came / c.projects, c.left / c.projects, c.over / c.projects, 1 - c.observed] for c in cohorts]
    drawn = []
    for labels, parts in (
        ([f"{c.year} 届（{c.projects} 个）" for c in cohorts], [(name.zh, colour) for name, colour in _PARTS]),
        ([f"{c.year} ({c.projects})" for c in cohorts], [(name.en, colour) for name, colour in _PARTS]),
    ):
        rows = [Stack(label, of, f"{c.observed:.0%}") for label, of, c in zip(labels, shares, cohorts, strict=True)]
        drawn.append(stacks(rows, parts))
    return Chart(CLOCKS[clock], *drawn)


def drift_section(found: Drift | None) -> Section:
    """Return what has drifted, and by how much."""
    title = Words("属性与得分的漂移", "Drift of attributes and of the score")
    if found is None:
        return Section("drift", title, (_NO_DRIFT,))
    compared = Words(
        f"新进入的 {found.recent} 个项目，与此前三年的 {found.reference} 个相比；"
        f"{len(found.columns)} 项属性中有 {len(found.moved)} 项的变化超出偶然。",
        f"{found.recent} projects that entered lately, beside {found.reference} of the three years before; "
        f"{len(found.moved)} of {len(found.columns)} attributes moved more than by chance.",
    )
    shown = [*([found.score] if found.score else []), *found.columns[:COLUMNS]]
    told = [one for one in shown if one.movement is not Movement.TOO_FEW]
    charts = [_drift_chart(told)] if told else []
    return Section("drift", title, (compared, _PSI), charts, [_drift_table(shown)])


def _drift_chart(rows: list[Drifted]) -> Chart:
    limits = (Limit(NOTICEABLE, str(NOTICEABLE)), Limit(LARGE, str(LARGE)))
    zh, en = (
        spans(
            [Span(label, r.psi, r.low, r.high, f"{r.psi:.2f}", _COLOURS[r.movement]) for label, r in labelled], limits
        )
        for labelled in ([(r.label.zh, r) for r in rows], [(r.label.en, r) for r in rows])
    )
    return Chart(Words("稳定性指数 PSI，附 90% 区间", "Population stability index, with 90 % intervals"), zh, en)


def _drift_table(rows: list[Drifted]) -> Table:
    header = (
        Words("属性", "attribute"),
        Words("PSI", "PSI"),
        Words("90% 区间", "90 % interval"),
        Words("偶然可达", "by chance"),
        Words("判断", "verdict"),
        Words("变化最大的一段：以前 → 现在", "what moved most: before → now"),
    )
    return Table(Words("逐项", "One by one"), header, tuple(_drift_row(row) for row in rows))


def _drift_row(row: Drifted) -> tuple[Words, ...]:
    if row.movement is Movement.TOO_FEW:
        return (row.label, plain("–"), plain("–"), plain("–"), MOVEMENTS[row.movement], plain("–"))
    shift = row.shift
    moved = (
        plain("–")
        if shift is None
        else Words(
            f"{shift.label.zh}：{shift.was:.0%} → {shift.now:.0%}",
            f"{shift.label.en}: {shift.was:.0%} → {shift.now:.0%}",
        )
    )
    interval = plain(f"{row.low:.2f} – {row.high:.2f}")
    return (row.label, number(row.psi, 2), interval, number(row.by_chance, 2), MOVEMENTS[row.movement], moved)


def news_section(found: News, catalog: Catalog) -> Section:
    """Return what came since the champion's day."""
    since = found.since
    title = Words("数据里新来了什么", "What is new in the data")
    said = [
        Words(f"自现用模型的 {since} 起：", f"Since the champion's day, {since}:")
        if since is not None
        else Words("还没有现用模型，以下是全部数据：", "There is no champion yet; this is all there is:"),
        Words(f"新进入的项目 {found.projects} 个。", f"Projects that entered: {found.projects}."),
        *_columns(found, catalog),
        Words(
            f"因日期不可能而未用的行 {found.rejected}，去掉了不可能日期的行 {found.repaired}。",
            f"Rows left out for impossible dates: {found.rejected}; rows of which an impossible date was left out: "
            f"{found.repaired}.",
        ),
    ]
    rows = tuple((catalog.milestones[name].label, plain(str(count))) for name, count in found.outcomes.items())
    header = (Words("里程碑", "milestone"), Words("入账件数", "went on record"))
    return Section("news", title, said, tables=[Table(Words("新结果", "New outcomes"), header, rows)])


def _columns(found: News, catalog: Catalog) -> list[Words]:
    said = []
    if found.gained:
        said.append(Words(f"新用的属性：{_list(found.gained).zh}。", f"Attributes new: {_list(found.gained).en}."))
    if found.lost:
        said.append(
            Words(f"不再用的属性：{_list(found.lost).zh}。", f"Attributes no longer read: {_list(found.lost).en}.")
        )
    for name, count in found.unmet.items():
        label = catalog.attributes[name].label if name in catalog.attributes else plain(name)
        said.append(
            Words(
                f"{label.zh}：{count} 个新项目的取值是现用模型没见过的。",
                f"{label.en}: {count} new projects have a value that the champion never met.",
            )
        )
    return said


def _list(labels: tuple[Words, ...]) -> Words:
    return Words("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))


_MATURITY = Words(
    "条形右端是已见分晓的比例。年轻一届里先看到的总是成功的：失败要等期限走完才知道，所以不要拿未走完的一届算成功率。",
    "At the end of each bar is the share observed. In a young cohort successes are seen first, as a failure takes the "
    "whole horizon: do not take a rate of success from a cohort that is not over.",
)
_NO_DRIFT = Words(
    "两边都要有项目才能比较：近期或此前三年没有项目。",
    "Nothing to compare: no projects lately, or in the years before.",
)
_PSI = Words(
    f"PSI 衡量分布变了多少：{NOTICEABLE} 以下平稳，{LARGE} 以上变化大；"
    "同时须高于“偶然可达”才算数，因为项目少时偶然也会很高。每段不足 10 个项目的取值合并显示。",
    f"The PSI says how far a distribution moved: below {NOTICEABLE} calm, from {LARGE} large, and only where it is "
    "above what chance alone may give: with few projects that is much. Values of fewer than 10 projects are shown "
    "together.",
)
