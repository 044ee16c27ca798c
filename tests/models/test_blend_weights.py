from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from features.catalog import Clock, ClockSpec
from models import blend
from models.additive import Belief, fit_additive
from models.blend import balance, weighed
from models.exposure import Exposure
from models.lesson import lesson_of
from models.level import Anchor
from models.recipe import read_recipe
from models.unseen import held_out, rolled

SPEC = ClockSpec(Clock.LANDED, 36, curve=((36, 0.4),))
RECIPE = read_recipe()
QUICK = replace(RECIPE, trees=replace(RECIPE.trees, rounds=60))


def lesson(lives):
    return lesson_of(lives, SPEC, 6, QUICK)[0]


@pytest.fixture(scope="module")
def lives(small_world, lives_of):
    """A small world in which three projects at a time share an investor."""
    return lives_of(*small_world(700, seed=5), np.arange(700) // 3)


@pytest.fixture(scope="module")
def unseen(lives):
    return held_out(lesson(lives))


@pytest.fixture
def later(monkeypatch):
    """Sets what later projects say."""
    return lambda exposure, scores: monkeypatch.setattr(blend, "rolled", lambda _: (exposure, scores))


def nobody(exposure):
    return exposure.of(exposure.project < 0), np.zeros((0, 2))


def open_minded(taught, **believed):
    """The same lesson with next to no belief in the sum of the weights, their difference, or both."""
    blend = replace(QUICK.blend, **(believed or {"stretch_sd": 1e4, "balance_sd": 1e4}))
    return replace(taught, recipe=replace(QUICK, blend=blend), anchor=replace(taught.anchor, projects=1e-9))


def own(taught):
    """The register's mean hazard as an anchor, half an event and one project-period added."""
    events, lived = taught.exposure.came.sum(), taught.exposure.risk.sum()
    return Anchor(np.full(6, (events + 0.5) / (lived + 1)), QUICK.level.prior_projects)


def regressed(exposure, scores):
    """scikit-learn's weights of the scores, with a level of its own for each period."""
    row, period = np.nonzero(exposure.risk)
    design = np.column_stack([np.eye(exposure.n_periods)[period], scores[row]])
    oracle = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=2000)
    oracle.fit(design, exposure.came[row, period] > 0, sample_weight=exposure.risk[row, period])
    return oracle.coef_[0][exposure.n_periods :]


# Oracle


def test_with_nothing_believed_the_ratio_is_a_logistic_regression_on_later_projects(lives, later):
    taught = lesson(lives)
    scores = lives.features.matrix[:, :2] * [1.0, -1.0]  # both of which matter, so that no bound is met
    asked = np.arange(0, 700, 3)
    later(taught.exposure.of(asked), scores[asked])
    told, oracle = weighed(open_minded(taught), scores), regressed(taught.exposure.of(asked), scores[asked])
    assert told[0] / told[1] == pytest.approx(oracle[0] / oracle[1], rel=1e-4)
    assert abs(oracle[0] / oracle[1] - 1) > 0.1


def test_with_nothing_believed_the_sum_is_a_logistic_regression_on_held_out_projects(lives, later):
    taught = lesson(lives)
    scores = lives.features.matrix[:, :2] * [1.0, -1.0]
    later(taught.exposure.of(np.arange(0, 700, 3)), scores[::3])
    told = weighed(open_minded(taught), scores)
    joint = scores @ (told / told.sum())
    assert told.sum() == pytest.approx(regressed(taught.exposure, joint[:, None])[0], rel=1e-4)


def test_where_card_and_trees_carry_over_alike_the_weights_are_one_regression_on_both(lives, later):
    taught = lesson(lives)
    scores = lives.features.matrix[:, :2] * [1.0, -1.0]
    later(taught.exposure, scores)
    np.testing.assert_allclose(weighed(open_minded(taught), scores), regressed(taught.exposure, scores), rtol=1e-4)


# The weights


@given(st.integers(0, 10_000), st.floats(-3, 3), st.floats(-3, 3))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_weights_are_never_negative(lives, later, seed, card, trees):
    taught, random = lesson(lives), np.random.default_rng(seed)
    truth = taught.lives.features.matrix[:, 0]
    first, second = (np.column_stack([card * truth, trees * truth]) + random.normal(size=(700, 2)) for _ in range(2))
    later(taught.exposure, second)
    weights = weighed(taught, first)
    assert (weights >= 0).all()
    assert np.isfinite(weights).all()


