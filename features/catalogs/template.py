"""The headers of a project sheet to fill in, and a dictionary that says what each of its columns means."""

from collections.abc import Iterator

import numpy as np

from features.catalog import Attribute, Catalog, Kind, Known
from features.terms import DIMENSIONS, KINDS, KNOWN, TIERS
from features.words import Language, Words

HEADINGS = {
    "header": Words("表头", "Header"),
    "id": Words("标识", "Id"),
    "kind": Words("类型", "Kind"),
    "unit": Words("单位", "Unit"),
    "allowed": Words("可填内容", "Allowed"),
    "tier": Words("填写要求", "Needed"),
    "known": Words("何时已知", "Known"),
    "dimension": Words("维度", "Dimension"),
    "aliases": Words("其他表头写法", "Other headers"),
}


def template(catalog: Catalog, language: Language, *, history: bool = False) -> tuple[str, ...]:
    """Return the headers of an empty sheet, in the order of the catalogue.

    Parameters
    ----------
    history : also the columns that are known later, for a ledger to train from

    Examples
    --------
    >>> from features.catalogs.reader import read_catalog
    >>> template(read_catalog("repd"), Language.EN)[:5]
    ('Ref ID', 'Planning Application Submitted', 'Operator (or Applicant)', 'Site Name', 'Planning Authority')
    >>> [header for header in template(read_catalog("zhaoshang"), Language.ZH) if "投资" in header][:3]
    ['投资方名称', '计划总投资（万元）', '固定资产投资（万元）']
    """
    return tuple(header(attribute, language) for attribute in _filled_in(catalog, history))


def header(attribute: Attribute, language: Language) -> str:
    """Return the label of ``attribute`` with its unit in brackets."""
    label = attribute.label.said(language)
    if not attribute.unit:
        return label
    return f"{label}（{attribute.unit}）" if language is Language.ZH else f"{label} ({attribute.unit})"


def dictionary(catalog: Catalog, language: Language, *, history: bool = True) -> tuple[dict[str, str], ...]:
    """Return one row per column of the sheet, its headings in ``language``."""
    return tuple(
        {HEADINGS[key].said(language): text for key, text in _entry(attribute, language).items()}
        for attribute in _filled_in(catalog, history)
    )


def _filled_in(catalog: Catalog, history: bool) -> Iterator[Attribute]:
    return (a for a in catalog.attributes.values() if history or a.known is Known.REVIEW)


def _entry(attribute: Attribute, language: Language) -> dict[str, str]:
    return {
        "header": header(attribute, language),
        "id": attribute.id,
        "kind": KINDS[attribute.kind].said(language),
        "unit": " ".join([attribute.unit, *(unit for unit in attribute.units if unit != attribute.unit)]).strip(),
        "allowed": _allowed(attribute, language),
        "tier": TIERS[attribute.tier].said(language),
        "known": KNOWN[attribute.known].said(language),
        "dimension": DIMENSIONS[attribute.dimension].said(language),
        "aliases": " | ".join(attribute.aliases),
    }


def _allowed(attribute: Attribute, language: Language) -> str:
    if attribute.levels:
        levels = attribute.levels if language is Language.ZH else attribute.levels_en
        return (" < " if attribute.kind is Kind.ORDINAL else " | ").join(levels)
    if attribute.kind is Kind.FLAG:
        return Words("是 | 否", "yes | no").said(language)
    low, high = _shown(attribute.minimum), _shown(attribute.maximum)
    return f"{low} – {high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else ""


def _shown(limit: float | np.datetime64 | None) -> str:
    if limit is None:
        return ""
    return str(limit) if isinstance(limit, np.datetime64) else f"{limit:,.12g}"
