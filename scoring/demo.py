"""The demonstration's files: an invented county's ledger, and a round of projects with the faults of real sheets."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from features.catalog import Catalog
from features.catalogs.reader import read_catalog
from features.synthetic import Design, as_office_sheet, generate
from scoring.sinks import arrow
from scoring.writing import csv_header, csv_lines, in_words, published

SEED = 20
CATALOG = "zhaoshang"
DESIGN = Design(n_projects=1500, first_year=2013, years=12)
PIPELINE = 400  # projects that the round is taken from
ROUND = 40
FAKES = 1
# What policy stops: (row of the round, attribute, value as the sheet has it).
RED_LINES = (
    (5, "catalogue_class", "淘汰"),
    (11, "zone_class", "生态保护红线内"),
    (17, "incentive_compliance", "不合规"),
)
# What cannot be read: (row of the round, attribute, cell).
FAULTS = (
    (8, "total_investment", "面议"),
    (20, "review_date", "2204-03-01"),
    (31, "registered_capital", "-5000"),
)
PRIVATE = "联系电话"
TOTALS = "合计"


@dataclass(frozen=True)
class Demonstration:
    """The two files, and the day on which the round is judged."""

    history: Path
    round_: Path
    day: np.datetime64


def prepare(folder: Path) -> Demonstration:
    """Write the ledger and the round into a folder that exists; the same bytes each time.

    Raises
    ------
    Refused
        If the folder cannot be written.
    """
    catalog = read_catalog(CATALOG)
    register = generate(DESIGN, seed=SEED)
    drawn = register.new_round(PIPELINE, seed=1)
    fake = drawn.truth["fake"].to_numpy(bool)
    chosen = np.sort(np.concatenate([np.flatnonzero(fake)[:FAKES], np.flatnonzero(~fake)[: ROUND - FAKES]]))
    rows = drawn.rows.iloc[chosen].reset_index(drop=True)
    made = Demonstration(folder / "history.csv", folder / "round.csv", rows[catalog.entry].to_numpy("datetime64[D]")[0])
    ledger = as_office_sheet(register.history, catalog, seed=SEED)
    with published(made.history, made.round_) as (history, round_), in_words(folder):
        history.write_bytes(_utf8(ledger))
        # As Excel saves it in China: GBK, under a title line, with a totals row at the end.
        round_.write_bytes(_utf8(_round_sheet(rows, catalog)).decode("utf-8-sig").encode("gb18030"))
    return made


def _utf8(sheet: pd.DataFrame) -> bytes:
    table: pa.Table = arrow(sheet)
    return csv_header(table.column_names) + csv_lines(table)


def _round_sheet(rows: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Return the round as an office keeps it: a telephone column, red lines, unreadable cells, a repeated project."""
    sheet = as_office_sheet(rows, catalog, seed=SEED + 1)
    header = dict(zip(rows.columns, sheet.columns, strict=True))
    for row, attribute, cell in (*RED_LINES, *FAULTS):
        sheet.loc[row, header[attribute]] = cell
    sheet.loc[36] = sheet.loc[2]  # filed twice
    sheet[PRIVATE] = [f"1380000{row:04d}" for row in range(len(sheet))]
    sheet.loc[len(sheet)] = [TOTALS] + [""] * (len(sheet.columns) - 1)
    return sheet
