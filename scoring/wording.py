"""Phrases of many rows at once: text arrays built column by column, never row by row."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.words import Language

Texts = NDArray[np.object_]

LIST = {Language.ZH: "、", Language.EN: ", "}  # between the names in one phrase
CLAUSE = {Language.ZH: "；", Language.EN: "; "}  # between the phrases in one cell


def blank(n: int) -> Texts:
    """Return n empty texts."""
    return np.full(n, "", dtype=object)


def append(texts: Texts, rows: NDArray[np.bool_], more: str | Texts, separator: str) -> None:
    """Add ``more`` to the texts of the chosen rows, in place, after ``separator`` where a text stands already.

    ``more`` is one text, or one for each chosen row.
    """
    standing = texts[rows]
    texts[rows] = np.where(standing == "", standing, standing + separator) + more


def listed(masks: NDArray[np.bool_], names: Sequence[str], separator: str) -> Texts:
    """Return for each row the names whose mask holds, joined in order.

    Parameters
    ----------
    masks : (n, m)
    names : m texts

    Examples
    --------
    >>> listed(np.array([[True, True], [False, True], [False, False]]), ["land", "energy"], ", ").tolist()
    ['land, energy', 'energy', '']
    """
    texts = blank(len(masks))
    for mask, name in zip(masks.T, names, strict=True):
        if mask.any():
            append(texts, mask, name, separator)
    return texts
