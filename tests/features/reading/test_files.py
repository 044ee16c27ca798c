import os
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import DataError
from features.tables import Purpose, open_table
from features.words import Language

HEAD = ["项目名称", "评审日期", "总投资", "资产负债率", "资金证明", "国别", "备注说明", "专利数", "是否入园"]
ROWS = [
    HEAD,
    ["示例甲", "2024-03-05", "3.5亿", "12.5%", "到账", "NA", '第一, 引号"内"', "3", "是"],
    ["示例乙", "2024年3月6日", "0.1", "/", "无", "某国", "", "１２", "否"],
    ["示例丙", "2024/3/7", "约3,500", "0.3", "", "某国", "007", "", ""],
    ["示例丁", "2024.3.8", "-5", "5", "口头", "", "坏行", "1.5", "是"],
]


def assert_same(a, b):
    pd.testing.assert_frame_equal(a.rows, b.rows, check_exact=True)
    assert a.flags.tolist() == b.flags.tolist()
    assert [p.message for p in a.problems] == [p.message for p in b.problems]


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.csv", {"encoding": "utf-8-sig"}),
        ("a.csv", {"encoding": "gb18030"}),
        ("a.csv", {"encoding": "utf-16"}),
        ("a.csv", {"delimiter": ";"}),
        ("a.csv", {"delimiter": "\t", "encoding": "gb18030"}),
        ("a.txt", {}),
        ("a.xlsx", {}),
        ("a.parquet", {}),
    ],
)
def test_the_same_data_gives_the_same_rows_in_any_file(read, name, how):
    assert_same(read(ROWS, name, **how), read(ROWS))


def test_column_order_changes_nothing(read):
    order = [4, 8, 0, 3, 2, 7, 1, 6, 5]
    turned = read([[row[at] for at in order] for row in ROWS])
    pd.testing.assert_frame_equal(turned.rows, read(ROWS).rows, check_exact=True)
    assert list(turned.rows) == ["name", "reviewed", "cost", "debt", "patents", "proof", "park", "country", "note"]


@given(st.integers(1, 7))
@settings(max_examples=8, deadline=None)
def test_the_cut_into_batches_changes_nothing(tmp_path_factory, sheet, chunk):
    path = tmp_path_factory.mktemp("cut") / "a.csv"
    path.write_text("\n".join([",".join(HEAD[:3]), *(f"示例{i % 9},2024-03-0{i % 9 + 1},{i - 2}" for i in range(20))]))
    table = open_table(path, sheet, Purpose.SCORE)
    whole, parts = table.read(), list(table.batches(chunk))
    assert sum(len(part.rows) for part in parts) == len(whole.rows)
    pd.testing.assert_frame_equal(pd.concat([p.rows for p in parts], ignore_index=True), whole.rows)
    assert [p for part in parts for p in part.problems] == list(whole.problems)
    assert np.concatenate([p.lines for p in parts]).tolist() == whole.lines.tolist()


def test_typed_rows_have_the_dtypes_of_their_kinds(read):
    dtypes = read(ROWS).rows.dtypes.astype(str).to_dict()
    assert dtypes["cost"] == dtypes["patents"] == dtypes["park"] == "float64"
    assert dtypes["name"] == dtypes["proof"] == dtypes["country"] == "str"
    assert dtypes["reviewed"] == "datetime64[s]"


