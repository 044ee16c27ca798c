"""Small trees as arrays, read from LightGBM's own text: what scores with them need not load the library.

A tree of few splits can decide in few ways only: with three splits there are eight patterns of answers. What a tree
says under each of them is worked out once, for all trees together; scoring then compares, looks up and adds.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Whole = NDArray[np.intp]

MOST_SPLITS = 5  # of a tree: 32 patterns; beyond it LightGBM's own walk is the better way

_CATEGORY, _LEFT_BY_DEFAULT, _NAN = 1, 2, 8  # bits of LightGBM's decision_type
_WORD = 32  # levels in one number of a set
_ZERO = float(np.float32(1e-35))  # up to this size LightGBM reads a number as 0, before any tree is asked


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

    def answers(self, values: Floats) -> Mask:
        """Return the answer of each value, (n,), as LightGBM decides."""
        if self.categories:
            return np.asarray(np.isin(values, self.categories))
        to_the_left = self.threshold >= 0 if self.missing is None else self.missing
        # Nothing compares with NaN: which of the two ways is asked decides where it goes.
        return np.asarray(~(values > self.threshold) if to_the_left else values <= self.threshold)

    def filled(self, value: float) -> "Split":
        """Return the question that reads a missing number as ``value``; the same one where that is NaN."""
        return self if self.categories or np.isnan(value) else replace(self, missing=bool(value <= self.threshold))


@dataclass(frozen=True)
class Trees:
    """The trees of a model, each with m splits or fewer; bit i of a pattern is the answer to a tree's question i.

    Attributes
    ----------
    splits : the questions of all trees, each once
    asked : of each of the t trees, the numbers of its questions
    left, right : (t, m) where an answer leads: to question i < m, or to leaf i - m
    share : (t, m) share of the training rows that went to the left
    values : (t, m + 1) of the leaves
    """

    splits: tuple[Split, ...]
    asked: tuple[tuple[int, ...], ...]
    left: Whole
    right: Whole
    share: Floats
    values: Floats

    def worth(self, known: Mask | None = None) -> Floats:
        """Return what the trees say under each pattern, (t, 2 ** m), where only the ``known`` questions are answered.

        At another question a tree takes the mean of both sides, weighted by the training rows that went each way (the
        path-dependent expectation of TreeSHAP; Lundberg and others, doi:10.1038/s42256-019-0138-9).

        Parameters
        ----------
        known : (t, m); None = all are answered
        """
        t, m = self.left.shape
        patterns, tree = np.arange(2**m), np.arange(t)
        said = np.zeros((t, 2 * m + 1, 2**m))
        said[:, m:] = self.values[:, :, None]
        for node in reversed(range(m)):  # a question comes before those that it leads to
            left, right = said[tree, self.left[:, node]], said[tree, self.right[:, node]]
            said[:, node] = np.where((patterns >> node) & 1 == 1, left, right)
            if known is not None:
                share = self.share[:, node, None]
                said[:, node] = np.where(known[:, node, None], said[:, node], share * left + (1 - share) * right)
        return said[:, 0]


def attributes(text: str) -> list[str]:
    """Return the names of the attributes, as LightGBM's text of a model gives them."""
    found = re.search("^feature_names=(.*)$", text, re.MULTILINE)
    return found[1].split(" ") if found else []


