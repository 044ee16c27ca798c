import re
import subprocess
import sys

import lightgbm as lgb
import numpy as np
import pytest

from models.tree_text import DEEPEST, check_trees
from models.trees import _without_parameters

PARAMS = {
    "num_leaves": 6,
    "min_data_in_leaf": 5,
    "min_data_per_group": 5,
    "max_cat_to_onehot": 4,
    "max_cat_threshold": 8,
    "num_threads": 1,
    "verbose": -1,
}


def grown(**changes):
    """Three trees over a number with gaps, a wide category and a narrow one."""
    rng = np.random.default_rng(0)
    matrix = np.column_stack([rng.normal(size=400), rng.integers(0, 70, 400), rng.integers(0, 3, 400)]).astype(float)
    outcome = (matrix[:, 0] > 0) + 5.0 * (matrix[:, 1] % 3) + np.isnan(matrix[:, 0])
    matrix[::7, 0] = np.nan
    data = lgb.Dataset(matrix, outcome, categorical_feature=[1, 2], feature_name=["size", "trade", "zone"])
    params = {"objective": lambda score, _: (score - outcome, np.ones(400))} | PARAMS | changes
    return _without_parameters(lgb.train(params, data, 3).model_to_string())


@pytest.fixture(scope="module")
def text():
    return grown()


def changed(text, name, value, place=None):
    """Change a line of the first tree, or one number of it, and keep the sizes true."""
    before, after = text[: text.index("Tree=1")], text[text.index("Tree=1") :]
    line = re.search(rf"^{name}=(.*)$", before, re.M)
    words = line[1].split(" ")
    told = value if place is None else " ".join([*words[:place], value, *words[place:][1:]])
    return sized(before[: line.start(1)] + told + before[line.end(1) :] + after)


def sized(text):
    trees = re.findall(r"^Tree=.*?\n\n\n", text, re.M | re.S)
    return re.sub(r"^tree_sizes=.*$", f"tree_sizes={' '.join(str(len(t.encode())) for t in trees)}", text, flags=re.M)


# What LightGBM writes


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"max_cat_to_onehot": 1 << 20},
        {"min_data_in_leaf": 500},
        {"num_leaves": 64},
        {"monotone_constraints": [1, 0, 0]},
    ],
)
def test_what_lightgbm_writes_is_let_through(changes):
    check_trees(grown(**changes), 3)


def test_the_text_that_is_tested_has_sets_of_levels_and_several_trees(text):
    assert "num_cat=0" not in text[: text.index("Tree=1")]
    assert text.count("Tree=") == 3
    assert sized(text) == text


def test_a_split_of_what_is_known_from_what_is_missing_has_no_end(text):
    kinds = re.search(r"decision_type=(.*)", text)[1].split()
    place = next(j for j, kind in enumerate(kinds) if not int(kind) & 1)
    for limit in ("inf", "-inf"):
        check_trees(changed(text, "threshold", limit, place), 3)


# What it does not write


@pytest.mark.parametrize(
    ("name", "value", "place", "message"),
    [
        ("num_leaves", "0", None, "num_leaves must be 1 or more"),
        ("num_leaves", "-3", None, "num_leaves must be 1 or more"),
        ("num_leaves", "7", None, "split_feature must hold 6"),
        ("num_leaves", "2000000000", None, "split_feature must hold"),
        ("num_leaves", "6 6", None, "num_leaves must hold 1"),
        ("is_linear", "1", None, "is_linear 0"),
        ("split_feature", "3", 0, "split_feature must be between 0 and 2"),
        ("split_feature", "-1", 0, "split_feature must be between 0 and 2"),
        ("left_child", "0", 0, "must come after it"),
        ("left_child", "5", 0, "must come after it"),
        ("left_child", "-7", 0, "reached once"),
        ("right_child", "-1", 4, "reached once"),
        ("right_child", "-1 -1", 4, "right_child must hold 5"),
        ("leaf_value", "nan", 0, "leaf_value must be finite"),
        ("leaf_value", "inf", 0, "leaf_value must be finite"),
        ("leaf_value", "1e999", 0, "leaf_value must be finite"),
        ("leaf_value", "1e101", 0, "leaf_value must be within"),
        ("leaf_value", "1", None, "leaf_value must hold 6"),
        ("leaf_count", "-1", 0, "leaf_count must be between"),
        ("internal_count", "0", 0, "internal_count must be between"),
        ("leaf_weight", "x", 0, "leaf_weight must be finite"),
        ("threshold", "nan", 0, "threshold must be finite"),
        ("threshold", "1_0", 0, "threshold must be finite"),
        ("decision_type", "12", 0, "decision_type must be between"),
        ("num_cat", "-1", None, "num_cat must be between"),
        ("num_cat", "6", None, "num_cat must be between"),
        ("num_cat", "0", None, "must be one of its 0 sets"),
        ("cat_boundaries", "1", 0, "must rise from 0"),
        ("cat_boundaries", "0", 1, "must rise from 0"),
        ("cat_threshold", "4294967296", 0, "cat_threshold must be between"),
        ("cat_threshold", "-1", 0, "cat_threshold must be between"),
        ("cat_threshold", "1", None, "cat_threshold must hold"),
        ("shrinkage", "", None, "shrinkage must hold 1"),
        ("shrinkage", "1\nleaf_value=1", None, "or twice"),
        ("shrinkage", "1\nleaf_coeff=1", None, "not known"),
        ("shrinkage", "1\rnum_leaves=9", None, "the character"),
        ("num_class", "2", None, "num_class must be 1"),
        ("num_tree_per_iteration", "0", None, "num_tree_per_iteration must be 1"),
        ("max_feature_idx", "3", None, "max_feature_idx must be 2"),
        ("version", "v4\nnum_class=1", None, "or twice"),
        ("version", "v4\nobjective=", None, "not known"),
        ("Tree", "7", None, "tree_sizes are not those"),
    ],
)
def test_a_tree_that_lightgbm_does_not_write_is_refused(text, name, value, place, message):
    with pytest.raises(ValueError, match=message):
        check_trees(changed(text, name, value, place), 3)


