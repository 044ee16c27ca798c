"""References inside a catalogue: whether what one part names is there, of the right kind, and fit for a model."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from features.catalog import Attribute, Catalog, Dimension, Kind, Known
from features.catalogs.attribute_rules import fault
from features.errors import Problem
from features.spelling import nearest

KEYS = frozenset({Kind.KEY, Kind.CATEGORY, Kind.ORDINAL, Kind.FLAG})  # what earlier projects can have in common
DATES = frozenset({Kind.DATE})
NOT_INPUT = frozenset({Dimension.GATE, Dimension.AUDIT_ONLY})


@dataclass(frozen=True)
class References:
    """Looks up the attributes that other parts of the catalogue name."""

    catalog: Catalog
    unsettled: frozenset[str]

    def exists(self, place: str, column: str) -> Iterator[Problem]:
        """Yield a fault where ``id`` is no attribute."""
        known = self.catalog.attributes
        if column and column not in known:
            meant = nearest(column, known)
            zh, en = (f"; 是否想写 {meant}?", f"; did you mean {meant}?") if meant else ("; 请先声明它", "; declare it")
            yield fault(place, f"没有这个属性：{column!r}{zh}", f"is no attribute of this catalogue: {column!r}{en}")

    def settled(self, column: str) -> Attribute | None:
        """Return the attribute, or None where it is unknown or its own declaration is at fault."""
        broken = any(f"attribute.{column}.{key}" in self.unsettled for key in ("kind", "dimension", "known"))
        return None if broken else self.catalog.attributes.get(column)

    def kind(self, place: str, column: str, kinds: Iterable[Kind]) -> Iterator[Problem]:
        """Yield a fault where ``id`` is unknown or not of ``kinds``."""
        yield from self.exists(place, column)
        attribute = self.settled(column)
        if attribute is not None and attribute.kind not in kinds:
            allowed = ", ".join(sorted(kinds))
            yield fault(
                place,
                f"{column} 的类型必须是 {allowed}；实际为 {attribute.kind}",
                f"{column} must be of kind {allowed}; got {attribute.kind}",
            )

    def known(self, place: str, column: str, kinds: Iterable[Kind]) -> Iterator[Problem]:
        """Yield a fault where ``id`` is not a column of ``kinds`` that is known on the review date."""
        yield from self.kind(place, column, kinds)
        attribute = self.settled(column)
        if attribute is not None and attribute.known is Known.LATER:
            yield fault(
                place,
                f"{column} 事后才知道，不能用作特征或关键列（会泄漏结果）；请换用评审日已知的列",
                f"{column} is known later, so nothing a model reads may rest on it: it would leak the outcome;"
                " use a column known on the review date",
            )

    def model_input(self, place: str, column: str, kinds: Iterable[Kind]) -> Iterator[Problem]:
        """Yield a fault where a model may not read ``id``."""
        yield from self.known(place, column, kinds)
        attribute = self.settled(column)
        if attribute is not None and attribute.dimension in NOT_INPUT:
            yield fault(
                place,
                f"{column} 属于 {attribute.dimension}，不得进入模型；请删去",
                f"{column} belongs to {attribute.dimension}, which no model may read; remove it",
            )
