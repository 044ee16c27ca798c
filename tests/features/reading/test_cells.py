import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import Attribute, Dimension, Kind
from features.reading.cells import tidy
from features.reading.levels import vocabulary
from features.reading.units import factors, scaled, scaled_column
from features.tables import Purpose, open_table
from features.words import Words

Cell = Callable[[str, str], object]


@pytest.mark.parametrize(
    ("header", "text", "value"),
    [
        ("总投资", "3500", 3500.0),
        ("总投资", "3,500", 3500.0),
        ("总投资", "3,500万元", 3500.0),
        ("总投资", "3.5亿", 35000.0),
        ("总投资", "约3.5亿元", 35000.0),
        ("总投资", "3.5亿元左右", 35000.0),
        ("总投资", "３．５亿", 35000.0),
        ("总投资", "３，５００", 3500.0),
        ("总投资", " 3500 万 ", 3500.0),
        ("总投资", "5000万美元", 36000.0),
        ("总投资", "1亿美元", 72000.0),
        ("总投资", "35000000元", 3500.0),
        ("总投资", "1.5e3", 1500.0),
        ("总投资（亿元）", "3.5", 35000.0),
        ("总投资(亿元)", "0.07", 700.0),
        ("总投资/亿元", "3.5", 35000.0),
        ("总投资（亿元）", "3500万元", 3500.0),
        ("总投资 （万元）", "3500", 3500.0),
        ("计划总投资（内资）", "7", 7.0),
        ("资产负债率", "12.5%", 12.5),
        ("资产负债率（%）", "12.5", 12.5),
        ("资产负债率（小数）", "0.125", 12.5),
        ("资产负债率", "0.125", 0.125),
        ("用地面积", "2公顷", 30.0),
        ("用地面积（公顷）", "2", 30.0),
        ("用地面积", "1.2万亩", 12000.0),
        ("专利数", "12件", 12.0),
        ("专利数", "12.0", 12.0),
    ],
)
def test_figures_are_read_with_their_units(read, header, text, value):
    head = [
        h
        for h in ("项目名称", "评审日期", "总投资")
        if not header.startswith(("总投资", "计划总投资")) or h != "总投资"
    ]
    batch = read([[*head, header], [*("示例", "2024-03-05", "5")[: len(head)], text]])
    assert not batch.problems
    assert value in batch.rows.iloc[0].tolist()


@pytest.mark.parametrize("text", ["", " ", "/", "无", "-", "—", "——", "N/A", "NA", "暂无", "待定", "　", "＼"])
@pytest.mark.parametrize("header", ["固定资产投资", "专利数", "是否入园"])
def test_words_for_none_are_missing_figures(cell: Cell, header: str, text: str):
    assert math.isnan(cell(header, text))


