r"""The blend: card and trees are fitted side by side, and weighed on projects that neither has seen.

:math:`\beta, \gamma \ge 0`. Their ratio follows from rolling inner origins, as what counts is the forecast of later
projects; their sum, and the level, from projects whose investor was held out, as many as there are. They are drawn to
the card alone where there are next to no outcomes, and to the even mean of both as outcomes come in.
"""

import numpy as np
from scipy.special import logit

from features.catalog import ClockSpec
from models.additive import Belief, fit_additive
from models.curve import Floats, hazards, held
from models.exposure import Exposure
from models.frailty import Frailty, FrailtyPrior, averaged_log_odds, fit_frailty, stretched
from models.hazard import Hazard, Level
from models.leanings import expert_weights
from models.lesson import Lesson, lesson_of
from models.level import Anchor
from models.lives import Lives
from models.recipe import Recipe
from models.shock import ShockPrior, fit_shock
from models.trees import stump
from models.unseen import held_out, rolled


def fit_hazard(lives: Lives, spec: ClockSpec, period_months: int, recipe: Recipe) -> Hazard:
    """Fit one clock: card and trees on all projects; their weights, the level and the shock on unseen scores.

    Up to the horizon the lives teach the attributes; up to the reach they teach level, frailty and stretch, for the
    scores that are settled by then. Trees that tell nothing apart, on all projects or on unseen ones, are left out.
    """
    lesson, whole, anchor = lesson_of(lives, spec, period_months, recipe)
    card, trees = lesson.taught()
    unseen = held_out(lesson) if trees.text or card.weights.any() else np.zeros((len(whole.project), 2))
    if not unseen[:, 1].any():
        trees = stump(len(lives.features.columns))
    weights = weighed(lesson, unseen)
    score = unseen @ weights
    frailty = fit_frailty(whole, score, anchor, FrailtyPrior(recipe.frailty.prior_mode, recipe.blend.stretch_sd))
    level = _level(whole, score, frailty, lesson)
    beta, gamma = frailty.stretch * weights
    return Hazard(spec.clock, card, trees, float(beta), float(gamma), level)


def weighed(lesson: Lesson, unseen: Floats) -> Floats:
    """Return the weights of card and trees, (β, γ).

    The level stands aside here: it is shrunk to the register's own mean hazard, as a register slower than its published
    curve must not be told that its attributes say little.

    Parameters
    ----------
    unseen : (n, 2) held-out scores of the lesson's projects; the fewer events, the less they move the sum from 1
    """
    exposure, blend, telling = lesson.exposure, lesson.recipe.blend, unseen.any(axis=0)
    if not exposure.events or not telling.any():  # an expert's order stands until something speaks against it
        expert = expert_weights(lesson.lives.features.columns, lesson.clock).any()
        return np.array([1.0 if expert else 0.0, 0.0])
    share = _ratio(lesson) if telling.all() else telling / telling.sum()
    precision = (1.0 + blend.even_from_events / exposure.events) / blend.stretch_sd**2
    stretch = Belief(np.ones(1), np.full((1, 1), precision), np.zeros(1), np.full(1, np.inf))
    return np.asarray(share * fit_additive(exposure, (unseen @ share)[:, None], _own(lesson), stretch).weights)


def _ratio(lesson: Lesson) -> Floats:
    """Return the shares of card and trees, which add up to 1, as later projects tell."""
    exposure, scores = rolled(lesson)
    belief = balance(lesson.recipe, lesson.exposure.events)
    told = fit_additive(exposure, scores, _own(lesson), belief).weights
    return np.asarray(told / told.sum()) if told.any() else belief.mean


def _own(lesson: Lesson) -> Anchor:
    """Return the register's mean hazard as an anchor: half an event and one project-period added."""
    exposure = lesson.exposure
    mean = (exposure.events + 0.5) / (exposure.risk.sum() + 1.0)
    return Anchor(np.full(exposure.n_periods, mean), lesson.anchor.projects)


def balance(recipe: Recipe, events: float) -> Belief:
    """Return what is believed of (β, γ) before later projects are asked: the card alone without outcomes, else even.

    Sum and difference are believed in separately: how far scores are to be stretched the data tell soon, which of two
    scores that agree is the better one they tell late.
    """
    blend = recipe.blend
    share = 0.5 * events / max(events + blend.even_from_events, 1e-9)
    own, between = (blend.stretch_sd**2 + s * blend.balance_sd**2 for s in (1, -1))
    covariance = np.array([[own, between], [between, own]]) / 4
    precision = np.asarray(np.linalg.inv(covariance))
    return Belief(np.array([1.0 - share, share]), precision, np.zeros(2), np.full(2, np.inf))


def _level(whole: Exposure, score: Floats, frailty: Frailty, lesson: Lesson) -> Level:
    """Return the level with its shock, which is learned beside the frailty: that who is left is slower is no shock."""
    periods, usual = lesson.lives.periods, hazards(frailty.baseline, frailty.sd)
    by_row = np.zeros((len(lesson.lives.features.matrix), whole.n_periods))
    by_row[whole.project] = averaged_log_odds(frailty, score)
    shock = fit_shock(
        periods,
        by_row[periods.project, periods.period],
        usual[: lesson.exposure.n_periods],
        lesson.period_months,
        ShockPrior(lesson.recipe.shock.prior_sd, lesson.recipe.shock.prior_horizons),
    )
    sd, seen = (stretched(frailty.sd) * part for part in (shock.sd, shock.seen))
    return Level(held(np.asarray(logit(usual)), float(np.hypot(sd, frailty.sd))), sd, seen, frailty.sd)
