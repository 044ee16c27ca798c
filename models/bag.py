"""The bag: refits of the headline clock on resampled registers, which tell how far its order can be trusted.

Investors and years of entry are drawn with weights of their own (a Bayesian bootstrap, Rubin 1981,
doi:10.1214/aos/1176345338, over both at once), as the projects of one investor, or of one year, share their luck.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from features.catalog import Clock
from models.additive import Belief
from models.curve import Floats
from models.explain import total
from models.exposure import Exposure
from models.hazard import Hazard
from models.leaves import Leaves, leaves
from models.lesson import Lesson, crude_level
from models.scorecard import believed, refitted
from models.trees import Boosted, grow

SPARSE = 4  # a column of which fewer than one in so many cells differ from 0 is added where it does


@dataclass(frozen=True)
class Bag:
    """B refits of one clock, kept as what differs from its hazard.

    Attributes
    ----------
    cards : (c, B) weights of the card's columns less those of the hazard's card
    trees : B refits of the trees; none where the hazard has no trees
    centre : (B,) mean deviation over the training projects, which is taken off: a bag speaks of order, not of level
    """

    clock: Clock
    cards: Floats
    trees: tuple[Boosted, ...]
    centre: Floats

    def deviations(self, hazard: Hazard, matrix: Floats) -> Floats:
        """Return by how much each refit scores each project above the hazard, (B, n) log-odds.

        Parameters
        ----------
        matrix : (n, p) as the features' builder gives it; NaN = missing
        """
        told = _by_cards(hazard, self.cards, matrix)
        if self.trees:
            told += hazard.tree_weight * (self._by_trees(matrix) - hazard.trees.scores(matrix))
        return told - self.centre[:, None]

    @cached_property
    def leaves(self) -> Leaves | None:
        """The trees of all refits as lists of leaf values, each question once; None where some are too large."""
        arrays = [member.arrays for member in self.trees]
        small = [trees for trees in arrays if trees is not None]
        return leaves(small) if len(small) == len(arrays) else None

    def _by_trees(self, matrix: Floats) -> Floats:
        if self.leaves is not None:
            return self.leaves.scores(matrix)
        return np.array([member.scores(matrix) for member in self.trees])


def _by_cards(hazard: Hazard, cards: Floats, matrix: Floats) -> Floats:
    """Return what the cards of refits tell beyond the hazard's, (B, n)."""
    card, weights = hazard.card, hazard.card_weight * cards
    told = np.zeros((len(matrix), cards.shape[1]))
    told -= total((card.centre[:, None] * weights).T)
    read = (r.columns(values) for r, values in zip(card.readings, matrix.T, strict=True))
    columns = (column for one in read for column in np.ascontiguousarray(one.T))
    for column, weight in zip(columns, weights, strict=True):  # one by one: the same sum for one project as for many
        rows = np.flatnonzero(column)
        if len(rows) * SPARSE < len(column):
            told[rows] += column[rows, None] * weight
        else:
            told += column[:, None] * weight
    return np.ascontiguousarray(told.T)


def fit_bag(lesson: Lesson, hazard: Hazard) -> Bag:
    """Return the refits of a hazard: cards on its scales, trees grown anew, both blended by its weights.

    Parameters
    ----------
    lesson : what the hazard was fitted on
    """
    matrix = lesson.lives.features.matrix[lesson.exposure.project]
    design = hazard.card.design(matrix)
    belief = believed(lesson.lives.features.columns, hazard.card.readings, lesson.clock, lesson.recipe.card.penalty)
    cards: list[Floats] = []
    trees: list[Boosted] = []
    for weight in _resamples(lesson):
        drawn = lesson.exposure.weighted(weight)
        kept = weight > 0
        member = _otherwise(belief, np.random.default_rng([lesson.recipe.seed, 2, len(cards)]))
        card = refitted(hazard.card, design[kept], drawn, lesson.anchor, member)
        cards.append(card.weights - hazard.card.weights)
        if hazard.tree_weight > 0:
            trees.append(_regrown(lesson, drawn, len(trees)))
    told = np.array(cards).reshape(len(cards), design.shape[1]).T  # a card may have no column, a bag no member
    bag = Bag(lesson.clock, told, tuple(trees), np.zeros(len(cards)))
    return replace(bag, centre=bag.deviations(hazard, matrix).sum(axis=1) / max(len(matrix), 1))


def _otherwise(belief: Belief, random: np.random.Generator) -> Belief:
    """Return the belief around weights drawn from it: what the lives do not tell of a card is not sure either.

    Refits that all start from the same weights agree where nothing was learned. With the prior's own draw in place of
    its mean, and the lives reweighted, the refits are draws from the posterior (perturb and maximise; Papandreou and
    Yuille, NeurIPS 2010).
    """
    spread = random.standard_normal(len(belief.mean)) / np.sqrt(np.diag(belief.precision))
    return replace(belief, mean=np.clip(belief.mean + spread, belief.low, belief.high))


def _regrown(lesson: Lesson, drawn: Exposure, member: int) -> Boosted:
    level, recipe = crude_level(drawn, lesson.anchor), lesson.recipe.reseeded(member + 1)
    return grow(lesson.lives.features, drawn, level, lesson.clock, recipe)


def _resamples(lesson: Lesson) -> Iterator[Floats]:
    """Yield the weight of each exposed project, (n,), once for each member: 1 on average."""
    project = lesson.exposure.project
    _, investor = np.unique(lesson.lives.group[project], return_inverse=True)
    _, year = np.unique(lesson.lives.entered[project].astype("datetime64[Y]"), return_inverse=True)
    random = np.random.default_rng([lesson.recipe.seed, 1])
    for _ in range(lesson.recipe.bag.members):
        weight = random.exponential(size=investor.max(initial=-1) + 1)[investor]
        weight *= random.exponential(size=year.max(initial=-1) + 1)[year]
        yield weight / max(weight.mean(), 1e-300) if len(weight) else weight
