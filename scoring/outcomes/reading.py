"""Opening a feed: which of the two shapes it has, and which of its rows are sound."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from features.catalog import Catalog
from features.errors import DataError, Problem
from features.reading.grids import top
from features.reading.headers import DEEPEST, Names, find_header
from features.reading.sources import grids
from features.tables import Batch, Purpose, Table, open_table
from features.words import Language, Words
from scoring.outcomes.columns import DATE, EVENT, RECORDED, event_columns, identities
from scoring.outcomes.cut import without_half
from scoring.outcomes.feed import Feed, Shape
from scoring.outcomes.orders import open_dates


@contextmanager
def opened(path: Path, catalog: Catalog, language: Language = Language.ZH) -> Iterator[Feed]:
    """Give a feed, read; it may be asked for its rows as they were until the block ends.

    Raises
    ------
    DataError
        Where the file is neither a feed of events nor a ledger of this catalogue.
    """
    with without_half(path) as (whole, half):
        events = _event_columns(whole, catalog)
        if events is not None:
            shape, table = Shape.EVENTS, open_table(whole, events, Purpose.HISTORY, language=language)
            dates: Sequence[str] = (DATE, RECORDED)
        else:
            shape, table = Shape.LEDGER, _ledger(whole, catalog, language)
            dates = _dates(catalog)
        headers = {name: header for header, name in table.layout.columns.items()}
        batch = table.read()
        if catalog.day_first:
            present = [name for name in dates if name in headers]
            batch = _without(batch, table, list(open_dates(table.cells(present), [headers[n] for n in present])))
        yield Feed(shape, table, batch, headers, half, language)


def _event_columns(path: Path, catalog: Catalog) -> Catalog | None:
    """Return how a feed of events names its projects; None where the header is not that of one."""
    found = None
    for identity in reversed(identities(catalog)):
        kinds = event_columns(catalog, identity)
        named = _named(path, kinds)
        if {EVENT, DATE} <= named and (identity in named or found is None):
            found = kinds
    return found


def _named(path: Path, kinds: Catalog) -> set[str]:
    """Return the columns that the header of a file names, under the delimiter that names most."""
    names, most = Names(kinds), set[str]()
    for grid in grids(path, kinds.encodings):
        try:
            header = find_header(top(grid, DEEPEST), names)
        except DataError:  # a wrong delimiter may leave a quote open
            continue
        ids = {name for match in header.matches.values() for name in match.ids} if header else set()
        most = max(most, ids, key=len)
    return most


def _ledger(path: Path, catalog: Catalog, language: Language) -> Table:
    try:
        return open_table(path, catalog, Purpose.HISTORY, language=language)
    except DataError as error:
        how = Words(
            zh="；或一行一个事件，表头为 项目编号（或名称）、事件、日期",
            en="; or one event a row under the headers project, event, date",
        )
        message = Words(error.message.zh + how.zh, error.message.en + how.en)
        raise DataError(message, error.problems) from error


def _dates(catalog: Catalog) -> tuple[str, ...]:
    """Return the date columns of a ledger that outcomes rest on."""
    milestones = catalog.milestones.values()
    columns = [name for m in milestones for name in (*m.columns, *((m.recorded,) if m.recorded else ()))]
    return tuple(dict.fromkeys((catalog.entry, *columns)))


def _without(batch: Batch, table: Table, problems: Sequence[Problem]) -> Batch:
    """Return the batch without the rows of these problems; what was rejected before keeps its reasons."""
    by_line: dict[int, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_line[problem.line or 0].append(problem)
    out = np.isin(batch.lines, list(by_line))
    told = [problem for line in batch.lines[out].tolist() for problem in by_line[line]]
    if not told:
        return batch
    return replace(
        batch,
        rows=batch.rows[~out].reset_index(drop=True),
        lines=batch.lines[~out],
        flags=batch.flags[~out].reset_index(drop=True),
        rejects=pd.concat([batch.rejects, table.rejected(told)], ignore_index=True),
        problems=tuple(sorted((*batch.problems, *told), key=lambda problem: problem.line or 0)),
    )
