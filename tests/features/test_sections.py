import datetime
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.sections import LONGEST, Section
from features.words import Language


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


CELLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
TAKERS = {
    "text": lambda s: s.text("a"),
    "texts": lambda s: s.texts("a"),
    "flag": lambda s: s.flag("a"),
    "integer": lambda s: s.integer("a", 7),
    "number": lambda s: s.number("a", 7.0),
    "limit": lambda s: s.limit("a"),
    "choice": lambda s: s.choice("a", Colour, Colour.RED),
    "numbers": lambda s: s.numbers("a"),
    "names": lambda s: s.names("a"),
    "label": lambda s: s.label("a", "x"),
    "sections": lambda s: s.sections("a"),
    "rows": lambda s: s.rows("a"),
}


def taken(name, value):
    problems = []
    section = Section({"a": value}, "part", problems)
    answer = TAKERS[name](section)
    section.close()
    return answer, problems


@pytest.mark.parametrize("name", TAKERS)
@given(value=CELLS)
def test_any_cell_is_taken_or_told_in_both_languages(name, value):
    _, problems = taken(name, value)
    for problem in problems:
        assert problem.column.startswith("part.a")
        assert "got" in problem.said(Language.EN)
        assert "实际为" in problem.said(Language.ZH)
        assert len(str(problem)) < LONGEST + 300


@pytest.mark.parametrize(
    ("name", "value", "answer"),
    [
        ("text", " x ", "x"),
        ("texts", "x", ("x",)),
        ("texts", ["x", " y"], ("x", "y")),
        ("flag", True, True),
        ("integer", 0, 0),
        ("number", 2, 2.0),
        ("choice", "blue", Colour.BLUE),
        ("numbers", {"k": 1}, {"k": 1.0}),
        ("names", {"k": "v"}, {"k": "v"}),
    ],
)
def test_a_right_cell_is_taken_without_a_word(name, value, answer):
    assert taken(name, value) == (answer, [])


@pytest.mark.parametrize(
    ("name", "value", "default"),
    [
        ("text", "  ", ""),
        ("texts", ["x", 1], ()),
        ("flag", 1, False),
        ("integer", True, 7),
        ("integer", -1, 7),
        ("integer", 1.0, 7),
        ("number", float("nan"), 7.0),
        ("number", 10**400, 7.0),
        ("limit", "1995-01-01", None),
        ("choice", "green", Colour.RED),
        ("rows", {"k": 1}, []),
    ],
)
def test_a_wrong_cell_is_told_once_and_read_as_its_default(name, value, default):
    answer, problems = taken(name, value)
    assert answer == default
    assert len(problems) == 1


def test_a_limit_is_a_number_or_a_day():
    assert taken("limit", 5) == (5.0, [])
    assert taken("limit", datetime.date(1995, 1, 1)) == (np.datetime64("1995-01-01"), [])
    assert len(taken("limit", datetime.datetime(1995, 1, 1, tzinfo=datetime.UTC))[1]) == 1


def test_what_is_required_may_be_neither_absent_nor_an_empty_list():
    problems = []
    Section({"a": [], "b": 0}, "part", problems).require("a", "b", "c")
    assert [problem.column for problem in problems] == ["part.a", "part.c"]


def test_sections_name_their_place():
    problems = []
    section = Section({"t": {"x": {}}, "l": [{}, {}]}, "", problems)
    assert section.sections("t")["x"].place == "t.x"
    assert [row.place for row in section.rows("l")] == ["l[1]", "l[2]"]


def test_a_missing_english_label_is_the_first_one():
    words = Section({"label": "站"}, "", []).label("label", "x")
    assert (words.zh, words.en) == ("站", "站")
