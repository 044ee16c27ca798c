import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from features.catalog import Kind
from features.synthetic import as_office_sheet
from features.tables import Purpose, open_table


@pytest.fixture(scope="module")
def rows(county):
    return county.history.sample(400, random_state=4).reset_index(drop=True)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig"])
def test_an_office_sheet_reads_back_as_the_rows_it_was_written_from(rows, catalog, tmp_path, encoding):
    file = tmp_path / "台账.csv"
    as_office_sheet(rows, catalog).to_csv(file, index=False, encoding=encoding)
    read = open_table(file, catalog, Purpose.HISTORY).read()
    assert read.rejects.empty, read.rejects["problems"].head().tolist()
    assert_frame_equal(read.rows[list(rows)], rows, rtol=1e-12)


def test_a_sheet_to_score_reads_back_too(county, catalog, tmp_path):
    new = county.new_round(60, seed=7).rows
    file = tmp_path / "projects.csv"
    as_office_sheet(new, catalog, seed=3).to_csv(file, index=False, encoding="gb18030")
    read = open_table(file, catalog, Purpose.SCORE, as_of=np.datetime64("2024-06-30")).read()
    assert read.rejects.empty, read.rejects["problems"].head().tolist()
    assert_frame_equal(read.rows[list(new)], new, rtol=1e-12)


@pytest.fixture(scope="module")
def sheet(rows, catalog):
    return as_office_sheet(rows, catalog)


def test_headers_are_chinese_with_their_unit(rows, sheet, catalog):
    assert "计划总投资（万元）" in sheet
    assert list(sheet) == [
        f"{a.label.zh}（{a.unit}）" if a.unit else a.label.zh for a in (catalog.attributes[c] for c in rows)
    ]


def test_money_is_written_in_two_units_and_none_in_several_ways(rows, sheet):
    money = sheet["计划总投资（万元）"]
    assert money.str.endswith("亿元").any()
    assert money.str.contains(",").any()
    assert set(sheet["历史投资兑现率（%）"][rows["track_record_rate"].isna()]) == {"/", "", "—"}
    assert set(sheet["是否入园"]) <= {"是", "否", "/", "", "—"}
    assert sheet.map(lambda cell: isinstance(cell, str)).all(axis=None)


def test_every_character_fits_gbk(sheet):
    sheet.to_csv(None, index=False).encode("gbk")


def test_the_same_rows_and_seed_make_the_same_sheet(rows, sheet, catalog):
    assert_frame_equal(as_office_sheet(rows, catalog), sheet)
    assert not as_office_sheet(rows, catalog, seed=1).equals(sheet)


def test_days_are_written_as_people_write_them(rows, sheet, catalog):
    dates = [catalog.attributes[c].label.zh for c in rows if catalog.attributes[c].kind is Kind.DATE]
    cells = pd.concat([sheet[d] for d in dates])
    for form in (r"^\d{4}-\d{2}-\d{2}$", r"^\d{4}年\d{1,2}月\d{1,2}日$", r"^\d{4}/\d{1,2}/\d{1,2}$"):
        assert cells.str.match(form).any()
