"""The hazard of one clock: a level per period, plus a scorecard and boosted trees, blended in log-odds."""

from dataclasses import dataclass

import numpy as np

from features.catalog import Clock
from models.curve import Floats
from models.explain import total
from models.scorecard import Scorecard
from models.trees import Boosted


@dataclass(frozen=True)
class Level:
    """The level as it is shipped, and what of it is doubt.

    Attributes
    ----------
    baseline : (K,) log-odds per period of a reference project, up to the reach; averaged over shock and frailty, they
        give the level that was fitted
    shock_sd : of the shock that all projects of a cohort share, in log-odds
    shock_seen : what the register alone shows of it
    frailty_sd : of what sets a project apart that no attribute tells, in log-odds
    """

    baseline: Floats
    shock_sd: float
    shock_seen: float
    frailty_sd: float = 0.0


@dataclass(frozen=True)
class Hazard:
    """logit h(k | x) = baseline[k] + card_weight · s(x) + tree_weight · t(x), s and t 0 on average over the projects.

    Attributes
    ----------
    card, trees : what each attribute gives to s, and to t (exact TreeSHAP values, centred)
    card_weight, tree_weight : β and γ, never negative
    level : baseline and shock
    """

    clock: Clock
    card: Scorecard
    trees: Boosted
    card_weight: float
    tree_weight: float
    level: Level

    @property
    def baseline(self) -> Floats:
        """(K,) log-odds per period of a reference project."""
        return self.level.baseline

    @property
    def shock_sd(self) -> float:
        """Standard deviation of the shock that a cohort shares, in log-odds."""
        return self.level.shock_sd

    @property
    def spread_sd(self) -> float:
        """Standard deviation of all that figures are averaged over, shock and frailty, in log-odds."""
        return float(np.hypot(self.level.shock_sd, self.level.frailty_sd))

    def parts(self, matrix: Floats) -> tuple[Floats, Floats]:
        """Return what card and trees each give to the score by attribute: two arrays of (n, p) log-odds."""
        card = np.zeros(matrix.shape) if self.card_weight == 0 else self.card_weight * self.card.contributions(matrix)
        trees = np.zeros(matrix.shape) if self.tree_weight == 0 else self.tree_weight * self.trees.contributions(matrix)
        return card, trees

    def contributions(self, matrix: Floats) -> Floats:
        """Return the part of each attribute in the score, (n, p) log-odds: the same in every period.

        Parameters
        ----------
        matrix : (n, p) as the features' builder gives it; NaN = missing
        """
        card, trees = self.parts(matrix)
        return card + trees

    def log_odds(self, matrix: Floats) -> Floats:
        """Return the score, (n,): 0 on average over the training projects."""
        return total(self.contributions(matrix))