@pytest.mark.parametrize(
    ("encoding", "taken"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030")]
)
def test_the_encoding_taken_is_told(written, sheet, encoding, taken):
    layout = open_table(written(ROWS, encoding=encoding), sheet, Purpose.SCORE).layout
    assert layout.encoding == taken
    assert taken in layout.notes[0].en


def test_cp1252_is_taken_last(tmp_path, sheet):
    path = tmp_path / "a.csv"
    path.write_bytes("Project,Review date,Total cost\nCaf\xe9,2024-03-05,5\n".encode("cp1252"))
    table = open_table(path, sheet, Purpose.SCORE)
    assert table.layout.encoding == "cp1252"
    assert table.read().rows["name"].tolist() == ["Caf\xe9"]


def test_title_rows_stand_above_the_header(written, sheet):
    rows = [["某县招商项目汇总表", "", ""], ["单位：万元", "", ""], *[row[:3] for row in ROWS[:3]]]
    table = open_table(written(rows), sheet, Purpose.SCORE)
    assert table.layout.header_line == 3
    assert table.read().lines.tolist() == [4, 5]
    assert any("line 3" in note.en for note in table.layout.notes)


def test_a_header_in_two_tiers_is_read_as_one(written, sheet):
    rows = [
        ["项目名称", "评审日期", "投资情况", ""],
        ["", "", "总投资", "固定资产投资"],
        ["甲", "2024-03-05", "5", "4"],
    ]
    batch = open_table(written(rows), sheet, Purpose.SCORE).read()
    assert batch.rows[["cost", "fixed"]].to_numpy().tolist() == [[5.0, 4.0]]


def test_lines_count_the_newlines_inside_cells(tmp_path, sheet):
    path = tmp_path / "a.csv"
    path.write_bytes('项目名称,评审日期,总投资\r\n"甲\r\n一\n二",2024-03-05,1\r\n\r\n乙,2024-03-05,x\r\n'.encode())
    batch = open_table(path, sheet, Purpose.SCORE).read()
    assert batch.lines.tolist() == [2]
    assert batch.rejects["line"].tolist() == [6]
    assert batch.rows["name"].tolist() == ["甲 一 二"]


# ---- workbooks -------------------------------------------------------------------------------------------------------


def workbook(path, build):
    book = openpyxl.Workbook()
    build(book)
    book.save(path)
    return path


def test_a_workbook_is_read_with_merged_titles_dates_and_the_sheet_that_matches(tmp_path, sheet):
    def build(book):
        book.active.title = "说明"
        book.active.append(["本表由各单位填报"])
        table = book.create_sheet("项目")
        table.append(["某县招商项目汇总表"])
        table.merge_cells("A1:D1")
        table.append(["序号", "项目名称", "评审日期", "总投资（亿元）", "资产负债率"])
        table.append([1, "甲", pd.Timestamp("2024-03-05").to_pydatetime(), 3.5, 0.07])
        table.append([2, "乙", 45357, 0.07, 0.5])
        table["E3"].number_format = "0.0%"

    table = open_table(workbook(tmp_path / "a.xlsx", build), sheet, Purpose.SCORE)
    batch = table.read()
    assert batch.rows["reviewed"].astype(str).tolist() == ["2024-03-05", "2024-03-06"]
    assert batch.rows["cost"].tolist() == [35000.0, 700.0]
    assert batch.rows["debt"].tolist() == [7.0, 0.5]
    assert batch.lines.tolist() == [3, 4]
    assert batch.flags.tolist() == ["", "fraction:debt"]
    assert "项目" in table.layout.notes[0].zh
    assert "说明" in table.layout.notes[0].zh
    assert table.layout.ignored == ("序号",)


def test_a_formula_without_a_stored_value_is_a_problem_with_its_remedy(tmp_path, sheet):
    def build(book):
        book.active.append(["项目名称", "评审日期", "总投资", "备注说明"])
        book.active.append(["甲", "2024-03-05", "=1+2", "x"])
        book.active.append(["乙", "2024-03-05", 5, '="a"&"b"'])
        book.active.append(["丙", "2024-03-05", 5, "ok"])

    batch = open_table(workbook(tmp_path / "a.xlsx", build), sheet, Purpose.SCORE).read()
    assert batch.rows["name"].tolist() == ["丙"]
    assert [p.line for p in batch.problems] == [2, 3]
    assert all("open the file in Excel or WPS" in p.message.en for p in batch.problems)
    assert batch.rejects["总投资"].tolist()[0] == "=1+2"


def test_a_formula_with_a_stored_value_is_read(tmp_path, sheet):
    def build(book):
        book.active.append(["项目名称", "评审日期", "总投资"])
        book.active.append(["甲", "2024-03-05", "=1+2"])

    plain, stored = workbook(tmp_path / "a.xlsx", build), tmp_path / "b.xlsx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(stored, "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b"<f>1+2</f><v />", b"<f>1+2</f><v>3</v>"))
    assert open_table(stored, sheet, Purpose.SCORE).read().rows["cost"].tolist() == [3.0]


def test_an_error_cell_is_a_problem(tmp_path, sheet):
    def build(book):
        book.active.append(["项目名称", "评审日期", "总投资"])
        book.active.append(["甲", "2024-03-05", "#REF!"])

    batch = open_table(workbook(tmp_path / "a.xlsx", build), sheet, Purpose.SCORE).read()
    assert "error value" in batch.problems[0].message.en


