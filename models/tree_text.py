"""A check of LightGBM's text of trees. What it reads wrongly, it reads past its own memory: the process ends."""

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from math import isfinite

DEEPEST = 256  # questions in a row; trees are walked by recursion, in LightGBM and here
LARGEST = 1e100  # of a leaf: a sum of many is still finite
END = "end of trees\n"
_HEADER = frozenset({  # no objective: the trees are grown on our own, and an empty one ends the process
    "tree", "version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx", "feature_names",
    "monotone_constraints", "feature_infos", "tree_sizes",
})  # fmt: skip
_INNER = ("split_gain", "internal_value", "internal_weight")
_TREE = frozenset({
    *_INNER, "num_leaves", "num_cat", "split_feature", "threshold", "decision_type", "left_child",
    "right_child", "leaf_value", "leaf_weight", "leaf_count", "internal_count", "cat_boundaries",
    "cat_threshold", "is_linear", "shrinkage",
})  # fmt: skip
_WHOLE = re.compile(r"-?[0-9]{1,10}")
_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?(e[+-]?[0-9]{1,3})?")
_LIMIT = re.compile(f"-?inf|{_NUMBER.pattern}")  # no end: all that is known against what is missing


def check_trees(text: str, n_features: int) -> None:
    """Check that LightGBM can read, walk and explain the trees of a text.

    Parameters
    ----------
    text : as `Booster.model_to_string` writes it for an objective of one's own, without the parameters
    n_features : that the trees may ask about

    Raises
    ------
    ValueError
        The text ends too early, a size, a list or a number is not what it must be, or a tree is no tree.
    """
    head, _, rest = text.partition("\n\n")
    if not rest or "\n" + END not in text:
        raise ValueError("trees that end too early")
    if "\nparameters:" in text:
        raise ValueError("trees with the parameters of their training")
    if odd := re.search(r"[\x00-\x09\x0b-\x1f]", text):  # LightGBM takes some for the end of a line, or of the text
        raise ValueError(f"a text of trees with the character {odd[0]!r}")
    header = _lines(head, _HEADER)
    for name, right in {"num_class": 1, "num_tree_per_iteration": 1, "max_feature_idx": n_features - 1}.items():
        if _wholes(header, name) != [right]:
            raise ValueError(f"{name} must be {right}; got {header[name]}")
    for number, block in enumerate(_blocks(rest.encode(), _wholes(header, "tree_sizes"))):
        try:
            _check_tree(block, number, n_features)
        except (KeyError, ValueError) as error:
            raise ValueError(f"tree {number}: {error}") from error


def _blocks(content: bytes, sizes: Sequence[int]) -> Sequence[str]:
    if min(sizes, default=0) < 0 or not content[sum(sizes) :].startswith(END.encode()):
        raise ValueError("tree_sizes are not those of the trees")
    ends = accumulate([0, *sizes])
    return [content[start:end].decode() for start, end in pairwise(ends)]


def _check_tree(block: str, number: int, n_features: int) -> None:
    first, _, rest = block.partition("\n")
    if first != f"Tree={number}" or not block.endswith("\n\n\n") or "\n\n" in block[:-3]:
        raise ValueError(f"tree_sizes are not those of the trees; got {first[:40]!r}")
    told = _lines(rest.rstrip("\n"), _TREE)
    (n_leaves,), (linear,) = _wholes(told, "num_leaves", 1), _wholes(told, "is_linear", 1)
    if n_leaves < 1 or linear:
        raise ValueError(f"num_leaves must be 1 or more, and is_linear 0; got {n_leaves} and {linear}")
    inner = n_leaves - 1
    _within("split_feature", _wholes(told, "split_feature", inner), 0, n_features - 1)
    _check_leaves(told, n_leaves)
    for name in _INNER:
        _numbers(told, name, inner)
    _within("internal_count", _wholes(told, "internal_count", inner), 1, 2**31 - 1)
    _numbers(told, "shrinkage", 1)
    _check_questions(told, inner)
    _check_shape(_wholes(told, "left_child", inner), _wholes(told, "right_child", inner))


