import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from features.catalog import ASKED, Clock
from features.timeline import person_periods, trace
from features.words import Language
from models.card_text import card_text
from models.curve import curve, hazards, held
from models.level import published_hazards
from models.training import asked_model, known_on, train


@pytest.fixture(scope="module")
def card(model):
    return model.card


def test_counts_are_those_of_the_history(card, register, zhaoshang):
    timeline = trace(register.history, zhaoshang, as_of=register.design.day)
    assert card["projects"]["rows"] == len(register.history)
    assert card["projects"]["admitted"] == timeline.admitted.sum()
    for clock in ASKED:
        lived = person_periods(timeline, zhaoshang.clocks[clock], zhaoshang)
        told = card["clocks"][clock]
        assert told["events"] == lived.event.sum()
        assert sum(told["lived"]) == told["person_periods"] == len(lived.event)


def test_cohorts_cover_every_project_and_mature_with_age(card, register, zhaoshang):
    cohorts = card["cohorts"]
    assert sum(cohort["projects"] for cohort in cohorts) == card["projects"]["admitted"]
    assert [cohort["year"] for cohort in cohorts] == sorted({*register.history[zhaoshang.entry].dt.year})
    first, last = cohorts[0]["clocks"]["produced"], cohorts[-1]["clocks"]["produced"]
    assert first["mature"] == cohorts[0]["projects"]
    assert last["mature"] == 0


def test_weights_come_largest_first_and_belong_to_the_attributes(card):
    for clock in card["clocks"].values():
        sizes = list(clock["weights"].values())
        assert sizes == sorted(sizes, reverse=True)
        assert set(clock["weights"]) <= set(card["attributes"])


def test_the_base_is_what_the_reference_project_is_told(card, model, register):
    told = model.explain(register.history.iloc[:1])
    assert card["clocks"]["produced"]["base"] == told[Clock.PRODUCED].base[0]


@pytest.mark.parametrize("clock", ASKED)
def test_the_mean_after_the_shock_is_that_of_the_figures_and_the_one_before_that_of_the_fitted_level(
    card, model, register, zhaoshang, clock
):
    lived = person_periods(
        trace(register.history, zhaoshang, as_of=register.design.day), zhaoshang.clocks[clock], zhaoshang
    )
    trained = register.history.iloc[np.unique(lived.project)]
    hazard, told = model.hazards[clock], card["clocks"][clock]
    n_periods, score = lived.n_periods, hazard.log_odds(model.features(trained).matrix)
    after = curve(hazard.baseline[:n_periods], score, hazard.spread_sd)[:, -1]
    assert told["mean"] == pytest.approx(after.mean(), rel=1e-6)
    usual, frailty_sd = hazards(hazard.baseline[:n_periods], hazard.spread_sd), hazard.level.frailty_sd
    before = curve(held(logit(usual), frailty_sd), score, frailty_sd)[:, -1]
    assert told["mean_without_shock"] == pytest.approx(before.mean(), rel=1e-6)
    assert told["hazards"] == pytest.approx(usual, rel=1e-9)
    assert (told["shock_sd"], told["shock_seen"]) == (hazard.shock_sd, hazard.level.shock_seen)
    assert told["frailty_sd"] == frailty_sd > 0
    assert told["mean"] != told["mean_without_shock"]


@pytest.mark.parametrize("language", list(Language))
def test_the_page_tells_what_card_trees_and_shock_weigh(card, language):
    page = card_text(card, language)
    for clock in card["clocks"].values():
        for name in ("card_weight", "tree_weight", "shock_sd", "shock_seen", "frailty_sd"):
            assert f"{clock[name]:.2f}" in page
        assert f"{clock['mean']:.1%}" in page
        assert f"{clock['mean_without_shock']:.1%}" in page


@pytest.mark.parametrize("language", list(Language))
def test_the_page_tells_every_warning_clock_and_cohort(card, language):
    page = card_text(card, language)
    assert all(warning[language] in page for warning in card["warnings"])
    assert all(f"| {cohort['year']} |" in page for cohort in card["cohorts"])
    assert page.count("SHA-256") == 2
    assert "because" not in page.lower()
    for clock in card["clocks"].values():
        assert card["attributes"][next(iter(clock["weights"]))][language] in page


def test_the_chinese_page_is_chinese_and_the_english_one_is_not(card):
    assert re.search(r"[\u4e00-\u9fff]", card_text(card, Language.ZH))
    assert "模型" not in card_text(card, Language.EN)


def test_a_young_register_gives_sane_figures_and_says_what_unlived_periods_rest_on(register, zhaoshang, quick):
    entry = register.history[zhaoshang.entry]
    start = entry.min()
    young = register.history[entry < start + pd.Timedelta(days=500)].reset_index(drop=True)
    day = (start + pd.Timedelta(days=600)).to_datetime64().astype("datetime64[D]")
    model = train(young, zhaoshang, as_of=day, snapshot=day, recipe=quick)
    said = [warning["en"] for warning in model.card["warnings"]]
    assert any("their level is the published curve" in text for text in said)
    figure = model.explain(young)[Clock.PRODUCED].figure
    spec, period = zhaoshang.clocks[Clock.PRODUCED], zhaoshang.period_months
    published = 1 - np.prod(1 - published_hazards(spec, period, spec.horizon_months // period))
    assert figure.mean() == pytest.approx(published, abs=0.1)
    low, high = np.quantile(figure, [0.05, 0.95])
    assert 0.05 < low < high < 0.75
    assert ((figure > 0.02) & (figure < 0.97)).all()  # an expert spreads by order alone, and unchecked


def test_trees_that_are_left_out_are_told(model, zhaoshang, register, quick):
    few = register.history.iloc[:60].reset_index(drop=True)
    told = asked_model(known_on(few, zhaoshang, as_of=register.design.day, recipe=quick))
    said = [warning["en"] for warning in told.card["warnings"]]
    for clock, hazard in told.hazards.items():
        assert hazard.tree_weight == 0.0
        assert told.card["clocks"][clock]["trees"] == 0
    assert sum("the card stands alone" in text for text in said) == len(told.hazards)
    assert not any("the card stands alone" in warning["en"] for warning in model.card["warnings"])
