import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from features.catalog import EXPLAINED, Clock
from features.catalogs.reader import read_catalog
from features.synthetic.design import Design
from features.synthetic.register import generate
from features.words import Language
from models.recipe import read_recipe
from models.training import train
from scoring.contributions import SCHEMA
from scoring.engine import SCORED, VETOED, Scorer
from scoring.explanation import explanation
from scoring.policy_reader import read_policy
from scoring.ranking import grades
from scoring.values import measured

CATALOG = read_catalog("zhaoshang")
PACK = read_policy("cn-2026", CATALOG)
AS_OF = np.datetime64("2024-01-01")
TAIL = [  # a scored file after its filed columns
    *("status", "gates", "flags", "p_landed", "p_produced", "p_produced_low", "p_produced_high", "base"),
    *(f"points_{dimension.value}" for dimension in EXPLAINED),
    *("merit", "expected_value", "grade", "rank", "rank_low", "rank_high", "p_top_k"),
    *("reasons_for", "reasons_against", "unlike", "model", "model_hash"),
]
POINTS = [name for name in TAIL if name.startswith("points_")]
FIGURES = [*TAIL[3:8], *POINTS, "merit", "expected_value"]


@cache
def register():
    return generate(Design(n_projects=200), seed=3)


@cache
def scorer(language=Language.ZH, clocks=(Clock.LANDED, Clock.PRODUCED), policy="cn-2026"):
    catalog = replace(CATALOG, clocks={clock: CATALOG.clocks[clock] for clock in clocks})
    recipe = read_recipe()
    trees, level = replace(recipe.trees, rounds=15, learning_rate=0.3), replace(recipe.level, folds=2)
    model = train(register().history, catalog, as_of=AS_OF, recipe=replace(recipe, trees=trees, level=level))
    return Scorer(model, read_policy(policy, catalog), "town-2024", "0f" * 32, language)


@cache
def round_():
    rows = register().new_round(40, seed=1, day=np.datetime64("2026-03-10")).rows
    rows.loc[3, "catalogue_class"] = "淘汰"
    rows.loc[4, ["basic_farmland", "credit_blacklist"]] = 1.0
    return rows


@cache
def scored(language=Language.ZH):
    return replace(scorer(), language=language).score(round_())


def test_the_columns_are_those_of_a_scored_file_in_their_order():
    filed = [name for name in CATALOG.attributes if name in round_()]
    assert list(scored().frame) == filed + TAIL
    pd.testing.assert_frame_equal(scored().frame[filed], round_()[filed])


def test_every_row_is_scored_or_vetoed():
    frame = scored().frame
    assert set(frame["status"]) == {SCORED, VETOED}
    assert (frame["status"] == VETOED).tolist() == frame["gates"].str.contains("否决：").tolist()
    assert frame["status"][[3, 4]].tolist() == [VETOED, VETOED]


def test_a_vetoed_row_has_no_figure_no_grade_no_reason_and_says_why():
    vetoed = scored().frame.query("status == 'vetoed'")
    assert vetoed[FIGURES].isna().all(axis=None)
    assert (vetoed[["grade", "reasons_for", "reasons_against"]] == "").all(axis=None)
    assert vetoed["gates"].str.startswith("否决：").all()


def test_base_and_dimensions_add_up_to_the_headline():
    frame = scored().frame.query("status == 'scored'")
    np.testing.assert_allclose(frame["base"] + frame[POINTS].sum(axis=1), frame["p_produced"], atol=1e-12)
    assert frame["p_landed"].between(0, 1).all()


def test_probability_and_merit_meet_in_the_expected_value_alone():
    frame = scored().frame.query("status == 'scored'")
    assert frame["merit"].between(0, 100).all()
    np.testing.assert_array_equal(frame["expected_value"], frame["p_produced"] * frame["merit"])
    assert frame["grade"].tolist() == grades(PACK, frame["p_produced"].to_numpy()).tolist()


def test_the_columns_of_the_round_hold_no_made_up_figures():
    assert scored().frame[["rank", "rank_low", "rank_high", "p_top_k"]].isna().all(axis=None)


def test_the_interval_of_a_figure_holds_it():
    frame = scored().frame.query("status == 'scored'")
    assert (frame["p_produced_low"] < frame["p_produced"]).all()
    assert (frame["p_produced"] < frame["p_produced_high"]).all()


