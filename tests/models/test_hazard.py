from dataclasses import replace

import numpy as np
import pytest

from features.catalog import Clock, ClockSpec
from models.blend import fit_hazard
from models.curve import curve
from models.hazard import Hazard, Level
from models.scorecard import Scorecard
from models.trees import stump

SPEC = ClockSpec(Clock.LANDED, 36)


@pytest.fixture(scope="module")
def lives(small_world, lives_of):
    return lives_of(*small_world(700, seed=5))


@pytest.fixture(scope="module")
def hazard(lives, quick):
    return fit_hazard(lives, SPEC, 6, quick)


@pytest.fixture(scope="module")
def matrix(lives):
    return lives.features.matrix


# Oracle: card and trees by themselves


def test_the_score_is_the_weighted_sum_of_card_and_trees(hazard, matrix):
    raw = hazard.trees.booster.predict(np.where(np.isnan(matrix), hazard.trees.fill, matrix), raw_score=True)
    card = hazard.card.design(matrix) @ hazard.card.weights
    expected = hazard.card_weight * card + hazard.tree_weight * (raw - raw.mean())
    np.testing.assert_allclose(hazard.log_odds(matrix), expected, atol=1e-9)
    assert min(hazard.card_weight, hazard.tree_weight) > 0.1


# Properties


def test_the_parts_of_card_and_trees_add_up_to_the_contributions_and_these_to_the_score(hazard, matrix):
    card, trees = hazard.parts(matrix)
    assert (card + trees).tolist() == hazard.contributions(matrix).tolist()
    np.testing.assert_allclose((card + trees).sum(axis=1), hazard.log_odds(matrix), atol=1e-12)
    assert card.any()
    assert trees.any()


def test_the_reference_population_scores_zero_on_average(hazard, matrix):
    for part in (*hazard.parts(matrix), hazard.contributions(matrix)):
        np.testing.assert_allclose(part.mean(axis=0), 0.0, atol=1e-12)


def test_the_score_finds_the_order_of_the_truth(hazard, matrix):
    truth = 0.9 * matrix[:, 0] - 0.7 * matrix[:, 1]
    assert np.corrcoef(hazard.log_odds(matrix), truth)[0, 1] > 0.85


@pytest.mark.parametrize(("column", "sign"), [(0, 1), (1, -1)])
def test_directions_hold_on_a_grid(hazard, matrix, column, sign):
    for start in matrix[:25]:
        grid = np.repeat(start[None, :], 41, axis=0)
        grid[:, column] = np.linspace(-4, 4, 41)
        assert (sign * np.diff(hazard.log_odds(grid)) >= -1e-12).all()  # sums of shares carry rounding


def test_a_project_scores_the_same_alone_and_in_company(hazard, matrix):
    company = hazard.contributions(matrix)
    for i in range(0, len(matrix), 53):
        assert hazard.contributions(matrix[i : i + 1])[0].tolist() == company[i].tolist()
    assert hazard.log_odds(matrix[::-1])[::-1].tolist() == hazard.log_odds(matrix).tolist()


def test_an_attribute_never_missing_in_training_says_next_to_nothing_when_it_is(hazard, matrix):
    lacking = matrix[:20].copy()
    lacking[:, 0] = np.nan
    assert np.abs(hazard.contributions(lacking)[:, 0]).max() < 0.2 * hazard.contributions(matrix)[:, 0].std()


# Examples


@pytest.mark.parametrize("silent", ["card_weight", "tree_weight"])
def test_a_part_without_weight_says_nothing(hazard, matrix, silent):
    card, trees = replace(hazard, **{silent: 0.0}).parts(matrix)
    mute, heard = (card, trees) if silent == "card_weight" else (trees, card)
    assert not mute.any()
    assert heard.any()


def test_a_weight_of_zero_leaves_no_signed_zero(hazard, matrix):
    assert not np.signbit(replace(hazard, card_weight=0.0, tree_weight=0.0).contributions(matrix)).any()


def test_the_level_tells_baseline_and_shock():
    level = Level(np.array([-2.0, -1.0]), 0.6, 0.4)
    hazard = Hazard(Clock.LANDED, Scorecard((), np.zeros(0), np.zeros(0)), stump(0), 1.0, 0.0, level)
    assert (hazard.baseline.tolist(), hazard.shock_sd) == ([-2.0, -1.0], 0.6)
    nobody_special = hazard.log_odds(np.zeros((3, 0)))
    assert nobody_special.tolist() == [0.0] * 3
    assert np.isfinite(curve(hazard.baseline, nobody_special, hazard.shock_sd)).all()
