"""The rules one attribute of a catalogue must keep, whatever the others say."""

import re
from collections.abc import Iterator

import numpy as np

from features.catalog import EXPLAINED, FEATURE_KINDS, Attribute, Dimension, Kind, Known, Tier
from features.errors import Problem
from features.spelling import folded, nearest
from features.words import Words

ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")  # no double underscore: history columns are named KEY__MEASURE
NUMERIC = frozenset({Kind.NUMBER, Kind.INTEGER})
ORDERED = FEATURE_KINDS - {Kind.CATEGORY}
LEVELLED = frozenset({Kind.ORDINAL, Kind.CATEGORY})
LARGEST_WEIGHT = (
    3.0  # log-odds per standard deviation; beyond it a slip of the decimal point is likelier than an effect
)

# Columns of the scored file; "p_" and "points_" begin further ones.
OUTPUT_COLUMNS = frozenset(
    {"status", "gates", "flags", "base", "merit", "expected_value", "grade", "rank", "rank_low", "rank_high"}
    | {"reasons_for", "reasons_against", "unlike", "model", "model_hash"}
)
OUTPUT_PREFIXES = ("p_", "points_")
REJECT_COLUMNS = frozenset({"line", "problems"})  # of the file of rejected rows, beside those of the sheet


def fault(place: str, zh: str, en: str) -> Problem:
    """Return a fault at ``place`` of the catalogue."""
    return Problem(place, Words(zh=zh, en=en))


def id_faults(name: str, place: str) -> Iterator[Problem]:
    """Yield what is wrong with ``name`` as the name of a model's feature and of an output column."""
    if not ID.fullmatch(name):
        yield fault(
            place,
            f"标识只能用小写字母、数字和单个下划线，以字母开头；实际为 {name!r}；中文名称写在 label",
            f"an id is lower-case ASCII letters, digits and single underscores, a letter first; got {name!r};"
            " put other names into label and aliases",
        )
    if name in OUTPUT_COLUMNS or name.startswith(OUTPUT_PREFIXES):
        yield fault(
            place,
            f"{name!r} 是输出文件自己的列名；请换一个标识",
            f"{name!r} is a column of the scored file itself; choose another id",
        )
    if name in REJECT_COLUMNS:
        yield fault(
            place,
            f"{name!r} 是退回文件自己的列名；请换一个标识，表头可写在 label 或 aliases",
            f"{name!r} is a column of the file of rejected rows itself; choose another id;"
            " the header may stand in label or aliases",
        )


def attribute_faults(attribute: Attribute, place: str) -> Iterator[Problem]:
    """Yield every rule that ``attribute`` breaks by itself."""
    yield from id_faults(attribute.id, place)
    yield from _time_faults(attribute, place)
    yield from _number_faults(attribute, place)
    yield from _limit_faults(attribute, place)
    yield from _level_faults(attribute, place)
    yield from _synonym_faults(attribute, place)
    yield from _effect_faults(attribute, place)


def _time_faults(attribute: Attribute, place: str) -> Iterator[Problem]:
    later, dimension = attribute.known is Known.LATER, attribute.dimension
    if later and (dimension in EXPLAINED or dimension is Dimension.GATE):
        yield fault(
            f"{place}.known",
            f"{attribute.id} 事后才知道，不能作为 {dimension} 的特征（会泄漏结果）；"
            ' 请删去 dimension (即 outcome), 或确认评审日已知后改为 known = "review"',
            f"{attribute.id} is known later, so it can never be a feature of {dimension}: it would leak the outcome;"
            ' drop the dimension (outcome is then meant), or say known = "review" if the sheet has it on the day',
        )
    if not later and dimension is Dimension.OUTCOME:
        yield fault(
            f"{place}.known",
            'outcome 的列必然事后才知道；实际为 known = "review"；请删去 known',
            'what belongs to outcome is known later; got known = "review"; drop it',
        )
    if later and attribute.tier in {Tier.KEY, Tier.CORE}:
        yield fault(
            f"{place}.tier",
            f"评分文件不可能有事后才知道的列；实际为 {attribute.tier}；请改为 common 或 optional",
            f"a file to be scored cannot have a column known later; got {attribute.tier}; make it common or optional",
        )
    if later and attribute.volatile:
        yield fault(
            f"{place}.volatile",
            "volatile 只用于评审日已知的列；请删去",
            "only a column known at review can be volatile; drop it",
        )


def _number_faults(attribute: Attribute, place: str) -> Iterator[Problem]:
    kind = attribute.kind
    if attribute.units and kind not in NUMERIC:
        yield fault(
            f"{place}.unit",
            f"只有 number 和 integer 有单位；实际 kind = {kind}",
            f"only number and integer have units; got kind = {kind}; drop unit and units",
        )
    if attribute.units and not attribute.unit:
        yield fault(f"{place}.units", "有换算必须先有 unit", 'conversions need a unit to convert to; add unit = "…"')
    for name, factor in attribute.units.items():
        if factor <= 0:
            yield fault(
                f"{place}.units.{name}",
                f"换算系数必须为正；实际为 {factor:g}",
                f"a factor to {attribute.unit} must be positive; got {factor:g}",
            )
    if attribute.transform == "log1p" and not _never_negative(attribute):
        yield fault(
            f"{place}.transform",
            "log1p 只用于不为负的数；请加 minimum = 0",
            "log1p is for numbers that are never negative; add minimum = 0",
        )


