"""Policy packs read from TOML: every fault of a pack at once, and no key that nobody knows."""

import hashlib
import tomllib
from datetime import date
from pathlib import Path

import numpy as np

from features.catalog import Attribute, Catalog, Kind
from features.errors import CatalogError, Problem
from features.sections import Section
from features.words import Words
from scoring.condition_reader import NUMBERS, attribute_of, check_levels, check_unit, condition
from scoring.conditions import Condition, Group
from scoring.policy import Effect, Gate, Grade, Item, Part, Policy

PACKS = Path(__file__).parent / "policies"
BUILT_IN = ("cn-2026", "plain")
WHOLE = 100.0


def read_policy(name_or_path: str | Path, catalog: Catalog) -> Policy:
    """Return a built-in policy pack by name, or one from a file, checked against a catalogue.

    Raises
    ------
    CatalogError
        With every problem of the pack: unknown keys, attributes that the catalogue does not have, wrong units.
    """
    path = PACKS / f"{name_or_path}.toml" if str(name_or_path) in BUILT_IN else Path(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        listed = ", ".join(BUILT_IN)
        raise CatalogError(
            Words(
                f"策略包必须是 {listed} 之一，或 UTF-8 TOML 文件的路径；实际为 {str(name_or_path)!r}",
                f"a policy must be one of {listed}, or the path of a UTF-8 TOML file; got {str(name_or_path)!r}",
            )
        ) from fault
    return parse_policy(text, str(name_or_path), catalog)


def parse_policy(text: str, source: str, catalog: Catalog) -> Policy:
    """Return the policy pack that a TOML text holds, checked against a catalogue; ``source`` names it in messages."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise CatalogError(Words(f"{source}：不是 TOML：{fault}", f"{source}: must be TOML; got {fault}")) from fault
    problems: list[Problem] = []
    policy = _policy(Section(table, "", problems), text, catalog)
    if problems:
        raise CatalogError(
            Words(
                f"策略包 {source} 有 {len(problems)} 处问题，请逐一改正：",
                f"policy {source} has {len(problems)} problems to mend:",
            ),
            problems,
        )
    return policy


def _policy(section: Section, text: str, catalog: Catalog) -> Policy:
    section.require("name", "version", "label", "grades")
    policy = Policy(
        name=section.text("name"),
        version=section.text("version"),
        label=section.label("label", ""),
        gates=tuple(_gate(row, catalog) for row in section.rows("gates")),
        merit=tuple(_item(row, catalog) for row in section.rows("merit")),
        grades=tuple(_grade(row) for row in section.rows("grades")),
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )
    section.close()
    _check_whole(section, policy)
    return policy


def _gate(section: Section, catalog: Catalog) -> Gate:
    section.require("id", "effect", "title", "basis", "in_force", "when", "remedy")
    effect = section.choice("effect", Effect, Effect.WARN)
    gate = Gate(
        id=section.text("id"),
        effect=effect,
        title=section.label("title", ""),
        basis=section.label("basis", ""),
        in_force=_day(section, "in_force") or date.max,
        until=_day(section, "until"),
        when=_condition(section, "when", catalog) or Group(False, ()),
        remedy=section.label("remedy", ""),
        unanswered=section.flag("unanswered", effect is Effect.VETO),
    )
    section.close()
    return gate


def _condition(section: Section, key: str, catalog: Catalog) -> Condition | None:
    return condition(section.section(key), catalog) if section.has(key) else None


def _day(section: Section, key: str) -> date | None:
    limit = section.limit(key)
    if isinstance(limit, np.datetime64):
        day: date = limit.astype("datetime64[D]").item()
        return day
    if limit is not None:
        section.fault(key, Words("必须是日期，如 2024-02-01", "must be a day such as 2024-02-01"))
    return None


def _item(section: Section, catalog: Catalog) -> Item:
    section.require("id", "label", "points", "parts")
    parts = tuple(part for row in section.rows("parts") if (part := _part(row, catalog)) is not None)
    item = Item(section.text("id"), section.label("label", ""), section.number("points", 0.0), parts)
    section.close()
    most = sum(part.most for part in parts)
    if abs(most - item.points) > 1e-9:
        section.fault(
            "points",
            Words(
                f"必须等于各部分满分之和 {most:g}；实际为 {item.points:g}",
                f"must be the sum of its parts, {most:g}; got {item.points:g}",
            ),
        )
    return item


def _part(section: Section, catalog: Catalog) -> Part | None:
    attribute = attribute_of(section, catalog)
    if attribute is None:
        return None
    granted = _condition(section, "granted", catalog)
    part = _scale(section, attribute, granted)
    section.close()
    points = [p for _, p in part.steps] + [*part.levels.values()]
    if not points or min(points) < 0:
        section.fault(
            "attribute",
            Words(
                "各档得分必须给出且不小于 0", "must give points, none below 0: a blank earns 0 and must not be the best"
            ),
        )
        return None
    return part


def _scale(section: Section, attribute: Attribute, granted: Condition | None) -> Part:
    """Read how one kind of attribute earns points; keys of the other kinds stay untaken and are told as unknown."""
    if attribute.kind in NUMBERS:
        check_unit(section, attribute)
        return Part(attribute.id, steps=_steps(section), granted=granted)
    if attribute.kind is Kind.FLAG:
        section.require("yes", "no")
        steps = ((0.0, section.number("no", 0.0)), (1.0, section.number("yes", 0.0)))
        return Part(attribute.id, steps=steps, granted=granted)
    levels = section.numbers("levels")
    check_levels(section, "levels", attribute, levels)
    left_out = [level for level in attribute.levels if level not in levels]
    if left_out:
        listed = ", ".join(left_out)
        section.fault(
            "levels", Words(f"每个取值都要有得分；缺 {listed}", f"must give points to every level; missing {listed}")
        )
    return Part(attribute.id, levels=levels, granted=granted)


def _steps(section: Section) -> tuple[tuple[float, float], ...]:
    raw = section.raw("steps")
    pairs = raw if isinstance(raw, list) else []
    sound = all(isinstance(p, list) and len(p) == 2 and all(type(x) in (int, float) for x in p) for p in pairs)
    steps = tuple((float(p[0]), float(p[1])) for p in pairs) if sound else ()
    if len(steps) < 2 or not all(np.isfinite(steps).ravel()) or not all(np.diff([v for v, _ in steps]) > 0):
        section.fault(
            "steps",
            Words(
                f"必须是至少两个 [数值, 得分]，数值递增；实际为 {raw!r}",
                f"must be two or more [value, points], values rising; got {raw!r}",
            ),
        )
        return ()
    return steps


def _grade(section: Section) -> Grade:
    section.require("id", "at_least", "meaning")
    grade = Grade(section.text("id"), section.number("at_least", 0.0), section.label("meaning", ""))
    section.close()
    return grade


def _check_whole(section: Section, policy: Policy) -> None:
    for key, ids in (("gates", [g.id for g in policy.gates]), ("merit", [i.id for i in policy.merit])):
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            listed = ", ".join(twice)
            section.fault(
                key, Words(f"编号不得重复；重复的有 {listed}", f"ids must differ; got {listed} more than once")
            )
    total = sum(item.points for item in policy.merit)
    if policy.merit and abs(total - WHOLE) > 1e-9:
        section.fault(
            "merit", Words(f"满分合计必须为 100；实际为 {total:g}", f"points must add up to 100; got {total:g}")
        )
    bounds = [grade.at_least for grade in policy.grades]
    if policy.grades and (
        bounds[-1] != 0.0 or sorted(bounds, reverse=True) != bounds or len(set(bounds)) < len(bounds)
    ):
        section.fault(
            "grades",
            Words(f"下限必须由高到低，末档为 0；实际为 {bounds}", f"must fall from the best band to 0; got {bounds}"),
        )
