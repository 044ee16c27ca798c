from dataclasses import replace

import numpy as np
import pytest

from features.catalog import Clock, ClockSpec
from models.additive import Belief
from models.bag import _otherwise, _resamples, fit_bag
from models.blend import fit_hazard
from models.lesson import lesson_of
from models.scorecard import Scorecard, believed, refitted

SPEC = ClockSpec(Clock.PRODUCED, 36)


def taught(lives, recipe):
    return lesson_of(lives, SPEC, 6, recipe)[0]


def bagged(lives, recipe):
    hazard = fit_hazard(lives, SPEC, 6, recipe)
    return hazard, fit_bag(taught(lives, recipe), hazard)


@pytest.fixture(scope="module")
def lives(small_world, lives_of):
    """Three projects at a time share an investor; every seventh has not lived a period."""
    features, periods = small_world(400, seed=5)
    kept = periods.project % 7 > 0
    lived = {name: getattr(periods, name)[kept] for name in ("project", "period", "event", "end")}
    return lives_of(features, replace(periods, **lived), np.arange(400) // 4)


@pytest.fixture(scope="module")
def matrix(lives):
    return lives.features.matrix


@pytest.fixture(scope="module")
def fitted(lives, quick):
    return bagged(lives, quick)


@pytest.fixture(scope="module")
def drawn(lives, quick):
    """Sixty resamples, and the projects they are of."""
    lesson = taught(lives, replace(quick, bag=replace(quick.bag, members=60)))
    return np.array(list(_resamples(lesson))), lesson.exposure.project


# Oracle: each member as a hazard of its own


def test_deviations_are_the_scores_of_the_refits_less_those_of_the_hazard(fitted, matrix, lives):
    hazard, bag = fitted
    deviations, lived = bag.deviations(hazard, matrix), np.unique(lives.periods.project)
    assert len(bag.trees) == len(deviations) == 3
    for b, told in enumerate(deviations):
        card = Scorecard(hazard.card.readings, hazard.card.weights + bag.cards[:, b], hazard.card.centre)
        member = replace(hazard, card=card, trees=bag.trees[b])
        apart = member.log_odds(matrix) - hazard.log_odds(matrix)
        np.testing.assert_allclose(told, apart - apart[lived].mean(), atol=1e-9)


def test_a_refit_on_everybody_alike_is_the_card_itself(fitted, lives, quick, matrix):
    hazard, lesson = fitted[0], taught(lives, quick)
    design = hazard.card.design(matrix[lesson.exposure.project])
    belief = believed(lives.features.columns, hazard.card.readings, SPEC.clock, quick.card.penalty)
    alike = lesson.exposure.weighted(np.ones(len(lesson.exposure.project)))
    again = refitted(hazard.card, design, alike, lesson.anchor, belief)
    assert again.weights.tolist() == hazard.card.weights.tolist()


# Properties


def test_deviations_are_zero_on_average_over_the_training_projects(fitted, matrix, lives):
    hazard, bag = fitted
    deviations = bag.deviations(hazard, matrix)
    np.testing.assert_allclose(deviations[:, np.unique(lives.periods.project)].mean(axis=1), 0.0, atol=1e-12)
    assert (deviations.std(axis=1) > 0.01).all()


def test_a_project_deviates_the_same_alone_and_in_company(fitted, matrix):
    hazard, bag = fitted
    company = bag.deviations(hazard, matrix)
    for i in range(0, len(matrix), 37):
        assert bag.deviations(hazard, matrix[i : i + 1])[:, 0].tolist() == company[:, i].tolist()
    assert bag.deviations(hazard, matrix[::-1])[:, ::-1].tolist() == company.tolist()


def test_directions_hold_in_every_refit(fitted, matrix):
    hazard, bag = fitted
    for column, sign in ((0, 1), (1, -1)):
        grid = np.repeat(matrix[:1], 41, axis=0)
        grid[:, column] = np.linspace(-4, 4, 41)
        for refit in hazard.log_odds(grid) + bag.deviations(hazard, grid):
            assert (sign * np.diff(refit) >= -1e-9).all()


def test_few_projects_are_told_with_less_certainty_than_many(small_world, lives_of, quick, matrix):
    free, spread = replace(quick, card=replace(quick.card, penalty=1.0)), []  # else few are held by what is believed
    for n in (150, 1500):
        hazard, bag = bagged(lives_of(*small_world(n, seed=9)), free)
        spread.append(bag.deviations(hazard, matrix).std(axis=0).mean())
    assert spread[0] > 1.5 * spread[1]


def test_the_same_seed_gives_the_same_bag_and_another_another(fitted, lives, quick, matrix):
    hazard, bag = fitted
    again = fit_bag(taught(lives, quick), hazard)
    assert again.deviations(hazard, matrix).tolist() == bag.deviations(hazard, matrix).tolist()
    other = fit_bag(taught(lives, replace(quick, seed=1)), hazard)
    assert not np.allclose(other.deviations(hazard, matrix), bag.deviations(hazard, matrix))


def test_more_members_leave_the_first_as_they_are(fitted, lives, quick):
    more = fit_bag(taught(lives, replace(quick, bag=replace(quick.bag, members=4))), fitted[0])
    assert more.cards[:, :3].tolist() == fitted[1].cards.tolist()
    assert [member.text for member in more.trees[:3]] == [member.text for member in fitted[1].trees]


# Resamples


def test_projects_of_one_investor_and_year_share_their_weight(drawn, lives):
    weights, project = drawn
    year = lives.entered.astype("datetime64[Y]")
    for weight in weights[:5]:
        told = {}
        for value, one in zip(weight, project, strict=True):
            told.setdefault((lives.group[one], year[one]), set()).add(value)
        assert all(len(values) == 1 for values in told.values())
        assert len({value for values in told.values() for value in values}) > 100


def test_a_weight_is_that_of_the_investor_times_that_of_the_year(drawn, lives):
    weights, project = drawn
    _, investor = np.unique(lives.group[project], return_inverse=True)
    _, year = np.unique(lives.entered[project].astype("datetime64[Y]"), return_inverse=True)
    design = np.hstack([np.eye(investor.max() + 1)[investor], np.eye(year.max() + 1)[year]])
    for weight in np.log(weights[:5]):
        told = design @ np.linalg.lstsq(design, weight, rcond=None)[0]
        np.testing.assert_allclose(told, weight, atol=1e-9)


def test_each_resample_weighs_as_much_as_the_register(drawn):
    np.testing.assert_allclose(drawn[0].mean(axis=1), 1.0, rtol=1e-12)
    assert (drawn[0] > 0).all()


def test_investors_weigh_as_in_a_bayesian_bootstrap(lives, quick):
    lesson = taught(lives, replace(quick, bag=replace(quick.bag, members=400)))
    one_year = replace(lesson, lives=replace(lives, entered=np.full(400, lives.entered[0])))
    weights = np.array(list(_resamples(one_year)))
    own = weights[:, np.unique(lives.group[lesson.exposure.project], return_index=True)[1]]
    assert own.std() == pytest.approx(1.0, abs=0.05)  # exponential: its mean is its standard deviation
    apart = np.corrcoef(own[:, :30].T)[~np.eye(30, dtype=bool)]
    assert abs(apart.mean()) < 0.02


# Examples


def test_a_bag_of_none_gives_no_deviations(fitted, lives, quick, matrix):
    empty = fit_bag(taught(lives, replace(quick, bag=replace(quick.bag, members=0))), fitted[0])
    assert empty.deviations(fitted[0], matrix).shape == (0, 400)


def test_where_the_hazard_has_no_trees_its_refits_have_none(fitted, lives, quick, matrix):
    alone = replace(fitted[0], tree_weight=0.0)
    bag = fit_bag(taught(lives, quick), alone)
    assert bag.trees == ()
    assert bag.deviations(alone, matrix).shape == (3, 400)
    assert bag.deviations(alone, matrix).any()


def test_nobody_who_lived_leaves_refits_that_do_not_deviate(small_world, lives_of, cut, quick):
    features, _ = small_world(5, seed=1)
    hazard, bag = bagged(lives_of(features, cut(np.zeros((0, 6), dtype=bool))), quick)
    assert bag.deviations(hazard, features.matrix).tolist() == [[0.0] * 5] * 3


@pytest.mark.parametrize("n", [1, 4, 30])
def test_a_handful_of_projects_does_not_break(small_world, lives_of, quick, n):
    features, periods = small_world(n, seed=4)
    hazard, bag = bagged(lives_of(features, periods), quick)
    assert np.isfinite(bag.deviations(hazard, features.matrix)).all()
    assert bag.deviations(hazard, features.matrix).shape == (3, n)


def test_a_refit_starts_from_weights_drawn_from_what_is_believed():
    low, high = np.array([-np.inf, 0.0, -np.inf]), np.array([np.inf, np.inf, 0.1])
    belief = Belief(np.array([0.4, 0.0, -2.0]), 25.0 * np.eye(3), low, high)
    drawn = [_otherwise(belief, np.random.default_rng(seed)) for seed in range(4000)]
    means = np.array([one.mean for one in drawn])
    assert means[:, 0].mean() == pytest.approx(0.4, abs=0.02)
    assert means[:, [0, 2]].std(axis=0) == pytest.approx([0.2, 0.2], rel=0.05)
    assert ((low <= means) & (means <= high)).all()
    assert all(one.precision is belief.precision for one in drawn)