def read_trees(text: str, fill: Floats) -> Trees | None:
    """Return the trees of LightGBM's text of a model; None where one has more splits than `MOST_SPLITS`.

    Parameters
    ----------
    fill : (p,) what a missing number is read as; NaN = as LightGBM has it
    """
    told = [_fields(block) for block in text.partition("\nend of trees")[0].split("\nTree=")[1:]]
    sizes = [int(tree["num_leaves"]) - 1 for tree in told]
    m = max([1, *sizes])
    if m > MOST_SPLITS:
        return None
    numbers: dict[Split, int] = {}
    seen: dict[tuple[str, ...], int] = {}
    asked = tuple(tuple(_numbered(tree, fill, numbers, seen)) for tree in told)
    left, right = (np.array([_children(tree[side], m) for tree in told], np.intp) for side in _SIDES)
    values = np.array([_padded([float(word) for word in tree["leaf_value"].split()], m + 1) for tree in told])
    counts = np.array([_counts(tree, m) for tree in told], dtype=np.float64)
    shape = (len(told), m)
    left, right, counts = left.reshape(shape), right.reshape(shape), counts.reshape(-1, 2 * m + 1)
    share = np.take_along_axis(counts, left, axis=1) / counts[:, :m]
    return Trees(tuple(numbers), asked, left, right, share, values.reshape(-1, m + 1))


_SIDES = ("left_child", "right_child")


def _fields(block: str) -> Mapping[str, str]:
    return dict(line.split("=", 1) for line in block.split("\n") if "=" in line)


def _numbered(
    tree: Mapping[str, str], fill: Floats, numbers: dict[Split, int], seen: dict[tuple[str, ...], int]
) -> Sequence[int]:
    """Return the numbers of a tree's questions, new ones being added to ``numbers``."""
    asked = []
    words = (tree.get(name, "").split() for name in ("split_feature", "threshold", "decision_type"))
    for feature, threshold, decision in zip(*words, strict=True):
        category = int(decision) & _CATEGORY
        key = (feature, threshold, decision, *((tree["cat_boundaries"], tree["cat_threshold"]) if category else ()))
        if key not in seen:
            levels = _levels(tree, int(float(threshold))) if category else ()
            split = _split(int(feature), float(threshold), int(decision), levels).filled(fill[int(feature)])
            seen[key] = numbers.setdefault(split, len(numbers))
        asked.append(seen[key])
    return asked


def _split(feature: int, threshold: float, decision: int, levels: tuple[int, ...]) -> Split:
    if decision & _CATEGORY:
        return Split(feature, 0.0, levels, False)
    missing = bool(decision & _LEFT_BY_DEFAULT) if decision & _NAN else None
    return Split(feature, _beside_zero(threshold), (), missing)


def _beside_zero(threshold: float) -> float:
    """Return the threshold that answers numbers as they are as LightGBM answers those that it reads as 0.

    Examples
    --------
    >>> _beside_zero(0.0) == _ZERO, _beside_zero(-_ZERO) < -_ZERO, _beside_zero(0.25)
    (True, True, 0.25)
    """
    if abs(threshold) > _ZERO:
        return threshold
    return _ZERO if threshold >= 0 else float(np.nextafter(-_ZERO, -np.inf))


def _levels(tree: Mapping[str, str], number: int) -> tuple[int, ...]:
    """Return the codes of one of a tree's sets of levels, which is kept as the bits of whole numbers."""
    begin, end = (int(word) for word in tree["cat_boundaries"].split()[number : number + 2])
    words = tree["cat_threshold"].split()[begin:end]
    return tuple(_WORD * i + bit for i, word in enumerate(words) for bit in range(_WORD) if int(word) >> bit & 1)


def _children(words: str, m: int) -> list[float]:
    """Return where the questions lead; a question that a tree does not have leads to its first leaf."""
    children = [int(word) for word in words.split()]
    return _padded([child if child >= 0 else m + ~child for child in children], m, m)


def _counts(tree: Mapping[str, str], m: int) -> list[float]:
    """Return the training rows at each question and each leaf, (2 m + 1,)."""
    inner, outer = ([float(word) for word in tree.get(f"{kind}_count", "").split()] for kind in ("internal", "leaf"))
    return [*_padded(inner, m, 1.0), *_padded(outer, m + 1, 1.0)]


def _padded(values: Sequence[float], length: int, by: float = 0.0) -> list[float]:
    return [*values, *[by] * (length - len(values))]