def test_numbers_and_dates_of_parquet_are_read_as_such(tmp_path, sheet):
    frame = pd.DataFrame(
        {
            "name": ["甲", "乙"],
            "reviewed": pd.to_datetime(["2024-03-05", "2024-03-06"]),
            "cost": [0.1, 5.0],
            "fixed": [np.nan, np.inf],
            "park": [True, False],
            "begun": pd.to_datetime(["2024-03-05", None]).tz_localize("Asia/Shanghai"),
            "country": pd.Categorical(["x", None]),
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    batch = open_table(tmp_path / "a.parquet", sheet, Purpose.HISTORY).read()
    assert batch.rows["cost"].tolist() == [0.1]
    assert batch.rows["park"].tolist() == [1.0]
    assert batch.rows["begun"].astype(str).tolist() == ["2024-03-05"]
    assert batch.lines.tolist() == [2]
    assert [(p.line, p.column) for p in batch.problems] == [(3, "fixed")]


# ---- refusals --------------------------------------------------------------------------------------------------------


def zipped(name: str, content: bytes) -> bytes:
    import io

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return out.getvalue()


REFUSED = {
    "empty": (b"", "empty"),
    "blank": (b" \r\n\r\n ", "empty"),
    "mark": (b"\xef\xbb\xbf", "headers"),
    "header only": ("项目名称,评审日期,总投资\n\n ,,\n".encode(), "header alone"),
    "binary": (bytes(range(256)) * 4, "binary"),
    "old excel": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "xlsx"),
    "damaged workbook": (b"PK\x03\x04" + b"x" * 500, "workbook"),
    "no workbook": (zipped("a.txt", b"hello"), "workbook"),
    "bomb": (zipped("xl/workbook.xml", bytes(64 << 20)), "unpack"),
    "damaged parquet": (b"PAR1" + b"x" * 500, "Parquet"),
    "no encoding": ("项目名称,评审日期\n".encode() + b"\x81\xff\x81\n", "bytes that fit none"),
    "other sheet": (b"a,b\n1,2\n", "got the headers a, b"),
    "one word": (b"hello", "got the headers hello"),
    "endless cell": (('项目名称,评审日期,总投资\n甲,2024-03-05,"' + "x" * 200_000 + '"\n').encode(), "131072"),
    "open quote": ('项目名称,评审日期,总投资\n甲,2024-03-05,1\n"乙,2024-03-05,2\n'.encode(), "line 3"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_sheet_is_refused_in_words(tmp_path, sheet, name):
    content, told = REFUSED[name]
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as refused:
        open_table(path, sheet, Purpose.SCORE).read()
    assert told in refused.value.said(Language.EN)
    assert "a.csv" in refused.value.said(Language.ZH)


def test_a_missing_path_a_folder_and_a_closed_door_are_refused(tmp_path, sheet):
    for path in (tmp_path / "none.csv", tmp_path, tmp_path / ("x" * 300), tmp_path / "a\0b"):
        with pytest.raises(DataError):
            open_table(path, sheet, Purpose.SCORE)


@pytest.mark.skipif(os.name != "posix", reason="a pipe is a POSIX thing")
def test_a_pipe_is_refused_without_waiting(tmp_path, sheet):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError):
        open_table(tmp_path / "pipe", sheet, Purpose.SCORE)


def test_a_byte_that_no_text_has_is_refused_however_late_it_comes(tmp_path, sheet):
    rows = "".join(f"项目{i},2024-03-05,1\n" for i in range(5000))
    path = tmp_path / "a.csv"
    path.write_text(f"项目名称,评审日期,总投资\n{rows}\0end\n乙,2024-03-05,1\n", encoding="utf-8")
    with pytest.raises(DataError, match="binary"):
        open_table(path, sheet, Purpose.SCORE).read()


def test_a_percent_sign_in_quotes_shifts_no_point(tmp_path, sheet):
    book = openpyxl.Workbook()
    for row in (
        ["项目名称", "评审日期", "总投资", "资产负债率"],
        ["甲", "2024-03-05", 5, 62.2],
        ["乙", "2024-03-05", 5, 0.622],
    ):
        book.active.append(row)
    book.active["D2"].number_format, book.active["D3"].number_format = '0.0"%"', "0.0%"
    book.save(tmp_path / "a.xlsx")
    assert open_table(tmp_path / "a.xlsx", sheet, Purpose.SCORE).read().rows["debt"].tolist() == [62.2, 62.2]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary(2)])
def test_bytes_in_a_column_nobody_reads_refuse_no_file(tmp_path, sheet, kind):
    strange = pa.array([b"\xff\xfe"], kind)
    table = pa.table({"项目名称": ["甲"], "评审日期": ["2024-03-05"], "总投资": [5.0], "x": strange})
    pq.write_table(table, tmp_path / "a.parquet")
    assert len(open_table(tmp_path / "a.parquet", sheet, Purpose.SCORE).read().rows) == 1


def test_a_sheet_wider_than_any_workbook_is_refused(written, sheet):
    rows = [["项目名称", "评审日期", "总投资", *[f"列{i}" for i in range(20_000)]], ["甲", "2024-03-05", "5"]]
    with pytest.raises(DataError, match="at most 16384 columns"):
        open_table(written(rows), sheet, Purpose.SCORE)
