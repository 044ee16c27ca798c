"""A small catalogue of made-up mills whose sheets have every habit of files, and writers of such sheets."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from features.catalog import Catalog
from features.catalogs.reader import parse_catalog
from features.tables import Batch, Purpose, open_table
from features.words import Language

SHEET = """
name = "sheet"
entry = "reviewed"
key = "name"
investor = "firm"
period_months = 6
reporting_lag_months = 3
label = "磨坊项目"
label_en = "Mill projects"

[attribute.name]
kind = "text"
label = "项目名称"
label_en = "Project"
aliases = ["工程名称"]
[attribute.reviewed]
kind = "date"
label = "评审日期"
label_en = "Review date"
[attribute.firm]
kind = "key"
label = "投资方"
label_en = "Investor"
[attribute.uscc]
kind = "key"
label = "统一社会信用代码"
label_en = "Credit code"
[attribute.cost]
kind = "number"
dimension = "capital_strength"
tier = "core"
label = "总投资"
label_en = "Total cost"
aliases = ["计划总投资（内资）"]
unit = "万元"
units = { "亿元" = 10_000, "元" = 0.0001, "万美元" = 7.2 }
minimum = 0
[attribute.fixed]
kind = "number"
dimension = "capital_strength"
label = "固定资产投资"
label_en = "Fixed assets"
unit = "万元"
minimum = 0
[attribute.debt]
kind = "number"
dimension = "capital_strength"
label = "资产负债率"
label_en = "Debt ratio"
unit = "%"
minimum = 0
maximum = 200
[attribute.land]
kind = "number"
dimension = "local_fit"
label = "用地面积"
label_en = "Land"
unit = "亩"
units = { "公顷" = 15 }
[attribute.patents]
kind = "integer"
dimension = "technology"
label = "专利数"
label_en = "Patents"
unit = "件"
minimum = 0
[attribute.proof]
kind = "ordinal"
dimension = "capital_strength"
label = "资金证明"
label_en = "Proof of funds"
levels = ["无", "口头", "到账"]
levels_en = ["none", "spoken", "in place"]
synonyms = { "资金到账" = "到账" }
[attribute.park]
kind = "flag"
dimension = "local_fit"
label = "是否入园"
label_en = "In the park"
missing = ["未查"]
[attribute.country]
kind = "category"
dimension = "context"
label = "国别"
label_en = "Country"
[attribute.note]
kind = "text"
label = "备注说明"
label_en = "Note"
[attribute.begun]
kind = "date"
known = "later"
label = "开工日期"
label_en = "Started"
[attribute.stage]
kind = "category"
known = "later"
label = "状态"
label_en = "Status"

[ambiguous]
"投资额" = ["cost", "fixed"]

[milestone]
landed = { columns = ["begun"] }
[clock]
landed = { horizon_months = 24 }

[[exclude]]
column = "stage"
values = ["重复", "Revised"]
reason = "已被后来的申请取代"
reason_en = "replaced by a later application"
"""

HEADER = ("项目名称", "评审日期", "总投资")
IDS = {
    "项目名称": "name", "评审日期": "reviewed", "投资方": "firm", "统一社会信用代码": "uscc", "固定资产投资": "fixed",
    "资产负债率": "debt", "用地面积": "land", "专利数": "patents", "资金证明": "proof", "是否入园": "park",
    "国别": "country", "备注说明": "note", "总投资": "cost",
}  # fmt: skip

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def sheet() -> Catalog:
    return parse_catalog(SHEET, "sheet")


def csv_text(rows: Sequence[Sequence[object]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """Write rows (the header first) as a file: its kind by the suffix of ``name``."""

    def write(
        rows: Sequence[Sequence[object]], name: str = "sheet.csv", encoding: str = "utf-8", delimiter: str = ","
    ) -> Path:
        path = tmp_path / name
        if path.suffix == ".xlsx":
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append(list(row))
            book.save(path)
        elif path.suffix == ".parquet":
            pd.DataFrame(list(rows[1:]), columns=list(rows[0]), dtype="str").to_parquet(path)
        else:
            path.write_bytes(csv_text(rows, delimiter).encode(encoding))
        return path

    return write


Read = Callable[..., Batch]


@pytest.fixture
def read(sheet: Catalog, written: Write) -> Read:
    """Write rows as a file and read it."""

    def reading(
        rows: Sequence[Sequence[object]],
        name: str = "sheet.csv",
        purpose: Purpose = Purpose.SCORE,
        as_of: np.datetime64 | None = None,
        **how: str,
    ) -> Batch:
        path = written(rows, name, **how)
        return open_table(path, sheet, purpose, as_of=as_of, language=Language.EN).read()

    return reading


@pytest.fixture
def cell(read: Read) -> Callable[[str, str], object]:
    """Return what one cell is read as, or the English words of its problem."""

    def told(header: str, text: str) -> object:
        row = dict(zip(HEADER, ("示例磨坊", "2024-03-05", "5"), strict=True)) | {header: text}
        batch = read([list(row), list(row.values())])
        if batch.problems:
            assert len(batch.rejects) == 1
            return batch.problems[0].message.en
        return batch.rows[IDS[header.partition("（")[0]]].iloc[0]

    return told
