"""What a history family measures, read from its name in the catalogue: count, landed_rate, landed_vs_exited …"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from features.catalog import Catalog, History, Neighbours
from features.errors import CatalogError
from features.words import Words


class Form(StrEnum):
    """How a measure is made of milestones."""

    COUNT = "count"  # earlier projects, or those that reached the milestone
    RATE = "rate"  # milestones reached against those expected of projects as old
    VERSUS = "vs"  # milestones of one sort against another


@dataclass(frozen=True)
class Measure:
    """One column of a family."""

    id: str
    label: Words
    form: Form
    milestones: tuple[str, ...]  # none: the projects themselves are counted

    @classmethod
    def read(cls, name: str, catalog: Catalog) -> "Measure":
        """Return what ``name`` measures.

        Raises
        ------
        CatalogError
            Where the name is no measure, or names a milestone that the catalogue does not have.
        """
        left, versus, right = name.partition("_vs_")
        stem, _, form = name.rpartition("_")
        if name == Form.COUNT:
            return cls(name, Words(zh="此前项目数", en="earlier projects"), Form.COUNT, ())
        if versus and {left, right} <= set(catalog.milestones):
            return cls(name, _versus(catalog, left, right), Form.VERSUS, (left, right))
        if form in {Form.COUNT, Form.RATE} and stem in catalog.milestones:
            return cls(name, _label(catalog, stem, Form(form)), Form(form), (stem,))
        raise CatalogError(_no_measure(name, catalog))


def _label(catalog: Catalog, milestone: str, form: Form) -> Words:
    label = catalog.milestones[milestone].label
    if form is Form.COUNT:
        return Words(zh=f"此前{label.zh}数", en=f"earlier: {label.en}")
    return Words(zh=f"{label.zh}实际与应有之比", en=f"{label.en}: seen against expected")


def _versus(catalog: Catalog, left: str, right: str) -> Words:
    a, b = catalog.milestones[left].label, catalog.milestones[right].label
    return Words(zh=f"{a.zh}对{b.zh}", en=f"{a.en} against {b.en}")


def _no_measure(name: str, catalog: Catalog) -> Words:
    known = ", ".join(catalog.milestones)
    return Words(
        zh="指标必须是 count、<里程碑>_count、<里程碑>_rate 或 <里程碑>_vs_<里程碑>"
        f"（里程碑：{known}）；实际为 {name!r}",
        en="a measure must be count, <milestone>_count, <milestone>_rate or <milestone>_vs_<milestone>"
        f" (milestones: {known}); got {name!r}",
    )


F = TypeVar("F", History, Neighbours)


@dataclass(frozen=True)
class Column(Generic[F]):
    """One as-of column: a family's measure, under the id that the model knows."""

    id: str
    label: Words
    family: F
    measure: Measure


def history_columns(catalog: Catalog) -> Iterator[Column[History]]:
    """Yield the columns of the families that share a key, in the order of the catalogue."""
    for family in catalog.histories:
        months = family.window_months
        window = "" if months is None else f"_{months}m"
        recent = Words("", "") if months is None else Words(zh=f"（近 {months} 个月）", en=f" (last {months} months)")
        for measure in (Measure.read(name, catalog) for name in family.measures):
            label = _joined(family.label, measure.label, recent)
            yield Column(f"{'_'.join(family.by)}__{measure.id}{window}", label, family, measure)


def neighbour_columns(catalog: Catalog) -> Iterator[Column[Neighbours]]:
    """Yield the columns of the families that share a place, in the order of the catalogue."""
    for family in catalog.neighbours:
        same = f"_{family.same}" if family.same else ""
        radius = (
            f"{family.radius_km:g}".replace(".", "p").replace("-", "m").replace("+", "")
        )  # ids are plain ASCII words
        for measure in (Measure.read(name, catalog) for name in family.measures):
            if measure.form is not Form.COUNT:
                raise CatalogError(_counts_only(measure.id))
            label = _joined(family.label, measure.label, Words("", ""))
            yield Column(f"near_{radius}km{same}__{measure.id}", label, family, measure)


def _joined(family: Words, measure: Words, tail: Words) -> Words:
    return Words(zh=f"{family.zh}：{measure.zh}{tail.zh}", en=f"{family.en}: {measure.en}{tail.en}")


def _counts_only(name: str) -> Words:
    return Words(
        zh=f"邻近项目只计数：count 或 <里程碑>_count；实际为 {name!r}",
        en=f"neighbours are only counted: use count or <milestone>_count; got {name!r}",
    )
