"""Reasons: the attributes that speak most for and against a project, in words.

They are associated with the figure in what was learned from earlier projects; none of them is said to be its cause.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.words import Language
from scoring.values import points_said
from scoring.wording import CLAUSE, Texts, blank

Floats = NDArray[np.float64]
Values = Callable[[int, NDArray[np.intp]], Texts]

TOP = 3
SMALLEST = 0.0005  # a twentieth of a percentage point: less is printed as nothing, and is no reason


@dataclass(frozen=True)
class Strongest:
    """The strongest contributions of one sign, row by row.

    Attributes
    ----------
    column : (n, k) which attribute, the strongest first
    points : (n, k) its points, with their sign; 0 where the project has no more of that sign
    """

    column: NDArray[np.intp]
    points: Floats


def strongest(points: Floats, sign: int, top: int = TOP) -> Strongest:
    """Return the ``top`` largest points of one sign; of equal ones the earlier column comes first.

    Parameters
    ----------
    points : (n, p)
    sign : +1 for, -1 against

    Examples
    --------
    >>> best = strongest(np.array([[0.1, -0.3, 0.2, 0.1]]), +1)
    >>> best.column.tolist(), best.points.tolist()
    ([[2, 0, 3]], [[0.2, 0.1, 0.1]])
    """
    left = np.maximum(sign * points, 0.0)
    rows, top = np.arange(len(points)), min(top, points.shape[1])
    column, share = np.zeros((len(points), top), np.intp), np.zeros((len(points), top))
    for place in range(top):
        column[:, place] = left.argmax(axis=1)
        share[:, place] = left[rows, column[:, place]]
        left[rows, column[:, place]] = 0.0
    return Strongest(column, sign * share + 0.0)


def told(best: Strongest, labels: list[str], values: Values, language: Language) -> Texts:
    """Return the reasons of each row in one text, (n,): label, value as filed, points.

    Parameters
    ----------
    labels : p texts
    values : (column, rows) -> the texts of that attribute's value in those rows
        Asked only for the cells that are shown.
    """
    n, top = best.column.shape
    phrases = np.full((n, top), "", dtype=object)
    shown = np.abs(best.points) >= SMALLEST
    rows, slots = np.nonzero(shown)
    columns = best.column[rows, slots]
    for column in np.unique(columns):
        mine = columns == column
        where, slot = rows[mine], slots[mine]
        said = points_said(best.points[where, slot].tolist(), language)
        cells = zip(values(int(column), where), said, strict=True)
        phrases[where, slot] = [f"{labels[column]} {value} {share}" for value, share in cells]
    texts = phrases[:, 0].copy() if top else blank(n)
    for slot in range(1, top):  # the strongest come first: where one is shown, so are those before it
        more = shown[:, slot]
        texts[more] += CLAUSE[language] + phrases[more, slot]
    return texts
