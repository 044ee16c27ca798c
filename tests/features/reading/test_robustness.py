import io
import warnings
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.catalogs.reader import read_catalog
from features.errors import DataError
from features.tables import Purpose, open_table
from features.words import Language

FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

HEADS = st.sampled_from(
    [
        "项目名称",
        "评审日期",
        "总投资",
        "总投资（亿元）",
        "投资额",
        "资产负债率",
        "备注说明",
        "是否入园",
        "专利数",
        "资金证明",
        "序号",
        "",
        "手机",
        "stage",
        "开工日期",
        "\t",
        "总投资（日元）",
    ]
)
CELLS = st.one_of(
    st.sampled_from(
        [
            "甲",
            "2024-03-05",
            "3.5亿",
            "约5",
            "12%",
            "1e400",
            "inf",
            "nan",
            "/",
            "无",
            "合计",
            "#REF!",
            "=1+1",
            "13800138000",
            "45356",
            "2204-01-01",
            "0" * 400,
            "9" * 400,
            "1e99999",
            "2024年13月",
            "-",
            "是",
            "0000-00-00",
            "٠١",
            "²",
        ]
    ),
    st.text(max_size=12),
)
SHEETS = st.lists(st.lists(CELLS, max_size=6), max_size=8)


def accounts_for_itself(path, sheet):
    """Read a file for both purposes: rows or a DataError in both languages, and never a warning."""
    refusals: list[str] = []
    for purpose in Purpose:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                table = open_table(path, sheet, purpose)
                batch = table.read()
        except DataError as error:
            refusals = [error.said(language) for language in Language]
            continue
        finally:
            assert all(refusals)
        assert len(batch.rows) == len(batch.lines) == len(batch.flags)
        assert set(batch.rejects["line"]) == {problem.line for problem in batch.problems}
        assert not set(batch.lines) & set(batch.rejects["line"])
        assert [note.zh and note.en for note in table.layout.notes]


@given(st.binary(max_size=400))
@FUZZ
def test_any_bytes_are_read_or_refused(tmp_path, sheet, content):
    (tmp_path / "a").write_bytes(content)
    accounts_for_itself(tmp_path / "a", sheet)


@given(
    st.sampled_from(["PK\x03\x04", "PAR1", "\xff\xfe", "\xef\xbb\xbf", "项目名称,评审日期,总投资\n"]),
    st.binary(max_size=300),
)
@FUZZ
def test_any_bytes_after_a_known_beginning_are_read_or_refused(tmp_path, sheet, start, content):
    mark = start.encode("latin-1") if start.isascii() or ord(start[0]) < 256 else start.encode()
    (tmp_path / "a").write_bytes(mark + content)
    accounts_for_itself(tmp_path / "a", sheet)


@given(st.lists(HEADS, max_size=6), SHEETS, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "gb18030"]))
@FUZZ
def test_any_sheet_of_text_is_read_or_refused(tmp_path, sheet, head, rows, delimiter, encoding):
    lines = [delimiter.join(row) for row in [head, *rows]]
    (tmp_path / "a.csv").write_bytes("\n".join(lines).encode(encoding, "replace"))
    accounts_for_itself(tmp_path / "a.csv", sheet)


@given(st.lists(HEADS, max_size=6), SHEETS)
@settings(FUZZ, max_examples=20)
def test_any_workbook_is_read_or_refused(tmp_path, sheet, head, rows):
    book = openpyxl.Workbook()
    for row in [head, *rows]:
        book.active.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
    book.save(tmp_path / "a.xlsx")
    accounts_for_itself(tmp_path / "a.xlsx", sheet)


@pytest.fixture(scope="module")
def sound_files():
    rows = [["项目名称", "评审日期", "总投资"], ["甲", "2024-03-05", 5], ["乙", "=1+1", 6]]
    book, packed, table = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(packed)
    pd.DataFrame(rows[1:], columns=rows[0]).astype("str").to_parquet(table)
    return packed.getvalue(), table.getvalue()


@given(st.data())
@settings(FUZZ, max_examples=30)
def test_a_damaged_file_is_read_or_refused(tmp_path, sheet, sound_files, data):
    content = bytearray(data.draw(st.sampled_from(sound_files)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    (tmp_path / "a").write_bytes(bytes(content if data.draw(st.booleans()) else content[:cut]))
    accounts_for_itself(tmp_path / "a", sheet)


@given(st.data())
@settings(FUZZ, max_examples=30)
def test_a_workbook_with_damaged_parts_is_read_or_refused(tmp_path, sheet, sound_files, data):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound_files[0])) as old, zipfile.ZipFile(out, "w") as new:
        damaged = data.draw(st.sampled_from(old.namelist()))
        for name in old.namelist():
            part = bytearray(old.read(name))
            if name == damaged:
                at = data.draw(st.integers(0, len(part) - 1))
                part[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=8))
            new.writestr(name, bytes(part))
    (tmp_path / "a.xlsx").write_bytes(out.getvalue())
    accounts_for_itself(tmp_path / "a.xlsx", sheet)


# ---- the real register -----------------------------------------------------------------------------------------------

VINTAGES = {
    "renewable-energy-planning-database-q1-march-2021.csv": 6292,
    "renewable-energy-planning-database-q3-september-2021.csv": 6688,
    "renewable-energy-planning-database-q4-december-2021.csv": 6918,
    "renewable-energy-planning-database-q1-april-2022.csv": 7257,
    "repd-july-2022-corrected.csv": 7616,
    "repd-october-2022.csv": 8016,
    "repd-january-2023.csv": 8487,
    "repd-july-2023.csv": 9371,
    "repd-january-2024.csv": 10333,
    "repd-q1-2024.csv": 10801,
    "repd-q2-july-2024.csv": 11156,
}


ENCODINGS = {
    "renewable-energy-planning-database-q1-march-2021.csv": "cp1252",
    "repd-q2-july-2024.csv": "utf-8-sig",
}


@pytest.mark.parametrize("name", VINTAGES)
def test_every_vintage_of_the_register_is_read_whole(repd, name):
    table = open_table(repd / name, read_catalog("repd"), Purpose.HISTORY)
    batch = table.read()
    assert len(batch.rows) + len(batch.rejects) == VINTAGES[name]
    assert len(batch.rows) > 0.85 * VINTAGES[name]
    assert table.layout.encoding == ENCODINGS.get(name, "utf-8")
    assert not batch.flags.str.contains("private").any()
    sound = batch.rows[["ref_id", "planning_application_submitted"]]
    assert sound.notna().all(axis=None)
    assert {"operational", "under_construction", "installed_capacity_mw"} <= set(batch.rows)