@pytest.mark.parametrize("set_number", ["9", "-1", "0.5", "inf"])
def test_a_category_is_asked_about_a_set_that_is_there(text, set_number):
    kinds = re.search(r"decision_type=(.*)", text)[1].split()
    place = next(j for j, kind in enumerate(kinds) if int(kind) & 1)
    with pytest.raises(ValueError, match="must be one of its"):
        check_trees(changed(text, "threshold", set_number, place), 3)


def test_a_line_that_is_not_there_is_missed(text):
    for line in re.findall(r"^\w+=.*$", text[text.index("num_leaves=") : text.index("\n\n\nTree=1")], re.M):
        with pytest.raises(ValueError, match=f"{line.partition('=')[0]} is missing"):
            check_trees(sized(text.replace(f"{line}\n", "", 1) if "shrinkage" not in line else bare(text, line)), 3)


def bare(text, line):
    return text.replace(f"\n{line}\n\n\nTree=1", "\n\n\nTree=1", 1)


@pytest.mark.parametrize("sizes", ["", "1", "-1 1 1", "9999999999 1 1", "x", "{0} {1}", "{0} 1{1} {2}"])
def test_sizes_that_are_not_those_of_the_trees_are_refused(text, sizes):
    true = re.search(r"tree_sizes=(.*)", text)[1]
    false = sizes.format(*true.split())
    with pytest.raises(ValueError, match=r"tree_sizes (are not|must be)"):
        check_trees(text.replace(f"tree_sizes={true}", f"tree_sizes={false}"), 3)


def test_sizes_that_add_up_but_cut_a_tree_are_refused(text):
    first, second, third = re.search(r"tree_sizes=(.*)", text)[1].split()
    moved = f"tree_sizes={int(first) + 1} {int(second) - 1} {third}"
    with pytest.raises(ValueError, match="tree_sizes are not those"):
        check_trees(re.sub("tree_sizes=.*", moved, text), 3)


def test_parameters_of_the_training_are_refused(text):
    with pytest.raises(ValueError, match="parameters of their training"):
        check_trees(text + "\nparameters:\n[num_class: 2]\nend of parameters\n", 3)


def test_a_text_cut_anywhere_is_refused(text):
    for end in range(0, text.index("end of trees") + len("end of trees"), 7):
        with pytest.raises(ValueError, match=r"end too early"):
            check_trees(text[:end], 3)


def chain(length):
    """One tree that asks its questions in a row."""
    inner, leaves = " ".join(["0"] * length), " ".join(["1"] * (length + 1))
    lines = {
        "num_leaves": length + 1, "num_cat": 0, "split_feature": inner, "split_gain": inner, "threshold": inner,
        "decision_type": inner, "left_child": " ".join(map(str, [*range(1, length), -length - 1])),
        "right_child": " ".join(str(-n - 1) for n in range(length)), "leaf_value": leaves, "leaf_weight": leaves,
        "leaf_count": leaves, "internal_value": inner, "internal_weight": inner,
        "internal_count": " ".join(["2"] * length), "is_linear": 0, "shrinkage": 1,
    }  # fmt: skip
    head = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=0\n"
    head += "feature_names=size\nfeature_infos=[0:1]\ntree_sizes=\n\nTree=0\n"
    body = "".join(f"{name}={value}\n" for name, value in lines.items())
    return sized(f"{head}{body}\n\nend of trees\n\npandas_categorical:null\n")


def test_trees_are_as_deep_as_recursion_can_follow():
    check_trees(chain(DEEPEST), 1)
    assert np.isfinite(lgb.Booster(model_str=chain(DEEPEST)).predict(np.zeros((1, 1)), pred_contrib=True)).all()
    with pytest.raises(ValueError, match="questions in a row; got 257"):
        check_trees(chain(DEEPEST + 1), 1)


@pytest.mark.parametrize(("name", "value", "place"), [("left_child", "0", 0), ("split_feature", "99999999", 0)])
def test_a_text_that_ends_the_process_is_refused_in_words(text, tmp_path, name, value, place):
    hostile = changed(text, name, value, place)
    (tmp_path / "trees.txt").write_text(hostile)
    program = (
        "import sys, numpy, lightgbm\n"
        "booster = lightgbm.Booster(model_str=open(sys.argv[1]).read())\n"
        "booster.predict(numpy.ones((9, 3)), pred_contrib=True)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "trees.txt")]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode < 0
    with pytest.raises(ValueError, match="must"):
        check_trees(hostile, 3)
