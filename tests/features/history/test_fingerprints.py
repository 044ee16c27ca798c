import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.history.fingerprints import UNKNOWN, fingerprints, firm

SAME = [
    ("Test Mill A Ltd", "TEST MILL A LIMITED"),
    ("Test Mill A (Holdings) plc", "test-mill a"),
    ("Ｔｅｓｔ　Mill A Co., Ltd.", "Test Mill A"),
    ("T.E.S.T. Mill GmbH", "TEST mill"),
    ("示例磨坊集团有限公司", "示例磨坊股份有限公司"),
]
APART = [("Test Mill A Ltd", "Test Mill B Ltd"), ("Coal Test Mill", "Al Test Mill"), ("Ltd", "Limited")]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_ways_of_writing_one_firm_are_one(one, two):
    assert firm(one) == firm(two)


@pytest.mark.parametrize(("one", "two"), APART)
def test_two_firms_stay_two(one, two):
    assert firm(one) != firm(two)


@given(st.text())
def test_a_name_reduced_stays_reduced_unless_nothing_but_forms(name):
    assert not firm(name).strip() or "".join(firm(name).split()) == firm(name)


def test_one_missing_part_makes_the_whole_unknown(mills):
    rows = pd.DataFrame({"trade": ["oil", None, "oil", ""], "river": ["east", "east", None, "east"]}, dtype="str")
    found = fingerprints(rows, ("trade", "river"), mills, b"s")
    assert (found == UNKNOWN).tolist() == [False, True, True, True]
    assert (fingerprints(rows, ("trade", "firm"), mills, b"s") == UNKNOWN).all()


def test_parts_do_not_run_into_each_other(mills):
    rows = pd.DataFrame({"trade": ["oil", "oi"], "river": ["east", "least"]}, dtype="str")
    assert np.unique(fingerprints(rows, ("trade", "river"), mills, b"s")).size == 2


def test_a_category_is_compared_by_its_folded_text(mills):
    rows = pd.DataFrame({"trade": ["Oil  Limited", "ｏｉｌ limited", "oil"]}, dtype="str")
    found = fingerprints(rows, ("trade",), mills, b"s")
    assert found[0] == found[1] != found[2]


def test_only_who_holds_the_key_can_make_the_hash(mills):
    rows = pd.DataFrame({"firm": ["Test Mill A"]}, dtype="str")
    assert fingerprints(rows, ("firm",), mills, b"one") != fingerprints(rows, ("firm",), mills, b"two")