def _check_leaves(told: Mapping[str, str], n_leaves: int) -> None:
    if max(map(abs, _numbers(told, "leaf_value", n_leaves))) > LARGEST:
        raise ValueError(f"leaf_value must be within {LARGEST:g}")
    if n_leaves > 1 or told["leaf_weight"]:  # a single leaf may come without
        _numbers(told, "leaf_weight", n_leaves)
    if n_leaves > 1 or told["leaf_count"]:
        _within("leaf_count", _wholes(told, "leaf_count", n_leaves), 0, 2**31 - 1)


def _check_questions(told: Mapping[str, str], inner: int) -> None:
    """Check the questions: an odd decision is about a category, and its threshold the number of a set of levels."""
    limits = [float(word) for word in _words(told, "threshold", _LIMIT, inner)]
    kinds = _wholes(told, "decision_type", inner)
    _within("decision_type", kinds, 0, 11)
    (n_sets,) = _wholes(told, "num_cat", 1)
    if not 0 <= n_sets <= inner:
        raise ValueError(f"num_cat must be between 0 and {inner}; got {n_sets}")
    asked = [limit for limit, kind in zip(limits, kinds, strict=True) if kind & 1]
    if any(number not in range(n_sets) for number in asked):
        raise ValueError(f"the threshold of a category must be one of its {n_sets} sets; got {asked}")
    if n_sets:
        bounds = _wholes(told, "cat_boundaries", n_sets + 1)
        if bounds[0] != 0 or any(a >= b for a, b in pairwise(bounds)):
            raise ValueError(f"cat_boundaries must rise from 0; got {bounds}")
        _within("cat_threshold", _wholes(told, "cat_threshold", bounds[-1]), 0, 2**32 - 1)


def _check_shape(left: Sequence[int], right: Sequence[int]) -> None:
    """Check that the nodes make one tree: a node comes after its parent, and all but the first have one."""
    depth = [1] * len(left)
    for node, children in enumerate(zip(left, right, strict=True)):
        for child in children:
            if 0 <= child <= node or child >= len(left):
                raise ValueError(f"a child of node {node} must come after it; got {child}")
            if child > 0:
                depth[child] = depth[node] + 1
    if sorted((*left, *right)) != [n for n in range(-len(left) - 1, len(left)) if n] * bool(left):
        raise ValueError("each node and leaf must be reached once")
    if max(depth, default=0) > DEEPEST:
        raise ValueError(f"at most {DEEPEST} questions in a row; got {max(depth)}")


def _lines(text: str, known: frozenset[str]) -> Mapping[str, str]:
    pairs = [line.partition("=") for line in text.split("\n")]
    names = [name for name, _, _ in pairs]
    if len(set(names)) < len(names) or not known.issuperset(names):
        raise ValueError(f"lines of a name that is not known, or twice; got {sorted(names)}"[:400])
    return {name: value for name, _, value in pairs}


def _words(told: Mapping[str, str], name: str, form: re.Pattern[str], length: int | None) -> Sequence[str]:
    if name not in told:
        raise ValueError(f"{name} is missing")
    words = told[name].split(" ") if told[name] else []
    if length is not None and len(words) != length:
        raise ValueError(f"{name} must hold {length}; got {len(words)}")
    for word in words:
        if not form.fullmatch(word):
            raise ValueError(f"{name} must be finite numbers; got {word[:40]!r}")
    return words


def _wholes(told: Mapping[str, str], name: str, length: int | None = None) -> list[int]:
    return [int(word) for word in _words(told, name, _WHOLE, length)]


def _numbers(told: Mapping[str, str], name: str, length: int) -> list[float]:
    numbers = [float(word) for word in _words(told, name, _NUMBER, length)]
    if not all(map(isfinite, numbers)):
        raise ValueError(f"{name} must be finite numbers")
    return numbers


def _within(name: str, values: Sequence[int], low: int, high: int) -> None:
    for value in values:
        if not low <= value <= high:
            raise ValueError(f"{name} must be between {low} and {high}; got {value}")
