import numpy as np
import pandas as pd
import pytest

from features.catalogs.reader import read_catalog
from features.reading.sayings import FLAGS as READER_FLAGS
from features.words import Language, Words
from models.likeness import NOTHING_KNOWN, Unlike
from scoring.flags import FAR_FROM_KNOWN, FLAGS, Flag, from_reader, naming, saying, together, unit_slips, unlikeness

CATALOG = read_catalog("zhaoshang")


def test_every_flag_has_words_in_both_languages():
    assert set(FLAGS) == set(Flag)
    for words in FLAGS.values():
        assert words.zh
        assert words.en.isascii()


@pytest.mark.parametrize("code", READER_FLAGS)
@pytest.mark.parametrize("language", Language)
def test_a_flag_of_the_reader_names_its_column_in_words(code, language):
    (said,) = from_reader(pd.Series([f"{code}:total_investment"]), CATALOG, language)
    assert said.startswith(CATALOG.attributes["total_investment"].label.said(language))
    assert said.endswith(READER_FLAGS[code].said(language))


def test_no_flag_of_the_reader_is_lost():
    codes = pd.Series(["approximate:jobs; month_only:review_date", "", None, "never_heard_of:jobs", "private:手机"])
    said = from_reader(codes, CATALOG, Language.ZH).tolist()
    assert said[0] == "；".join(
        f"{CATALOG.attributes[column].label.zh}：{READER_FLAGS[code].zh}"
        for code, column in (("approximate", "jobs"), ("month_only", "review_date"))
    )
    assert said[1:4] == ["", "", "never_heard_of:jobs"]
    assert said[4] == f"手机：{READER_FLAGS['private'].zh}"
    assert from_reader(pd.Series([], dtype="str"), CATALOG, Language.ZH).tolist() == []


def test_a_flag_names_the_columns_of_each_row():
    masks = {"a": np.array([True, False, True]), "b": np.array([True, False, False])}
    labels = {"a": Words("甲", "first"), "b": Words("乙", "second")}
    assert naming(Flag.NOT_CHECKED, masks, labels, Language.ZH).tolist() == [
        "未查（红线问题未答）：甲、乙",
        "",
        "未查（红线问题未答）：甲",
    ]
    assert naming(Flag.NOT_CHECKED, masks, labels, Language.EN)[0] == "red lines not answered: first, second"


def test_phrases_of_a_row_are_joined_and_rows_without_any_stay_empty():
    overtaken = saying(Flag.COHERENCE, np.array([True, False, True]), Language.EN)
    other = np.array(["x", "", ""], dtype=object)
    said = FLAGS[Flag.COHERENCE].en
    assert together([other, overtaken], 3, Language.EN).tolist() == [f"x; {said}", "", said]


@pytest.mark.parametrize(
    ("column", "times"),
    [("total_investment", 1_000.0), ("jobs", 10_000.0)],  # 万元 and 亿元 are confused; people are people
)
def test_a_unit_slip_is_told_at_its_factor_and_not_before(column, times):
    cells = [500.0 * times, 499.0 * times, 500.0 / times, 501.0 / times, 0.0, np.nan, 500.0]
    (slipped,) = unit_slips(pd.DataFrame({column: cells}), {column: 500.0}, CATALOG).values()
    assert slipped.tolist() == [True, False, True, False, False, False, False]


def test_a_column_without_a_median_or_without_cells_cannot_slip():
    rows = pd.DataFrame({"total_investment": [1e12]})
    assert unit_slips(rows, {"total_investment": 0.0, "expected_tax": 5.0}, CATALOG) == {}


LABELS = {"a": Words("甲", "first"), "b": Words("乙", "second")}


def test_what_is_far_from_all_that_is_known_is_told_with_its_share_and_its_columns():
    strange = {"a": np.array([True, False, True]), "b": np.array([True, False, False])}
    unlike = Unlike(np.array([0.979, 0.96, 0.4]), strange)
    assert unlikeness(unlike, {}, LABELS, Language.ZH).tolist() == [
        "与已有结果的项目差异大（97%的项目更接近）：甲、乙",
        "与已有结果的项目差异大（96%的项目更接近）",
        "超出已有结果的项目的取值范围：甲",
    ]
    assert unlikeness(unlike, {}, LABELS, Language.EN)[0] == (
        "unlike anything with a known outcome (farther than 97% of past projects): first, second"
    )


def test_what_is_near_and_within_bounds_is_not_told():
    assert unlikeness(Unlike(np.array([FAR_FROM_KNOWN, 0.0]), {}), {}, LABELS, Language.ZH).tolist() == ["", ""]


def test_a_level_told_as_never_seen_is_not_told_twice_where_the_rest_is_near():
    unlike = Unlike(np.array([0.5, 0.99]), {"a": np.array([True, True])})
    near, far = unlikeness(unlike, {"a": np.array([True, True])}, LABELS, Language.EN)
    assert near == ""
    assert far.endswith("past projects): first")


def test_where_nothing_is_known_the_reason_stands_in_the_place_of_a_distance():
    said = unlikeness(Unlike(np.full(2, np.nan), {}, NOTHING_KNOWN), {}, LABELS, Language.EN)
    assert said.tolist() == [NOTHING_KNOWN.en] * 2
