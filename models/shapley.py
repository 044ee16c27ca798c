"""Exact Shapley values of small trees from tables: what LightGBM's `pred_contrib` gives, many times as fast.

A tree of few splits can decide in few ways only: with three splits there are eight patterns of answers. The Shapley
values of each pattern are worked out once; scoring then compares, looks up and adds, whole columns at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from math import factorial
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_SPLITS = 5  # of a tree: 32 patterns; beyond it LightGBM's own walk is the better way


@dataclass(frozen=True)
class Split:
    """A question a tree asks of one attribute; True leads to the left.

    Attributes
    ----------
    categories : the codes that lead to the left, sorted; empty for a number
    missing : what a missing value answers; None = it is read as 0
    """

    feature: int
    threshold: float
    categories: tuple[int, ...]
    missing: bool | None

    def answers(self, values: Floats) -> NDArray[np.bool_]:
        """Return the answer of each value, (n,), as LightGBM decides."""
        if self.categories:
            return np.asarray(np.isin(values, self.categories))
        to_the_left = self.threshold >= 0 if self.missing is None else self.missing
        # Nothing compares with NaN: which of the two ways is asked decides where it goes.
        return np.asarray(~(values > self.threshold) if to_the_left else values <= self.threshold)


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

    n_features: int
    splits: tuple[Split, ...]
    trees: tuple[Tree, ...]

    def contributions(self, matrix: Floats) -> Floats:
        """Return the Shapley values of each row, (n, p), without the expected value; each row by itself."""
        columns = np.ascontiguousarray(matrix.T)
        answers = [split.answers(columns[split.feature]).view(np.uint8) for split in self.splits]
        parts = np.zeros((self.n_features, len(matrix)))
        for tree in self.trees:
            pattern = np.zeros(len(matrix), dtype=np.uint8)
            for bit, split in enumerate(tree.splits):
                pattern |= answers[split] << bit
            place = pattern.astype(np.intp)
            for values, feature in zip(tree.table, tree.features, strict=True):
                parts[feature] += values.take(place)
        return np.ascontiguousarray(parts.T)


def tabulated(booster: lgb.Booster) -> Forest | None:
    """Return the model's trees as tables; None where a tree has too many splits for one."""
    model = booster.dump_model()
    numbers: dict[Split, int] = {}
    trees = []
    for info in model["tree_info"]:
        walk = Walk(info["tree_structure"])
        if len(walk.splits) > MOST_SPLITS:
            return None
        if walk.splits:
            asked = tuple(numbers.setdefault(split, len(numbers)) for split in walk.splits)
            trees.append(Tree(asked, walk.features, walk.table()))
    return Forest(model["max_feature_idx"] + 1, tuple(numbers), tuple(trees))


@dataclass
class Walk:
    """One tree of LightGBM's, walked under every pattern of answers at once."""

    root: Mapping[str, Any]
    splits: list[Split] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._collect(self.root)

    def _collect(self, node: Mapping[str, Any]) -> None:
        if "split_feature" in node:
            self.splits.append(_split(node))
            self._collect(node["left_child"])
            self._collect(node["right_child"])

    @cached_property
    def features(self) -> tuple[int, ...]:
        """The attributes that the tree asks about, rising."""
        return tuple(sorted({split.feature for split in self.splits}))

    @cached_property
    def answers(self) -> NDArray[np.bool_]:
        """The answers of every pattern, (n_splits, 2 ** n_splits)."""
        patterns = np.arange(2 ** len(self.splits))
        return np.array([(patterns >> bit) & 1 == 1 for bit in range(len(self.splits))])

    def leaves(self) -> Floats:
        """Return what the tree says under each pattern, (2 ** n_splits,)."""
        return np.asarray(self._worth(self.features)) + np.zeros(2 ** len(self.splits))

    def table(self) -> Floats:
        """Return the Shapley values, (n_features, 2 ** n_splits): each attribute's mean gain over all orders."""
        m = len(self.features)
        worth = {known: self._worth(known) for size in range(m + 1) for known in combinations(self.features, size)}
        table = np.zeros((m, 2 ** len(self.splits)))
        for known, value in worth.items():
            share = factorial(len(known)) * factorial(m - len(known) - 1) / factorial(m) if len(known) < m else 0.0
            for place, feature in enumerate(self.features):
                if feature not in known:
                    table[place] += share * (worth[tuple(sorted((*known, feature)))] - value)
        return table

    def _worth(self, known: Sequence[int]) -> Floats | float:
        """Return what the tree says, (2 ** n_splits,), where only ``known`` attributes answer.

        At a question about another attribute it takes the mean of both sides, weighted by the training rows that went
        each way (the path-dependent expectation of TreeSHAP; Lundberg and others, doi:10.1038/s42256-019-0138-9).
        """
        order = iter(self.answers)

        def said(node: Mapping[str, Any]) -> Floats | float:
            if "split_feature" not in node:
                return float(node["leaf_value"])
            answer = next(order)
            left, right = said(node["left_child"]), said(node["right_child"])
            if node["split_feature"] in known:
                return np.where(answer, left, right)
            share = _rows(node["left_child"]) / _rows(node)
            return share * left + (1 - share) * right

        return said(self.root)


def _rows(node: Mapping[str, Any]) -> float:
    return float(node["internal_count"] if "split_feature" in node else node["leaf_count"])


def _split(node: Mapping[str, Any]) -> Split:
    if node["decision_type"] == "==":
        codes = tuple(sorted(int(code) for code in str(node["threshold"]).split("||")))
        return Split(node["split_feature"], 0.0, codes, False)
    missing = bool(node["default_left"]) if node["missing_type"] == "NaN" else None
    return Split(node["split_feature"], float(node["threshold"]), (), missing)
