r"""The blend: card and trees are fitted side by side, and weighed on projects that neither has seen.

:math:`\beta, \gamma \ge 0` weigh scores of projects whose investor was held out; they are drawn to the card alone where
there are next to no outcomes, and to the even mean of both as outcomes come in. The level follows from the same scores,
so it is right whatever the two weights add up to.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.catalog import Clock, ClockSpec
from models.additive import Belief, Fit, fit_additive
from models.curve import Floats, held
from models.explain import total
from models.exposure import Exposure, exposure_of
from models.hazard import Hazard, Level
from models.level import Anchor, prior_hazards
from models.lives import Lives
from models.recipe import Blend, Recipe
from models.scorecard import Scorecard, fit_scorecard
from models.shock import ShockPrior, fit_shock
from models.trees import Boosted, grow, stump

_AS_IT_IS = Belief(np.ones(1), np.zeros((1, 1)), np.ones(1), np.ones(1))  # the weight of a score that is settled


@dataclass(frozen=True)
class Lesson:
    """What every fit of one clock is given.

    Attributes
    ----------
    exposure : of the projects, up to the horizon: attributes learn from these periods alone
    anchor : what the level is shrunk to, of the same periods
    """

    lives: Lives
    clock: Clock
    exposure: Exposure
    anchor: Anchor
    recipe: Recipe

    def taught(self, exposure: Exposure) -> tuple[Scorecard, Boosted]:
        """Return card and trees of some of the projects."""
        features, recipe = self.lives.features, self.recipe
        card = fit_scorecard(features, exposure, self.anchor, self.clock, recipe.card.penalty)
        return card, grow(features, exposure, crude_level(exposure, self.anchor), self.clock, recipe)


def lesson_of(lives: Lives, spec: ClockSpec, period_months: int, recipe: Recipe) -> tuple[Lesson, Exposure, Anchor]:
    """Return the lesson of a clock, and exposure and anchor up to the reach, which the level needs too."""
    whole = exposure_of(lives.periods, lives.as_of, recipe.level.half_life_years)
    anchor = Anchor(prior_hazards(spec, period_months, whole), recipe.level.prior_projects)
    horizon = -(-spec.horizon_months // period_months)
    lived, near = whole.until(horizon), anchor.until(horizon)
    return Lesson(lives, spec.clock, lived, near, recipe), whole, anchor


def crude_level(exposure: Exposure, anchor: Anchor) -> Floats:
    """Return the level without any score, (K,), which trees start from: that of the projects they are grown on."""
    return fit_additive(exposure, np.zeros((len(exposure.project), 0)), anchor).baseline


def fit_hazard(lives: Lives, spec: ClockSpec, period_months: int, recipe: Recipe) -> Hazard:
    """Fit one clock: card and trees on all projects; their weights, the level and the shock on unseen scores.

    Up to the horizon the lives teach attributes and level; from there to the reach only the level, for the scores that
    are settled by then. Trees that tell nothing apart, on all projects or on unseen ones, are left out.
    """
    lesson, whole, anchor = lesson_of(lives, spec, period_months, recipe)
    card, trees = lesson.taught(lesson.exposure)
    unseen = unseen_scores(lesson) if trees.text or card.weights.any() else np.zeros((len(whole.project), 2))
    if not unseen[:, 1].any():
        trees = stump(len(lives.features.columns))
    weights = weighed(lesson, unseen).weights
    score = unseen @ weights
    baseline = fit_additive(whole, score[:, None], anchor, _AS_IT_IS).baseline
    level = _level(lives, whole, score, baseline, lesson, period_months)
    return Hazard(spec.clock, card, trees, float(weights[0]), float(weights[1]), level)


def unseen_scores(lesson: Lesson) -> Floats:
    """Return the scores of each exposed project, (n, 2), from card and trees fitted without its group."""
    exposure, matrix = lesson.exposure, lesson.lives.features.matrix
    scores = np.zeros((len(exposure.project), 2))
    for out in _folds(lesson):
        card, trees = lesson.taught(exposure.of(~out))
        asked = matrix[exposure.project[out]]
        scores[out] = np.column_stack([total(part.contributions(asked)) for part in (card, trees)])
    return scores


def _folds(lesson: Lesson) -> Iterator[NDArray[np.bool_]]:
    """Yield who is left out, (n,): whole groups, dealt at random."""
    group = lesson.lives.group[lesson.exposure.project]
    groups = np.unique(group)
    shuffled = np.random.default_rng(lesson.recipe.seed).permutation(len(groups))
    fold = (shuffled % lesson.recipe.level.folds)[np.searchsorted(groups, group)]
    for part in range(lesson.recipe.level.folds):
        if (fold == part).any():
            yield fold == part


def weighed(lesson: Lesson, unseen: Floats) -> Fit:
    """Return the weights of card and trees, (β, γ), with the level up to the horizon."""
    return fit_additive(lesson.exposure, unseen, lesson.anchor, balance(lesson.recipe.blend, lesson.exposure, unseen))


def balance(blend: Blend, exposure: Exposure, unseen: Floats) -> Belief:
    """Return what is believed of (β, γ): the card alone without outcomes, the even mean with many.

    Their sum and their difference are believed in separately: how far unseen scores are to be stretched the data tell
    soon, which of two scores that agree is the better one they tell late.
    """
    events = exposure.events
    share = 0.5 * events / (events + blend.even_from_events) if unseen[:, 1].any() else 0.0
    own, between = (blend.stretch_sd**2 + s * blend.balance_sd**2 for s in (1, -1))
    covariance = np.array([[own, between], [between, own]]) / 4
    high = np.where(unseen.any(axis=0), np.inf, 0.0)  # what says nothing has no weight
    return Belief(np.array([1.0 - share, share]), np.asarray(np.linalg.inv(covariance)), np.zeros(2), high)


def _level(lives: Lives, whole: Exposure, score: Floats, baseline: Floats, lesson: Lesson, period_months: int) -> Level:
    by_row = np.zeros(len(lives.features.matrix))
    by_row[whole.project] = score
    prior = ShockPrior(lesson.recipe.shock.prior_sd, lesson.recipe.shock.prior_horizons)
    shock = fit_shock(
        lives.periods, by_row[lives.periods.project], baseline, period_months, lesson.anchor.hazards.size, prior
    )
    return Level(held(baseline, shock.sd), shock.sd, shock.seen)
