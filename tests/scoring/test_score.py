import re

import pandas as pd
import pytest

from features.catalog import Tier
from features.catalogs.attribute_rules import OUTPUT_COLUMNS, OUTPUT_PREFIXES, REJECT_COLUMNS
from features.catalogs.reader import read_catalog
from features.filed_columns import absent
from models.bundle import load

# Files that cannot be read: refused, and nothing is written.


def spoilt(sheet, kind):
    text = sheet.text()
    core = sheet.at("计划总投资")
    return {
        "empty": b"",
        "header only": (",".join(sheet.header) + "\n").encode(),
        "binary": bytes(range(256)) * 20,
        "unknown encoding": text.encode("utf-8")[:-3].replace(b"\r\n", b"\r\n\xff\xfe\x81", 2),
        "another table": "苹果,梨\n1,2\n".encode(),
        "duplicate header": sheet.reordered(range(len(sheet.rows)), [*range(len(sheet.header)), core])
        .text()
        .encode("gb18030"),
        "core column gone": sheet.reordered(range(len(sheet.rows)), [i for i in range(len(sheet.header)) if i != core])
        .text()
        .encode("gb18030"),
        "ambiguous header": text.replace("计划总投资（万元）", "投资额（万元）").encode("gb18030"),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "said_of_it"),
    [
        ("empty", "空"),
        ("header only", "只有表头"),
        ("binary", "二进制"),
        ("unknown encoding", "编码"),
        ("another table", "苹果"),
        ("duplicate header", "计划总投资"),
        ("core column gone", "计划总投资"),
        ("ambiguous header", "投资额"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(scored, sheet, tmp_path, kind, said_of_it):
    file = tmp_path / "projects.csv"
    file.write_bytes(spoilt(sheet, kind))
    said, out = scored(file)
    assert said.code == 2
    assert said_of_it in said.err
    assert not out.exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["projects.csv"]


# Rows that cannot be read: rejected with their line, the others are scored all the same.


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("计划总投资", "inf", "inf"),
        ("计划总投资", "1e400", "1e400"),
        ("计划总投资", "-5000", "-5000"),
        ("注册资本", "面议", "面议"),
        ("评审日期", "2204-03-01", "2204"),
        ("项目名称", "", "项目名称"),
        ("技术水平", "天下第一", "天下第一"),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_and_the_others_are_scored(scored, sheet, tmp_path, column, cell, told):
    said, out = scored(sheet.changed(1, column, cell))
    rejects = pd.read_csv(tmp_path / "scored.rejects.csv", encoding="utf-8-sig", dtype=str)
    assert said.code == 1
    assert rejects["line"].tolist() == ["3"]
    assert told in rejects["problems"][0]
    assert len(pd.read_csv(out, encoding="utf-8-sig")) == len(sheet.rows) - 1
    n = len(sheet.rows)
    assert re.search(rf"读入 {n} 行 = 评分 \d+ \+ 否决 \d+ \+ 退回 1", said.out)


def test_a_key_filed_twice_is_rejected_the_second_time(scored, sheet, tmp_path):
    said, out = scored(sheet.only([0, 1, 0]))
    assert said.code == 1
    assert len(pd.read_csv(out, encoding="utf-8-sig")) == 2
    assert pd.read_csv(tmp_path / "scored.rejects.csv", encoding="utf-8-sig")["line"].tolist() == [4]


def test_a_slip_of_units_is_scored_and_flagged(scored, sheet, read_scored):
    filed = float(sheet.rows[0][sheet.at("注册资本")])
    said, out = scored(sheet.changed(0, "注册资本", f"{filed * 10_000:.0f}"))
    assert said.code == 0
    row = next(iter(read_scored(out).values()))
    assert float(row["registered_capital"]) == filed * 10_000
    assert "单位" in row["flags"]
    assert "注册资本" in row["flags"]


def test_a_formula_is_no_formula_in_any_output(scored, sheet, tmp_path):
    said, out = scored(sheet.changed(0, "项目名称", "=HYPERLINK(1)").changed(1, "计划总投资", "=1+1"))
    assert said.code in {0, 1}
    for file in (out, tmp_path / "scored.rejects.csv"):
        if file.exists():
            cells = pd.read_csv(file, encoding="utf-8-sig", dtype=str, header=None).to_numpy().ravel()
            assert not [c for c in cells if isinstance(c, str) and re.match(r"[=@]|[+-][^\d.-]", c)]


def test_a_telephone_number_reaches_no_output(scored, sheet, tmp_path):
    wide = sheet.reordered(range(len(sheet.rows)), range(len(sheet.header)))
    bad = (
        wide.changed(0, "计划总投资", "面议")
        .changed(1, "联系电话", "13900001234")
        .changed(0, "联系电话", "13900001234")
    )
    said, _ = scored(bad)
    for file in tmp_path.iterdir():
        if file.name != "projects.csv":
            assert b"13900001234" not in file.read_bytes()
    assert "13900001234" not in said.out + said.err


# Completeness


def test_every_column_of_the_written_files_is_the_catalogue_s_or_kept_from_it(scored, sheet, tmp_path):
    _, out = scored(sheet.changed(1, "计划总投资", "面议"), "--seats", 2)
    ids = set(read_catalog("zhaoshang").attributes)
    own = [name for name in pd.read_csv(out, encoding="utf-8-sig", nrows=0) if name not in ids]
    assert own
    assert [n for n in own if n not in OUTPUT_COLUMNS and not n.startswith(OUTPUT_PREFIXES)] == []
    aside = pd.read_csv(tmp_path / "scored.rejects.csv", encoding="utf-8-sig", nrows=0)
    assert {name for name in aside if name not in sheet.header} == REJECT_COLUMNS


# Columns that a file does not have


def without(sheet, *gone):
    keep = [i for i in range(len(sheet.header)) if i not in {sheet.at(name) for name in gone}]
    return sheet.reordered(range(len(sheet.rows)), keep)


def test_columns_of_the_model_that_are_not_there_are_told_in_one_line(scored, sheet):
    said, _ = scored(without(sheet, "技术水平", "项目类型"))
    told = [line for line in said.err.splitlines() if "没有模型所用的" in line]
    assert len(told) == 1
    assert told[0].endswith("按未填计：项目类型、技术水平。")


def test_of_many_columns_that_are_not_there_a_few_are_named_and_the_rest_counted(scored, sheet, model):
    catalog = read_catalog("zhaoshang")
    core = {a.label.zh for a in catalog.attributes.values() if a.tier in {Tier.KEY, Tier.CORE}}
    said, _ = scored(without(sheet, *(h for h in (c.partition("（")[0] for c in sheet.header) if h not in core)))
    (told,) = [line for line in said.err.splitlines() if "没有模型所用的" in line]
    read = absent(
        load(model).builder.columns_, {a.id for a in catalog.attributes.values() if a.label.zh in core}, catalog
    )
    assert told.endswith(f"等（另有 {len(read) - 8} 项）。")
    assert told.count("、") == 7


def test_a_sheet_with_every_column_is_told_nothing_of_the_kind(scored, sheet):
    said, _ = scored(sheet)
    assert "没有模型所用的" not in said.err
