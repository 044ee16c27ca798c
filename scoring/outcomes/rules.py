"""What cannot be: the contradictions that a feed is refused for, as a table of rules with their words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from features.catalog import ASKED, Catalog, Clock
from features.words import Words
from scoring.outcomes.feed import Event

Life = Mapping[str, date]  # milestone -> the day it happened, as it would stand with the feed


@dataclass(frozen=True)
class Circumstances:
    """What a rule is judged by.

    Attributes
    ----------
    entry : the project's first entry
    recorded_on : the day of record of the feed
    before : what is on record already, milestone -> day
    life : the same with the feed
    """

    catalog: Catalog
    entry: date
    recorded_on: date
    before: Life
    life: Life


@dataclass(frozen=True)
class Rule:
    """One contradiction: when an event is one, and what is said of it.

    ``breach`` returns the day that the event collides with, None where it does not.
    """

    id: str
    breach: Callable[[date, Event, Circumstances], date | None]
    zh: str  # with {happened}, {recorded} and {other}
    en: str

    def words(self, event: Event, other: date) -> Words:
        """Return what is said of an event that breaks the rule."""
        days = {"happened": event.happened, "recorded": event.recorded, "other": other}
        return Words(self.zh.format(**days), self.en.format(**days))


def _in_future(happened: date, event: Event, around: Circumstances) -> date | None:
    return around.recorded_on if happened > around.recorded_on else None


def _recorded_in_future(happened: date, event: Event, around: Circumstances) -> date | None:
    return around.recorded_on if event.recorded is not None and event.recorded > around.recorded_on else None


def _before_entry(happened: date, event: Event, around: Circumstances) -> date | None:
    milestone = around.catalog.milestones[event.milestone]
    bound = milestone.id in ASKED or milestone.is_exit  # others, like signing, may well come before the review
    return around.entry if bound and happened < around.entry else None


def _produced_before_start(happened: date, event: Event, around: Circumstances) -> date | None:
    start = around.life.get(Clock.LANDED)
    return start if event.milestone == Clock.PRODUCED and start is not None and happened < start else None


def _start_after_production(happened: date, event: Event, around: Circumstances) -> date | None:
    production = around.life.get(Clock.PRODUCED)
    return production if event.milestone == Clock.LANDED and production and production < happened else None


def _start_after_exit(happened: date, event: Event, around: Circumstances) -> date | None:
    if event.milestone not in ASKED:
        return None
    days = (around.life[name] for name in _leaving(around.catalog) if name in around.life)
    return next((day for day in days if day < happened and not _resumed(day, happened, around)), None)


def _exit_before_start(happened: date, event: Event, around: Circumstances) -> date | None:
    if event.milestone not in _leaving(around.catalog):
        return None
    starts = (around.before[clock] for clock in ASKED if clock in around.before and clock in around.life)
    return next((day for day in starts if happened < day and not _resumed(happened, day, around)), None)


def _leaving(catalog: Catalog) -> tuple[str, ...]:
    """Return the milestones by which a project is given up for good.

    A permission that was refused or ran out may be overtaken by an appeal or a renewal that no ledger tells of.
    """
    exits = tuple(m.id for m in catalog.milestones.values() if m.is_exit)
    return (Clock.WITHDRAWN,) if Clock.WITHDRAWN in exits else exits


def _resumed(gone: date, started: date, around: Circumstances) -> bool:
    """Whether something between says that the project was taken up again: signed anew, granted on appeal."""
    milestones = around.catalog.milestones.values()
    others = (m.id for m in milestones if not m.is_exit and m.id not in ASKED)
    return any(gone <= around.life[name] <= started for name in others if name in around.life)


RULES = (
    Rule(
        "future",
        _in_future,
        "日期不得晚于记录日 {other}；实际为 {happened}，尚未发生；请改日期，或等发生后再报",
        "a date must not be in the future of the day of record {other}; got {happened}; correct it, or report it once "
        "it has happened",
    ),
    Rule(
        "recorded_in_future",
        _recorded_in_future,
        "记录日期不得晚于本批的记录日 {other}；实际为 {recorded}；请改日期，或用更晚的 --recorded",
        "it must not be recorded in the future of the feed's day of record {other}; got {recorded}; correct it or give "
        "a later --recorded",
    ),
    Rule(
        "before_entry",
        _before_entry,
        "不得早于项目进入日期 {other}；实际为 {happened}；请核对日期和项目",
        "must not be before the project's entry on {other}; got {happened}; look at the date and at the project",
    ),
    Rule(
        "exit_before_start",
        _exit_before_start,
        "退出不得早于已记录的开工或投产 {other}；实际为 {happened}；请改日期，或先撤销开工",
        "an exit must not be before the start or production on record, {other}; got {happened}; correct the date, or "
        "first take back the start",
    ),
    Rule(
        "start_after_exit",
        _start_after_exit,
        "已退出的项目不得开工、投产，退出日期 {other}；实际为 {happened}；请核对，或先撤销退出",
        "a withdrawn project must not start or produce: it left on {other}; got {happened}; look again, or first take "
        "back the exit",
    ),
    Rule(
        "produced_before_start",
        _produced_before_start,
        "投产不得早于开工 {other}；实际为 {happened}；请核对两个日期",
        "production must not be before the start on {other}; got {happened}; correct one of the two",
    ),
    Rule(
        "start_after_production",
        _start_after_production,
        "开工不得晚于投产 {other}；实际为 {happened}；请核对两个日期",
        "the start must not be after production on {other}; got {happened}; correct one of the two",
    ),
)
