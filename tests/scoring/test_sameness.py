import pandas as pd
import pyarrow.parquet as pq
import pytest

# The same row, the same score


def alone(rows):
    return {
        name: {k: v for k, v in row.items() if k not in {"rank", "rank_low", "rank_high", "p_top_k"}}
        for name, row in rows.items()
    }


def test_a_project_scores_the_same_alone_and_in_company(scored, sheet, read_scored):
    _, out = scored(sheet)
    company = alone(read_scored(out))
    for row in (0, 7, len(sheet.rows) - 1):
        _, out = scored(sheet.only([row]))
        (name, mine), *_ = alone(read_scored(out)).items()
        assert mine == company[name]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_project_scores_the_same_in_any_order_of_rows_and_columns_and_any_encoding(
    scored, sheet, read_scored, encoding
):
    _, out = scored(sheet)
    straight = read_scored(out)
    turned = sheet.reordered(range(len(sheet.rows))[::-1], range(len(sheet.header))[::-1])
    _, out = scored(turned, encoding=encoding)
    assert read_scored(out) == straight


def test_a_project_scores_the_same_from_a_workbook(scored, sheet, read_scored, tmp_path):
    _, out = scored(sheet)
    straight = read_scored(out)
    book = tmp_path / "projects.xlsx"
    pd.DataFrame(
        [["××县招商项目汇总表", *[""] * (len(sheet.header) - 1)], list(sheet.header), *map(list, sheet.rows)]
    ).to_excel(book, header=False, index=False)
    said, out = scored(book)
    assert said.code == 0
    assert read_scored(out) == straight


def test_a_project_scores_the_same_from_parquet(scored, sheet, read_scored, tmp_path):
    _, out = scored(sheet)
    straight = read_scored(out)
    file = tmp_path / "projects.parquet"
    pd.DataFrame(sheet.rows, columns=list(sheet.header), dtype="str").to_parquet(file)
    _, out = scored(file)
    assert read_scored(out) == straight


def test_a_model_copied_elsewhere_scores_the_same(scored, sheet, model, tmp_path, read_scored):
    _, out = scored(sheet)
    straight = read_scored(out)
    elsewhere = tmp_path / "other place" / "m"
    elsewhere.mkdir(parents=True)
    for file in model.iterdir():
        (elsewhere / file.name).write_bytes(file.read_bytes())
    _, out = scored(sheet, "--model", elsewhere)
    assert read_scored(out) == straight


# Additivity in the files


def test_points_add_up_to_the_figures_in_the_written_files(scored, sheet, tmp_path):
    _, out = scored(sheet, "--contributions", tmp_path / "parts.parquet")
    table = pd.read_csv(out, encoding="utf-8-sig").set_index("project_name")
    table = table[table["status"] == "scored"]
    dimensions = table.filter(like="points_").sum(axis=1)
    assert (table["base"] + dimensions - table["p_produced"]).abs().max() < 1e-6
    parts = pq.read_table(tmp_path / "parts.parquet").to_pandas()
    notes = pq.read_metadata(tmp_path / "parts.parquet").metadata
    bases = {clock: float(notes[f"luodi.base.{clock}".encode()]) for clock in ("landed", "produced")}
    for clock, base in bases.items():
        sums = parts[parts["clock"] == clock].groupby("key", observed=True)["points"].sum()
        figure = table[f"p_{clock}"]
        overtaken = figure == table["p_produced"] if clock == "landed" else figure != figure
        own = sums[figure.index] + base
        assert (own - figure)[~overtaken].abs().max() < 1e-6


def test_a_catalogue_of_reasons_stands_in_the_language_asked_for(scored, sheet, read_scored):
    _, out = scored(sheet.only([0, 1, 2]), "--lang", "en")
    row = next(iter(read_scored(out).values()))
    assert "percentage points" in row["reasons_for"] + row["reasons_against"]
