import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.catalog import Clock
from features.synthetic import Design, generate
from features.words import Language
from models.bundle import load
from models.cold import cold_model
from scoring.assessment import assess
from scoring.detail import details
from scoring.explanation import explanation
from scoring.policy_reader import read_policy

DAY = "2025-01-30"
WITHIN = 1e-9


@pytest.fixture(scope="module")
def rows():
    return generate(Design(n_projects=60, first_year=2024, years=2), seed=5).filings


@pytest.fixture(scope="module")
def trained(model):
    return load(model)


@pytest.fixture(scope="module")
def cold(trained):
    return cold_model(trained.catalog, as_of=np.datetime64(DAY))


@pytest.fixture(scope="module")
def overtaken(trained):
    """The trained model with landings so late that production overtakes every one of them."""
    landed = trained.hazards[Clock.LANDED]
    late = replace(landed, level=replace(landed.level, baseline=landed.level.baseline - 9))
    return replace(trained, hazards={**trained.hazards, Clock.LANDED: late})


@pytest.fixture(params=["trained", "cold", "overtaken"])
def any_model(request):
    return request.getfixturevalue(request.param)


def found_in(rows, model):
    return assess(rows, model, read_policy(model.catalog.policy, model.catalog))


def test_card_and_trees_add_up_to_each_attribute_and_to_the_figure(rows, any_model):
    found = found_in(rows, any_model)
    seen = 0
    for row in np.flatnonzero(found.figured)[:25]:
        for detail in details(found, any_model, int(row), Language.EN):
            for part in detail.parts:
                assert part.card.points + part.trees.points == pytest.approx(part.whole.points, abs=WITHIN)
                assert part.card.log_odds + part.trees.log_odds == pytest.approx(part.whole.log_odds, abs=WITHIN)
            points = sum(part.card.points + part.trees.points for part in detail.parts)
            assert detail.breakdown.base + points == pytest.approx(detail.breakdown.figure, abs=WITHIN)
            seen += 1
    assert seen == 50


def test_the_parts_are_those_of_the_clock_that_gives_the_figure(rows, overtaken):
    found = found_in(rows, overtaken)
    row = int(np.flatnonzero(found.figured)[0])
    produced, landed = details(found, overtaken, row, Language.EN)
    assert landed.breakdown.overtaken
    assert landed.card_weight == produced.card_weight
    assert (landed.shock_sd, landed.frailty_sd) == (produced.shock_sd, produced.frailty_sd)
    assert {p.whole.attribute: p.trees.log_odds for p in landed.parts} == {
        p.whole.attribute: p.trees.log_odds for p in produced.parts
    }


def test_both_card_and_trees_speak_in_a_trained_model_and_the_card_alone_in_a_cold_one(rows, trained, cold):
    for model, trees in ((trained, True), (cold, False)):
        found = found_in(rows, model)
        for detail in details(found, model, int(np.flatnonzero(found.figured)[0]), Language.EN):
            assert detail.card_weight > 0
            assert any(part.card.log_odds for part in detail.parts)
            assert (detail.tree_weight > 0) == trees
            assert any(part.trees.log_odds for part in detail.parts) == trees


def test_shock_and_frailty_are_those_of_the_clock_and_a_cold_model_has_no_frailty(rows, trained, cold):
    for model, learned in ((trained, True), (cold, False)):
        found = found_in(rows, model)
        for detail in details(found, model, int(np.flatnonzero(found.figured)[0]), Language.EN):
            hazard = model.hazards[Clock.PRODUCED if detail.breakdown.overtaken else detail.breakdown.clock]
            assert (detail.shock_sd, detail.frailty_sd) == (hazard.shock_sd, hazard.level.frailty_sd)
            assert (detail.frailty_sd > 0) == learned


def test_attributes_come_in_the_order_of_the_explanation(rows, trained):
    found = found_in(rows, trained)
    row = int(np.flatnonzero(found.figured)[-1])
    told = explanation(found, row, Language.ZH).breakdowns
    for detail, breakdown in zip(details(found, trained, row, Language.ZH), told, strict=True):
        assert [part.whole for part in detail.parts] == list(breakdown.contributions)


def test_a_project_that_a_red_line_stops_has_no_detail(rows, trained):
    found = found_in(rows, trained)
    stopped = np.flatnonzero(~found.figured)
    assert len(stopped)
    assert details(found, trained, int(stopped[0]), Language.EN) == ()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("temperature", ["trained", "cold"])
def test_the_table_in_the_terminal_adds_up(luodi, demonstration, model, tmp_path, temperature, lang):
    folder = model
    if temperature == "cold":
        folder = tmp_path / "cold"
        luodi("train", "--cold", "--out", folder, "--as-of", DAY)
    table = pd.read_csv(demonstration.folder / "scored.csv", encoding="utf-8-sig")
    name = table.loc[table["rank"] == 1, "project_name"].iloc[0]
    said = luodi("explain", demonstration.folder / "round.csv", "--model", folder, "--id", name, "--as-of", DAY,
                 "--detail", "--lang", lang)  # fmt: skip
    assert said.code == 0
    number = r"([+-]\d+\.\d+)"
    lines = re.findall(rf"^.*?\s{number}\s+{number}\s+{number}\s+{number}\s+{number}\s*$", said.out, re.MULTILINE)
    tables = np.split(np.array(lines, dtype=float), np.flatnonzero(_is_sum(said.out, lang)) + 1)[:-1]
    assert len(tables) == 2
    weights = re.findall(r"β (\d\.\d+).*γ (\d\.\d+)", said.out)
    assert len(weights) == 2
    for table, grounds in zip(tables, _grounds(said.out), strict=True):
        np.testing.assert_allclose(table[:-1].sum(axis=0), table[-1], atol=1e-9)
        np.testing.assert_allclose(table[:, 2] + table[:, 3], table[:, 4], atol=1e-9)
        base, card, trees, figure = grounds
        assert (card, trees) == tuple(table[-1, 2:4])
        assert base + card + trees == pytest.approx(figure, abs=1e-9)
    frailty = {"zh": "属性说明不了的差异", "en": "of what no attribute tells"}[lang]
    shock = {"zh": "总体变动", "en": "of the shock"}[lang]
    flowing = re.sub(r"\s+", "" if lang == "zh" else " ", said.out)
    assert len(re.findall(rf"{shock} ?\d\.\d\d", flowing)) == 2
    assert len(re.findall(rf"{frailty} ?\d\.\d\d", flowing)) == {"trained": 2, "cold": 0}[temperature]
    unlike = {"zh": "与历史的差异", "en": "unlike history"}[lang]
    assert said.out.count(unlike) == 1


def _is_sum(out, lang):
    """Which lines of the tables of parts are their sums."""
    rows = [line for line in out.splitlines() if re.search(r"([+-]\d+\.\d{2}\s*){3}$", line)]
    return np.array([line.strip().startswith({"zh": "合计", "en": "sum"}[lang]) for line in rows])


def _grounds(out):
    found = re.findall(r"(\d+\.\d+)[，,] ?\D+([+-]\d+\.\d+)[，,] ?\D+([+-]\d+\.\d+)[：:] ?(\d+\.\d+)%", out)
    return [tuple(map(float, one)) for one in found]
