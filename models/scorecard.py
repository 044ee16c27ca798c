"""The scorecard: attributes read on common scales, one weight a column, one term an attribute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from features.catalog import Clock
from features.inputs import Feature, Features
from models.additive import Belief, fit_additive
from models.curve import Floats
from models.exposure import Exposure
from models.leanings import direction, expert_weights
from models.level import Anchor
from models.transforms import Reading, Term, expected_reading, reading


@dataclass(frozen=True)
class Scorecard:
    """A linear score: each attribute is read as columns, and each column has a weight.

    Attributes
    ----------
    readings : of the p attributes, in the order of the features
    weights : (c,) log-odds per unit of each column, attribute by attribute
    centre : (c,) mean of each column over the reference projects, one row each
    """

    readings: tuple[Reading, ...]
    weights: Floats
    centre: Floats

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """What each attribute gives to the score, as a broken line or a list of levels."""
        ends = np.cumsum([r.width for r in self.readings])
        starts = [end - r.width for end, r in zip(ends, self.readings, strict=True)]
        return tuple(
            r.term(self.weights[a:b], float(self.weights[a:b] @ self.centre[a:b]))
            for r, a, b in zip(self.readings, starts, ends, strict=True)
        )

    def contributions(self, matrix: Floats) -> Floats:
        """Return what each attribute gives, (n, p) log-odds, 0 on average over the reference projects.

        Parameters
        ----------
        matrix : (n, p) as the features' builder gives it; NaN = missing
        """
        told = [term.read(column) for term, column in zip(self.terms, matrix.T, strict=True)]
        return np.ascontiguousarray(np.column_stack(told)) if told else np.zeros(matrix.shape)

    def design(self, matrix: Floats) -> Floats:
        """Return the centred columns, (n, c), whose product with the weights is the score."""
        return _columns(self.readings, matrix) - self.centre

    def to_dict(self) -> dict[str, Any]:
        """Return the card as JSON can hold it."""
        return {
            "readings": [r.to_dict() for r in self.readings],
            "weights": self.weights.tolist(),
            "centre": self.centre.tolist(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Scorecard":
        """Return the card that `to_dict` wrote."""
        readings = tuple(Reading.from_dict(one) for one in data["readings"])
        weights, centre = (np.array(data[name], dtype=np.float64) for name in ("weights", "centre"))
        if not len(weights) == len(centre) == sum(r.width for r in readings):
            raise ValueError("a card whose weights are not those of its columns")
        return cls(readings, weights, centre)


def fit_scorecard(features: Features, exposure: Exposure, anchor: Anchor, clock: Clock, penalty: float) -> Scorecard:
    r"""Return the card of what came to the projects: ridge on the hazard, drawn to the expert's weights.

    :math:`\lambda/2 \sum_j (w_j - m_j)^2` is taken off the log likelihood of the person-periods; m is the expert's
    weight and 0 where there is none. A weight never crosses 0 against the direction of its attribute.

    Parameters
    ----------
    features : of all rows; ``exposure.project`` says which of them lived
    anchor : what the level, fitted along with the weights, is shrunk to
    penalty : λ, such as 100: a column moves freely once it has told much more than 100 units of information
    """
    taught = features.matrix[exposure.project]
    readings = tuple(_read(c, column) for c, column in zip(features.columns, taught.T, strict=True))
    design = _columns(readings, taught)
    card = Scorecard(readings, np.zeros(design.shape[1]), design.mean(axis=0) if len(design) else np.zeros(0))
    return refitted(card, design - card.centre, exposure, anchor, believed(features.columns, readings, clock, penalty))


def _read(column: Feature, values: Floats) -> Reading:
    """Return how an attribute is read: by the training projects, or by what is typical where too few of them tell."""
    read = reading(column, values)
    return read if read.width else expected_reading(column)


def refitted(card: Scorecard, design: Floats, exposure: Exposure, anchor: Anchor, belief: Belief) -> Scorecard:
    """Return the card with the weights that the exposure of these projects tells, its scales and centre as they are.

    Parameters
    ----------
    design : (n, c) the card's centred columns of the exposed projects
    """
    return Scorecard(card.readings, fit_additive(exposure, design, anchor, belief).weights, card.centre)


def believed(columns: Sequence[Feature], readings: Sequence[Reading], clock: Clock, penalty: float) -> Belief:
    """Return what is believed of the weights of a card's columns before any outcome."""
    told = [
        r.believed(weight, direction(c, clock))
        for c, r, weight in zip(columns, readings, expert_weights(columns, clock), strict=True)
    ]
    mean, low, high = (np.concatenate([np.zeros(0), *part]) for part in (zip(*told, strict=True) if told else [()] * 3))
    return Belief(mean, penalty * np.eye(len(mean)), low, high)


def _columns(readings: tuple[Reading, ...], matrix: Floats) -> Floats:
    parts = [r.columns(column) for r, column in zip(readings, matrix.T, strict=True)]
    return np.hstack(parts) if parts else np.zeros((len(matrix), 0))