def test_scores_that_point_the_wrong_way_get_no_weight(lives, unseen):
    assert weighed(lesson(lives), -unseen).tolist() == [0.0, 0.0]


def test_weights_are_those_that_later_projects_and_held_out_ones_tell(lives, unseen):
    taught = lesson(lives)
    exposure, scores = rolled(taught)
    told = fit_additive(exposure, scores, own(taught), balance(QUICK, taught.exposure.events)).weights
    share, weights = told / told.sum(), weighed(taught, unseen)
    np.testing.assert_allclose(weights / weights.sum(), share, rtol=1e-9)
    precision = 1.0 + QUICK.blend.even_from_events / taught.exposure.events
    stretch = Belief(np.ones(1), np.full((1, 1), precision), np.zeros(1), np.full(1, np.inf))
    assert weights.sum() == pytest.approx(
        fit_additive(taught.exposure, (unseen @ share)[:, None], own(taught), stretch).weights[0], rel=1e-9
    )
    assert 0.05 < share[0] < 0.95


@pytest.mark.parametrize("better", [0, 1])
def test_what_forecasts_later_projects_better_weighs_more_and_the_sum_stays(lives, unseen, later, better):
    taught, noise = lesson(lives), np.random.default_rng(0).normal(size=700)
    alike = np.column_stack([unseen[:, 0], unseen[:, 0]])
    told = alike.copy()
    told[:, 1 - better] = 0.3 * noise
    later(taught.exposure, told)
    weights = weighed(taught, alike)
    assert weights[better] > 1.5 * weights[1 - better]
    later(taught.exposure, alike)
    assert weighed(taught, alike).sum() == pytest.approx(weights.sum(), rel=1e-9)


# The ratio


@pytest.mark.parametrize("events", [5.0, 300.0])
def test_of_scores_that_agree_the_difference_stays_as_it_was_believed(lives, unseen, events):
    taught = lesson(lives)
    alike = np.column_stack([unseen[:, 0], unseen[:, 0]])
    belief = balance(QUICK, events)
    told = fit_additive(taught.exposure, alike, taught.anchor, belief).weights
    assert told[0] - told[1] == pytest.approx(belief.mean[0] - belief.mean[1], abs=1e-9)


def test_card_and_trees_that_agree_stay_even(lives, unseen, later):
    taught = lesson(lives)
    sure = replace(taught, recipe=replace(QUICK, blend=replace(QUICK.blend, even_from_events=0.0)))
    alike = np.column_stack([unseen[:, 0], unseen[:, 0]])
    later(taught.exposure, alike)
    weights = weighed(sure, alike)
    assert weights[0] == pytest.approx(weights[1], rel=1e-9)
    assert weights.sum() > 0.5


def test_where_no_project_is_later_the_ratio_is_the_believed_one(lives, unseen, later):
    taught = lesson(lives)
    later(*nobody(taught.exposure))
    weights = weighed(taught, unseen)
    np.testing.assert_allclose(weights / weights.sum(), balance(QUICK, taught.exposure.events).mean, rtol=1e-9)


def test_where_later_projects_deny_both_the_ratio_is_the_believed_one(lives, unseen, later):
    taught = lesson(lives)
    exposure, scores = rolled(taught)
    later(exposure, -20 * scores)
    weights = weighed(taught, unseen)
    np.testing.assert_allclose(weights / weights.sum(), balance(QUICK, taught.exposure.events).mean, rtol=1e-9)


def test_the_better_one_is_told_apart_the_sooner_the_less_is_believed(lives, unseen):
    taught = lesson(lives)
    exposure, scores = rolled(taught)
    shares = []
    for balance_sd in (1e-3, 0.3, 1e3):
        free = open_minded(taught, balance_sd=balance_sd, stretch_sd=1e3, even_from_events=0.0)
        weights = weighed(free, unseen)
        shares.append(weights[0] / weights.sum())
    assert abs(np.diff(shares)).min() > 1e-3
    assert shares == sorted(shares, reverse=bool(shares[0] > shares[-1]))
    told = np.maximum(regressed(exposure, scores), 0.0)
    assert shares[0] == pytest.approx(0.5, abs=0.001)
    assert shares[-1] == pytest.approx(told[0] / told.sum(), abs=0.01)


