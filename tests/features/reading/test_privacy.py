import re
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from features.errors import DataError
from features.reading.privacy import MASK, is_private_header, masked
from features.tables import Purpose, open_table
from features.words import Language

HEAD = ["项目名称", "评审日期", "总投资"]
CARD = "11010519491231002X"
OLD_CARD = "110105491231002"
PHONES = [
    "13800138000", "138 0013 8000", "138-0013-8000", "138.0013.8000", "+86 13800138000", "8613800138000",
    "0086-138-0013-8000", "１３８００１３８０００", "138—0013—8000", "138 001 38000", "1380 013 8000", "13800 138000",
    "138\u200b0013\u200b8000", "138\u00a00013\u00a08000", "0571-88886666", "(0571)88886666", "0571 8888 6666",
    "01088886666", "010-8888666", "+86-571-88886666", "0571－88886666", "19912345678", "0571--88886666",
    "013800138000", "138\u22120013\u22128000", "1\u20603800138000", "138\u00ad0013\u00ad8000", "1380 0138000",
    "0571/88886666", "1\u200b3\u200b8\u200b0\u200b0\u200b1\u200b3\u200b8\u200b0\u200b0\u200b0",
]  # fmt: skip
CARDS = [
    CARD,
    CARD.lower(),
    OLD_CARD,
    "110105 19491231 002X",
    "110105-19491231-002X",
    "１１０１０５１９４９１２３１００２Ｘ",
    "110105194912310000",  # what a spreadsheet leaves of a card that it took for a number
]
CALLED = [
    "电话：88886666",
    "身份证号 110105194912310021",
    "tel: 8888 6666",
    "证件号码为：E12345678",
    "护照号 EA1234567",
]
KEPT = [
    "91110000600037341L", "总投资 13800 万元", "2019-330100-35-03-012345-000", "2024-03-05",
    "年产 12000000 台", "100000",
    "9" * 30, "1380013800", "138001380001234", "23800138000", "S/2012/0250/FUL", "TQ 12345 67890",
    "110105194912310021",     "00000000000", "1.38", "",
]  # fmt: skip


@pytest.mark.parametrize("number", PHONES + CARDS + CALLED)
@pytest.mark.parametrize("text", ["{}", "联系人某某{}，请联系", "甲{}乙b", "({}) / x"])
def test_a_private_number_is_masked_wherever_it_stands(number, text):
    shown = masked(text.format(number))
    assert MASK in shown
    assert not re.search(r"\d{5}", shown)


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_private_number_stays(text):
    assert masked(text) == text


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9))
def test_a_credit_code_of_a_firm_survives(tail):
    head = "91310115" + tail
    code = head + uscc.calc_check_digit(head)
    assert masked(code) == code
    assert masked(f"代码 {code}，") == f"代码 {code}，"


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999), st.sampled_from(["110105", "330106"]))
def test_every_card_with_a_sound_check_digit_is_masked(born, serial, place):
    head = f"{place}{born:%Y%m%d}{serial:03d}"
    assert masked(head + str(ric.calc_check_digit(head + "0"))) == MASK


@given(st.text())
def test_masking_twice_is_masking_once(text):
    assert masked(masked(text)) == masked(text)


@pytest.mark.parametrize(
    "header",
    ["手机", "联系电话", "联系人 手机号码", "身份证号", "证件号码", "Phone No.", "Tel", "ID card", "TELEPHONE"],
)
def test_headers_of_private_columns_are_known(header):
    assert is_private_header(header)


@pytest.mark.parametrize("header", ["项目名称", "用地面积", "Hotel", "Ref ID", "证件齐全", "telescope"])
def test_other_headers_are_not_private(header):
    assert not is_private_header(header)


def everything(path, sheet):
    """All that a reading tells, in one text."""
    told = []
    for purpose in Purpose:
        for language in Language:
            try:
                table = open_table(path, sheet, purpose, language=language)
                batch = table.read()
            except DataError as error:
                told += [error.said(language), repr(error), repr(error.problems)]
                continue
            told += [
                batch.rows.to_csv(),
                batch.rejects.to_csv(),
                repr(batch.problems),
                repr(table.layout),
                *batch.flags,
            ]
    return "\n".join(told)


