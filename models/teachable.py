"""What a history must hold before it can teach a model, and in words what it lacks."""

from collections.abc import Sequence

from features.catalog import ASKED, Catalog, ClockSpec
from features.errors import Refused
from features.terms import CLOCKS
from features.timeline import Timeline, person_periods
from features.words import Words


def refuse_unlived(timeline: Timeline, catalog: Catalog) -> None:
    """Refuse a history in which nobody has lived yet.

    Raises
    ------
    Refused
        No project has lived one whole period by the timeline's day.
    """
    if not any(len(person_periods(timeline, spec, catalog).event) for spec in catalog.clocks.values()):
        raise Refused(_unlived(timeline, catalog))


def refuse_without_level(timeline: Timeline, catalog: Catalog) -> None:
    """Refuse a history that leaves a clock without a level: no event to count, and no published curve to stand in.

    Every figure of such a clock would be next to 0, and would look as if it had been learned. It holds for any clock
    that is asked at the entry, not for the headline alone: a landed figure of 0 is no better a guess.

    Raises
    ------
    Refused
        Naming the clocks.
    """
    silent = [
        spec
        for spec in catalog.clocks.values()
        if not spec.curve and not person_periods(timeline, spec, catalog, horizon_months=spec.reach_months).event.any()
    ]
    if silent:
        raise Refused(_without_level(silent, timeline, catalog))


def _unlived(timeline: Timeline, catalog: Catalog) -> Words:
    admitted, period, lag = int(timeline.admitted.sum()), catalog.period_months, timeline.lag_months
    return Words(
        zh=f"训练：至少须有一个项目在 {timeline.as_of} 前走完一个周期（{period} 个月，另加填报滞后 {lag:g} 个月）；"
        f"实际有 {admitted} 个可用项目，无一走完。请给出更早的项目，或更晚的 --as-of；尚无结果时可用 --cold。",
        en=f"training: at least one project must have lived a whole period ({period} months, and {lag:g} of reporting "
        f"lag) by {timeline.as_of}; got {admitted} usable projects, none of which has. "
        "Give earlier projects, or a later --as-of; with no outcomes yet there is --cold.",
    )


def _without_level(silent: Sequence[ClockSpec], timeline: Timeline, catalog: Catalog) -> Words:
    clocks = [spec.clock for spec in silent]
    zh = "、".join(CLOCKS[clock].zh for clock in ASKED if clock in clocks)
    en = ", ".join(CLOCKS[clock].en for clock in ASKED if clock in clocks)
    tables = ", ".join(f"[clock.{clock.value}]" for clock in clocks)
    admitted = int(timeline.admitted.sum())
    return Words(
        zh=f"训练：每个时钟须有已记录的结果，或目录公布的曲线；{zh}两者皆无"
        f"（截至 {timeline.as_of}，{admitted} 个可用项目走完的周期内无一达成，目录 {catalog.name} 也没有曲线）。"
        f"请给出更晚的 --as-of，或在目录的 {tables} 中写 curve；有曲线后也可用 --cold。",
        en=f"training: every clock must have an outcome on record, or a published curve; got neither for {en} (by "
        f"{timeline.as_of} it came to none of {admitted} usable projects in a period wholly lived, and catalogue "
        f"{catalog.name} has no curve). Give a later --as-of, or write curve in {tables} of the catalogue; with curves "
        "there is --cold, too.",
    )
