"""The rules between the parts of a catalogue: roles, headers, milestones, clocks, exclusions."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from features.catalog import ASKED, Catalog, Clock, ClockSpec, Kind, Known
from features.catalogs.attribute_rules import fault, id_faults
from features.catalogs.family_rules import derived_faults, history_faults, neighbour_faults
from features.catalogs.references import DATES, KEYS, References
from features.errors import Problem
from features.reading.headers import bare, readable

NAMES = frozenset({Kind.KEY, Kind.TEXT})


def catalog_faults(catalog: Catalog, unsettled: frozenset[str]) -> Iterator[Problem]:
    """Yield every rule broken between the parts of ``catalog``.

    ``unsettled`` names the places already found faulty: what hangs on them is not reported a second time.
    """
    refer = References(catalog, unsettled)
    yield from _role_faults(catalog, refer)
    yield from _header_faults(catalog, refer)
    yield from _milestone_faults(catalog, refer)
    yield from _clock_faults(catalog, unsettled)
    yield from derived_faults(catalog, refer)
    yield from history_faults(catalog, refer)
    yield from neighbour_faults(catalog, refer)
    yield from _exclusion_faults(catalog, refer)
    yield from _encoding_faults(catalog)


def _role_faults(catalog: Catalog, refer: References) -> Iterator[Problem]:
    yield from refer.known("entry", catalog.entry, DATES)
    yield from refer.known("key", catalog.key, NAMES)
    if catalog.investor is not None:
        yield from refer.model_input("investor", catalog.investor, {Kind.KEY})
    if catalog.snapshot_column is not None:
        yield from refer.kind("snapshot_column", catalog.snapshot_column, DATES)
    if catalog.filed_on is not None:
        yield from refer.known("filed_on", catalog.filed_on, DATES)


def _header_faults(catalog: Catalog, refer: References) -> Iterator[Problem]:
    owners: dict[str, dict[str, str]] = defaultdict(dict)  # header as compared -> id -> header as written
    for name, attribute in readable(catalog).items():
        for header in (name, attribute.label.zh, attribute.label.en, *attribute.aliases):
            owners[bare(header)].setdefault(name, header)
    asked = {bare(header) for header in catalog.ambiguous}
    for compared, ids in owners.items():
        if len(ids) > 1 or compared in asked:
            header, listed = next(iter(ids.values())), ", ".join(ids)
            yield fault(
                f"attribute.{list(ids)[-1]}.aliases",
                f"表头只能属于一个属性；{header!r} 属于 {listed}；确有歧义时从各处删去，并在 [ambiguous] 中列出",
                f"a header belongs to one attribute; got {header!r} for {listed};"
                " if files do use it for several, drop it from all of them and list them under [ambiguous]",
            )
    for header, candidates in catalog.ambiguous.items():
        for column in candidates:
            yield from refer.exists(f"ambiguous.{header}", column)
        if len(set(candidates)) < 2:
            yield fault(
                f"ambiguous.{header}",
                "歧义表头至少对应两个属性；只有一个时写成它的别名",
                f"an ambiguous header has two attributes or more; got {len(set(candidates))}; make it an alias instead",
            )


def _milestone_faults(catalog: Catalog, refer: References) -> Iterator[Problem]:
    for name, milestone in catalog.milestones.items():
        place = f"milestone.{name}"
        yield from id_faults(name, place)
        if name == "count" or re.search(r"_vs_|_(count|rate)$", name):
            yield fault(
                place,
                f"里程碑标识不得为 count，不得含 _vs_ 或以 _count、_rate 结尾（指标才这样写）；实际为 {name!r}",
                f"a milestone is not called count, nor with _vs_, _count or _rate (measures are); got {name!r}",
            )
        for column in milestone.columns:
            yield from _event_faults(f"{place}.columns", column, refer)
        if milestone.recorded is not None:
            yield from _event_faults(f"{place}.recorded", milestone.recorded, refer)


def _event_faults(place: str, column: str, refer: References) -> Iterator[Problem]:
    yield from refer.kind(place, column, DATES)
    attribute = refer.settled(column)
    if attribute is not None and attribute.known is not Known.LATER:
        yield fault(
            place,
            f'里程碑的日期事后才知道，{column} 须声明 known = "later"',
            f"the day of a milestone is known later; got {column}, known at review;"
            f' say known = "later" in [attribute.{column}]',
        )


def _clock_faults(catalog: Catalog, unsettled: frozenset[str]) -> Iterator[Problem]:
    if not catalog.clocks and "clock" not in unsettled:
        yield fault(
            "clock",
            "至少要有 [clock.landed] 或 [clock.produced]",
            "at least one of [clock.landed] and [clock.produced] must be there",
        )
    for clock in catalog.clocks:
        place = f"clock.{clock}"
        if clock not in catalog.milestones:
            yield fault(
                place,
                f"没有里程碑 [milestone.{clock}]; 请声明它的日期列",
                f"its milestone is not there; add [milestone.{clock}] with the columns of its date",
            )
        elif catalog.milestones[clock].is_exit:
            yield fault(
                f"milestone.{clock}.exit", "落地或投产不是退出；请删去 exit", "a clock cannot run to an exit; drop exit"
            )
    yield from _months_faults(catalog)
    yield from _coherence_faults(catalog)
    yield from _competing_faults(catalog)


def _months_faults(catalog: Catalog) -> Iterator[Problem]:
    asked = {spec.horizon_months for spec in catalog.clocks.values()}
    for clock, spec in [*catalog.clocks.items(), *catalog.later.items()]:
        taken_over = clock in catalog.later and spec.horizon_months in asked  # told where it comes from
        if spec.horizon_months % catalog.period_months and not taken_over:
            yield fault(
                f"clock.{clock}.horizon_months",
                f"必须是 period_months（{catalog.period_months}）的整数倍；实际为 {spec.horizon_months}",
                f"must be a multiple of period_months ({catalog.period_months}); got {spec.horizon_months}",
            )
        yield from _curve_faults(spec, f"clock.{clock}.curve")


def _curve_faults(spec: ClockSpec, place: str) -> Iterator[Problem]:
    months, chances = [point[0] for point in spec.curve], [point[1] for point in spec.curve]
    rising = all(a < b for values in (months, chances) for a, b in pairwise(values))
    inside = all(month > 0 for month in months) and all(0 < chance < 1 for chance in chances)
    if not (rising and inside):
        yield fault(
            place,
            f"月数和概率都必须递增，概率在 0 与 1 之间；实际为 {list(spec.curve)}",
            f"months and probabilities must rise, probabilities between 0 and 1; got {list(spec.curve)}",
        )


def _coherence_faults(catalog: Catalog) -> Iterator[Problem]:
    if len(catalog.clocks) < len(ASKED):
        return
    landed = dict(catalog.clocks[Clock.LANDED].curve)
    for month, chance in catalog.clocks[Clock.PRODUCED].curve:
        if chance > landed.get(month, 1.0):
            yield fault(
                "clock.produced.curve",
                f"投产概率不得高于同期落地概率；第 {month} 个月为 {chance:g} 对 {landed[month]:g}",
                f"cannot be above the curve of landed; got {chance:g} against {landed[month]:g} at {month} months",
            )


def _competing_faults(catalog: Catalog) -> Iterator[Problem]:
    if not {Clock.LANDED, Clock.WITHDRAWN} <= {*catalog.clocks, *catalog.later}:
        return
    landed = dict(catalog.clocks[Clock.LANDED].curve)
    for month, chance in catalog.later[Clock.WITHDRAWN].curve:
        if chance + landed.get(month, 0.0) > 1:
            yield fault(
                "clock.withdrawn.curve",
                f"落地与退出概率之和不得超过 1；第 {month} 个月为 {landed[month]:g} 与 {chance:g}",
                "no project both lands and withdraws before: landed and withdrawn together cannot exceed 1;"
                f" got {landed[month]:g} and {chance:g} at {month} months",
            )


def _exclusion_faults(catalog: Catalog, refer: References) -> Iterator[Problem]:
    for number, exclusion in enumerate(catalog.exclusions, start=1):
        place = f"exclude[{number}]"
        yield from refer.kind(f"{place}.column", exclusion.column, KEYS | NAMES)
        attribute = refer.settled(exclusion.column)
        for value in exclusion.values:
            if attribute is not None and attribute.levels and value not in attribute.levels:
                listed = ", ".join(attribute.levels)
                yield fault(
                    f"{place}.values",
                    f"必须是 {exclusion.column} 的等级（{listed}）；实际为 {value!r}",
                    f"must be a level of {exclusion.column} ({listed}); got {value!r}",
                )


def _encoding_faults(catalog: Catalog) -> Iterator[Problem]:
    for name in catalog.encodings:
        try:
            "".encode(name)  # also refuses codecs that are no text encodings
        except LookupError:
            yield fault(
                "encodings",
                f"没有这种文本编码：{name!r}；例如 utf-8-sig、gb18030、cp1252",
                f"is no text encoding: {name!r}; use names such as utf-8-sig, gb18030, cp1252",
            )
