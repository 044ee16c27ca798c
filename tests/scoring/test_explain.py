import re

import pandas as pd
import pytest

DAY = "2025-01-30"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_explanation_adds_up_in_the_terminal(luodi, demonstration, model, lang):
    table = pd.read_csv(demonstration.folder / "scored.csv", encoding="utf-8-sig")
    first = table.loc[table["rank"] == 1, "project_name"].iloc[0]
    said = luodi("explain", demonstration.folder / "round.csv", "--model", model, "--id", first, "--as-of", DAY,
                 "--lang", lang)  # fmt: skip
    assert said.code == 0
    steps = re.findall(r"^( *)\S.*?\s([+-]?\d+\.\d)(?:\s+█*)?\s*$", said.out, re.MULTILINE)
    assert steps
    total, base, added, dimension, below = 0.0, 0.0, 0.0, None, 0.0
    for indent, number in steps:
        value = float(number)
        if not indent and not number.startswith(("+", "-")) and dimension is None:
            base, dimension = value, 0.0
        elif not indent:
            assert round(below, 1) == pytest.approx(dimension, abs=1e-9)
            total = round(base + added, 1)
            assert total == pytest.approx(value, abs=1e-9)
            base, added, dimension, below = 0.0, 0.0, None, 0.0
        elif len(indent) == 2:
            assert round(below, 1) == pytest.approx(dimension, abs=1e-9)
            added, dimension, below = added + value, value, 0.0
        else:
            below += value
    assert f"{total:.1f}%" in said.out


def test_an_unknown_project_is_told_the_nearest_name(luodi, demonstration, model):
    said = luodi(
        "explain", demonstration.folder / "round.csv", "--model", model, "--id", "示例太阳能发电项目", "--lang", "en"
    )
    assert said.code == 2
    assert "Did you mean" in said.err


def test_a_rejected_project_is_told_why_it_has_no_figure(luodi, demonstration, model):
    rejects = pd.read_csv(demonstration.folder / "rejects.csv", encoding="utf-8-sig", dtype=str)
    name = rejects.loc[rejects["problems"].str.contains("面议"), "项目名称"].iloc[0]
    said = luodi("explain", demonstration.folder / "round.csv", "--model", model, "--id", name)
    assert said.code == 2
    assert "面议" in said.err


def test_a_vetoed_project_is_told_its_red_line(luodi, demonstration, model):
    table = pd.read_csv(demonstration.folder / "scored.csv", encoding="utf-8-sig")
    name = table.loc[table["status"] == "vetoed", "project_name"].iloc[0]
    said = luodi("explain", demonstration.folder / "round.csv", "--model", model, "--id", name, "--as-of", DAY)
    assert said.code == 0
    assert "否决" in said.out
