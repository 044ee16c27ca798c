"""What a feed with one event a row may hold: a small catalogue, made from that of the projects."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from features.catalog import Attribute, Catalog, Clock, Dimension, Kind, Milestone, Tier
from features.refiling import PROJECT_UID
from features.spelling import folded
from features.words import Words

EVENT, DATE, RECORDED, REASON = "event", "date", "recorded", "reason"

# What offices call the stages, whatever the catalogue calls them.
USUAL: Mapping[str, tuple[str, ...]] = {
    "registered": ("登记", "注册", "注册登记", "register", "registered"),
    Clock.LANDED: ("开工", "动工", "开工建设", "start", "started", "construction started"),
    Clock.PRODUCED: ("投产", "投运", "produce", "produced", "production"),
    Clock.WITHDRAWN: ("退出", "撤回", "终止", "withdraw", "withdrawn", "exit"),
}
TAKEN_BACK = frozenset(
    folded(word) for word in ("撤销", "作废", "未发生", "更正为未发生", "taken back", "void", "did not happen")
)  # in place of a date: what was recorded did not happen

_EVENT = Words("事件", "Event")
_DATE = Words("日期", "Date")
_RECORDED = Words("记录日期", "Recorded")
_REASON = Words("原因", "Reason")
_HAPPENED = Attribute(DATE, _DATE, Kind.DATE, Dimension.OUTCOME)


def happened_attribute() -> Attribute:
    """Return how the date of an event is read once it is known to be one."""
    return _HAPPENED


def identities(catalog: Catalog) -> tuple[str, ...]:
    """Return the columns that may name the project of an event, the surest first."""
    uid = (PROJECT_UID,) if PROJECT_UID in catalog.attributes else ()
    return tuple(dict.fromkeys((*uid, catalog.key)))


def key_is_number(catalog: Catalog) -> bool:
    """Return whether the key names one filing for good, like the reference number of an application.

    Where it does not, and there is no project number, a project is its name and its entry.
    """
    return PROJECT_UID not in catalog.attributes and catalog.attributes[catalog.key].kind is Kind.KEY


def event_columns(catalog: Catalog, identity: str) -> Catalog:
    """Return the catalogue of an event feed whose rows name their project by ``identity``.

    A row is named by project and event: the reader tells of those that come twice.
    """
    named = {name: _naming(catalog.attributes[name], name == identity) for name in identities(catalog)}
    columns = (
        _event(catalog),
        Attribute(
            # Text, so that words may stand where a date does, and both orders of a date can be told apart.
            DATE, _DATE, Kind.TEXT, Dimension.OUTCOME, ("发生日期", "事件日期", "发生时间", "happened", "day"),
            tier=Tier.KEY,
        ),
        Attribute(
            RECORDED, _RECORDED, Kind.DATE, Dimension.OUTCOME, ("录入日期", "上报日期", "填报日期", "recorded on")
        ),
        Attribute(REASON, _REASON, Kind.TEXT, Dimension.OUTCOME, ("更正原因", "说明", "备注", "note", "remark")),
    )  # fmt: skip
    return replace(
        catalog,
        attributes={**named, **{column.id: column for column in columns}},
        derived=(),
        entry=EVENT,
        key=identity,
        investor=None,
        milestones={},
        clocks={},
        histories=(),
        neighbours=(),
        exclusions=(),
        snapshot_column=None,
        filed_on=None,
        ambiguous={},
        later={},
    )


def milestone_of(catalog: Catalog) -> Mapping[str, str]:
    """Return which milestone each level of the event column stands for."""
    return {_level(milestone, catalog): milestone.id for milestone in catalog.milestones.values()}


def _naming(attribute: Attribute, chosen: bool) -> Attribute:
    more = ("项目", "project") if chosen else ()
    return replace(attribute, tier=Tier.KEY if chosen else Tier.OPTIONAL, aliases=(*attribute.aliases, *more))


def _event(catalog: Catalog) -> Attribute:
    milestones = catalog.milestones.values()
    levels = tuple(_level(milestone, catalog) for milestone in milestones)
    synonyms: dict[str, str] = {}
    taken = {folded(level) for level in levels}
    for milestone, word in (*_own_words(catalog), *_usual_words(catalog)):
        if folded(word) not in taken:
            taken.add(folded(word))
            synonyms[word] = _level(milestone, catalog)
    return Attribute(
        EVENT,
        _EVENT,
        Kind.CATEGORY,
        Dimension.OUTCOME,
        ("里程碑", "进展", "阶段", "事项", "milestone", "stage"),
        levels=levels,
        levels_en=tuple(milestone.label.en for milestone in milestones),
        synonyms=synonyms,
        tier=Tier.KEY,
    )


def _level(milestone: Milestone, catalog: Catalog) -> str:
    alike = sum(folded(other.label.zh) == folded(milestone.label.zh) for other in catalog.milestones.values())
    return milestone.label.zh if alike == 1 else milestone.id


def _own_words(catalog: Catalog) -> Iterator[tuple[Milestone, str]]:
    """Yield what the catalogue calls its milestones: by id, label, and the labels of their columns."""
    for milestone in catalog.milestones.values():
        yield from ((milestone, word) for word in (milestone.id, milestone.label.en))
        for column in milestone.columns:
            label = catalog.attributes[column].label
            yield from ((milestone, word) for word in (column, label.zh, label.en))


def _usual_words(catalog: Catalog) -> Iterator[tuple[Milestone, str]]:
    exits = [milestone for milestone in catalog.milestones.values() if milestone.is_exit]
    for name, words in USUAL.items():
        only_exit = exits[0] if name == Clock.WITHDRAWN and len(exits) == 1 else None
        milestone = catalog.milestones.get(name, only_exit)
        if milestone is not None:
            yield from ((milestone, word) for word in words)
