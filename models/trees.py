"""The trees of one clock: LightGBM grown on projects, each row the sum of a life, time left to the level."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from features.catalog import Clock
from features.inputs import Features
from models.curve import Floats
from models.exposure import Exposure
from models.leanings import direction
from models.leaves import Leaves, leaves
from models.recipe import Recipe
from models.shapley import Forest, tabulated
from models.tree_arrays import Trees, read_trees

if TYPE_CHECKING:  # LightGBM loads scikit-learn, and that takes half a second: only what needs it waits
    import lightgbm as lgb

# Categories split one level against the rest: as free as a number's split, and no freer. A subset picked after sorting
# the levels by outcome fits noise (2 to 3 points of rank correlation with the truth at 600 invented projects).
ONE_LEVEL_AGAINST_THE_REST = 1 << 20
FEW_MISSING = 10  # projects; from fewer, the side on which LightGBM puts the missing is the luck of one or two
LIGHTGBM_SAMPLE = 200_000  # rows that it finds its bins from, unless told
ROWS_PER_THREAD = 50_000  # fewer rows, and threads cost more in waiting for each other than they bring


@dataclass(frozen=True)
class Boosted:
    """Boosted trees, centred on the projects they were grown on.

    Attributes
    ----------
    text : LightGBM's text of the booster; empty where there was nothing to learn, and every contribution is 0
    centre : (p,) mean TreeSHAP value over the training projects, one row each
    fill : (p,) what a missing number is read as, where it was hardly ever missing in training; NaN elsewhere
    """

    text: str
    centre: Floats
    fill: Floats

    @cached_property
    def booster(self) -> "lgb.Booster | None":
        """The trees as LightGBM reads them from their text; needed where they are too large for tables."""
        import lightgbm as lgb

        return lgb.Booster(model_str=self.text) if self.text else None

    @cached_property
    def arrays(self) -> Trees | None:
        """The trees as arrays; None where they are too large for it."""
        return read_trees(self.text, self.fill)

    @cached_property
    def forest(self) -> Forest | None:
        """The trees as tables of exact Shapley values; None where they are too large for it."""
        return None if self.arrays is None else tabulated(self.arrays)

    @cached_property
    def leaves(self) -> Leaves | None:
        """The trees as lists of leaf values; None where they are too large for it."""
        return None if self.arrays is None else leaves([self.arrays])

    def contributions(self, matrix: Floats) -> Floats:
        """Return the exact TreeSHAP value of each attribute, (n, p) log-odds, less its mean over the training projects.

        Parameters
        ----------
        matrix : (n, p) as the features' builder gives it; NaN = missing
        """
        if not self.text:
            return np.zeros(matrix.shape)
        if self.forest is not None:
            return self.forest.contributions(matrix) - self.centre
        return self._asked(matrix, parts=True)[:, :-1] - self.centre  # the last column is the expected value

    def scores(self, matrix: Floats) -> Floats:
        """Return the raw score, (n,): the sum of the contributions up to a constant and to rounding, not taken apart.

        The bits are those of LightGBM.
        """
        if self.leaves is not None:
            (score,) = self.leaves.scores(matrix)
            return np.asarray(score)
        return self._asked(matrix, parts=False)

    def _asked(self, matrix: Floats, *, parts: bool) -> Floats:
        assert self.booster is not None, "no trees are never too large for tables"
        told = self.booster.predict(filled(matrix, self.fill), raw_score=True, pred_contrib=parts)
        return np.asarray(told, dtype=np.float64)


def stump(n_features: int) -> Boosted:
    """Return no trees: every contribution is 0."""
    return Boosted("", np.zeros(n_features), np.full(n_features, np.nan))


def grow(features: Features, exposure: Exposure, baseline: Floats, clock: Clock, recipe: Recipe) -> Boosted:
    """Return trees grown on what came to the projects, above the level of each period.

    A project's gradient and curvature are the sums over its periods, so what is minimised is the log loss of its
    person-periods; the trees see no period, and time and attributes are additive by construction. The directions of
    the catalogue are monotone constraints. No events, nothing but events, attributes that do not vary, or fewer lives
    than a leaf needs: no trees.

    Parameters
    ----------
    features : of all rows; ``exposure.project`` says which of them lived
    baseline : (K,) log-odds of the periods
    """
    n_features = len(features.columns)
    nobody = recipe.trees.bagging_fraction * len(exposure.project) < 1  # a sample that LightGBM refuses
    if nobody or not n_features or not exposure.events or exposure.events == exposure.risk.sum():
        return stump(n_features)
    taught = features.matrix[exposure.project]
    fill = _fill(features, taught)
    booster = _boosted(filled(taught, fill), features, exposure, baseline, _params(features, exposure, clock, recipe))
    grown = Boosted(_without_parameters(booster), np.zeros(n_features), fill)
    parts = grown.contributions(taught)
    degenerate = not np.ptp(parts, axis=0).any()
    return stump(n_features) if degenerate else Boosted(grown.text, parts.mean(axis=0), fill)


def _boosted(
    matrix: Floats, features: Features, exposure: Exposure, baseline: Floats, params: dict[str, object]
) -> str:
    import lightgbm as lgb

    def lives(score: Floats, _: lgb.Dataset) -> tuple[Floats, Floats]:
        gradient, curvature = exposure.pull(baseline, score)
        return -gradient.sum(axis=1), np.maximum(curvature.sum(axis=1), 1e-12)

    rounds = int(str(params.pop("rounds")))
    data = lgb.Dataset(
        matrix,
        np.zeros(len(matrix)),
        feature_name=[c.id for c in features.columns],
        categorical_feature=[j for j, c in enumerate(features.columns) if c.categorical],
        params=params,
    )
    return str(lgb.train({**params, "objective": lives}, data, rounds).model_to_string())


def _params(features: Features, exposure: Exposure, clock: Clock, recipe: Recipe) -> dict[str, object]:
    trees, rows = recipe.trees, len(exposure.project)
    return {
        "rounds": trees.rounds,
        "learning_rate": trees.learning_rate,
        "num_leaves": trees.num_leaves,
        "lambda_l2": trees.lambda_l2,
        # Of few attributes all are tried: an interaction is found where both of its attributes are.
        "feature_fraction_bynode": max(trees.feature_fraction, min(1.0, trees.least_features / len(features.columns))),
        "bagging_fraction": trees.bagging_fraction,
        "bagging_freq": 1,
        "max_bin": trees.max_bin,
        # All rows: a sample may miss the few that are missing, and LightGBM then reads NaN as 0.
        "bin_construct_sample_cnt": max(rows, LIGHTGBM_SAMPLE),
        "min_data_in_leaf": 1,
        "min_sum_hessian_in_leaf": trees.min_leaf_events,
        "max_cat_to_onehot": ONE_LEVEL_AGAINST_THE_REST,
        "monotone_constraints": [direction(c, clock) for c in features.columns],
        "feature_pre_filter": False,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": min(recipe.threads, 1 + rows // ROWS_PER_THREAD),
        "seed": recipe.seed,
        "verbose": -1,
    }


def filled(matrix: Floats, fill: Floats) -> Floats:
    """Return ``matrix`` with a missing number read as ``fill``, where there is one.

    LightGBM takes NaN for 0 in a column that was never missing in training: a debt ratio not filled in would be read
    as no debt; where one project lacked it, every later one without it shares that project's luck. Such a column says
    nothing instead: the median of the training projects stands in.

    Examples
    --------
    >>> filled(np.array([[np.nan, np.nan]]), np.array([3.0, np.nan])).tolist()
    [[3.0, nan]]
    """
    return np.ascontiguousarray(np.where(np.isnan(matrix), fill, matrix))


def _fill(features: Features, known: Floats) -> Floats:
    numeric: NDArray[np.bool_] = np.array([not c.categorical for c in features.columns], dtype=np.bool_)
    fill = np.full(known.shape[1], np.nan)
    missing = np.isnan(known).sum(axis=0)
    told = numeric & (missing < FEW_MISSING) & (missing < len(known))
    fill[told] = np.nanmedian(known[:, told], axis=0) if told.any() else np.nan
    return fill


def _without_parameters(text: str) -> str:
    """Return LightGBM's text without the block of training parameters, which names the number of threads."""
    start, end = "\nparameters:", "end of parameters\n"
    return text[: text.index(start)] + text[text.index(end) + len(end) :]
