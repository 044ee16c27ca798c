from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import Clock, Dimension
from features.inputs import Feature, candidates
from features.words import Words
from models.leanings import SPREAD, direction, expert_weights

CLOCKS = list(Clock)
BARE = Feature("a", Words("甲", "a"), Dimension.MARKET)
TOLD = replace(
    BARE, directions={Clock.LANDED: -1, Clock.PRODUCED: 1}, weights={Clock.LANDED: -0.2, Clock.PRODUCED: 0.5}
)
LEANS = {
    Clock.LANDED: (-1, -0.2),
    Clock.PRODUCED: (1, 0.5),
    Clock.FINISHED: (1, 0.5),  # as production
    Clock.WITHDRAWN: (1, 0.2),  # against landing
}


def weighing(*weights):
    """An attribute for each of the weights, which it has on every clock."""
    return [replace(BARE, weights=dict.fromkeys((Clock.LANDED, Clock.PRODUCED), weight)) for weight in weights]


def weigh(*weights, clock=Clock.LANDED):
    return expert_weights(weighing(*weights), clock)


# Oracle: the spread of a score of independent attributes


@pytest.mark.parametrize("weights", [(0.9, -1.2, 0.3), (0.2,) * 40, (0.0, 5.0)])
@pytest.mark.parametrize("clock", CLOCKS)
def test_weights_that_say_too_much_spread_independent_attributes_as_a_good_card_does(weights, clock):
    attributes = np.random.default_rng(0).normal(size=(100_000, len(weights)))
    score = attributes @ weigh(*weights, clock=clock)
    assert score.std() == pytest.approx(SPREAD, rel=0.01)


def test_independent_attributes_of_that_spread_rank_two_in_three_pairs_right():
    random = np.random.default_rng(1)
    score = SPREAD * random.normal(size=200_000)
    came = random.random(200_000) < 1 / (1 + np.exp(-score))
    won, lost = score[came][:50_000], score[~came][:50_000]
    assert (won > lost).mean() == pytest.approx(0.66, abs=0.01)


# Properties


@given(st.lists(st.floats(-3, 3), max_size=60))
def test_all_weights_are_scaled_by_one_factor_that_never_raises_them(weights):
    told, scaled = np.array(weights), weigh(*weights)
    factor = min(1.0, SPREAD / max(np.linalg.norm(told), 1e-300))
    np.testing.assert_allclose(scaled, factor * told, atol=1e-12)
    assert np.linalg.norm(scaled) <= SPREAD + 1e-12


@given(st.lists(st.floats(-3, 3), max_size=9).filter(lambda told: np.linalg.norm(told) <= SPREAD))
def test_weights_that_say_no_more_than_a_good_card_stand_as_they_are(weights):
    assert weigh(*weights).tolist() == weights


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=9), st.integers(0, 8), st.floats(-3, 3))
def test_one_more_attribute_leaves_the_others_in_proportion(weights, place, more):
    one, other = weigh(*weights), np.delete(weigh(*weights[:place], more, *weights[place:]), min(place, len(weights)))
    np.testing.assert_allclose(np.outer(one, other), np.outer(other, one), atol=1e-12)
    assert (np.abs(other) <= np.abs(one) + 1e-12).all()


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=9), st.randoms())
def test_a_weight_hangs_on_its_place_in_no_way(weights, random):
    order = random.sample(range(len(weights)), len(weights))
    turned = weigh(*(weights[i] for i in order))
    np.testing.assert_allclose(turned, weigh(*weights)[order], atol=1e-12)


@pytest.mark.parametrize("clock", CLOCKS)
def test_in_the_default_catalogue_no_weight_goes_against_its_direction(zhaoshang, clock):
    columns = candidates(zhaoshang)
    weights = expert_weights(columns, clock)
    assert weights.any()
    assert (np.array([direction(c, clock) for c in columns]) * weights >= 0).all()


@pytest.mark.parametrize("clock", CLOCKS)
def test_the_dozens_of_weights_of_the_default_catalogue_together_say_what_a_good_card_does(zhaoshang, clock):
    assert np.linalg.norm(expert_weights(candidates(zhaoshang), clock)) == pytest.approx(SPREAD)


# Examples


@pytest.mark.parametrize("clock", CLOCKS)
def test_every_clock_leans_as_the_clock_it_is_read_as(clock):
    assert (direction(TOLD, clock), *expert_weights([TOLD], clock)) == LEANS[clock]


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_category_leans_nowhere_and_takes_nothing_from_the_others(clock):
    category = replace(TOLD, categorical=True, weights=dict.fromkeys(Clock, 9.0))
    assert direction(category, clock) == 0
    assert expert_weights([category, TOLD], clock).tolist() == [0.0, LEANS[clock][1]]


@pytest.mark.parametrize("clock", CLOCKS)
def test_what_the_catalogue_does_not_name_leans_nowhere(clock):
    assert (direction(BARE, clock), *expert_weights([BARE], clock)) == (0, 0.0)


@pytest.mark.parametrize("clock", CLOCKS)
def test_no_attribute_has_no_weight(clock):
    assert expert_weights([], clock).shape == (0,)
