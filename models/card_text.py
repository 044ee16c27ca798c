"""The model card as a page that people read, in Chinese or in English."""

from collections.abc import Iterator, Mapping
from typing import Any

from features.catalog import Clock
from features.terms import CLOCKS
from features.words import Language, Words

SHOWN = 15  # attributes listed per clock


def card_text(card: Mapping[str, Any], language: Language) -> str:
    """Return a model card as Markdown."""
    return "\n".join(line for part in _PARTS for line in part(card, language)) + "\n"


def _say(language: Language, zh: str, en: str) -> str:
    return Words(zh, en).said(language)


def _about(card: Mapping[str, Any], language: Language) -> Iterator[str]:
    catalog, dates, projects = card["catalog"], card["dates"], card["projects"]
    yield _say(language, "# 模型说明", "# Model card")
    yield ""
    yield _say(
        language,
        f"按 {dates['as_of']} 所知训练；目录 {catalog['name']} {catalog['version']}，"
        f"填报滞后 {dates['reporting_lag_months']:g} 个月。",
        f"Trained on what was known on {dates['as_of']}; catalogue {catalog['name']} {catalog['version']}, "
        f"reporting lag {dates['reporting_lag_months']:g} months.",
    )
    yield _say(
        language,
        f"历史文件 {projects['rows']} 行，采用 {projects['admitted']} 个项目；"
        f"日期不可能的 {projects['rejected']} 行未用，{projects['repaired']} 行去掉了不可能的日期。",
        f"{projects['rows']} rows of history, {projects['admitted']} projects admitted; {projects['rejected']} rows "
        f"with impossible dates left out, an impossible date dropped in {projects['repaired']}.",
    )
    yield _say(
        language,
        "数值说明相关，不说明因果；排序供评审参考，不代替评审。",
        "Figures tell what goes together, not what causes what; they inform a committee and do not replace it.",
    )


def _warnings(card: Mapping[str, Any], language: Language) -> Iterator[str]:
    if card["warnings"]:
        yield ""
        yield _say(language, "## 注意", "## Mind")
        yield ""
        yield from (f"* {warning[language.value]}" for warning in card["warnings"])


def _clocks(card: Mapping[str, Any], language: Language) -> Iterator[str]:
    for name, clock in card["clocks"].items():
        label = CLOCKS[Clock(name)].said(language)
        months = clock["horizon_months"]
        yield ""
        yield _say(language, f"## {label}（{months} 个月内）", f"## {label} within {months} months")
        yield ""
        yield _rests(clock, language)
        yield _shock(clock, language)
        yield from _frailty(clock, language)
        yield from _levels(clock, language)
        yield from _weights(clock, card["attributes"], language)


def _rests(clock: Mapping[str, Any], language: Language) -> str:
    if not clock["projects"]:
        return _say(
            language,
            f"没有可学的项目：水平取自目录公布的曲线，属性按专家权重；参照项目的概率 {clock['base']:.1%}。",
            "No project to learn from: the level is the published curve, attributes count as experts weigh them; the "
            f"reference project stands at {clock['base']:.1%}.",
        )
    return _say(
        language,
        f"学自 {clock['projects']} 个项目的 {clock['person_periods']} 个周期，其中 {clock['events']} 个结果；"
        f"参照项目的概率 {clock['base']:.1%}；评分卡权重 {clock['card_weight']:.2f}，"
        f"{clock['trees']} 棵树权重 {clock['tree_weight']:.2f}。",
        f"Learned from {clock['person_periods']} periods of {clock['projects']} projects, with {clock['events']} "
        f"outcomes; the reference project stands at {clock['base']:.1%}; the card weighs "
        f"{clock['card_weight']:.2f}, {clock['trees']} trees {clock['tree_weight']:.2f}.",
    )


