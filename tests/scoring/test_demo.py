import re

import pandas as pd
import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len

from features.catalogs.reader import read_catalog
from models.bundle import load
from scoring.demo import FAULTS, RED_LINES, ROUND


def test_the_demonstration_leaves_the_files_of_the_design(demonstration):
    names = {path.name for path in demonstration.folder.iterdir()}
    assert names == {"history.csv", "round.csv", "model", "scored.csv", "contributions.parquet", "rejects.csv"}


def test_the_round_is_saved_as_excel_saves_it_in_an_office(demonstration):
    header = (demonstration.folder / "round.csv").read_bytes().decode("gb18030").splitlines()[0]
    assert "计划总投资（万元）" in header
    assert "联系电话" in header
    (demonstration.folder / "history.csv").read_text(encoding="utf-8-sig").encode("gb18030")


def test_every_row_of_the_round_is_accounted_for(demonstration):
    scored = pd.read_csv(demonstration.folder / "scored.csv", encoding="utf-8-sig")
    rejects = pd.read_csv(demonstration.folder / "rejects.csv", encoding="utf-8-sig")
    status = scored["status"].value_counts()
    assert len(scored) + len(rejects) == ROUND
    assert len(rejects) == len(FAULTS) + 1  # and the project that was filed twice
    assert (
        f"读入 {ROUND} 行 = 评分 {status['scored']} + 否决 {status['vetoed']} + 退回 {len(rejects)}"
        in demonstration.out
    )


def test_every_red_line_of_the_round_stops_its_project(demonstration):
    scored = pd.read_csv(demonstration.folder / "scored.csv", encoding="utf-8-sig")
    for _, column, level in RED_LINES:
        assert (scored.loc[scored[column] == level, "status"] == "vetoed").all()
    assert scored.loc[scored["status"] == "vetoed", ["p_produced", "rank", "grade"]].isna().all(axis=None)


def test_the_fake_is_stopped_or_stands_in_the_lower_half(demonstration):
    scored = pd.read_csv(demonstration.folder / "scored.csv", encoding="utf-8-sig")
    fake = scored.loc[(scored["total_investment"] / scored["registered_capital"]).idxmax()]
    assert fake["status"] == "vetoed" or fake["rank"] > scored["rank"].max() / 2


def test_no_telephone_number_is_in_any_file_it_wrote_or_line_it_printed(demonstration):
    telephone = re.compile(rb"1380000\d{4}")
    for path in demonstration.folder.rglob("*"):
        if path.is_file() and path.name != "round.csv":
            assert not telephone.search(path.read_bytes()), path
    assert not telephone.search((demonstration.out + demonstration.err).encode())


def test_the_contributions_add_up_to_the_figures(demonstration):
    scored = pd.read_csv(demonstration.folder / "scored.csv", encoding="utf-8-sig").set_index("project_name")
    parts = pq.read_table(demonstration.folder / "contributions.parquet").to_pandas()
    sums = parts[parts["clock"] == "produced"].groupby("key", observed=True)["points"].sum()
    figured = scored[scored["status"] == "scored"]
    assert len(sums) == len(figured)
    total = figured["base"] + sums[figured.index]
    assert (total - figured["p_produced"]).abs().max() < 1e-6


def test_the_model_is_of_the_catalogue(demonstration):
    assert load(demonstration.folder / "model").catalog.digest == read_catalog("zhaoshang").digest


@pytest.mark.parametrize("line", ["luodi train", "luodi score", "luodi explain"])
def test_each_step_shows_what_a_person_would_type(demonstration, line):
    assert f"$ {line}" in demonstration.out


def test_the_ranking_fits_a_terminal(demonstration):
    shown = demonstration.out[: demonstration.out.index("$ luodi explain")].splitlines()
    assert max(cell_len(line) for line in shown if not line.startswith("$")) <= 100
