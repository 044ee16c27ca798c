"""A feed with one event a row: each row becomes an event of a project that the store knows, or a reason why not."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa

from features.catalog import Catalog
from features.errors import Problem
from features.reading import dates
from features.reading.cells import tidy
from features.refiling import PROJECT_UID
from features.spelling import folded
from features.words import Words
from scoring.outcomes.columns import (
    DATE,
    EVENT,
    REASON,
    RECORDED,
    TAKEN_BACK,
    happened_attribute,
    key_is_number,
    milestone_of,
)
from scoring.outcomes.feed import Event, Feed, day_of
from scoring.outcomes.register import Register

NO_REASON = Words(
    zh="撤销一条记录必须写明原因；实际没有；请在“原因”列写明",
    en="taking a record back must give a reason; got none; fill in the column 'reason'",
)


def told(feed: Feed, catalog: Catalog, register: Register) -> Iterator[Event | Problem]:
    """Yield for each sound row its event, or what is wrong with it."""
    rows = feed.batch.rows
    milestones = milestone_of(catalog)
    read = _reader(catalog.day_first)
    texts = {name: tidy(pa.array(rows[name], pa.string(), from_pandas=True)).to_pylist() for name in _texts(rows)}
    identity = PROJECT_UID if PROJECT_UID in texts else catalog.key
    for at, line in enumerate(feed.batch.lines.tolist()):
        cells = {name: column[at] for name, column in texts.items()}
        named = _named(cells, catalog)
        project = register.found(*named, catalog.name)
        happened = read(cells[DATE])
        reason = cells.get(REASON) or ""
        if isinstance(project, Words):
            yield Problem(feed.header(identity if named[0] else catalog.key), project, line)
        elif isinstance(happened, Words):
            yield Problem(feed.header(DATE), happened, line)
        elif happened is None and not reason:
            yield Problem(feed.header(DATE), NO_REASON, line)
        else:
            recorded = day_of(rows[RECORDED].iloc[at]) if RECORDED in rows else None
            milestone = milestones[cells[EVENT]]
            yield Event(line, feed.header(DATE), project.uid, milestone, happened, recorded, reason)


def _texts(rows: Any) -> list[str]:
    return [name for name in rows.columns if name != RECORDED]


def _named(cells: dict[str, str | None], catalog: Catalog) -> tuple[str | None, str | None]:
    """Return the number and the name by which a row names its project."""
    if key_is_number(catalog):
        return cells[catalog.key], None
    return cells.get(PROJECT_UID), cells.get(catalog.key)


def _reader(day_first: bool) -> Any:
    attribute = happened_attribute()

    @cache
    def read(text: str) -> date | Words | None:
        if folded(text) in TAKEN_BACK:
            return None
        said = dates.day(text, attribute, day_first)
        return said.fault or said.value

    return read