@pytest.mark.parametrize(
    ("header", "text", "rule"),
    [
        ("总投资", "inf", "finite"),
        ("总投资", "-Infinity", "finite"),
        ("总投资", "1e400", "finite"),
        ("总投资", "nan", "finite"),
        ("总投资", "9" * 400, "number"),
        ("总投资", "1e" + "9" * 50, "finite"),
        ("总投资", "-5", "at least 0"),
        ("总投资", "-5万元", "at least 0"),
        ("总投资", "3-5亿", "one number"),
        ("总投资", "3,50", "one number"),
        ("总投资", "三千万", "one number"),
        ("总投资", "5吨", "unit must be one of 万元"),
        ("总投资", "5 USD", "unit must be one of 万元"),
        ("总投资", "12%", "unit"),
        ("总投资", "#REF!", "error value"),
        ("总投资", "#N/A", "error value"),
        ("备注说明", "#DIV/0!", "error value"),
        ("专利数", "5.5", "whole"),
        ("资产负债率", "350%", "between 0 and 200"),
        ("是否入园", "也许", "one of yes, no"),
        ("资金证明", "口述", "one of 无, 口头, 到账"),
        ("评审日期", "2204-01-01", "between 1950-01-01 and 2100-12-31"),
        ("评审日期", "1949-12-31", "between 1950"),
        ("评审日期", "2024-02-30", "date"),
        ("评审日期", "05/03/2024", "date"),
        ("评审日期", "2024", "date"),
        ("评审日期", "2024.1", "date"),
        ("评审日期", "24-3-5", "date"),
        ("评审日期", "99999", "date"),
        ("评审日期", "inf", "date"),
        ("评审日期", "", "blank"),
        ("项目名称", "/", "blank"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_told_with_what_was_got(cell: Cell, header: str, text: str, rule: str):
    told = cell(header, text)
    assert isinstance(told, str)
    assert rule in told
    assert "; got" in told
    assert told.count(";") >= 2, "a message ends with the remedy"


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05",
        "2024-3-5",
        "2024/3/5",
        "2024.3.5",
        "2024年3月5日",
        "2024 年 3 月 5 日",
        "20240305",
        "45356",
        "45356.5",
        "2024-03-05 00:00:00",
        "2024-03-05T08:30:00Z",
        "２０２４－０３－０５",
        "5 March 2024",
        "05-Mar-2024",
        "2024年3月5号",
    ],
)
def test_a_day_is_read_however_it_is_written(cell: Cell, text: str):
    assert cell("评审日期", text) == pd.Timestamp("2024-03-05")


@pytest.mark.parametrize("text", ["2024年3月", "2024-03", "2024/3", "2024.03", "2024.3"])
def test_a_month_is_its_first_day_and_flagged(read, text):
    batch = read([["项目名称", "评审日期", "总投资"], ["示例", text, "5"]])
    assert batch.rows["reviewed"].iloc[0] == pd.Timestamp("2024-03-01")
    assert batch.flags.tolist() == ["month_only:reviewed"]


def test_a_level_called_none_wins_over_missing(cell: Cell):
    assert cell("资金证明", "无") == "无"
    assert cell("资金证明", "NONE") == "无"
    assert pd.isna(cell("资金证明", "/"))
    assert cell("资金证明", "资金到账") == "到账"


def test_na_is_a_country_and_007_is_a_text(cell: Cell):
    assert cell("国别", "NA") == "NA"
    assert cell("备注说明", "007") == "007"
    assert cell("投资方", "007") == "007"
    assert pd.isna(cell("国别", "N/A"))


def test_width_case_and_blanks_of_text_are_normalised(cell: Cell):
    assert cell("国别", " Ｔｅｓｔ　\tLand ") == "Test Land"


@pytest.mark.parametrize(
    ("text", "value"), [("是", 1.0), ("Yes", 1.0), ("√", 1.0), ("1", 1.0), ("否", 0.0), ("×", 0.0)]
)
def test_yes_and_no_are_flags(cell: Cell, text: str, value: float):
    assert cell("是否入园", text) == value


def test_a_columns_own_word_for_not_known_is_missing(cell: Cell):
    assert math.isnan(cell("是否入园", "未查"))


def test_doubtful_figures_are_read_and_flagged(read):
    batch = read(
        [
            ["项目名称", "评审日期", "总投资", "资产负债率", "统一社会信用代码"],
            ["甲", "2024-03-05", "约3.5亿", "0.35", "91110000600037341X"],
            ["乙", "2024-03-05", "5", "35", "91110000600037341L"],
        ]
    )
    assert batch.flags.tolist() == ["code_invalid:uscc; approximate:cost; fraction:debt", ""]


def test_day_first_dates_are_read_where_the_catalogue_says_so(sheet, written):
    path = written([["项目名称", "评审日期", "总投资"], ["甲", "05/03/2024", "5"], ["乙", "25.3.2024", "5"]])
    batch = open_table(path, replace(sheet, day_first=True), Purpose.SCORE).read()
    assert batch.rows["reviewed"].tolist() == [pd.Timestamp("2024-03-05"), pd.Timestamp("2024-03-25")]


@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8)), max_size=5))
def test_text_is_normalised_as_the_standard_says(texts):
    expected = [unicodedata.normalize("NFKC", text).strip() or None if text else None for text in texts]
    shown = tidy(pa.array(texts, pa.string())).to_pylist()
    assert shown == [text and re.sub(r"\s+", " ", text) for text in expected]


@given(st.decimals(0, 10**9, places=3), st.sampled_from([1.0, 1e4, 1e-4, 15.0, 7.2]))
def test_a_column_is_scaled_as_its_cells_are(number, factor):
    assert scaled_column(pa.array([str(number)]), factor).tolist() == [scaled(str(number), factor)]


@given(st.decimals(0, 10**6, places=4))
def test_a_unit_in_the_header_and_in_the_cell_give_the_same_figure(number):
    assert scaled(str(number), 1e4) == float(str(number * 10_000))


def test_every_unit_a_catalogue_names_is_accepted():
    own = Attribute(
        "a", Words("a", "a"), Kind.NUMBER, Dimension.MARKET, unit="米", units={"公里": 1000.0, "千米": 1000.0}
    )
    known = factors(own)
    assert known["公里"] == known["千米"] == 1000.0
    assert known["万米"] == 10_000.0
    assert np.isclose(known["米"], 1.0)


def test_a_synonym_that_reads_like_none_is_no_missing_word():
    bonds = Attribute(
        "b", Words("b", "b"), Kind.CATEGORY, Dimension.CONTEXT, synonyms={"无": "零担保", "None": "零担保"}
    )
    assert not vocabulary(bonds).missing & {"无", "none"}


@pytest.mark.parametrize(("cell", "value"), [("1 000", 1000.0), ("12 345 678.5", 12345678.5), ("3 亿", 30000.0)])
def test_blanks_part_thousands(read, cell, value):
    assert read([["项目名称", "评审日期", "总投资"], ["甲", "2024-03-05", cell]]).rows["cost"].tolist() == [value]


@pytest.mark.parametrize("cell", ["3 5", "10\n20", "1 2万元", "1234 567", "1.5 200", "100 2000"])
def test_two_figures_in_a_cell_are_not_one(read, cell):
    batch = read([["项目名称", "评审日期", "总投资"], ["甲", "2024-03-05", cell], ["乙", "2024-03-05", "5"]])
    assert batch.rows["name"].tolist() == ["乙"]
