"""A trained model: rows in, explained figures out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.builder import FeatureBuilder
from features.catalog import Catalog, Clock
from features.history.event_index import EventIndex
from features.inputs import Features
from models.bag import Bag
from models.curve import Floats, curve
from models.explain import Explained, coherent, explained
from models.hazard import Hazard
from models.likeness import Likeness
from models.recipe import Recipe


@dataclass(frozen=True)
class Model:
    """Everything that scoring needs, and the card that says what it rests on.

    Attributes
    ----------
    builder : fitted; holds the event index that history is read from
    hazards : of the clocks that are asked at the entry
    later : of projects on their way, where the register has shown any
    giving_up : (K,) share of projects under construction that gives up in each period since the start
    bag : refits of the headline clock; None where there are none
    likeness : how far a project is from those with a known outcome; None where no outcome is known
    medians : of each number in the training projects, for the detection of unit slips
    card : what the model rests on, as JSON can hold it
    """

    catalog: Catalog
    recipe: Recipe
    builder: FeatureBuilder
    hazards: Mapping[Clock, Hazard]
    later: Mapping[Clock, Hazard]
    giving_up: Floats
    bag: Bag | None
    likeness: Likeness | None
    medians: Mapping[str, float]
    card: Mapping[str, object]

    @property
    def cold(self) -> bool:
        """Whether the model is an expert card without a single outcome."""
        clocks = self.card["clocks"]
        assert isinstance(clocks, Mapping), "a card tells of its clocks"
        return not any(clock["events"] for clock in clocks.values())

    def features(self, rows: pd.DataFrame, index: EventIndex | None = None) -> Features:
        """Return the attributes of typed rows as the model reads them, history counted from ``index``, or training."""
        return self.builder.transform(rows, index)

    def explain(self, rows: pd.DataFrame) -> Mapping[Clock, Explained]:
        """Return the figures of typed rows, each with its explanation, by clock."""
        return self.figures(self.features(rows))

    def figures(self, features: Features) -> Mapping[Clock, Explained]:
        """Return the probability of each clock's milestone within its horizon, explained and coherent.

        Landed is never below produced by the same month; where it would be, it takes that figure and explanation.
        """
        parts = {clock: hazard.contributions(features.matrix) for clock, hazard in self.hazards.items()}
        told = {clock: self._told(clock, part, self._months(clock)) for clock, part in parts.items()}
        if Clock.LANDED in told and Clock.PRODUCED in told:
            common = min(self._months(Clock.LANDED), self._months(Clock.PRODUCED))
            by_then = self._told(Clock.PRODUCED, parts[Clock.PRODUCED], common)
            told[Clock.LANDED] = coherent(told[Clock.LANDED], by_then)
        return told

    def curves(self, features: Features) -> Mapping[Clock, Floats]:
        """Return the probability of each clock's milestone by the end of each period, (n, K), as each clock tells it.

        The clocks are not reconciled here: the coherent figures are those of `figures`.
        """
        return {
            clock: curve(hazard.baseline[: self._periods(clock)], hazard.log_odds(features.matrix), hazard.spread_sd)
            for clock, hazard in self.hazards.items()
        }

    def bagged(self, features: Features) -> Floats:
        """Return by how much each of B refits scores the projects above the headline's hazard, (B, n) log-odds."""
        if self.bag is None:
            return np.zeros((0, len(features.matrix)))
        return self.bag.deviations(self.hazards[self.bag.clock], features.matrix)

    def _periods(self, clock: Clock) -> int:
        return -(-self._months(clock) // self.catalog.period_months)

    def _months(self, clock: Clock) -> int:
        return self.catalog.clocks[clock].horizon_months

    def _told(self, clock: Clock, parts: Floats, months: int) -> Explained:
        hazard, n_periods = self.hazards[clock], -(-months // self.catalog.period_months)
        return explained(parts, hazard.baseline, n_periods, hazard.spread_sd)
