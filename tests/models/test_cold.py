import re
from dataclasses import replace

import numpy as np
import pytest

from features.catalog import ASKED, Clock, Kind
from features.catalogs.reader import BUILT_IN, read_catalog
from features.errors import Refused
from features.synthetic import known_effects
from features.words import Language
from models.bundle import contents, load, model_hash, save
from models.card import NO_OUTCOMES
from models.card_text import card_text
from models.cold import cold_model
from models.curve import curve
from models.leanings import SPREAD, direction
from models.level import published_hazards
from models.recipe import read_recipe

DAY = np.datetime64("2024-06-30")


@pytest.fixture(scope="module")
def cold(zhaoshang):
    return cold_model(zhaoshang, as_of=DAY)


@pytest.fixture(scope="module")
def fresh(register):
    return register.new_round(400, seed=6)


@pytest.fixture(scope="module")
def features(cold, fresh):
    return cold.features(fresh.rows)


def middling(cold):
    """Projects of which nothing is known, or every number is in the middle of what is typical."""
    columns = cold.builder.columns_
    matrix = np.full((2, len(columns)), np.nan)
    for j, c in enumerate(columns):
        if c.typical is not None:
            matrix[1, j] = drawn_number(c, np.zeros(1))[0]
    return matrix


def drawn_number(column, deviates):
    """What projects have whose deviates are these, one in ten being below the low value and above the high one."""
    low, high = np.log1p(column.typical) if column.transform == "log1p" else column.typical
    there = (low + high) / 2 + deviates * (high - low) / (2 * 1.2815515655446004)
    return np.expm1(there) if column.transform == "log1p" else there


def ordinary(cold, n=40_000, seed=0):
    """Projects drawn from what the catalogue calls typical, attribute by attribute."""
    rng, columns = np.random.default_rng(seed), cold.builder.columns_
    matrix = np.full((n, len(columns)), np.nan)
    for j, c in enumerate(columns):
        attribute = cold.catalog.attributes.get(c.id)
        if c.typical is not None:
            matrix[:, j] = drawn_number(c, rng.normal(size=n))
        elif attribute is not None and attribute.answers:
            matrix[:, j] = rng.choice(len(attribute.answers), n, p=attribute.answer_shares)
    return matrix


