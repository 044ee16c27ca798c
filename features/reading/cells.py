"""A column of text becomes a column of values: vectorised where cells are plain, one by one where they are not."""

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.catalog import Attribute, Kind
from features.reading import codes, dates, levels, privacy, sayings, units
from features.reading.grids import FORMULA
from features.reading.headers import Heading
from features.spelling import CONTROLS, UNSEEN, folded
from features.words import Words

_PLAIN = r"^-?[0-9]{1,14}(\.[0-9]{1,14})?$"  # what fits a float as it stands and is too short for a card number
_BLANKS = rf"[\s\p{{Z}}{CONTROLS}]+"


@dataclass(frozen=True)
class Typed:
    """One column as values, with what is wrong and what is worth a word."""

    values: "pd.Series[Any]"
    faults: dict[int, Words] = field(default_factory=dict)  # by row of the block
    flags: dict[str, NDArray[np.bool_]] = field(default_factory=dict)  # by name, (n,)


class _Said(Protocol):
    """What any cell says: a value, or a fault, and a flag."""

    @property
    def fault(self) -> Words | None: ...

    @property
    def flag(self) -> str: ...


_S = TypeVar("_S", bound=_Said)


def tidy(cells: pa.StringArray) -> pa.StringArray:
    """Return cells in NFKC (full width = half width), blanks and controls of every kind collapsed and trimmed.

    What takes no room is dropped; a cell of nothing else is null.

    Examples
    --------
    >>> tidy(pa.array([" ３．５亿 ", "a\\u00a0 b", "　", ""])).to_pylist()
    ['3.5亿', 'a b', None, None]
    """
    spaced = pc.replace_substring_regex(_normalised(cells), _BLANKS, " ")
    trimmed = pc.utf8_trim(spaced, " ")
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _normalised(cells: pa.StringArray) -> pa.StringArray:
    # Not pc.utf8_normalize: it takes é apart under every form and never puts it together again.
    if pc.all(pc.string_is_ascii(cells), min_count=0).as_py():
        return cells
    wide = pc.replace_substring_regex(cells, f"[{UNSEEN}]", "")
    return pa.array([text and unicodedata.normalize("NFKC", text) for text in wide.to_pylist()], pa.string())


def typed(column: pa.StringArray, heading: Heading, day_first: bool) -> Typed:
    """Return a column of text as values of its attribute's kind; see `Attribute` for what each kind holds."""
    attribute = heading.attribute
    if attribute.kind in {Kind.NUMBER, Kind.INTEGER}:
        return _numbers(column, heading)
    if attribute.kind is Kind.DATE:
        return _days(column, attribute, day_first)
    if attribute.kind is Kind.FLAG:
        return _flags(column, attribute)
    if attribute.levels:
        return _levels(column, attribute)
    return _texts(column, attribute)


def _numbers(column: pa.StringArray, heading: Heading) -> Typed:
    scale = units.scale_of(heading.attribute, heading.unit)
    plain = pc.match_substring_regex(column, _PLAIN)
    found = units.scaled_column(pc.if_else(plain, column, pa.scalar(None, pa.string())), scale.bare)
    # The plain ones outside the rules go the long way too: there they get their words.
    odd = ~plain.to_numpy(zero_copy_only=False) | _breaks_a_rule(found, scale) | _is_doubtful(found, scale)
    return _one_by_one(column, odd, found, _figure_reader(heading.attribute, scale))


def _breaks_a_rule(values: NDArray[np.float64], scale: units.Scale) -> NDArray[np.bool_]:
    low = -math.inf if scale.minimum is None else scale.minimum
    high = math.inf if scale.maximum is None else scale.maximum
    with np.errstate(invalid="ignore"):
        outside = (values < low) | (values > high)
        broken: NDArray[np.bool_] = outside | (scale.whole & (values != np.floor(values)) & ~np.isnan(values))
    return broken


def _is_doubtful(values: NDArray[np.float64], scale: units.Scale) -> NDArray[np.bool_]:
    return (values > 0.0) & (values <= 1.0) & scale.percent


def _figure_reader(attribute: Attribute, scale: units.Scale) -> Callable[[str], units.Figure]:
    words = levels.vocabulary(attribute)

    def read(text: str) -> units.Figure:
        said = words.meaning.get(folded(text), text)
        return units.Figure() if folded(said) in words.missing else units.figure(said, scale)

    return read


