"""Conditions on a project as data: a small closed set of operators that know what they do not know."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.spelling import folded

Mask = NDArray[np.bool_]


class Operator(StrEnum):
    """A question that a policy may ask of one attribute."""

    IS = "is"  # a flag: true or false
    ONE_OF = "one_of"  # a level or a text, case and width aside
    STARTS_WITH = "starts_with"  # a code of a tree: "C26" holds for "C2614"
    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"
    MISSING = "missing"  # the one operator for which a blank cell is an answer


NUMERIC = frozenset({Operator.ABOVE, Operator.AT_LEAST, Operator.BELOW, Operator.AT_MOST})


@dataclass(frozen=True)
class Comparison:
    """One attribute held against a value."""

    attribute: str
    operator: Operator
    value: float | bool | tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Several conditions of which every one must hold, or any."""

    every: bool
    parts: tuple["Condition", ...]


Condition = Comparison | Group


@dataclass(frozen=True)
class Truth:
    """What is known of a condition, row by row: yes, unknown, or (neither) no."""

    yes: Mask
    unknown: Mask


def attributes(condition: Condition) -> Iterator[str]:
    """Yield the id of every attribute that a condition reads, in order, repeats included."""
    if isinstance(condition, Comparison):
        yield condition.attribute
    else:
        for part in condition.parts:
            yield from attributes(part)


def truth(condition: Condition, rows: pd.DataFrame) -> Truth:
    """Return for each row whether a condition holds, in Kleene's logic of three values.

    Parameters
    ----------
    condition : Condition
    rows : DataFrame of shape (n_projects, n_attributes)
        Typed rows. A missing cell, and a column that the file does not have, make a comparison unknown, never true;
        only ``missing`` takes them for an answer.

    Returns
    -------
    Truth, two arrays of shape (n_projects,)

    Examples
    --------
    >>> rows = pd.DataFrame({"tax": [5.0, 9.0, np.nan], "in_park": [1.0, np.nan, 0.0]})
    >>> low = Comparison("tax", Operator.BELOW, 8.0)
    >>> outside = Comparison("in_park", Operator.IS, False)
    >>> truth(low, rows).yes.tolist()
    [True, False, False]
    >>> both = truth(Group(True, (low, outside)), rows)  # tax 9 settles the second row, park or no park
    >>> both.yes.tolist(), both.unknown.tolist()
    ([False, False, False], [False, False, True])
    """
    if isinstance(condition, Comparison):
        return _compared(condition, rows)
    parts = [truth(part, rows) for part in condition.parts]
    yes = np.stack([part.yes for part in parts])
    unknown = np.stack([part.unknown for part in parts])
    settled = np.any(~yes & ~unknown if condition.every else yes, axis=0)
    holds = np.logical_and.reduce(yes) if condition.every else settled
    return Truth(np.asarray(holds, bool), np.any(unknown, axis=0) & ~settled)


def unanswered(condition: Condition, rows: pd.DataFrame) -> Mapping[str, Mask]:
    """Return, per attribute, the rows in which its blank cell is what leaves the condition open."""
    here = truth(condition, rows).unknown
    if isinstance(condition, Comparison):
        return {condition.attribute: here}
    masks: dict[str, Mask] = {}
    for part in condition.parts:
        for attribute, mask in unanswered(part, rows).items():
            masks[attribute] = masks.get(attribute, np.zeros(len(rows), bool)) | (mask & here)
    return masks


def _compared(comparison: Comparison, rows: pd.DataFrame) -> Truth:
    n = len(rows)
    if comparison.attribute not in rows.columns:
        missing = np.ones(n, bool)
    else:
        missing = rows[comparison.attribute].isna().to_numpy(bool)
    if comparison.operator is Operator.MISSING:
        return Truth(missing == comparison.value, np.zeros(n, bool))
    if missing.all():
        return Truth(np.zeros(n, bool), missing)
    return Truth(_holds(comparison, rows[comparison.attribute]) & ~missing, missing)


def _holds(comparison: Comparison, cells: pd.Series) -> Mask:
    if isinstance(comparison.value, tuple):
        return _named(comparison.operator, comparison.value, cells)
    numbers = cells.to_numpy(np.float64)
    match comparison.operator:
        case Operator.ABOVE:
            return numbers > comparison.value
        case Operator.AT_LEAST:
            return numbers >= comparison.value
        case Operator.BELOW:
            return numbers < comparison.value
        case Operator.AT_MOST:
            return numbers <= comparison.value
        case _:  # a flag
            return np.asarray(numbers == float(comparison.value), bool)


def _named(operator: Operator, values: tuple[str, ...], cells: pd.Series) -> Mask:
    """Return where a text is one of ``values``, or starts with one; each distinct text is looked at once."""
    numbered, distinct = pd.factorize(cells)
    sought = tuple(folded(value) for value in values)
    texts = [folded(str(text)) for text in distinct]
    found = [text in sought if operator is Operator.ONE_OF else text.startswith(sought) for text in texts]
    return np.array([*found, False], bool)[numbered]  # the last one answers for -1, a blank
