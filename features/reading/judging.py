"""Whether a header will do: every question a header raises is asked at once, none is guessed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from features.catalog import Attribute, Catalog, Dimension, Known, Tier
from features.errors import DataError, Problem
from features.reading.headers import Columns, Fit, Header, Heading, Match, accepted_units, columns, readable
from features.reading.sayings import listed, seen
from features.words import Language, Words


class Purpose(StrEnum):
    """What a file is read for."""

    SCORE = "score"  # core columns must be there; outcomes are not read
    HISTORY = "history"  # a missing core column is only told; milestones are read


@dataclass(frozen=True)
class Request:
    """For what, and as of which day, a file is read under a catalogue."""

    catalog: Catalog
    purpose: Purpose
    as_of: np.datetime64 | None = None
    language: Language = Language.ZH

    @property
    def excluding(self) -> frozenset[str]:
        """Ids of the columns that say which rows are left out."""
        return frozenset(exclusion.column for exclusion in self.catalog.exclusions)

    def reads(self, attribute: Attribute) -> bool:
        """Return whether the column becomes part of the typed rows: outcomes do only in a history."""
        return self.purpose is Purpose.HISTORY or not _is_later(attribute)


def _is_later(attribute: Attribute) -> bool:
    return attribute.known is Known.LATER or attribute.dimension is Dimension.OUTCOME


@dataclass(frozen=True)
class Judged:
    """A header that will do, and what is to be told of it."""

    columns: Columns
    notes: tuple[Words, ...]


def judge(name: str, header: Header, request: Request) -> Judged:
    """Return the columns to read, or refuse the file with every fault of its header.

    Raises
    ------
    DataError
        For a header that fits two attributes, two headers for one attribute, an unknown unit, a missing key column
        and, where the file is to be scored, a missing core column.
    """
    headings, problems = _headings(header, readable(request.catalog))
    present = {heading.attribute.id for heading in headings}
    asked = {i for match in header.matches.values() for i in match.ids}  # in question: not missing as well
    problems += _missing(request, present | asked)
    if problems:
        message = Words(
            zh=f"{name}：表头有 {len(problems)} 个问题", en=f"{name}: the header has {len(problems)} problem(s)"
        )
        raise DataError(message, problems)
    read = [h for h in headings if request.reads(h.attribute) or h.attribute.id in request.excluding]
    found = columns(header, headings)
    return Judged(
        Columns(found.line, found.cells, tuple(read), found.ignored, found.private, found.unnamed),
        tuple(_notes(header, found, headings, request)),
    )


def _headings(header: Header, attributes: Mapping[str, Attribute]) -> tuple[list[Heading], list[Problem]]:
    problems: list[Problem] = []
    by_id: dict[str, list[Heading]] = defaultdict(list)
    for position, match in header.matches.items():
        text = header.cells[position]
        if len(match.ids) > 1:
            problems.append(Problem(seen(text)[1:-1], _which(match, attributes), header.line))
            continue
        heading = Heading(position, text, attributes[match.ids[0]], match.unit, match.fit)
        by_id[match.ids[0]].append(heading)
    chosen: list[Heading] = []
    for rivals in by_id.values():
        sure = [h for h in rivals if h.fit is not Fit.REMARK] or rivals
        if len(sure) > 1:
            problems.append(_twice(sure, header.line))
        elif strange := header.matches[sure[0].position].strange_unit:
            problems.append(_strange_unit(sure[0], strange, header.line))
        else:
            chosen.append(sure[0])
    order = list(attributes)
    return sorted(chosen, key=lambda heading: order.index(heading.attribute.id)), problems


def _which(match: Match, attributes: Mapping[str, Attribute]) -> Words:
    zh = "、".join(attributes[i].label.zh for i in match.ids)
    en = ", ".join(f"{i} ({attributes[i].label.zh})" for i in match.ids)
    return Words(
        zh=f"表头必须只对应一个指标；实际可指 {zh}；请改名为其中之一",
        en=f"a header must name one attribute; got one that fits {en}; rename it to one of them",
    )


def _twice(rivals: Sequence[Heading], line: int) -> Problem:
    shown = listed(rival.header for rival in rivals)
    label = rivals[0].attribute.label
    message = Words(
        zh=f"每个指标只能有一列；实际“{label.zh}”有 {len(rivals)} 列（{shown}）；请删去或改名",
        en=f"an attribute must have one column; got {len(rivals)} for {label.en} ({shown}); keep or rename one",
    )
    return Problem(seen(rivals[-1].header)[1:-1], message, line)


def _strange_unit(heading: Heading, unit: str, line: int) -> Problem:
    own = [u for u in (heading.attribute.unit, *heading.attribute.units) if u]
    known = listed(dict.fromkeys(own or accepted_units(heading.attribute)))
    message = Words(
        zh=f"括号内的单位必须是 {known or '空'} 之一；实际为 {seen(unit)}；请换算后改表头",
        en=f"the unit in brackets must be one of {known or 'none'}; got {seen(unit)}; convert the column, rename it",
    )
    return Problem(seen(heading.header)[1:-1], message, line)


def _missing(request: Request, present: set[str]) -> list[Problem]:
    catalog = request.catalog
    needed = {catalog.key, catalog.entry} | {a.id for a in catalog.attributes.values() if a.tier is Tier.KEY}
    if request.purpose is Purpose.SCORE:
        needed |= {a.id for a in catalog.attributes.values() if a.tier is Tier.CORE and request.reads(a)}
        if request.as_of is not None:
            needed.discard(catalog.entry)
    return [_absent(a) for a in catalog.attributes.values() if a.id in needed - present]


def _absent(attribute: Attribute) -> Problem:
    accepted = listed([attribute.label.zh, attribute.id, attribute.label.en, *attribute.aliases])
    message = Words(
        zh=f"必须有此列；实际没有；请补上，可用的表头：{accepted}",
        en=f"the column must be there; got none; add it under one of these headers: {accepted}",
    )
    return Problem(attribute.label.zh, message)


def _notes(header: Header, found: Columns, headings: Sequence[Heading], request: Request) -> Iterator[Words]:
    if header.titles:
        yield Words(
            zh=f"表头在第 {header.line} 行，其上有 {header.titles} 行标题",
            en=f"the header is on line {header.line}, below {header.titles} row(s) of titles",
        )
    if found.ignored:
        shown = listed(found.ignored, most=30)
        yield Words(zh=f"未识别、未读取的列：{shown}", en=f"columns not known and not read: {shown}")
    if found.private:
        shown = listed(header.cells[at] for at in sorted(found.private))
        yield Words(zh=f"电话或证件列已隐去：{shown}", en=f"telephone or identity columns masked: {shown}")
    unread = [h.header for h in headings if not request.reads(h.attribute)]
    if unread:
        shown = listed(unread)
        yield Words(zh=f"评分不读取事后才知道的列：{shown}", en=f"outcomes are not read for a score: {shown}")
    yield from _told_missing(headings, request)


def _told_missing(headings: Sequence[Heading], request: Request) -> Iterator[Words]:
    present = {heading.attribute.id for heading in headings}
    if request.purpose is Purpose.HISTORY:
        core = [a for a in request.catalog.attributes.values() if a.tier is Tier.CORE and a.id not in present]
        if core:
            zh, en = "、".join(a.label.zh for a in core), ", ".join(a.label.en for a in core)
            yield Words(zh=f"缺少核心列：{zh}", en=f"core columns missing: {en}")
        yield from _never_reached(present, request.catalog)
    elif request.catalog.entry not in present:
        day = str(request.as_of)
        yield Words(zh=f"没有评审日期列，按评分日 {day}", en=f"no entry column, the day of scoring is taken: {day}")


def _never_reached(present: set[str], catalog: Catalog) -> Iterator[Words]:
    for clock in catalog.clocks:
        milestone = catalog.milestones[clock]
        if present.isdisjoint(milestone.columns):
            labels = [catalog.attributes[i].label for i in milestone.columns]
            zh, en = listed(label.zh for label in labels), listed(label.en for label in labels)
            yield Words(
                zh=f"没有“{milestone.label.zh}”的日期列，按从未发生计；可用的列：{zh}",
                en=f"no column with the day of {milestone.label.en}: it counts as never reached; looked for: {en}",
            )