def _shock(clock: Mapping[str, Any], language: Language) -> str:
    sd, seen = clock["shock_sd"], clock["shock_seen"]
    before, after = clock["mean_without_shock"], clock["mean"]
    if not clock["projects"]:
        return _say(
            language,
            f"无人能预知的总体变动：标准差 {sd:.2f}（对数几率），先验值。",
            f"The shock nobody can know has a standard deviation of {sd:.2f} log-odds, as believed beforehand.",
        )
    return _say(
        language,
        f"无人能预知的总体变动：标准差 {sd:.2f}（对数几率；本台账自身显示 {seen:.2f}）；"
        f"计入后训练项目的平均概率由 {before:.1%} 变为 {after:.1%}。",
        f"The shock nobody can know has a standard deviation of {sd:.2f} log-odds (this register alone shows "
        f"{seen:.2f}); averaged over, the mean figure of the training projects goes from {before:.1%} to {after:.1%}.",
    )


def _frailty(clock: Mapping[str, Any], language: Language) -> Iterator[str]:
    """Say how much sets projects apart that no attribute tells, where lives could show it."""
    if sd := clock["frailty_sd"]:
        yield _say(
            language,
            f"属性说明不了的项目差异：标准差 {sd:.2f}（对数几率）；因此等待越久，属性的作用越小。",
            f"What no attribute tells of a project has a standard deviation of {sd:.2f} log-odds; so attributes say "
            "less of those that have waited long.",
        )


def _levels(clock: Mapping[str, Any], language: Language) -> Iterator[str]:
    yield ""
    yield _say(
        language,
        "| 评审后月数 | 走完该期的项目 | 当期概率 |",
        "| months after entry | projects that lived it | hazard |",
    )
    yield "|---:|---:|---:|"
    length = clock["period_months"]
    for k, (lived, hazard) in enumerate(zip(clock["lived"], clock["hazards"], strict=True)):
        yield f"| {k * length}-{(k + 1) * length} | {lived} | {hazard:.2%} |"


def _weights(clock: Mapping[str, Any], labels: Mapping[str, Any], language: Language) -> Iterator[str]:
    if clock["weights"]:
        yield ""
        yield _say(language, "| 属性 | 平均影响（对数几率） |", "| attribute | mean size, log-odds |")
        yield "|---|---:|"
        yield from (
            f"| {labels[name][language.value]} | {size:.3f} |" for name, size in list(clock["weights"].items())[:SHOWN]
        )


def _cohorts(card: Mapping[str, Any], language: Language) -> Iterator[str]:
    names = list(card["clocks"])
    yield ""
    yield _say(language, "## 按进入年份", "## By year of entry")
    yield ""
    events = [_say(language, f"{CLOCKS[Clock(n)].zh}", f"{CLOCKS[Clock(n)].en}") for n in names]
    mature = [_say(language, f"{CLOCKS[Clock(n)].zh}已到期", f"{CLOCKS[Clock(n)].en}: matured") for n in names]
    heads = [_say(language, "年份", "year"), _say(language, "项目", "projects")]
    heads += [head for pair in zip(events, mature, strict=True) for head in pair]
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---:|" * len(heads)
    for cohort in card["cohorts"]:
        cells = [str(cohort["year"]), str(cohort["projects"])]
        cells += [str(cohort["clocks"][n][key]) for n in names for key in ("events", "mature")]
        yield "| " + " | ".join(cells) + " |"


def _origin(card: Mapping[str, Any], language: Language) -> Iterator[str]:
    yield ""
    yield _say(language, "## 出处", "## Provenance")
    yield ""
    yield f"* {_say(language, '目录', 'catalogue')} SHA-256 `{card['catalog']['sha256']}`"
    digest, seed = card["recipe"]["sha256"], card["recipe"]["seed"]
    yield _say(language, f"* 配方 SHA-256 `{digest}`，随机种子 {seed}", f"* recipe SHA-256 `{digest}`, seed {seed}")
    yield "* " + _say(language, "、", ", ").join(f"{name} {version}" for name, version in card["libraries"].items())


_PARTS = (_about, _warnings, _clocks, _cohorts, _origin)