def test_where_landing_is_the_headline_the_interval_is_that_of_landing():
    frame = scorer(clocks=(Clock.LANDED,)).score(round_()).frame
    frame = frame.query("status == 'scored'")
    assert (frame["p_landed_low"] < frame["p_landed"]).all()
    assert (frame["p_landed"] < frame["p_landed_high"]).all()


def test_contributions_add_up_to_both_figures_per_project():
    table = scored().contributions()
    assert table.schema == SCHEMA
    found = scored().assessment
    frame = scored().frame.query("status == 'scored'").set_index("project_name")
    sums = table.to_pandas().astype({"key": "str", "clock": "str"}).groupby(["clock", "key"])["points"].sum()
    for clock, explained in found.clocks.items():
        figures = frame[f"p_{clock.value}"]
        np.testing.assert_allclose(explained.base + sums[clock.value][figures.index], figures, atol=1e-9)
    assert set(table["key"].to_pylist()) == set(frame.index)
    assert table.num_rows == len(frame) * 2 * len(found.columns)


def test_contributions_carry_the_log_odds_and_the_dimension_of_each_attribute():
    found = scored().assessment
    table = scored().contributions().to_pandas().query("clock == 'produced'")
    np.testing.assert_array_equal(table["log_odds"], found.headline.log_odds.ravel())
    assert table["attribute"].tolist()[: len(found.columns)] == [column.id for column in found.columns]
    dimensions = dict(zip(table["attribute"], table["dimension"], strict=True))
    assert dimensions == {column.id: column.dimension.value for column in found.columns}


def test_a_row_scores_the_same_alone_and_in_company_to_the_letter():
    for row in (0, 3, 17):
        alone = scorer().score(round_().iloc[[row]].reset_index(drop=True)).frame
        pd.testing.assert_frame_equal(alone, scored().frame.iloc[[row]].reset_index(drop=True), check_exact=True)


def test_neither_the_order_of_rows_nor_of_columns_matters():
    order = np.random.default_rng(0).permutation(len(round_()))
    shuffled = round_().iloc[order, ::-1].reset_index(drop=True)
    again = scorer().score(shuffled).frame
    pd.testing.assert_frame_equal(again, scored().frame.iloc[order].reset_index(drop=True), check_exact=True)


def test_reasons_name_the_strongest_contributions_with_the_value_as_filed():
    found, frame = scored().assessment, scored().frame.query("status == 'scored'")
    for place, (_, row) in enumerate(frame.iterrows()):
        points = found.headline.points[place]
        for name, sign in (("reasons_for", 1), ("reasons_against", -1)):
            strong = [j for j in np.argsort(-sign * points, kind="stable")[:3] if sign * points[j] >= 0.0005]
            told = row[name].split("；") if row[name] else []
            assert [text.startswith(found.columns[j].label.zh) for text, j in zip(told, strong, strict=True)] == [
                True
            ] * len(strong)
            assert all(text.endswith(f"{points[j] * 100:+.1f} 个百分点") for text, j in zip(told, strong, strict=True))


def test_a_reason_shows_what_was_filed():
    rows = round_().copy()
    rows["land_area"] = 2500.0
    told = scorer().score(rows).frame["reasons_against"]
    assert told.str.contains(f"用地面积 {measured(2500.0, '亩', Language.ZH)} -").any()


def test_nothing_is_said_to_be_a_cause_in_either_language():
    for language in Language:
        said = scored(language).frame.select_dtypes("str").to_string() + scored(language).frame.to_string()
        assert not re.search("因为|由于|导致|because|caused|due to", said)


def test_english_is_english():
    frame = scored(Language.EN).frame
    for column in ("gates", "flags", "reasons_for", "reasons_against"):
        assert not frame[column].str.contains(r"[\u4e00-\u9fff]").any(), frame[column].tolist()
    numbers = frame[FIGURES]
    pd.testing.assert_frame_equal(numbers, scored().frame[FIGURES], check_exact=True)


def changed(**cells):
    rows = round_().iloc[[0]].copy()
    for name, value in cells.items():
        rows[name] = pd.Series([value], dtype=rows[name].dtype)
    return scorer().score(rows.reset_index(drop=True)).frame["flags"][0]


