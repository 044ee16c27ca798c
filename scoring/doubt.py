"""What a model leaves open about its headline figures: how its refits differ, and how far its projects reach."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.inputs import Features
from models.curve import incidence
from models.explain import Explained, total
from models.likeness import Unlike
from models.model import Model
from models.ranks import score_interval, unseen_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Doubt:
    """What is open about the headline of m projects.

    Attributes
    ----------
    score : (m,) log-odds, as the figures follow from them
    deviations : (B, m) log-odds, of B refits from the model; B = 0 where it has none
    unseen_sd : log-odds by which scores may be off beyond what refits differ by
    low, high : (m,) the interval of the figure, which holds four of five; NaN without refits
    unlike : how unlike anything known; None where the model cannot tell
    cold : whether the model is an expert card without a single outcome
    """

    score: Floats
    deviations: Floats
    unseen_sd: float
    low: Floats
    high: Floats
    unlike: Unlike | None
    cold: bool


def doubt(model: Model, features: Features, headline: Explained) -> Doubt:
    """Return what is open about the headline figures of m projects, each by itself whatever its company."""
    score = total(headline.log_odds)
    deviations = model.bagged(features)
    unseen = unseen_of(model.hazards[model.catalog.headline].level.frailty_sd)
    low, high = (_figures(model, bound) for bound in score_interval(score, deviations, unseen))
    unlike = None if model.likeness is None else model.likeness.of(features)
    return Doubt(score, deviations, unseen, low, high, unlike, model.cold)


def _figures(model: Model, score: Floats) -> Floats:
    """Return the headline figures of scores in log-odds, (m,); NaN stays NaN."""
    hazard, spec = model.hazards[model.catalog.headline], model.catalog.clocks[model.catalog.headline]
    n_periods = -(-spec.horizon_months // model.catalog.period_months)
    return incidence(hazard.baseline, score, n_periods, hazard.spread_sd)
