"""The clocks of a catalogue file: those asked at the entry, those of projects on their way, and how far all reach."""

from collections.abc import Mapping
from dataclasses import replace

from features.catalog import ASKED, LATER, Clock, ClockSpec, Milestone
from features.sections import Section, shortened
from features.words import Words

Specs = Mapping[Clock, ClockSpec]

NEEDS = {
    Clock.WITHDRAWN: Words(
        zh="没有退出里程碑；请在其中一个里程碑写 exit = true，或删去 [clock.withdrawn]",
        en="no milestone is an exit; say exit = true in one, or drop [clock.withdrawn]",
    ),
    Clock.FINISHED: Words(
        zh="从开工数到投产，须有 [milestone.landed] 和 [milestone.produced]；请补上，或删去 [clock.finished]",
        en="runs from landed to produced; add [milestone.landed] and [milestone.produced], or drop [clock.finished]",
    ),
}


def read_clocks(root: Section, milestones: Mapping[str, Milestone]) -> tuple[Specs, Specs]:
    """Return the clocks asked at the entry, and those of projects on their way.

    The first are those that the tables ``[clock.*]`` declare. The second are there wherever the milestones allow, with
    the horizon of the clock they resemble unless their table says otherwise.
    """
    parts = root.section("clock")
    asked = {clock: _asked(parts.section(clock), clock) for clock in ASKED if parts.has(clock)}
    later = {clock: _later(parts.section(clock), clock, asked) for clock in _possible(milestones) if asked}
    for clock in (clock for clock in LATER if parts.has(clock) and clock not in later):
        parts.fault(clock, NEEDS[clock])
    for clock in Clock:
        parts.raw(clock)
    parts.close()
    reach = _reach(root, max((spec.horizon_months for spec in (*asked.values(), *later.values())), default=1))
    return _followed(asked, reach), _followed(later, reach)


def _possible(milestones: Mapping[str, Milestone]) -> tuple[Clock, ...]:
    """Return which clocks of projects on their way the milestones can answer."""
    left = any(milestone.is_exit for milestone in milestones.values())
    answers = {Clock.WITHDRAWN: left, Clock.FINISHED: set(ASKED) <= milestones.keys()}
    return tuple(clock for clock in LATER if answers[clock])


def _asked(section: Section, clock: Clock) -> ClockSpec:
    section.require("horizon_months")
    return _clock(section, clock, 1)


def _later(section: Section, clock: Clock, asked: Specs) -> ClockSpec:
    like, other = ASKED if clock is Clock.WITHDRAWN else reversed(ASKED)
    return _clock(section, clock, asked[like if like in asked else other].horizon_months)


def _clock(section: Section, clock: Clock, default: int) -> ClockSpec:
    horizon, curve = section.integer("horizon_months", default, minimum=1), section.raw("curve")
    section.close()
    pairs = curve if isinstance(curve, list) else []
    points = tuple(pair for pair in map(_point, pairs) if pair is not None)
    if curve is not None and (not isinstance(curve, list) or len(points) != len(pairs)):
        rule = Words(
            zh=f"必须是 [月数, 概率] 列表；实际为 {shortened(curve)}",
            en=f"must be a list of [months, probability] as in [[12, 0.35], [24, 0.52]]; got {shortened(curve)}",
        )
        section.fault("curve", rule)
    return ClockSpec(clock, horizon, points)


def _point(pair: object) -> tuple[int, float] | None:
    if not isinstance(pair, list) or len(pair) != 2:
        return None
    months, probability = pair
    if type(months) is not int or type(probability) not in {int, float}:  # true and false are integers in Python
        return None
    return months, float(probability)


def _reach(root: Section, longest: int) -> int:
    """Return how far lives are followed: what the file says, else twice the longest horizon."""
    reach, period = root.integer("reach_months", 2 * longest, minimum=1), root.integer("period_months", 1, minimum=1)
    if root.has("reach_months") and (reach < longest or reach % period):
        rule = Words(
            zh=f"必须是 period_months（{period}）的整数倍，且不短于最长的期限（{longest} 个月）；实际为 {reach}",
            en=f"must be a multiple of period_months ({period}), and not below the longest horizon ({longest} months);"
            f" got {reach}",
        )
        root.fault("reach_months", rule)
    return reach


def _followed(specs: Specs, reach_months: int) -> Specs:
    return {clock: replace(spec, reach_months=reach_months) for clock, spec in specs.items()}