def test_an_unanswered_red_line_is_told():
    assert "未查（红线问题未答）：" in changed(basic_farmland=np.nan)
    assert "是否占用基本农田" in changed(basic_farmland=np.nan)
    assert "是否占用基本农田" not in changed(basic_farmland=0.0)


def test_a_value_never_seen_is_told():
    said = changed(industry_code="Z9999")
    assert "训练中未见过的取值，按未知处理：行业代码" in said


def test_a_unit_slip_is_told():
    filed = round_()["total_investment"][0]
    assert "疑似单位有误，请核对：计划总投资" in changed(total_investment=filed * 10_000)
    assert "疑似单位有误" not in changed(total_investment=filed)


def test_a_blank_of_the_rubric_is_told():
    assert re.search("评分项未填，按 0 分计：[^；]*新增就业", changed(jobs=np.nan))


def test_what_the_reader_saw_is_told_first():
    rows = round_().iloc[:2].reset_index(drop=True)
    said = scorer().score(rows, pd.Series(["approximate:total_investment", ""])).frame["flags"]
    assert said[0].startswith("计划总投资：约数")
    assert "约数" not in said[1]


def test_landed_that_took_the_figure_of_production_is_told():
    found = scored().assessment
    told = scored().frame.loc[found.figured, "flags"].str.contains("落地概率取同期投产概率")
    assert told.tolist() == found.clocks[Clock.LANDED].overtaken.tolist()


def test_a_round_of_vetoed_projects_alone_is_scored_without_asking_the_model():
    rows = round_().iloc[[3, 4]].reset_index(drop=True)
    result = scorer().score(rows)
    assert result.frame["status"].tolist() == [VETOED, VETOED]
    assert result.frame[FIGURES].isna().all(axis=None)
    assert result.contributions().num_rows == 0
    assert result.contributions().schema == SCHEMA


def test_an_empty_batch_has_the_columns_and_no_rows():
    assert list(scorer().score(round_().iloc[:0]).frame) == list(scored().frame)


def test_a_file_that_lacks_optional_columns_is_scored_and_says_not_filed():
    rows = round_().drop(columns=["land_area", "market_access"])
    frame = scorer().score(rows).frame
    assert "land_area" not in frame
    assert frame["flags"].str.contains("市场准入").all()


def test_a_catalogue_with_one_clock_ranks_by_landing_and_leaves_production_empty():
    frame = scorer(clocks=(Clock.LANDED,), policy="plain").score(round_()).frame
    assert list(frame) == [name.replace("p_produced_", "p_landed_") for name in scored().frame]
    assert frame[["p_produced", "merit", "expected_value"]].isna().all(axis=None), "no rubric, no merit"
    np.testing.assert_allclose(frame["base"] + frame[POINTS].sum(axis=1), frame["p_landed"], atol=1e-12)
    assert (frame["grade"] != "").all()


@pytest.mark.parametrize("row", range(6))
def test_an_explanation_takes_one_row_apart(row):
    found, line = scored().assessment, scored().frame.iloc[row]
    told = explanation(found, row, Language.ZH)
    assert told.key == line["project_name"]
    assert len(told.gates) == int(found.found.holds[row].sum())
    if line["status"] == VETOED:
        assert told.breakdowns == ()
        return
    assert sum(points for _, points in told.merit.values()) == pytest.approx(line["merit"])
    assert [b.clock for b in told.breakdowns] == [Clock.PRODUCED, Clock.LANDED]
    for breakdown in told.breakdowns:
        assert breakdown.figure == line[f"p_{breakdown.clock.value}"]
        assert breakdown.base + sum(breakdown.dimensions.values()) == pytest.approx(breakdown.figure, abs=1e-12)
        assert breakdown.base + sum(c.points for c in breakdown.contributions) == pytest.approx(breakdown.figure)
        sizes = [abs(c.points) for c in breakdown.contributions]
        assert sizes == sorted(sizes, reverse=True)
    headline = told.breakdowns[0]
    for dimension, points in headline.dimensions.items():
        assert points == pytest.approx(line[f"points_{dimension.value}"])


def test_an_explanation_names_the_red_lines_left_open():
    rows = round_().iloc[[0]].reset_index(drop=True)
    rows["banned_small"] = np.nan
    told = explanation(scorer().score(rows).assessment, 0, Language.EN)
    assert CATALOG.attributes["banned_small"].label in told.open
