"""The rules of what a model reads beside the filed columns: derived values, histories, neighbours."""

from collections.abc import Iterator

from features.catalog import EXPLAINED, Catalog, Dimension, Formula, Kind
from features.catalogs.attribute_rules import NUMERIC, fault
from features.catalogs.references import DATES, KEYS, References
from features.errors import Problem
from features.spelling import nearest


def derived_faults(catalog: Catalog, refer: References) -> Iterator[Problem]:
    """Yield every rule that a derived value breaks."""
    for derived in catalog.derived:
        place = f"derived.{derived.attribute.id}"
        kinds = DATES if derived.formula is Formula.YEARS_BETWEEN else NUMERIC
        for source in filter(None, derived.of):
            yield from refer.model_input(f"{place}.of", source, kinds)
        if derived.attribute.kind is not Kind.NUMBER:
            yield fault(
                place,
                f"推算值是 number；实际声明为 {derived.attribute.kind}",
                f"what is derived is a number; got kind = {derived.attribute.kind}; change the kind of the attribute",
            )
        if not derived.attribute.is_feature:
            yield from _dimension_faults(f"{place}.dimension", derived.attribute.dimension)
        if derived.scale <= 0:
            yield fault(f"{place}.scale", "必须为正", f"must be positive; got {derived.scale:g}")


def _dimension_faults(place: str, dimension: Dimension) -> Iterator[Problem]:
    if dimension not in EXPLAINED:
        allowed = ", ".join(EXPLAINED)
        yield fault(
            place,
            f"模型读取的量只能属于 {allowed}；实际为 {dimension}",
            f"what a model reads belongs to one of {allowed}; got {dimension}",
        )


def history_faults(catalog: Catalog, refer: References) -> Iterator[Problem]:
    """Yield every rule that a history family breaks."""
    seen: set[tuple[object, ...]] = set()
    for number, history in enumerate(catalog.histories, start=1):
        place = f"history[{number}]"
        for column in history.by:
            yield from refer.model_input(f"{place}.by", column, KEYS)
        yield from _dimension_faults(f"{place}.dimension", history.dimension)
        yield from _measure_faults(f"{place}.measures", history.measures, catalog, rates=True)
        yield from _repeats(f"{place}.measures", (history.by, history.window_months), history.measures, seen)


def neighbour_faults(catalog: Catalog, refer: References) -> Iterator[Problem]:
    """Yield every rule that a neighbour family breaks."""
    seen: set[tuple[object, ...]] = set()
    for number, near in enumerate(catalog.neighbours, start=1):
        place = f"neighbours[{number}]"
        yield from refer.model_input(f"{place}.x", near.x, NUMERIC)
        yield from refer.model_input(f"{place}.y", near.y, NUMERIC)
        if near.same is not None:
            yield from refer.model_input(f"{place}.same", near.same, KEYS)
        if near.radius_km <= 0:
            yield fault(f"{place}.radius_km", "必须为正", f"must be positive; got {near.radius_km:g}")
        yield from _dimension_faults(f"{place}.dimension", near.dimension)
        yield from _measure_faults(f"{place}.measures", near.measures, catalog, rates=False)
        yield from _repeats(f"{place}.measures", (near.radius_km, near.same), near.measures, seen)


def _measure_faults(place: str, measures: tuple[str, ...], catalog: Catalog, *, rates: bool) -> Iterator[Problem]:
    known = catalog.milestones
    counts = {"count", *(f"{column}_count" for column in known)}
    ratios = {*(f"{column}_rate" for column in known), *(f"{a}_vs_{b}" for a in known for b in known if a != b)}
    allowed = counts | ratios if rates else counts
    forms = "count, <milestone>_count" + (", <milestone>_rate, <milestone>_vs_<milestone>" if rates else "")
    for measure in measures:
        if measure not in allowed:
            meant, among = nearest(measure, sorted(allowed)), ", ".join(known)
            yield fault(
                place,
                f"指标写作 {forms}，里程碑为 {among}；实际为 {measure!r}" + (f"；是否想写 {meant}？" if meant else ""),
                f"a measure is {forms} with a milestone of {among}; got {measure!r}"
                + (f"; did you mean {meant}?" if meant else ""),
            )


def _repeats(
    place: str, family: tuple[object, ...], measures: tuple[str, ...], seen: set[tuple[object, ...]]
) -> Iterator[Problem]:
    for measure in measures:
        if (*family, measure) in seen:
            yield fault(
                place,
                f"同一指标出现两次：{measure}；请删去一处",
                f"the same measure of the same family stands twice: {measure}; drop one",
            )
        seen.add((*family, measure))