def published(catalog, spec):
    n_periods = -(-spec.reach_months // catalog.period_months)
    return 1 - np.cumprod(1 - published_hazards(spec, catalog.period_months, n_periods))


# Oracle: the published curve, and the catalogue's weights by hand


@pytest.mark.parametrize("clock", list(Clock))
def test_projects_drawn_from_what_is_typical_have_the_published_curve_on_average(cold, zhaoshang, clock):
    hazard, spec = (cold.hazards | cold.later)[clock], (zhaoshang.clocks | zhaoshang.later)[clock]
    matrix = ordinary(cold)
    matrix = np.column_stack([matrix, np.full(len(matrix), np.nan)]) if clock is Clock.FINISHED else matrix
    score = hazard.log_odds(matrix)
    assert score.mean() == pytest.approx(0, abs=0.01)
    assert score.std() == pytest.approx(np.linalg.norm(hazard.card.weights), rel=0.02)
    told = curve(hazard.baseline, score, hazard.spread_sd).mean(axis=0)
    np.testing.assert_allclose(told, published(zhaoshang, spec), atol=0.003)
    assert hazard.shock_sd == read_recipe().shock.prior_sd


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
def test_a_card_of_one_flag_has_the_published_curve_on_average_however_rare_it_is(zhaoshang, share):
    kept = {"in_park": replace(zhaoshang.attributes["in_park"], shares={"yes": share})}
    alone = {name: kept.get(name, replace(a, weights={})) for name, a in zhaoshang.attributes.items()}
    model = cold_model(replace(zhaoshang, attributes=alone), as_of=DAY)
    j = [c.id for c in model.builder.columns_].index("in_park")
    matrix = np.full((2, len(model.builder.columns_)), np.nan)
    matrix[:, j] = [0.0, 1.0]
    for clock, hazard in model.hazards.items():
        no, yes = score = hazard.log_odds(matrix)
        assert (1 - share) * no + share * yes == pytest.approx(0, abs=1e-12)
        told = np.array([1 - share, share]) @ curve(hazard.baseline, score, hazard.spread_sd)
        np.testing.assert_allclose(told, published(zhaoshang, zhaoshang.clocks[clock]), atol=0.003)


@pytest.mark.parametrize("clock", ASKED)
def test_what_is_not_known_of_a_project_takes_it_for_the_average(cold, clock):
    assert cold.hazards[clock].log_odds(middling(cold)).tolist() == pytest.approx([0, 0], abs=1e-12)


def test_the_more_projects_have_their_land_the_less_it_says_of_one_that_it_has(zhaoshang):
    plots = zhaoshang.attributes["land_status"]
    figures = []
    for shares in ({"净地": 0.1}, {"净地": 0.8}):
        there = {**zhaoshang.attributes, "land_status": replace(plots, shares=shares)}
        model = cold_model(replace(zhaoshang, attributes=there), as_of=DAY)
        row = np.full((1, len(model.builder.columns_)), np.nan)
        row[0, [c.id for c in model.builder.columns_].index("land_status")] = plots.levels.index("净地")
        figures.append(model.hazards[Clock.LANDED].log_odds(row)[0])
    assert figures[0] > figures[1] > 0


@pytest.mark.parametrize("clock", ASKED)
def test_from_a_low_to_a_high_project_an_attribute_moves_the_score_by_its_weight(cold, clock):
    seen, scale = 0, SPREAD / np.linalg.norm([c.weights.get(clock, 0.0) for c in cold.builder.columns_])
    for j, c in enumerate(cold.builder.columns_):
        if c.typical is None or not c.weights.get(clock) or cold.catalog.attributes.get(c.id, c) is None:
            continue
        kind = cold.catalog.attributes[c.id].kind if c.id in cold.catalog.attributes else Kind.NUMBER
        if kind in {Kind.NUMBER, Kind.INTEGER}:
            ends = np.repeat(middling(cold)[:1], 2, axis=0)
            ends[:, j] = c.typical
            moved = np.diff(cold.hazards[clock].log_odds(ends))[0]
            assert moved == pytest.approx(2 * 1.2816 * c.weights[clock] * scale, abs=0.01), c.id
            seen += 1
    assert seen > 5


# Properties


@pytest.mark.parametrize("clock", ASKED)
def test_figures_add_up_and_are_those_of_the_card_alone(cold, features, clock):
    told = cold.figures(features)[clock]
    np.testing.assert_allclose(told.base + told.points.sum(axis=1), told.figure, atol=1e-12)
    card, trees = cold.hazards[clock].parts(features.matrix)
    assert not trees.any()
    assert card.any()
    own = ~told.overtaken
    assert told.log_odds[own].tolist() == card[own].tolist()


@pytest.mark.parametrize("clock", list(Clock))
def test_directions_hold_for_every_directed_attribute(cold, features, clock):
    hazard = (cold.hazards | cold.later)[clock]
    matrix = features.matrix[:10]
    matrix = np.column_stack([matrix, np.full(10, 9.0)]) if clock is Clock.FINISHED else matrix
    for j, c in enumerate(features.columns):
        known = features.matrix[~np.isnan(features.matrix[:, j]), j]
        if direction(c, clock) and known.size:
            grid = np.repeat(matrix, 15, axis=0)
            grid[:, j] = np.tile(np.linspace(known.min(), known.max(), 15), 10)
            steps = np.diff(hazard.log_odds(grid).reshape(10, 15), axis=1)
            assert (direction(c, clock) * steps >= -1e-12).all(), c.id


def test_the_card_orders_invented_projects_better_than_chance(cold, features, fresh):
    figure = cold.figures(features)[Clock.PRODUCED].figure
    ranks = [np.argsort(np.argsort(values)) for values in (figure, fresh.truth["p_produced"].to_numpy())]
    assert np.corrcoef(*ranks)[0, 1] > 0.5


@pytest.mark.parametrize("clock", ASKED)
def test_the_card_is_no_surer_of_invented_projects_than_a_good_card_is(cold, features, clock):
    told = cold.figures(features)[clock].figure
    assert 0.6 < cold.hazards[clock].log_odds(features.matrix).std() < 1.1
    low, high = np.quantile(told, [0.05, 0.95])
    assert 0.1 < low < high < 0.9
    assert ((told > 0.03) & (told < 0.995)).all()


def test_known_effects_have_the_sign_that_the_expert_gives_them(cold):
    weights = {c.id: c.weights.get(Clock.LANDED, 0.0) for c in cold.builder.columns_}
    told = [weights[e.attribute] * e.landed for e in known_effects().values() if e.attribute in weights and e.monotone]
    assert all(product >= 0 for product in told)
    assert sum(product > 0 for product in told) > 5


def test_a_project_is_told_the_same_alone_and_in_company(cold, fresh, features):
    company = cold.figures(features)
    for i in (0, 41, 399):
        for clock, told in cold.explain(fresh.rows.iloc[[i]].reset_index(drop=True)).items():
            assert told.figure[0] == company[clock].figure[i]
            assert told.points[0].tolist() == company[clock].points[i].tolist()


def test_a_cold_model_is_the_same_whenever_it_is_made_and_survives_the_round_trip(cold, zhaoshang, features, tmp_path):
    assert model_hash(cold_model(zhaoshang, as_of=DAY)) == model_hash(cold)
    assert save(cold, tmp_path / "cold") == model_hash(cold)
    there = load(tmp_path / "cold")
    assert contents(there) == contents(cold)
    assert there.cold
    assert there.bagged(features).shape == (0, 400)
    assert there.likeness is None
    for clock, told in there.figures(features).items():
        assert told.figure.tolist() == cold.figures(features)[clock].figure.tolist()


@pytest.mark.parametrize("seed", [1, 2])
def test_of_the_recipe_only_the_shock_counts(cold, zhaoshang, features, seed):
    recipe = read_recipe()
    other = replace(recipe, seed=seed, card=replace(recipe.card, penalty=7.0), trees=replace(recipe.trees, rounds=3))
    told = cold_model(zhaoshang, as_of=DAY, recipe=other).figures(features)[Clock.PRODUCED]
    assert told.figure.tolist() == cold.figures(features)[Clock.PRODUCED].figure.tolist()
    calm = replace(recipe, shock=replace(recipe.shock, prior_sd=0.1))
    assert cold_model(zhaoshang, as_of=DAY, recipe=calm).hazards[Clock.PRODUCED].shock_sd == 0.1


# The card


@pytest.mark.parametrize("language", list(Language))
def test_the_card_says_in_both_languages_that_there_are_no_outcomes_yet(cold, language):
    assert cold.cold
    assert NO_OUTCOMES.said(language) in [warning[language.value] for warning in cold.card["warnings"]]
    assert NO_OUTCOMES.said(language) in card_text(cold.card, language)
    assert all(clock["events"] == clock["projects"] == 0 for clock in cold.card["clocks"].values())


def test_the_base_on_the_card_is_the_chance_of_the_average_project_and_lies_further_out_than_the_published_one(
    cold, zhaoshang
):
    for clock, spec in zhaoshang.clocks.items():
        n_periods, hazard = spec.horizon_months // zhaoshang.period_months, cold.hazards[clock]
        base, among_all = cold.card["clocks"][clock]["base"], published(zhaoshang, spec)[n_periods - 1]
        assert base == curve(hazard.baseline[:n_periods], np.zeros(1), hazard.spread_sd)[0, -1]
        assert among_all - 0.03 < base < among_all < 0.5


# Refused


@pytest.mark.parametrize("bare", [(Clock.LANDED,), (Clock.PRODUCED,), ASKED])
def test_a_catalogue_without_a_curve_for_a_clock_that_is_asked_is_refused_in_words(zhaoshang, bare):
    clocks = {c: replace(spec, curve=() if c in bare else spec.curve) for c, spec in zhaoshang.clocks.items()}
    with pytest.raises(Refused, match="must publish a curve") as caught:
        cold_model(replace(zhaoshang, clocks=clocks), as_of=DAY)
    for language in Language:
        told = caught.value.said(language)
        assert {c for c in ASKED if f"[clock.{c.value}]" in told} == set(bare)
    assert "冷启动" in caught.value.said(Language.ZH)


def bare(catalog, *, weights=True, ordered=True):
    """The catalogue with nothing typical of any number; without weights, or without weights on what is no number."""

    def stripped(a):
        kept = weights and (ordered or a.kind in {Kind.NUMBER, Kind.INTEGER})
        return replace(a, typical=None, shares={}, weights=a.weights if kept else {})

    attributes = {name: stripped(a) for name, a in catalog.attributes.items()}
    derived = tuple(replace(d, attribute=stripped(d.attribute)) for d in catalog.derived)
    return replace(catalog, attributes=attributes, derived=derived)


@pytest.mark.parametrize(
    ("weights", "zh", "en"),
    [
        (False, ("没有任何权重", "请为属性写 weight"), ("no weight at all", "Give attributes a weight")),
        (True, ("有权重而无 typical", "请为其写 typical"), ("weights without typical for ", "typical = [low, high]")),
    ],
)
def test_a_card_that_tells_no_projects_apart_is_refused_with_the_remedy(zhaoshang, weights, zh, en):
    with pytest.raises(Refused, match="must tell projects apart") as caught:
        cold_model(bare(zhaoshang, weights=weights, ordered=False), as_of=DAY)
    assert all(part in caught.value.said(Language.ZH) for part in zh)
    assert all(part in caught.value.said(Language.EN) for part in en)


def test_the_card_names_each_weighted_number_of_which_nothing_is_typical(zhaoshang, cold):
    noted = [w["en"] for w in cold_model(bare(zhaoshang), as_of=DAY).card["warnings"] if "no typical" in w["en"]]
    silent = [c for c in cold.builder.columns_ if c.typical is not None and any(c.weights.values())]
    assert len(noted) == len(silent) > 5
    for column in silent:
        assert any(note.startswith(f"{column.label.en}: ") and f" for {column.id} " in note for note in noted)
    assert not any("no typical" in warning["en"] for warning in cold.card["warnings"])


@pytest.mark.parametrize("language", list(Language))
def test_the_card_names_those_whose_answers_are_taken_for_equally_common(zhaoshang, cold, language):
    even = {"zh": "按同样常见计", "en": "equally common"}[language.value]
    some = {"in_park": {}, "land_status": {}, "project_type": {}}
    changed = {name: replace(a, shares=some.get(name, a.shares)) for name, a in zhaoshang.attributes.items()}
    model = cold_model(replace(zhaoshang, attributes=changed), as_of=DAY)
    [said] = [w[language.value] for w in model.card["warnings"] if even in w[language.value]]
    assert re.findall(r"[a-z]+_[a-z]+", said) == ["in_park", "land_status"]
    assert not any(even in warning[language.value] for warning in cold.card["warnings"])


def test_a_clock_on_the_way_without_a_curve_is_left_out(zhaoshang):
    later = {c: replace(spec, curve=()) for c, spec in zhaoshang.later.items()}
    assert cold_model(replace(zhaoshang, later=later), as_of=DAY).later == {}


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_catalogue_that_publishes_its_curves_starts_cold_and_any_other_is_refused(name):
    catalog = read_catalog(name)
    if all(spec.curve for spec in catalog.clocks.values()):
        assert cold_model(catalog, as_of=DAY).cold
    else:
        with pytest.raises(Refused):
            cold_model(catalog, as_of=DAY)
