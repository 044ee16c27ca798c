"""How the model arrives at one project's figures: what card and trees each give, attribute by attribute."""

from dataclasses import dataclass

import numpy as np

from features.catalog import Clock
from features.words import Language
from models.model import Model
from scoring.assessment import Assessment
from scoring.explanation import Breakdown, Contribution, explanation


@dataclass(frozen=True)
class Share:
    """What one of the two gave for one attribute: weight included."""

    log_odds: float
    points: float  # probability


@dataclass(frozen=True)
class Part:
    """One attribute's contribution; card + trees = the whole, in log-odds and in points."""

    whole: Contribution
    card: Share
    trees: Share


@dataclass(frozen=True)
class Detail:
    """One clock's figure as the model arrives at it.

    Attributes
    ----------
    card_weight, tree_weight : β and γ of the clock whose figure it is: production's where it has overtaken landing
    shock_sd, frailty_sd : of what the figure is averaged over, in log-odds: the shock that a cohort shares, and what no
        attribute tells of the project; 0 where no lives could show it
    parts : as in the breakdown, the largest first
    """

    breakdown: Breakdown
    card_weight: float
    tree_weight: float
    shock_sd: float
    frailty_sd: float
    parts: tuple[Part, ...]


def details(found: Assessment, model: Model, row: int, language: Language) -> tuple[Detail, ...]:
    """Return each clock's figure of one row as the model arrives at it; none where a red line stops the project.

    Parameters
    ----------
    found, model : an assessment, and the model that made it
    row : counted from 0 over all rows of the assessment
    """
    told = explanation(found, row, language).breakdowns
    return tuple(_detail(found, model, int(found.figured[:row].sum()), breakdown) for breakdown in told)


def _detail(found: Assessment, model: Model, place: int, told: Breakdown) -> Detail:
    assert found.features is not None, "a row that has figures has attributes"
    hazard = model.hazards[Clock.PRODUCED if told.overtaken else told.clock]
    gradient = float(found.clocks[told.clock].gradient[place])
    card, trees = (part[0] for part in hazard.parts(found.features.matrix[place : place + 1]))
    where = {column.id: j for j, column in enumerate(found.columns)}
    return Detail(
        breakdown=told,
        card_weight=hazard.card_weight,
        tree_weight=hazard.tree_weight,
        shock_sd=hazard.shock_sd,
        frailty_sd=hazard.level.frailty_sd,
        parts=tuple(
            Part(one, *(_share(part[where[one.attribute]], gradient) for part in (card, trees)))
            for one in told.contributions
        ),
    )


def _share(log_odds: np.float64, gradient: float) -> Share:
    return Share(float(log_odds), float(log_odds) * gradient)