def test_before_anybody_has_lived_the_card_stands_alone(lives, cut):
    assert balance(QUICK, 0.0).mean.tolist() == [1.0, 0.0]
    nothing = lesson(replace(lives, periods=cut(np.zeros((0, 6), dtype=bool))))
    scores = np.random.default_rng(0).normal(size=(0, 2))
    assert weighed(nothing, scores).tolist() == [0.0, 0.0]
    assert weighed(believed(nothing), scores).tolist() == [1.0, 0.0]


def believed(taught):
    """The same lesson with an expert's weight on the first attribute."""
    features = taught.lives.features
    columns = (replace(features.columns[0], weights={Clock.LANDED: 0.3}), *features.columns[1:])
    return replace(taught, lives=replace(taught.lives, features=replace(features, columns=columns)))


def test_an_expert_s_order_stands_until_something_speaks_against_it(lives, unseen):
    taught = lesson(lives)
    barren = replace(taught, exposure=replace(taught.exposure, came=np.zeros_like(taught.exposure.came)))
    for silent, scores in ((barren, unseen), (taught, np.zeros_like(unseen))):
        assert weighed(believed(silent), scores).tolist() == [1.0, 0.0]
        assert weighed(silent, scores).tolist() == [0.0, 0.0]
    assert weighed(believed(taught), -unseen).tolist() == [0.0, 0.0], "outcomes do"


# A level that is off


@pytest.mark.parametrize("curve", [((36, 0.99),), ((36, 0.4),), ((36, 0.01),), ()], ids=["slower", "", "faster", "own"])
@pytest.mark.parametrize("n", [40, 700])
def test_a_card_that_is_right_keeps_its_weight_however_far_off_the_published_curve_is(lives, later, curve, n):
    taught = lesson_of(lives, replace(SPEC, curve=curve), 6, QUICK)[0]
    matrix = lives.features.matrix[:n]
    score = 0.9 * matrix[:, 0] - 0.7 * matrix[:, 1] + 0.5 * (matrix[:, 5] == 3)
    chance = expit(score[:, None] - 3.0 + 0.1 * np.arange(6))
    risk = np.cumprod(np.column_stack([np.ones(n), 1 - chance[:, :-1]]), axis=1)
    expected = Exposure(np.arange(n), risk, risk * chance)  # what comes on average, so that no luck is in it
    scores = np.column_stack([score, np.zeros(n)])
    later(expected, scores)
    weights = weighed(replace(taught, exposure=expected), scores)
    assert weights[1] == 0.0
    assert 0.8 < weights.sum() < 1.2
    later(expected, np.column_stack([score, score]))
    both = weighed(replace(taught, exposure=expected), np.column_stack([score, score]))
    assert both.sum() == pytest.approx(weights.sum(), rel=1e-6)


@given(st.floats(0, 1e5), st.floats(0.05, 3), st.floats(0.05, 3))
def test_the_trees_share_grows_with_the_outcomes_up_to_one_half(events, stretch_sd, balance_sd):
    blend = replace(QUICK.blend, stretch_sd=stretch_sd, balance_sd=balance_sd)
    belief = balance(replace(QUICK, blend=blend), events)
    assert belief.mean.sum() == pytest.approx(1.0)
    assert belief.mean[1] == pytest.approx(0.5 * events / (events + blend.even_from_events))
    covariance = np.linalg.inv(belief.precision)
    assert covariance.sum() == pytest.approx(stretch_sd**2, rel=1e-6)
    assert np.array([1, -1]) @ covariance @ np.array([1, -1]) == pytest.approx(balance_sd**2, rel=1e-6)


@pytest.mark.parametrize("mute", [0, 1])
def test_what_says_nothing_has_no_weight(lives, unseen, mute):
    scores = unseen.copy()
    scores[:, mute] = 0.0
    weights = weighed(lesson(lives), scores)
    assert weights[mute] == 0.0
    assert weights[1 - mute] > 0.5
