"""The lesson of one clock: lives up to the horizon, what the level is shrunk to, and card and trees of them."""

from dataclasses import dataclass, replace

import numpy as np

from features.catalog import Clock, ClockSpec
from models.additive import fit_additive
from models.curve import Floats
from models.explain import total
from models.exposure import Exposure, exposure_of
from models.level import Anchor, prior_hazards
from models.lives import Lives
from models.recipe import Recipe
from models.scorecard import Scorecard, fit_scorecard
from models.trees import Boosted, grow


@dataclass(frozen=True)
class Lesson:
    """What every fit of one clock is given.

    Attributes
    ----------
    exposure : of the projects, up to the horizon: attributes learn from these periods alone
    anchor : what the level is shrunk to, of the same periods
    """

    lives: Lives
    spec: ClockSpec
    period_months: int
    exposure: Exposure
    anchor: Anchor
    recipe: Recipe

    @property
    def clock(self) -> Clock:
        """The clock that is learned."""
        return self.spec.clock

    def only(self, exposure: Exposure) -> "Lesson":
        """Return the lesson of these lives alone: nothing of any other is left in it, in the level neither."""
        anchor = _anchored(self.spec, self.period_months, exposure, self.recipe)
        return replace(self, exposure=exposure, anchor=anchor)

    def taught(self) -> tuple[Scorecard, Boosted]:
        """Return card and trees."""
        features, recipe = self.lives.features, self.recipe
        card = fit_scorecard(features, self.exposure, self.anchor, self.clock, recipe.card.penalty)
        return card, grow(features, self.exposure, crude_level(self.exposure, self.anchor), self.clock, recipe)

    def answers(self, asked: Exposure) -> Floats:
        """Return the scores that card and trees give to other projects, (n, 2)."""
        matrix = self.lives.features.matrix[asked.project]
        return np.column_stack([total(part.contributions(matrix)) for part in self.taught()])


def lesson_of(lives: Lives, spec: ClockSpec, period_months: int, recipe: Recipe) -> tuple[Lesson, Exposure, Anchor]:
    """Return the lesson of a clock, and exposure and anchor up to the reach, which the level needs too."""
    whole = exposure_of(lives.periods)
    anchor = _anchored(spec, period_months, whole, recipe)
    horizon = -(-spec.horizon_months // period_months)
    lived, near = whole.until(horizon), anchor.until(horizon)
    return Lesson(lives, spec, period_months, lived, near, recipe), whole, anchor


def _anchored(spec: ClockSpec, period_months: int, exposure: Exposure, recipe: Recipe) -> Anchor:
    return Anchor(prior_hazards(spec, period_months, exposure), recipe.level.prior_projects)


def crude_level(exposure: Exposure, anchor: Anchor) -> Floats:
    """Return the level without any score, (K,), which trees start from: that of the projects they are grown on."""
    return fit_additive(exposure, np.zeros((len(exposure.project), 0)), anchor).baseline
