"""The parts of a catalogue file, each read from its table into its dataclass."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from features.catalog import (
    ASKED,
    Attribute,
    Clock,
    Derived,
    Dimension,
    Exclusion,
    Formula,
    History,
    Kind,
    Known,
    Milestone,
    Neighbours,
    Tier,
)
from features.catalogs.typical import read_typical
from features.sections import Section, shortened
from features.words import Words


class Transform(StrEnum):
    """How a linear card reads a number."""

    IDENTITY = "identity"
    LOG1P = "log1p"


def read_attribute(section: Section, name: str) -> Attribute:
    """Return the attribute that ``[attribute.NAME]`` declares."""
    section.require("kind")
    later = section.raw("known") == Known.LATER or section.raw("dimension") == Dimension.OUTCOME
    attribute = Attribute(
        id=name,
        label=section.label("label", name.replace("_", " ")),
        kind=section.choice("kind", Kind, Kind.TEXT),
        dimension=section.choice("dimension", Dimension, Dimension.OUTCOME if later else Dimension.CONTEXT),
        aliases=section.texts("aliases"),
        levels=section.texts("levels"),
        levels_en=section.texts("levels_en") or section.texts("levels"),
        synonyms=section.names("synonyms"),
        missing=section.texts("missing"),
        known=section.choice("known", Known, Known.LATER if later else Known.REVIEW),
        tier=section.choice("tier", Tier, Tier.OPTIONAL),
        volatile=section.flag("volatile"),
    )
    attribute = read_typical(section, _with_number(section, attribute))
    section.close()
    return attribute


def _with_number(section: Section, attribute: Attribute) -> Attribute:
    unit = section.text("unit")
    units = {**({unit: 1.0} if unit else {}), **section.numbers("units")}
    return replace(
        attribute,
        unit=unit,
        units=units,
        minimum=section.limit("minimum"),
        maximum=section.limit("maximum"),
        directions=_directions(section),
        weights=_per_clock(section, "weight"),
        transform=section.choice("transform", Transform, Transform.IDENTITY).value,
    )


def _directions(section: Section) -> dict[Clock, int]:
    signs = _per_clock(section, "direction")
    if any(sign not in {-1, 0, 1} for sign in signs.values()):
        got = shortened(section.raw("direction"))
        zh, en = f"必须是 -1、0 或 1；实际为 {got}", f"must be -1, 0 or 1; got {got}"
        section.fault("direction", Words(zh=zh, en=en))
    return {clock: int(sign) for clock, sign in signs.items()}


def _per_clock(section: Section, key: str) -> dict[Clock, float]:
    """Return one figure per clock asked: a table names clocks, one number stands for both, nothing is 0."""
    if not isinstance(section.raw(key), Mapping):
        return dict.fromkeys(ASKED, section.number(key, 0.0))
    part = section.section(key)
    figures = {clock: part.number(clock, 0.0) for clock in ASKED}
    part.close()
    return figures


def read_derived(section: Section, name: str, attributes: Mapping[str, Attribute]) -> Derived:
    """Return what ``[derived.NAME]`` declares; an attribute of that id lends it label, unit and effects."""
    section.require("of")
    formula, scale = section.choice("formula", Formula, Formula.RATIO), section.number("scale", 1.0)
    of = section.texts("of")
    if section.has("of") and len(of) != 2:
        section.fault("of", Words(zh="必须列出两个属性", en='must name two attributes, as in of = ["a", "b"]'))
    first, second = of if len(of) == 2 else ("", "")
    attribute = attributes.get(name) or _derived_attribute(section, name)
    volatile = any(attributes[source].volatile for source in of if source in attributes)
    section.close()
    return Derived(replace(attribute, volatile=attribute.volatile or volatile), formula, (first, second), scale)


def _derived_attribute(section: Section, name: str) -> Attribute:
    label = section.label("label", name.replace("_", " "))
    dimension = section.choice("dimension", Dimension, Dimension.CONTEXT)
    return read_typical(section, _with_number(section, Attribute(name, label, Kind.NUMBER, dimension)))


def read_milestone(section: Section, name: str) -> Milestone:
    """Return the event that ``[milestone.NAME]`` declares."""
    section.require("columns")
    milestone = Milestone(
        id=name,
        label=section.label("label", name.replace("_", " ")),
        columns=section.texts("columns"),
        recorded=section.optional_text("recorded"),
        is_exit=section.flag("exit"),
    )
    section.close()
    return milestone


def read_history(section: Section, attributes: Mapping[str, Attribute]) -> History:
    """Return the family that one ``[[history]]`` declares."""
    section.require("by", "measures")
    by = section.texts("by")
    known = [attributes[column].label for column in by if column in attributes]
    zh, en = "、".join(label.zh for label in known), " and ".join(label.en for label in known)
    label = section.label("label", f"同一{zh}的以往项目")
    history = History(
        by=by,
        label=label if section.has("label") else Words(zh=label.zh, en=f"Earlier projects of the same {en}"),
        dimension=section.choice("dimension", Dimension, Dimension.CONTEXT),
        measures=section.texts("measures"),
        window_months=section.integer("window_months", 0, minimum=1) or None,
    )
    section.close()
    return history


def read_neighbours(section: Section) -> Neighbours:
    """Return the family that one ``[[neighbours]]`` declares."""
    section.require("radius_km", "x", "y", "measures")
    radius = section.number("radius_km", 1.0)
    label = section.label("label", f"{radius:g} 公里内的以往项目")
    neighbours = Neighbours(
        radius_km=radius,
        label=label if section.has("label") else Words(zh=label.zh, en=f"Earlier projects within {radius:g} km"),
        dimension=section.choice("dimension", Dimension, Dimension.LOCAL_FIT),
        measures=section.texts("measures"),
        x=section.text("x"),
        y=section.text("y"),
        same=section.optional_text("same"),
        degrees=section.flag("degrees"),
    )
    section.close()
    return neighbours


def read_exclusion(section: Section) -> Exclusion:
    """Return the rows that one ``[[exclude]]`` leaves out."""
    section.require("column", "values", "reason")
    exclusion = Exclusion(section.text("column"), section.texts("values"), section.label("reason", ""))
    section.close()
    return exclusion