def _one_by_one(
    column: pa.StringArray,
    odd: NDArray[np.bool_],
    values: NDArray[np.float64],
    read: Callable[[str], units.Figure],
) -> Typed:
    rows = np.flatnonzero(odd)
    if not len(rows):
        return Typed(pd.Series(values))
    where, said = _read_each(column.take(pa.array(rows)), read, units.Figure())
    values[rows] = np.array([one.value for one in said])[where]
    return _with_words(pd.Series(values), rows, where, said)


def _read_each(
    column: pa.StringArray, read: Callable[[str], _S], unknown: _S
) -> tuple[NDArray[np.intp], list[_S | "_Spoilt"]]:
    """Return what each distinct cell says, and for each row which of them it is; blank cells say ``unknown``."""
    encoded = pc.dictionary_encode(column)
    distinct = tidy(encoded.dictionary).to_pylist()
    said = [unknown if text is None else _spoilt(text) or read(text) for text in distinct]
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.intp), said


@dataclass(frozen=True)
class _Spoilt:
    """A cell that a spreadsheet spoilt: an error value, or a formula without its result."""

    fault: Words
    flag: str = ""
    value: Any = None


def _spoilt(text: str) -> _Spoilt | None:
    if text.startswith(FORMULA):
        return _Spoilt(sayings.formula_cell(text))
    return _Spoilt(sayings.error_cell(text)) if text.casefold() in levels.ERRORS else None


def _with_words(
    values: "pd.Series[Any]", rows: NDArray[np.intp], where: NDArray[np.intp], said: Sequence[_Said]
) -> Typed:
    faults: dict[int, Words] = {}
    flags: dict[str, NDArray[np.bool_]] = {}
    for at, one in enumerate(said):
        if one.fault is not None:
            faults.update(dict.fromkeys(rows[where == at].tolist(), one.fault))
        elif one.flag:
            flags.setdefault(one.flag, np.zeros(len(values), dtype=bool))[rows[where == at]] = True
    return Typed(values, faults, flags)


def _days(column: pa.StringArray, attribute: Attribute, day_first: bool) -> Typed:
    words = levels.vocabulary(attribute)

    def read(text: str) -> dates.Day:
        return dates.Day() if folded(text) in words.missing else dates.day(text, attribute, day_first)

    where, said = _read_each(column, read, dates.Day())
    days = np.array([one.value for one in said], dtype="datetime64[s]")
    return _with_words(pd.Series(days[where]), np.arange(len(column)), where, said)


def _flags(column: pa.StringArray, attribute: Attribute) -> Typed:
    words = levels.vocabulary(attribute)
    where, said = _read_each(column, lambda text: levels.flag(text, words), levels.Level(math.nan))
    values = np.array([math.nan if one.value is None else one.value for one in said], dtype=np.float64)
    return _with_words(pd.Series(values[where]), np.arange(len(column)), where, said)


def _levels(column: pa.StringArray, attribute: Attribute) -> Typed:
    words = levels.vocabulary(attribute)
    where, said = _read_each(column, lambda text: levels.level(text, attribute, words), levels.Level())
    values = pd.array([one.value for one in said], dtype="str").take(where)
    return _with_words(pd.Series(values), np.arange(len(column)), where, said)


def _texts(column: pa.StringArray, attribute: Attribute) -> Typed:
    tidied = tidy(column)
    faults = _spoilt_texts(tidied)
    tidied, private = privacy.masked_cells(_known_words(tidied, attribute))
    flags = {"private": private} if private.any() else {}
    failing = codes.failing(tidied, attribute.id) & ~private
    if failing.any():
        flags["code_invalid"] = failing
    return Typed(pd.Series(pd.array(tidied, dtype="str")), faults, flags)


def _spoilt_texts(column: pa.StringArray) -> dict[int, Words]:
    suspects = pc.or_(pc.starts_with(column, "#"), pc.starts_with(column, FORMULA))
    rows = np.flatnonzero(pc.fill_null(suspects, False).to_numpy(zero_copy_only=False))
    found = ((int(row), _spoilt(column[int(row)].as_py())) for row in rows)
    return {row: spoilt.fault for row, spoilt in found if spoilt}


def _known_words(column: pa.StringArray, attribute: Attribute) -> pa.StringArray:
    """Return the column with synonyms said as the catalogue says them, and words for "not known" as null."""
    words = levels.vocabulary(attribute)
    spelled = pc.utf8_lower(column)
    column = pc.if_else(pc.is_in(spelled, pa.array(words.missing, pa.string())), pa.scalar(None, pa.string()), column)
    if words.meaning:
        meant = pa.array([words.meaning.get(folded(t)) if t else None for t in column.to_pylist()], pa.string())
        column = pc.coalesce(meant, column)
    return column
