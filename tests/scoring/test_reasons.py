import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.catalog import Kind
from features.catalogs.reader import read_catalog
from features.words import Language
from scoring.reasons import strongest, told
from scoring.values import filed, measured, points_said, recalled

CATALOG = read_catalog("zhaoshang")
LABELS = ["land", "orders", "approvals", "debt"]


def value(column, rows):
    return np.array([f"v{column}{row}" for row in rows], dtype=object)


@given(
    arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 7)), elements=st.floats(-1, 1)),
    st.sampled_from([1, -1]),
)
def test_the_strongest_are_those_that_sorting_finds(points, sign):
    best = strongest(points, sign)
    for row, column, share in zip(points, best.column, best.points, strict=True):
        expected = sorted((p for p in row if sign * p > 0), key=lambda p: -sign * p)[:3]
        assert share[share != 0].tolist() == expected
        np.testing.assert_array_equal(row[column][share != 0], share[share != 0])


@given(arrays(np.float64, (5, 6), elements=st.floats(-1, 1)), st.sampled_from([1, -1]))
def test_a_row_has_the_same_reasons_alone_and_in_company(points, sign):
    company = told(strongest(points, sign), [*"abcdef"], lambda c, r: value(c, r * 0), Language.ZH)
    for row in range(5):
        alone = told(strongest(points[[row]], sign), [*"abcdef"], value, Language.ZH)
        assert alone[0] == company[row]


def test_reasons_name_label_value_and_points_the_strongest_first():
    points = np.array([[0.01, -0.2, 0.05, 0.0004], [-0.01, -0.02, -0.03, -0.04]])
    assert told(strongest(points, 1), LABELS, value, Language.ZH).tolist() == [
        "approvals v20 +5.0 个百分点；land v00 +1.0 个百分点",
        "",
    ]
    assert told(strongest(points, -1), LABELS, value, Language.EN).tolist() == [
        "orders v10 -20.0 percentage points",
        "debt v31 -4.0 percentage points; approvals v21 -3.0 percentage points; orders v11 -2.0 percentage points",
    ]


def test_a_share_that_prints_as_nothing_is_no_reason():
    assert told(strongest(np.array([[0.0004, 0.0006]]), 1), LABELS, value, Language.EN)[0].startswith("orders v10 +0.1")


def test_what_was_not_filed_is_said():
    jobs = CATALOG.attributes["jobs"]
    assert filed(jobs, pd.Series([1200.0, np.nan]), Language.ZH).tolist() == ["1,200 人", "未填"]
    assert filed(jobs, pd.Series([1200.0, np.nan]), Language.EN).tolist() == ["1,200 people", "not filed"]
    assert filed(jobs, pd.Series([np.nan]), Language.ZH).tolist() == ["未填"]


def test_flags_and_levels_are_said_in_the_language():
    in_park, access = CATALOG.attributes["in_park"], CATALOG.attributes["eia_class"]
    assert filed(in_park, pd.Series([1.0, 0.0]), Language.ZH).tolist() == ["是", "否"]
    assert filed(in_park, pd.Series([1.0, 0.0]), Language.EN).tolist() == ["yes", "no"]
    cells = pd.Series(list(access.levels), dtype="str")
    assert filed(access, cells, Language.ZH).tolist() == list(access.levels)
    assert filed(access, cells, Language.EN).tolist() == list(access.levels_en)


@pytest.mark.parametrize(
    "attribute", [a for a in CATALOG.attributes.values() if a.is_feature and a.unit], ids=lambda a: a.id
)
def test_every_unit_of_a_feature_is_english_in_english(attribute):
    assert attribute.kind in (Kind.NUMBER, Kind.INTEGER)
    assert measured(3.0, attribute.unit, Language.EN).isascii()


def test_the_past_is_told_in_words():
    values = np.array([1.2, 0.8, 1.0, np.nan])
    assert recalled("investor_name__produced_rate", values, Language.ZH).tolist() == [
        "高于平均",
        "低于平均",
        "与平均相当",
        "未知",
    ]
    assert recalled("town__landed_rate_36m", values, Language.EN).tolist()[:2] == ["above average", "below average"]
    assert recalled("near_10km__produced_count", np.array([3.0]), Language.EN).tolist() == ["3"]
    assert recalled("town__granted_vs_refused", np.array([0.625]), Language.EN).tolist() == ["62%"]


@pytest.mark.parametrize(("points", "said"), [(0.0316, "+3.2 个百分点"), (-0.08, "-8.0 个百分点")])
def test_points_carry_their_sign(points, said):
    assert points_said([points], Language.ZH) == [said]
