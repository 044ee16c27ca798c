"""Conditions as a policy pack writes them, read against the catalogue whose attributes they name."""

from collections.abc import Iterable

import numpy as np

from features.catalog import Attribute, Catalog, Dimension, Kind, Known
from features.sections import Section
from features.spelling import nearest
from features.words import Words
from scoring.conditions import NUMERIC, Comparison, Condition, Group, Operator

NUMBERS = frozenset({Kind.NUMBER, Kind.INTEGER})
TEXTS = frozenset({Kind.CATEGORY, Kind.TEXT, Kind.KEY})
FITS = {
    **dict.fromkeys(NUMERIC, NUMBERS),
    Operator.IS: frozenset({Kind.FLAG}),
    Operator.ONE_OF: TEXTS | {Kind.ORDINAL},
    Operator.STARTS_WITH: TEXTS,
    Operator.MISSING: frozenset(Kind),
}


def attribute_of(section: Section, catalog: Catalog) -> Attribute | None:
    """Return the attribute that a section names, or None after noting what is wrong with it."""
    section.require("attribute")
    name = section.text("attribute")
    if not name:
        return None
    known = {**catalog.attributes, **{d.attribute.id: d.attribute for d in catalog.derived}}
    if name not in known:
        section.fault("attribute", _unknown(name, catalog, known))
        return None
    attribute = known[name]
    if attribute.known is Known.LATER or attribute.dimension in {Dimension.AUDIT_ONLY, Dimension.OUTCOME}:
        why = f"{attribute.dimension}, known {attribute.known}"
        section.fault(
            "attribute",
            Words(
                f"策略不得读取仅供审计或事后才知道的列；实际为 {name!r}（{why}）",
                f"must not be audit-only or known later; got {name!r} ({why})",
            ),
        )
        return None
    return attribute


def check_unit(section: Section, attribute: Attribute) -> None:
    """Note a threshold whose unit is not the one that the catalogue reads: 万元 taken for 元 would pass in silence."""
    unit = section.text("unit")
    if unit != attribute.unit:
        section.fault(
            "unit",
            Words(
                f"必须与目录中 {attribute.id} 的单位一致（{attribute.unit or '无单位'}）；实际为 {unit!r}",
                f"must be the catalogue's unit of {attribute.id} ({attribute.unit or 'none'}); got {unit!r}",
            ),
        )


def check_levels(section: Section, key: str, attribute: Attribute, named: Iterable[str]) -> None:
    """Note each level that the catalogue does not know of the attribute."""
    for level in named:
        if attribute.levels and level not in attribute.levels:
            allowed = ", ".join(attribute.levels)
            section.fault(
                key,
                Words(
                    f"必须是 {attribute.id} 的取值之一：{allowed}；实际为 {level!r}",
                    f"must be a level of {attribute.id}: {allowed}; got {level!r}",
                ),
            )


def condition(section: Section, catalog: Catalog) -> Condition | None:
    """Return the condition of a section, or None after noting every fault in it.

    A section is ``{ all = [...] }``, ``{ any = [...] }``, or ``{ attribute = ID, OPERATOR = VALUE, unit = UNIT }``.
    """
    for key, every in (("all", True), ("any", False)):
        if section.has(key):
            parts = [condition(part, catalog) for part in section.rows(key)]
            section.close()
            if not parts:
                section.fault(key, Words("至少要有一个条件", "must hold at least one condition"))
            return Group(every, tuple(part for part in parts if part is not None))
    return _comparison(section, catalog)


def _comparison(section: Section, catalog: Catalog) -> Comparison | None:
    attribute = attribute_of(section, catalog)
    operators = [operator for operator in Operator if section.has(operator)]
    if len(operators) != 1:
        listed = ", ".join(Operator)
        got = ", ".join(operators) or "none"
        section.fault(
            "attribute",
            Words(f"必须恰有一个运算：{listed}；实际为 {got}", f"must have exactly one of {listed}; got {got}"),
        )
        return None
    operator = operators[0]
    value = _value(section, operator)
    if attribute is not None:
        _check_fit(section, operator, attribute, value)
    section.close()
    return None if attribute is None else Comparison(attribute.id, operator, value)


def _value(section: Section, operator: Operator) -> float | bool | tuple[str, ...]:
    if operator in NUMERIC:
        return section.number(operator, np.nan)
    if operator in {Operator.IS, Operator.MISSING}:
        return section.flag(operator)
    return section.texts(operator)


def _check_fit(
    section: Section, operator: Operator, attribute: Attribute, value: float | bool | tuple[str, ...]
) -> None:
    if attribute.kind not in FITS[operator]:
        kinds = ", ".join(sorted(FITS[operator]))
        section.fault(
            operator,
            Words(
                f"只适用于 {kinds}；实际 {attribute.id} 为 {attribute.kind}",
                f"asks of {kinds}; got {attribute.id}, a {attribute.kind}",
            ),
        )
        return
    if operator in NUMERIC:
        check_unit(section, attribute)
    elif operator is Operator.ONE_OF and isinstance(value, tuple):
        check_levels(section, operator, attribute, value)


def _unknown(name: str, catalog: Catalog, known: Iterable[str]) -> Words:
    near = nearest(name, known)
    zh = f"; 是否想写 {near}?" if near else f"; 目录 {catalog.name} 中没有相近的列"
    en = f"; did you mean {near}?" if near else f"; nothing near it in catalogue {catalog.name}"
    return Words(
        f"必须是目录 {catalog.name} 中的列{zh} 实际为 {name!r}",
        f"must be in catalogue {catalog.name}; got {name!r}{en}",
    )