def _never_negative(attribute: Attribute) -> bool:
    return attribute.kind in NUMERIC and isinstance(attribute.minimum, float) and attribute.minimum >= 0


def _limit_faults(attribute: Attribute, place: str) -> Iterator[Problem]:
    wanted = float if attribute.kind in NUMERIC else np.datetime64 if attribute.kind is Kind.DATE else None
    limits = {"minimum": attribute.minimum, "maximum": attribute.maximum}
    given = {key: limit for key, limit in limits.items() if limit is not None}
    for key, limit in given.items():
        if wanted is None or not isinstance(limit, wanted):
            yield fault(
                f"{place}.{key}",
                f"数的界限写数，日期的界限写日期，其他类型没有界限；实际为 {limit}（kind = {attribute.kind}）",
                f"numbers have numbers as limits, dates have dates, other kinds none; got {limit}"
                f" with kind = {attribute.kind}",
            )
            return
    if len(given) == 2 and not attribute.minimum < attribute.maximum:  # type: ignore[operator]
        yield fault(
            f"{place}.minimum",
            f"必须小于 maximum；实际为 {attribute.minimum} 与 {attribute.maximum}",
            f"must be below maximum; got {attribute.minimum} and {attribute.maximum}",
        )


def _level_faults(attribute: Attribute, place: str) -> Iterator[Problem]:
    levels, kind = attribute.levels, attribute.kind
    if levels and kind not in LEVELLED:
        yield fault(
            f"{place}.levels",
            f"只有 ordinal 和 category 有等级；实际 kind = {kind}",
            f"only ordinal and category have levels; got kind = {kind}",
        )
    if kind is Kind.ORDINAL and len(levels) < 2:
        yield fault(
            f"{place}.levels",
            "ordinal 至少要有两个等级，从低到高",
            f"an ordinal needs two levels or more, from low to high; got {len(levels)}",
        )
    if len(attribute.levels_en) != len(levels):
        yield fault(
            f"{place}.levels_en",
            f"必须与 levels 一一对应；实际为 {len(attribute.levels_en)} 对 {len(levels)}",
            f"must match levels one by one; got {len(attribute.levels_en)} for {len(levels)} levels",
        )
    for key, named in (("levels", levels), ("levels_en", attribute.levels_en)):
        twice = sorted({level for level in named if [folded(other) for other in named].count(folded(level)) > 1})
        if twice:
            got = ", ".join(twice)
            yield fault(f"{place}.{key}", f"等级不得重复；实际重复 {got}", f"levels must differ; got twice: {got}")


def _synonym_faults(attribute: Attribute, place: str) -> Iterator[Problem]:
    levels = attribute.answers
    names = {folded(level) for level in (*levels, *attribute.levels_en)}
    for word, level in attribute.synonyms.items():
        if level not in levels:
            allowed, meant = ", ".join(levels) or "–", nearest(level, levels)
            yield fault(
                f"{place}.synonyms.{word}",
                f"必须指向一个等级（{allowed}）；实际为 {level!r}" + (f"；是否想写 {meant}？" if meant else ""),
                f"must point to a level ({allowed}); got {level!r}" + (f"; did you mean {meant}?" if meant else ""),
            )
        if folded(word) in names:
            yield fault(
                f"{place}.synonyms.{word}",
                "已经是等级名称，不能再作同义词；请删去",
                "is itself the name of a level; drop the synonym",
            )
    for word in attribute.missing:
        if folded(word) in names or word in attribute.synonyms:
            yield fault(
                f"{place}.missing",
                f"不能既是等级又表示未知；实际为 {word!r}",
                f"a word cannot be a level and mean missing; got {word!r}",
            )


def _effect_faults(attribute: Attribute, place: str) -> Iterator[Problem]:
    orderable = attribute.is_feature and attribute.kind in ORDERED
    for clock, direction in attribute.directions.items():
        weight = attribute.weights[clock]
        if (direction or weight) and not orderable:
            yield fault(
                f"{place}.{'direction' if direction else 'weight'}",
                f"只有可作特征的 number、integer、flag、ordinal 有方向和权重；"
                f"实际为 {attribute.kind} / {attribute.dimension}；请删去",
                "only number, integer, flag and ordinal features have a direction or a weight;"
                f" got kind {attribute.kind}, dimension {attribute.dimension}; drop it",
            )
        if abs(weight) > LARGEST_WEIGHT or weight * direction < 0:
            yield fault(
                f"{place}.weight",
                f"必须与 direction 同号且绝对值不超过 {LARGEST_WEIGHT:g}；实际为 {weight:g}（{clock}）",
                f"must have the sign of direction and a size up to {LARGEST_WEIGHT:g}; got {weight:g} for {clock}",
            )
