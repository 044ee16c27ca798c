import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_expit, logit

from features.catalog import Clock
from models.exposure import exposure_of
from models.level import Anchor
from models.scorecard import Scorecard, fit_scorecard

ANCHOR = Anchor(np.full(6, 0.12), 10.0)
PENALTY = 20.0


def fitted(features, exposure, *, clock=Clock.LANDED, penalty=PENALTY):
    return fit_scorecard(features, exposure, ANCHOR, clock, penalty)


def directed(features, signs=(), weights=()):
    """The same columns, with other directions and weights of an expert."""
    columns = list(features.columns)
    for j, sign in enumerate(signs):
        columns[j] = replace(columns[j], directions=dict.fromkeys(Clock, sign))
    for j, weight in enumerate(weights):
        columns[j] = replace(columns[j], weights=dict.fromkeys(Clock, weight))
    return replace(features, columns=tuple(columns))


@pytest.fixture(scope="module")
def lives(small_world):
    """A small world with rare levels, and numbers that are often and hardly ever missing."""
    features, periods = small_world(500, seed=5)
    matrix = features.matrix.copy()
    matrix[:3, 5], matrix[3:40, 5], matrix[40:44, 3] = 6.0, np.nan, np.nan
    matrix[3:, 5] = np.where(matrix[3:, 5] == 6, 5.0, matrix[3:, 5])
    return replace(features, matrix=matrix), exposure_of(periods)


@pytest.fixture(scope="module")
def card(lives):
    return fitted(*lives)


# Oracle: the objective of the docstring, written down and minimised by scipy


def test_weights_are_those_of_the_penalised_likelihood_with_experts_and_directions(lives):
    features, exposure = lives
    said = (0.4, -0.2, 0.0, 0.1, 0.0)
    features = directed(features, signs=(1, -1, 1, -1, 0), weights=said)
    card = fitted(features, exposure)
    design = card.design(features.matrix[exposure.project])
    number = np.cumsum([0, *(r.width for r in card.readings)])[:5]  # the column of each number
    mean, bounds = np.zeros(design.shape[1]), [(None, None)] * design.shape[1]
    mean[number] = said
    for j, sign in zip(number, (1, -1, 1, -1, 0), strict=True):
        bounds[j] = (0 if sign > 0 else None, 0 if sign < 0 else None)

    def lost(x):
        odds = x[None, :6] + (design @ x[6:])[:, None]
        lives = exposure.came * log_expit(odds) + (exposure.risk - exposure.came) * log_expit(-odds)
        level = ANCHOR.hazards @ log_expit(x[:6]) + (1 - ANCHOR.hazards) @ log_expit(-x[:6])
        return -lives.sum() - ANCHOR.projects * level + PENALTY / 2 * ((x[6:] - mean) ** 2).sum()

    start = np.concatenate([logit(ANCHOR.hazards), np.zeros(design.shape[1])])
    told = minimize(lost, start, method="L-BFGS-B", bounds=[*[(None, None)] * 6, *bounds],
                    options={"ftol": 1e-15, "gtol": 1e-9, "maxfun": 10**6})  # fmt: skip
    np.testing.assert_allclose(card.weights, told.x[6:], atol=1e-4)


# Properties


def test_contributions_add_up_to_the_columns_times_the_weights(card, lives):
    matrix = lives[0].matrix
    np.testing.assert_allclose(card.contributions(matrix).sum(axis=1), card.design(matrix) @ card.weights, atol=1e-12)


def test_the_training_projects_score_zero_on_average_attribute_by_attribute(card, lives):
    taught = lives[0].matrix[lives[1].project]
    np.testing.assert_allclose(card.contributions(taught).mean(axis=0), 0.0, atol=1e-12)


def test_the_score_finds_the_order_of_the_truth(card, lives):
    matrix = lives[0].matrix
    truth = 0.9 * matrix[:, 0] - 0.7 * matrix[:, 1]
    assert np.corrcoef(card.contributions(matrix).sum(axis=1), truth)[0, 1] > 0.9


@pytest.mark.parametrize("signs", [(1, -1, 1, 1, 1), (-1, 1, -1, -1, -1)])
def test_directions_hold_on_a_grid_even_against_the_outcomes(lives, signs):
    card = fitted(directed(lives[0], signs=signs), lives[1])
    grid = np.linspace(-4, 4, 81)
    for j, sign in enumerate(signs):
        asked = np.repeat(lives[0].matrix[:1], len(grid), axis=0)
        asked[:, j] = grid
        assert (sign * np.diff(card.contributions(asked)[:, j]) >= 0).all()


