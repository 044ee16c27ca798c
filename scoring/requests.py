"""A request becomes rows as a sheet becomes rows: read by the reader of files, so that both are judged alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import Catalog
from features.errors import DataError, Problem
from features.reading.grids import FileKind, Row, figure_text
from features.reading.headers import Names, find_header
from features.reading.judging import Purpose, Request, judge
from features.reading.sifting import Sieve
from features.words import Language, Words
from models.served_columns import Column, columns

NAME = "request"
FIRST = 2  # the line of the first row: the names of the columns stand on line 1
SKIPPED = Words("空行、合计行或重复的表头，不是项目", "a blank row, a total or a header again: no project")


@dataclass(frozen=True)
class Sifted:
    """The rows of a request, each at its place.

    Attributes
    ----------
    rows : (n_sound, ...) typed rows
    places : (n_sound,) where each stands in the request, from 0
    flags : (n_sound,) the reader's
    problems : place -> what is wrong, for every row that is not sound
    """

    rows: pd.DataFrame
    places: NDArray[np.int64]
    flags: "pd.Series[Any]"
    problems: Mapping[int, str]


def sift(frame: pd.DataFrame, catalog: Catalog, as_of: np.datetime64, language: Language) -> Sifted:
    """Return the rows of a request as the reader of files types and judges them.

    Parameters
    ----------
    frame : columns named by attribute id: doubles and text, as `served_columns.columns` tells
    as_of : no project may enter after it

    Raises
    ------
    DataError
        No rows, a column that must be there is not, or a cell of another type than its column's; all are named.
    """
    known = [column for column in columns(catalog) if column.id in frame.columns]
    _check(frame, columns(catalog))
    request = Request(catalog, Purpose.SCORE, as_of, language)
    header: Row = (1, [column.id for column in known])
    found = find_header([header], Names(catalog))
    assert found is not None, "the key column is among them"
    judged = judge(NAME, found, request)
    batch = Sieve(judged.columns, FileKind.PARQUET, request).sift(_rows(frame, known))
    problems = {place: SKIPPED.said(language) for place in range(len(frame))}
    problems |= _said(batch.problems, language)
    for line in batch.lines.tolist():
        problems.pop(line - FIRST)
    return Sifted(batch.rows, batch.lines - FIRST, batch.flags, problems)


def _rows(frame: pd.DataFrame, known: list[Column]) -> Iterator[Row]:
    texts = [_texts(frame[column.id], column) for column in known]
    for place, cells in enumerate(zip(*texts, strict=True)):
        yield place + FIRST, list(cells)


def _texts(cells: "pd.Series[Any]", column: Column) -> list[str]:
    if column.is_figure:
        return ["" if figure != figure else figure_text(figure) for figure in cells.astype(np.float64).tolist()]
    return [cell.replace("\0", "") if isinstance(cell, str) else "" for cell in cells.tolist()]


def _check(frame: pd.DataFrame, wanted: tuple[Column, ...]) -> None:
    """Refuse what no sheet could say: nothing at all, half of the columns, numbers where words belong."""
    problems = [
        Problem(column.id, Words("必须有此列；实际没有；请补上", "the column must be there; got none; add it"))
        for column in wanted
        if column.is_required and column.id not in frame.columns
    ]
    twice = frame.columns[frame.columns.duplicated()].unique()
    problems += [
        Problem(str(name), Words("只能有一列；实际重复", "must be one column; got it twice")) for name in twice
    ]
    if not len(frame):
        problems.append(Problem("", Words("至少要有一行；实际没有", "must have a row; got none")))
    for column in wanted:
        if column.id in frame.columns and column.id not in twice:
            problems += _mistyped(frame[column.id], column)
    if problems:
        raise DataError(Words("请求不合要求：", "a request that cannot be scored:"), problems)


def _mistyped(cells: "pd.Series[Any]", column: Column) -> list[Problem]:
    kind = float | int | np.number if column.is_figure else str
    for place, cell in enumerate(cells.tolist()):
        if not (isinstance(cell, kind) or _is_missing(cell)):
            zh, en = ("数", "a number or null") if column.is_figure else ("文字", "text or null")
            got = type(cell).__name__
            return [
                Problem(column.id, Words(f"必须是{zh}；实际为 {got}", f"must be {en}; got {got}"), place + FIRST),
            ]
    return []


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NA or cell != cell


def _said(problems: tuple[Problem, ...], language: Language) -> dict[int, str]:
    separator = "；" if language is Language.ZH else "; "
    said: dict[int, list[str]] = {}
    for problem in problems:
        assert problem.line is not None, "every problem of a row has its line"
        one = Problem(problem.column, problem.message).said(language) if problem.column else ""
        said.setdefault(problem.line - FIRST, []).append(one or problem.message.said(language))
    return {place: separator.join(texts) for place, texts in said.items()}
