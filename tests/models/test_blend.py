from dataclasses import replace

import numpy as np
import pytest

from features.catalog import Clock, ClockSpec
from features.timeline import PersonPeriods
from models.additive import Belief
from models.blend import fit_hazard, weighed
from models.curve import curve, hazards, incidence
from models.explain import explained
from models.frailty import FrailtyPrior, averaged_log_odds, fit_frailty, stretched
from models.hazard import Hazard
from models.lesson import lesson_of
from models.recipe import read_recipe
from models.shock import ShockPrior, fit_shock
from models.unseen import held_out

SPEC = ClockSpec(Clock.LANDED, 36)
CURVED = replace(SPEC, curve=((36, 0.4),))
RECIPE = read_recipe()
QUICK = replace(RECIPE, trees=replace(RECIPE.trees, rounds=60))


def some(periods, kept):
    return PersonPeriods(*(a[kept] for a in (periods.project, periods.period, periods.event, periods.end)),
                         periods.n_periods)  # fmt: skip


@pytest.fixture(scope="module")
def lives(small_world, lives_of):
    """A small world in which three projects at a time share an investor."""
    return lives_of(*small_world(700, seed=5), np.arange(700) // 3)


@pytest.fixture(scope="module")
def hazard(lives):
    return fit_hazard(lives, CURVED, 6, QUICK)


@pytest.fixture(scope="module")
def unseen(lives):
    return held_out(lesson_of(lives, CURVED, 6, QUICK)[0])


# Oracle


def test_mean_predicted_meets_mean_observed_on_projects_not_seen(small_world, lives_of):
    features, periods = small_world(3000, seed=8)
    hazard = fit_hazard(lives_of(features, some(periods, periods.project < 2000)), SPEC, 6, RECIPE)
    later = some(periods, periods.project >= 2000)
    score = hazard.log_odds(features.matrix)[np.unique(later.project)]
    reached = curve(hazard.baseline, score, hazard.spread_sd)
    came = np.bincount(later.period[later.event == 1], minlength=6).cumsum() / 1000
    np.testing.assert_allclose(reached.mean(axis=0), came, atol=0.03)
    assert 0.8 < hazard.card_weight + hazard.tree_weight < 1.8


# Unseen is unseen


def test_projects_of_one_investor_are_never_on_both_sides_of_a_fold(small_world, lives_of):
    # each project is there ten times under one investor: were copies split, the trees would seem to know the answer
    features, periods = small_world(60, seed=3)
    noise = np.random.default_rng(0).normal(size=features.matrix.shape)
    noise[:, 5] = 0
    tiled = replace(features, matrix=np.tile(noise, (10, 1)), unseen=np.tile(features.unseen, (10, 1)))
    lived = replace(
        periods,
        project=np.concatenate([periods.project + 60 * copy for copy in range(10)]),
        **{name: np.tile(getattr(periods, name), 10) for name in ("period", "event", "end")},
    )
    apart = fit_hazard(lives_of(tiled, lived), SPEC, 6, QUICK)
    together = fit_hazard(lives_of(tiled, lived, np.tile(np.arange(60), 10)), SPEC, 6, QUICK)
    assert apart.card_weight + apart.tree_weight > 0.8
    assert together.card_weight + together.tree_weight < 0.3


def test_what_no_unseen_project_confirms_is_not_believed(small_world, lives_of):
    one_investor = lives_of(*small_world(400, seed=1), np.zeros(400, dtype=np.intp))
    told = fit_hazard(one_investor, SPEC, 6, QUICK)
    assert (told.card_weight, told.tree_weight) == (0.0, 0.0)
    level_alone(told, one_investor.features.matrix)


# The level


def settled(weight=1.0):
    return Belief(np.full(1, weight), np.zeros((1, 1)), np.full(1, weight), np.full(1, weight))


def test_averaged_over_the_shock_the_reference_project_has_the_curve_that_was_fitted(lives, unseen, hazard):
    taught, whole, anchor = lesson_of(lives, CURVED, 6, QUICK)
    score = unseen @ weighed(taught, unseen)
    told = fit_frailty(whole, score, anchor, FrailtyPrior(QUICK.frailty.prior_mode, QUICK.blend.stretch_sd))
    reference = np.zeros(1)
    shipped, plain = (
        curve(g, reference, sd) for g, sd in ((hazard.baseline, hazard.spread_sd), (told.baseline, told.sd))
    )
    np.testing.assert_allclose(shipped, plain, atol=1e-10)
    assert hazard.level.frailty_sd == told.sd
    assert hazard.spread_sd > hazard.shock_sd > 0.1
    assert np.abs(hazard.baseline - told.baseline).max() > 0.01


def test_the_shock_is_that_of_the_averaged_log_odds_stretched_as_the_scores_are(lives, unseen, hazard):
    taught, whole, anchor = lesson_of(lives, CURVED, 6, QUICK)
    score = unseen @ weighed(taught, unseen)
    told = fit_frailty(whole, score, anchor, FrailtyPrior(QUICK.frailty.prior_mode, QUICK.blend.stretch_sd))
    by_row = np.zeros((len(lives.features.matrix), whole.n_periods))
    by_row[whole.project] = averaged_log_odds(told, score)
    log_odds = by_row[lives.periods.project, lives.periods.period]
    prior = ShockPrior(QUICK.shock.prior_sd, QUICK.shock.prior_horizons)
    shock = fit_shock(lives.periods, log_odds, hazards(told.baseline, told.sd)[:6], 6, prior)
    assert hazard.shock_sd == pytest.approx(shock.sd * stretched(told.sd), rel=1e-9)
    assert hazard.level.shock_seen == pytest.approx(shock.seen * stretched(told.sd), rel=1e-9)
    assert stretched(told.sd) > 1


def test_both_weights_are_stretched_alike_by_what_the_frailty_asks_for(lives, unseen, hazard):
    taught, whole, anchor = lesson_of(lives, CURVED, 6, QUICK)
    weights = weighed(taught, unseen)
    told = fit_frailty(whole, unseen @ weights, anchor, FrailtyPrior(QUICK.frailty.prior_mode, QUICK.blend.stretch_sd))
    np.testing.assert_allclose([hazard.card_weight, hazard.tree_weight], told.stretch * weights, rtol=1e-12)


def test_figures_add_up_averaged_over_the_shock(hazard, lives):
    told = explained(hazard.contributions(lives.features.matrix), hazard.baseline, None, hazard.spread_sd)
    np.testing.assert_allclose(told.base + told.points.sum(axis=1), told.figure, atol=1e-12)
    expected = incidence(hazard.baseline, hazard.log_odds(lives.features.matrix), None, hazard.spread_sd)
    assert told.figure.tolist() == expected.tolist()


def test_what_comes_after_the_horizon_moves_level_and_frailty_and_nothing_else(lives, hazard):
    short = replace(CURVED, horizon_months=18, reach_months=36)
    one = fit_hazard(lives, short, 6, QUICK)
    event = np.where(lives.periods.period >= 3, 0.0, lives.periods.event)
    other = fit_hazard(replace(lives, periods=replace(lives.periods, event=event)), short, 6, QUICK)
    assert one.baseline.shape == other.baseline.shape == (6,)
    assert one.card.to_dict() == other.card.to_dict()
    assert one.trees.text == other.trees.text
    shares = (h.tree_weight / (h.card_weight + h.tree_weight) for h in (one, other))
    assert next(shares) == pytest.approx(next(shares), rel=1e-12)
    assert (other.baseline[3:] < one.baseline[3:]).all()
    assert one.trees.text != hazard.trees.text


# Nothing to learn


def level_alone(hazard, matrix):
    assert isinstance(hazard, Hazard)
    assert hazard.trees.text == ""
    assert not hazard.contributions(matrix).any()
    assert np.isfinite(hazard.baseline).all()


@pytest.mark.parametrize("event", [False, True])
def test_no_event_or_nothing_else_gives_the_level_alone(small_world, lives_of, cut, event):
    features, _ = small_world(50, seed=1)
    hazard = fit_hazard(lives_of(features, cut(np.full((50, 4), event))), replace(SPEC, horizon_months=24), 6, QUICK)
    assert hazard.trees.text == ""
    assert np.isfinite(hazard.baseline).all()
    assert event or (hazard.baseline < -3).all()
    assert np.ptp(hazard.log_odds(features.matrix)) < (1.0 if event else 1e-12)


def test_without_outcomes_the_expert_s_card_orders_projects(small_world, lives_of, cut):
    features, _ = small_world(200, seed=1)
    first = replace(features.columns[0], weights={Clock.LANDED: 0.5})
    features = replace(features, columns=(first, *features.columns[1:]))
    nothing = lives_of(features, cut(np.zeros((200, 6), dtype=bool)))
    hazard = fit_hazard(nothing, CURVED, 6, QUICK)
    assert hazard.card_weight > 0.4  # nothing came, which speaks for smaller differences
    assert hazard.tree_weight == 0.0
    score, asked = hazard.log_odds(features.matrix), features.matrix[:, 0]
    inner = np.abs(asked) < 2
    assert np.corrcoef(score[inner], asked[inner])[0, 1] > 0.99


@pytest.mark.parametrize("n", [1, 2, 3, 30])
@pytest.mark.parametrize("bagging", [0.1, 0.8, 1.0])
def test_a_handful_of_projects_does_not_break(small_world, lives_of, n, bagging):
    features, periods = small_world(n, seed=4)
    recipe = replace(QUICK, trees=replace(QUICK.trees, bagging_fraction=bagging, rounds=5))
    hazard = fit_hazard(lives_of(features, periods), SPEC, 6, recipe)
    assert np.isfinite(hazard.log_odds(features.matrix)).all()
    assert np.isfinite(hazard.baseline).all()


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_attributes_that_do_not_vary_give_the_level_alone(small_world, lives_of, value):
    features, periods = small_world(200, seed=2)
    flat = replace(features, matrix=np.full_like(features.matrix, value))
    level_alone(fit_hazard(lives_of(flat, periods), SPEC, 6, QUICK), flat.matrix)


def test_no_attribute_at_all_gives_the_level_alone(small_world, lives_of):
    features, periods = small_world(200, seed=2)
    bare = replace(features, matrix=np.zeros((200, 0)), columns=(), unseen=np.zeros((200, 0), dtype=bool))
    level_alone(fit_hazard(lives_of(bare, periods), SPEC, 6, QUICK), bare.matrix)


def test_a_clock_nobody_has_lived_takes_the_published_curve(small_world, lives_of, cut):
    features, _ = small_world(0, seed=2)
    spec = ClockSpec(Clock.LANDED, 24, curve=((24, 0.75),))
    hazard = fit_hazard(lives_of(features, cut(np.zeros((0, 4), dtype=bool))), spec, 6, QUICK)
    reached = curve(hazard.baseline, np.zeros(1), hazard.spread_sd)[0]
    np.testing.assert_allclose(reached, 1 - 0.25 ** (np.arange(1, 5) / 4), rtol=1e-10)


# Determinism


def test_threads_and_repetition_change_nothing(lives):
    one, two = (fit_hazard(lives, CURVED, 6, replace(QUICK, threads=n)) for n in (1, 2))
    assert one.trees.text == two.trees.text
    assert one.card.to_dict() == two.card.to_dict()
    assert one.baseline.tolist() == two.baseline.tolist()
    assert (one.card_weight, one.tree_weight, one.shock_sd) == (two.card_weight, two.tree_weight, two.shock_sd)