def test_withdrawal_leans_the_other_way(lives):
    matrix = np.repeat(lives[0].matrix[:1], 2, axis=0)
    matrix[:, 0] = [-2.0, 2.0]  # a direction of 1 on landing, and more of it does land
    card = fitted(directed(lives[0], signs=(1,)), lives[1], clock=Clock.WITHDRAWN)
    assert np.ptp(card.contributions(matrix)[:, 0]) == 0.0


def test_without_outcomes_the_weights_are_the_expert_s(lives):
    features, exposure = lives
    said = (0.4, -0.2, 0.0, 0.1, 0.3)
    card = fitted(directed(features, weights=said), replace(exposure, risk=exposure.risk * 0, came=exposure.came * 0))
    number = np.cumsum([0, *(r.width for r in card.readings)])[:5]
    np.testing.assert_allclose(card.weights[number], said, atol=1e-12)
    assert np.count_nonzero(card.weights) == np.count_nonzero(said)


def test_an_expert_s_weight_is_told_in_standard_deviations(lives):
    features, exposure = lives
    nothing = replace(exposure, risk=exposure.risk * 0, came=exposure.came * 0)
    card = fitted(directed(features, weights=(0.4,)), nothing)
    assert card.contributions(features.matrix[exposure.project])[:, 0].std() == pytest.approx(0.4)


@pytest.mark.parametrize("penalty", [1.0, 100.0, 1e6])
def test_the_stronger_the_penalty_the_nearer_the_expert(lives, penalty):
    said = np.array([0.4, -0.2, 0.0, 0.1, 0.3])
    features = directed(lives[0], weights=said)
    number = np.cumsum([0, *(r.width for r in fitted(features, lives[1]).readings)])[:5]
    near, far = (
        np.abs(fitted(features, lives[1], penalty=p).weights[number] - said).max() for p in (penalty * 10, penalty)
    )
    assert near < far


def test_a_project_scores_the_same_alone_and_in_company(card, lives):
    matrix = lives[0].matrix
    company = card.contributions(matrix)
    for i in range(0, len(matrix), 29):
        assert card.contributions(matrix[i : i + 1])[0].tolist() == company[i].tolist()
    assert card.contributions(matrix[::-1])[::-1].tolist() == company.tolist()


def test_a_card_survives_the_round_trip_through_json(card, lives):
    again = Scorecard.from_dict(json.loads(json.dumps(card.to_dict(), allow_nan=False)))
    asked = np.vstack([lives[0].matrix, np.full((1, 6), np.nan), np.full((1, 6), 77.0)])
    assert again.to_dict() == card.to_dict()
    assert again.contributions(asked).tolist() == card.contributions(asked).tolist()
    assert again.design(asked).tolist() == card.design(asked).tolist()


# Examples


def test_a_level_that_training_hardly_met_is_told_as_none_of_the_others(card, lives):
    asked = np.repeat(lives[0].matrix[:1], 3, axis=0)
    asked[:, 5] = [6.0, 11.0, np.nan]  # of three projects; of none; missing, as 37 were
    rare, never, missing = card.contributions(asked)[:, 5]
    assert rare == never != missing
    assert 6.0 in lives[0].matrix[:, 5]


def test_a_number_hardly_ever_missing_is_read_as_the_mean_when_it_is(card, lives):
    asked = np.repeat(lives[0].matrix[:1], 1, axis=0)
    asked[:, 3] = np.nan
    weight = card.weights[np.cumsum([0, *(r.width for r in card.readings)])[3]]
    known = card.contributions(lives[0].matrix)[:, 3]
    assert abs(card.contributions(asked)[0, 3]) <= 0.05 * abs(weight)
    assert np.ptp(known) > 0


def test_a_card_that_was_cut_short_is_refused(card):
    told = card.to_dict()
    with pytest.raises(ValueError, match="not those of its columns"):
        Scorecard.from_dict(told | {"weights": told["weights"][1:]})


def test_no_attribute_at_all_is_a_card_of_nothing(lives):
    features, exposure = lives
    bare = replace(features, matrix=np.zeros((500, 0)), columns=(), unseen=np.zeros((500, 0), dtype=bool))
    assert fitted(bare, exposure).contributions(bare.matrix).shape == (500, 0)


def test_nobody_taught_is_a_card_of_nothing(lives):
    features, exposure = lives
    card = fitted(features, exposure.of(np.zeros(len(exposure.project), dtype=bool)))
    assert not card.contributions(features.matrix).any()
