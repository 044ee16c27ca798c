"""The expert card by itself: luodi's linear part, drawn to the catalogue's weights; no trees, no blend, no shock."""

import numpy as np

from features.catalog import ClockSpec
from models.additive import AS_IT_IS, fit_additive
from models.curve import incidence
from models.explain import total
from models.exposure import exposure_of
from models.level import Anchor, prior_hazards
from models.rivals.constants import constant
from models.rivals.lesson import Floats, Lesson
from models.scorecard import fit_scorecard

PENALTY = 100.0  # of the ridge around the expert's weights, as in the default recipe
PRIOR_PROJECTS = 10.0  # what the mean hazard counts as in each period, as there


def expert_card(lesson: Lesson) -> Floats:
    """Return what the card alone says: its weights are not judged on unseen projects, its level is that of training."""
    if len(np.unique(lesson.periods.event)) < 2:
        return constant(lesson)
    exposure = exposure_of(lesson.periods)
    unpublished = ClockSpec(lesson.clock, horizon_months=lesson.horizon)  # a lesson knows the register alone
    anchor = Anchor(prior_hazards(unpublished, 1, exposure), PRIOR_PROJECTS)
    card = fit_scorecard(lesson.train, exposure, anchor, lesson.clock, PENALTY)
    score = total(card.contributions(lesson.train.matrix[exposure.project]))
    level = fit_additive(exposure, score[:, None], anchor, AS_IT_IS).baseline
    return incidence(level, total(card.contributions(lesson.test.matrix)))
