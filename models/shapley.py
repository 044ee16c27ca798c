"""Exact Shapley values of small trees from tables: what LightGBM's `pred_contrib` gives, many times as fast.

The Shapley values of each pattern of answers are worked out once; scoring then compares, looks up and adds, whole
columns at a time.
"""

from dataclasses import dataclass
from math import factorial

import numpy as np

from models.tree_arrays import Floats, Split, Trees


@dataclass(frozen=True)
class Tree:
    """One tree as a table.

    Attributes
    ----------
    splits : its questions, by their number in the forest
    features : the m attributes it asks about
    table : (m, 2 ** len(splits)) Shapley values; bit i of the column's number is the answer to question i
    """

    splits: tuple[int, ...]
    features: tuple[int, ...]
    table: Floats


@dataclass(frozen=True)
class Forest:
    """All trees of a model, ready to explain rows."""

    splits: tuple[Split, ...]
    trees: tuple[Tree, ...]

    def contributions(self, matrix: Floats) -> Floats:
        """Return the Shapley values of each row, (n, p), without the expected value; each row by itself."""
        columns = np.ascontiguousarray(matrix.T)
        answers = [split.answers(columns[split.feature]).view(np.uint8) for split in self.splits]
        parts = np.zeros(columns.shape)
        pattern = np.zeros(len(matrix), dtype=np.uint8)
        for tree in self.trees:
            pattern[:] = 0
            for split in reversed(tree.splits):
                pattern += pattern  # one bit further
                pattern |= answers[split]
            place = pattern.astype(np.intp)
            for values, feature in zip(tree.table, tree.features, strict=True):
                parts[feature] += values.take(place)
        return np.ascontiguousarray(parts.T)


def tabulated(trees: Trees) -> Forest:
    """Return the trees of a model as tables."""
    about = [tuple(sorted({trees.splits[split].feature for split in asked})) for asked in trees.asked]
    place = np.full(trees.left.shape, -1)
    for own, features, asked in zip(place, about, trees.asked, strict=True):
        own[: len(asked)] = [features.index(trees.splits[split].feature) for split in asked]
    tables = _tables(trees, place, max(map(len, about), default=0))
    made = zip(trees.asked, about, tables, strict=True)
    return Forest(trees.splits, tuple(Tree(asked, own, table[: len(own)]) for asked, own, table in made if asked))


def _tables(trees: Trees, place: np.ndarray, m: int) -> Floats:
    """Return the Shapley values, (t, m, patterns): each attribute's mean gain over all orders in which they are told.

    Trees that ask about fewer attributes than others have some that change nothing, which changes nothing for the rest.

    Parameters
    ----------
    place : (t, splits) which of its tree's attributes a question is about, from 0; -1 where there is no question
    """
    worth = [trees.worth((place >= 0) & ((told >> np.maximum(place, 0)) & 1 == 1)) for told in range(2**m)]
    tables = np.zeros((len(place), m, worth[0].shape[1]))
    for told, value in enumerate(worth):
        size = told.bit_count()
        for attribute in range(m):
            if not told >> attribute & 1:
                share = factorial(size) * factorial(m - size - 1) / factorial(m)
                tables[:, attribute] += share * (worth[told | 1 << attribute] - value)
    return tables
