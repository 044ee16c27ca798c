from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression

from features.catalog import Clock
from features.timeline import PersonPeriods
from models.exposure import exposure_of
from models.level import Anchor
from models.recipe import read_recipe
from models.rivals.card import PENALTY, PRIOR_PROJECTS, expert_card
from models.scorecard import fit_scorecard


def of_readiness(sound, **said):
    """The lesson with its second column alone: a number that is never missing."""

    def cut(f):
        second = (replace(f.columns[1], **said),)
        return replace(f, matrix=np.ascontiguousarray(f.matrix[:, 1:2]), columns=second, unseen=f.unseen[:, 1:2])

    return replace(sound, train=cut(sound.train), test=cut(sound.test))


def test_the_card_is_the_ridge_of_scikit_learn_on_its_own_columns(sound, monkeypatch):
    monkeypatch.setattr("models.rivals.card.PRIOR_PROJECTS", 1e-9)  # scikit-learn has no prior on the level
    lesson, periods = of_readiness(sound), sound.periods
    exposure = exposure_of(periods)
    anchor = Anchor(np.full(lesson.horizon, 0.1), 1e-9)
    card = fit_scorecard(lesson.train, exposure, anchor, Clock.LANDED, PENALTY)
    ordered = card.design(lesson.train.matrix)[periods.project]
    scale = 1e3  # of the periods' columns, so that the penalty is none to them
    by_period = scale * (periods.period[:, None] == np.arange(lesson.horizon))
    ridge = LogisticRegression(C=1 / PENALTY, fit_intercept=False, tol=1e-10, max_iter=5000, solver="newton-cholesky")
    ridge.fit(np.column_stack([ordered, by_period]), periods.event)
    weights, levels = ridge.coef_[0][: ordered.shape[1]], ridge.coef_[0][ordered.shape[1] :] * scale
    score = card.design(lesson.test.matrix) @ weights
    oracle = 1 - np.prod(1 - expit(levels + score[:, None]), axis=1)
    np.testing.assert_allclose(expert_card(lesson), oracle, atol=1e-4)


def test_its_settings_are_those_of_the_default_recipe():
    recipe = read_recipe()
    assert (recipe.card.penalty, recipe.level.prior_projects) == (PENALTY, PRIOR_PROJECTS)


def test_an_expert_s_weight_moves_it_where_little_was_lived(lesson):
    few = of_readiness(lesson(seed=6, n=30, t=50))
    with_expert = of_readiness(lesson(seed=6, n=30, t=50), weights={Clock.LANDED: -0.8})
    readiness = few.test.matrix[:, 0]
    assert spearmanr(expert_card(few), readiness).statistic > 0.99
    assert spearmanr(expert_card(with_expert), readiness).statistic < -0.99


def test_its_level_is_that_of_the_projects_it_learned_from(sound):
    first = sound.periods.period == 0
    cut = {name: getattr(sound.periods, name)[first] for name in ("project", "period", "event", "end")}
    lesson = replace(sound, periods=PersonPeriods(**cut, n_periods=1), horizon=1, test=sound.train)
    assert expert_card(lesson).mean() == pytest.approx(sound.periods.event[first].mean(), abs=1e-3)
