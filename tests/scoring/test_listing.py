import io

import pandas as pd
import pytest
from rich.cells import cell_len
from rich.console import Console

from features.catalogs.reader import read_catalog
from features.words import Language, Words
from scoring.listing import as_rich, ranking, vetoes

CATALOG = read_catalog("zhaoshang")


def drawn(table, width):
    file = io.StringIO()
    Console(file=file, width=width).print(table)
    return file.getvalue()


@pytest.fixture
def scored(demonstration):
    frame = pd.read_csv(demonstration.folder / "scored.csv", encoding="utf-8-sig", keep_default_na=True)
    return frame.astype(dict.fromkeys(("reasons_for", "reasons_against", "gates"), object)).fillna(
        {"reasons_for": "", "reasons_against": "", "gates": ""}
    )


@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_ranking_fits_the_terminal_and_loses_no_letter(scored, width):
    best = scored[scored["status"] == "scored"].sort_values("rank").head(20)
    text = drawn(ranking(best, CATALOG, Language.ZH), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    letters = "".join(text.split())
    for name in ("rank", "grade"):
        assert all(str(value).removesuffix(".0") in letters for value in best[name])
    assert f"{best['p_produced'].iloc[0]:.1%}" in text


@pytest.mark.parametrize("width", [80, 120])
def test_every_vetoed_project_stands_with_its_whole_ground(scored, width):
    rows = scored[scored["status"] == "vetoed"]
    text = drawn(vetoes(rows, CATALOG, Language.ZH), width)
    assert "…" not in text
    assert text.count("否决") >= len(rows)
    assert "提醒" not in text


def test_a_ground_that_holds_a_mark_of_its_own_is_not_cut():
    gates = "否决：占用农田（第三十五条；意见，自2024年适用）；提醒：其他"
    rows = pd.DataFrame({"project_name": ["甲"], "gates": [gates]})
    text = drawn(vetoes(rows, CATALOG, Language.ZH), 100)
    assert "意见，自2024年适用）" in text
    assert "其他" not in text


def test_a_table_in_words_keeps_every_cell():
    class Found:
        title = Words("标题", "title")
        header = (Words("模型", "model"), Words("指标", "figure"))
        rows = ((Words("甲", "a"), Words("0.7", "0.7")), (Words("乙", "b"), Words("0.6", "0.6")))

    text = drawn(as_rich(Found(), Language.EN), 80)
    assert [word for word in ("title", "model", "figure", "a", "0.7", "b", "0.6") if word not in text] == []