@pytest.mark.parametrize("number", ["13800138000", "0571-88886666", CARD, OLD_CARD])
@pytest.mark.parametrize("place", range(9))
def test_a_private_number_in_any_cell_reaches_nothing(written, sheet, number, place):
    header = ["项目名称", "评审日期", "资金证明", "备注说明", "国别", "联系电话", "其他", "投资方", "专利数", "总投资"]
    row = ["甲", "2024-03-05", "到账", "x", "某国", "", "", "乙公司", "1", "5"]
    for bad_cost in ("5", "坏"):
        cells = [*row[:9], bad_cost]
        cells[place] = number if place in {1, 2, 5, 8} else f"请找 {number}"
        if place == 8 and number == "13800138000":
            continue  # in a column of figures it is a figure
        told = everything(written([header, cells]), sheet)
        assert number not in told
        assert number[-8:] not in told
        assert number.replace("-", "") not in told


def test_a_private_number_in_the_header_reaches_nothing(written, sheet):
    header = [*HEAD, "联系人13800138000", "备注13800138000", "总投资（13800138000）"]
    assert "13800138000" not in everything(written([header, ["甲", "2024-03-05", "x", "", "", ""]]), sheet)
    assert "13800138000" not in everything(written([["13800138000", "x"], ["1", "2"]]), sheet)


def test_a_private_column_is_masked_wholesale_and_told(written, sheet):
    path = written([[*HEAD, "联系电话"], ["甲", "2024-03-05", "坏", "分机 12"], ["乙", "2024-03-05", "5", "分机 13"]])
    table = open_table(path, sheet, Purpose.SCORE)
    batch = table.read()
    assert batch.rejects["联系电话"].tolist() == [MASK]
    assert "联系电话" not in table.layout.ignored
    assert any("masked: 联系电话" in note.en for note in table.layout.notes)


def test_a_masked_cell_is_flagged(read):
    batch = read([[*HEAD, "备注说明"], ["甲", "2024-03-05", "5", "找王工13800138000"]])
    assert batch.rows["note"].tolist() == [f"找王工{MASK}"]
    assert batch.flags.tolist() == ["private:note"]


def test_a_figure_in_a_numeric_column_stays_even_in_a_rejected_row(read):
    batch = read(
        [[*HEAD, "用地面积"], ["甲", "2024-03-05", "13800138000", "1"], ["乙", "2024-03-05", "13800138000", "坏"]]
    )
    assert batch.rows["cost"].tolist() == [13800138000.0]
    assert batch.rejects["总投资"].tolist() == ["13800138000"]


def test_a_card_in_a_numeric_column_is_no_figure(read):
    digits = "330106199001011111"
    card = next(d for d in (f"33010619900101{i:04d}" for i in range(9999)) if str(ric.calc_check_digit(d)) == d[-1])
    batch = read([HEAD, ["甲", "2024-03-05", card], ["乙", "2024-03-05", "5"]])
    assert len(digits) == len(card)
    assert batch.lines.tolist() == [3]
    assert MASK in batch.problems[0].message.en
    assert batch.rejects["总投资"].tolist() == [MASK]


def test_credit_codes_survive_reading(read):
    codes = ["91110000600037341L", "91310115MA1K4DJ47F", "12100000400006000T"]
    batch = read([[*HEAD, "统一社会信用代码"], *[[f"示例{i}", "2024-03-05", "5", c] for i, c in enumerate(codes)]])
    assert batch.rows["uscc"].tolist() == codes
    assert np.all([not flag.startswith("private") for flag in batch.flags])


@pytest.mark.parametrize("cells", [["甲", "2024-03-05", "13800138000", "5"], ["甲", "13800138000"]])
def test_a_private_number_that_a_ragged_row_moves_under_a_figure_is_masked(read, cells):
    batch = read([[*HEAD[:2], "总投资"], [*cells[:2], *cells[2:]], ["乙", "2024-03-05", "5"]])
    assert len(batch.rejects) == 1
    assert "13800138000" not in batch.rejects.to_csv()


def test_a_private_number_in_the_name_of_a_sheet_reaches_no_note(tmp_path, sheet):
    book = openpyxl.Workbook()
    book.active.title = "王13800138000"
    for row in (HEAD, ["甲", "2024-03-05", 5]):
        book.active.append(row)
    book.create_sheet("李13900139000")
    book.save(tmp_path / "a.xlsx")
    notes = open_table(tmp_path / "a.xlsx", sheet, Purpose.SCORE).layout.notes
    assert MASK in notes[0].en
    assert not re.search(r"\d{5}", " ".join(note.zh + note.en for note in notes))


@pytest.mark.parametrize("number", [13800138000.0, 110105194912310000.0])
def test_a_private_number_that_a_typed_file_holds_as_a_float_is_masked(tmp_path, sheet, number):
    frame = pd.DataFrame({"项目名称": ["甲"], "评审日期": ["2024-03-05"], "总投资": [5], "备注说明": [number]})
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    for path in tmp_path.iterdir():
        assert open_table(path, sheet, Purpose.SCORE).read().rows["note"].tolist() == [MASK]
