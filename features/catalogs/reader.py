"""Catalogues from TOML: one file in, one frozen `Catalog` out, or every fault of the file at once."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path

from features.catalog import Catalog, Tier
from features.catalogs.attribute_rules import attribute_faults
from features.catalogs.clocks import read_clocks
from features.catalogs.parts import (
    read_attribute,
    read_derived,
    read_exclusion,
    read_history,
    read_milestone,
    read_neighbours,
)
from features.catalogs.rules import catalog_faults
from features.errors import CatalogError, Problem
from features.sections import Section
from features.spelling import nearest
from features.words import Words

BUILT_IN: tuple[str, ...] = ("zhaoshang", "repd")
ENCODINGS = ("utf-8-sig", "utf-8", "gb18030", "cp1252")  # the order of the habits of Chinese office files


def read_catalog(name_or_path: str | Path) -> Catalog:
    """Return the built-in catalogue of that name, or the one in that file.

    Raises
    ------
    CatalogError
        No such name or file, not UTF-8 text, or any broken rule; all faults at once.

    Examples
    --------
    >>> read_catalog("repd").entry
    'planning_application_submitted'
    """
    name = str(name_or_path)
    if name in BUILT_IN:
        text = resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
        return parse_catalog(text, name)
    return parse_catalog(_file_text(Path(name_or_path)), name)


def parse_catalog(text: str, source: str) -> Catalog:
    """Return the catalogue that ``text`` describes; ``source`` names it in messages.

    Raises
    ------
    CatalogError
        With every fault of the text: its place, the rule, what was got and the remedy.
    """
    text = text.replace("\r\n", "\n")
    problems: list[Problem] = []
    root = Section(_toml(text, source), "", problems)
    catalog = _catalog(root, text)
    root.close()
    unsettled = frozenset(problem.column for problem in problems)
    declared = [(f"attribute.{attribute.id}", attribute) for attribute in catalog.attributes.values()]
    computed = [(f"derived.{derived.attribute.id}", derived.attribute) for derived in catalog.derived]
    for place, attribute in [*declared, *(pair for pair in computed if pair[1].id not in catalog.attributes)]:
        if f"{place}.kind" not in unsettled:  # of an unknown kind every other key would look wrong
            problems += attribute_faults(attribute, place)
    problems += catalog_faults(catalog, unsettled)
    faults = tuple(dict.fromkeys(problems))  # a rule that fails for both clocks is told once
    if faults:
        zh, en = f"目录 {source} 有 {len(faults)} 处错误：", f"catalogue {source} breaks {len(faults)} rule(s):"
        raise CatalogError(Words(zh=zh, en=en), faults)
    return catalog


def _file_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        zh, en = f"目录文件 {path} 不是 UTF-8 文本；请另存为 UTF-8", f"{path} is not UTF-8 text; save it as UTF-8"
        raise CatalogError(Words(zh=zh, en=en)) from error
    except (OSError, ValueError) as error:  # a path with a zero byte is a ValueError
        raise CatalogError(_no_catalog(path)) from error


def _no_catalog(path: Path) -> Words:
    built_in = ", ".join(BUILT_IN)
    meant = nearest(str(path), BUILT_IN)
    zh, en = (f"; 是否想写 {meant}?", f"; did you mean {meant}?") if meant else ("", "")
    return Words(
        zh=f"找不到目录：应为内置名称（{built_in}）或可读的 TOML 文件；实际为 {path}{zh}",
        en=f"no such catalogue: give a built-in name ({built_in}) or a readable TOML file; got {path}{en}",
    )


def _toml(text: str, source: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        zh, en = f"目录 {source} 不是合法的 TOML: {error}", f"catalogue {source} is not valid TOML: {error}"
        raise CatalogError(Words(zh=zh, en=en)) from error


def _catalog(root: Section, text: str) -> Catalog:
    root.require("name", "entry", "key", "period_months", "reporting_lag_months", "attribute", "milestone", "clock")
    name, entry, key = root.text("name"), root.text("entry"), root.text("key")
    attributes = {name: read_attribute(part, name) for name, part in root.sections("attribute").items()}
    for column in {entry, key} & attributes.keys():
        attributes[column] = replace(attributes[column], tier=Tier.KEY)
    milestones = {name: read_milestone(part, name) for name, part in root.sections("milestone").items()}
    clocks, later = read_clocks(root, milestones)
    return Catalog(
        name=name,
        version=root.text("version", "1"),
        label=root.label("label", name),
        attributes=attributes,
        derived=tuple(read_derived(part, name, attributes) for name, part in root.sections("derived").items()),
        entry=entry,
        key=key,
        investor=root.optional_text("investor"),
        milestones=milestones,
        clocks=clocks,
        histories=tuple(read_history(part, attributes) for part in root.rows("history")),
        neighbours=tuple(read_neighbours(part) for part in root.rows("neighbours")),
        exclusions=tuple(read_exclusion(part) for part in root.rows("exclude")),
        period_months=root.integer("period_months", 1, minimum=1),
        reporting_lag_months=root.integer("reporting_lag_months", 0),
        snapshot_column=root.optional_text("snapshot_column"),
        filed_on=root.optional_text("filed_on"),
        day_first=root.flag("day_first"),
        encodings=root.texts("encodings") or ENCODINGS,
        policy=root.text("policy", "plain"),
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        ambiguous=_ambiguous(root),
        later=later,
    )


def _ambiguous(root: Section) -> Mapping[str, tuple[str, ...]]:
    part = root.section("ambiguous")
    return {header: part.texts(header) for header in part.table}
