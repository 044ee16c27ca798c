"""The hazard of one clock: boosted trees on the attributes alone, and a level per period, added in log-odds."""

from dataclasses import dataclass, replace
from functools import cached_property

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.catalog import Clock, ClockSpec
from features.inputs import Features
from features.timeline import PersonPeriods
from models.curve import Floats
from models.explain import total
from models.level import fit_level, prior_hazards
from models.recipe import Recipe, Trees
from models.shapley import Forest, tabulated

# Categories split one level against the rest: as free as a number's split, and no freer. A subset picked after sorting
# the levels by outcome fits noise (2 to 3 points of rank correlation with the truth at 600 invented projects).
ONE_LEVEL_AGAINST_THE_REST = 1 << 20
FEW_MISSING = 10  # projects; from fewer, the side on which LightGBM puts the missing is the luck of one or two
LIGHTGBM_SAMPLE = 200_000  # rows that it finds its bins from, unless told
ROWS_PER_THREAD = 50_000  # fewer rows, and threads cost more in waiting for each other than they bring


@dataclass(frozen=True)
class Lives:
    """What one clock learns from: attributes per project, the periods they lived, and which projects go together.

    Attributes
    ----------
    features : of n projects
    periods : m person-periods, whose ``project`` points into the n
    group : (n,) projects of one investor share a number, and are never on both sides of a fold
    """

    features: Features
    periods: PersonPeriods
    group: NDArray[np.intp]


@dataclass(frozen=True)
class Hazard:
    """logit h(k | x) = baseline[k] + slope · Σ_j (φ_j(x) - centre_j), φ the exact TreeSHAP values of the trees.

    Attributes
    ----------
    trees : LightGBM's text of the booster; empty where there was nothing to learn, and every contribution is 0
    baseline : (K,) log-odds per period of a reference project
    slope : on the trees' score, from predictions for projects they did not see
    centre : (p,) mean φ over the training projects, one row each
    fill : (p,) what a missing number is read as, where it was hardly ever missing in training; NaN elsewhere
    """

    clock: Clock
    trees: str
    baseline: Floats
    slope: float
    centre: Floats
    fill: Floats

    @cached_property
    def booster(self) -> lgb.Booster | None:
        """The trees, read from their text: what scores is what the bundle holds."""
        return lgb.Booster(model_str=self.trees) if self.trees else None

    @cached_property
    def forest(self) -> Forest | None:
        """The trees as tables of exact Shapley values; None where they are too large for it."""
        return tabulated(self.booster) if self.booster else None

    def contributions(self, matrix: Floats) -> Floats:
        """Return the part of each attribute in the score, (n, p) log-odds: the same in every period.

        Parameters
        ----------
        matrix : (n, p) as the features' builder gives it; NaN = missing
        """
        if self.booster is None or self.slope == 0:  # not 0 times the trees, which may be -0
            return np.zeros(matrix.shape)
        known = filled(matrix, self.fill)
        parts = self.forest.contributions(known) if self.forest else _attributed(self.booster, known)
        return self.slope * (parts - self.centre)

    def log_odds(self, matrix: Floats) -> Floats:
        """Return the score, (n,): 0 on average over the training projects."""
        return total(self.contributions(matrix))


def fit_hazard(lives: Lives, spec: ClockSpec, period_months: int, recipe: Recipe) -> Hazard:
    """Fit one clock: trees on the attributes, then level and slope on scores of projects the trees did not see.

    The trees start from the level of each period (``init_score``) and see no period, so that time and attributes are
    additive by construction. Directions of the catalogue are monotone constraints.

    A file without a single person-period, without events, with nothing but events, whose attributes do not vary, or
    whose trees no unseen project can confirm, gives the level alone: every contribution is 0.
    """
    features, periods = lives.features, lives.periods
    prior = prior_hazards(spec, period_months, periods)
    weight = recipe.level.prior_projects
    crude = fit_level(periods, np.zeros(len(periods.event)), prior, weight)
    plain = Hazard(
        spec.clock, "", crude.baseline, 1.0, np.zeros(features.matrix.shape[1]), _fill(features, periods.project)
    )
    grown = _grow(plain, lives, recipe)
    if not grown.trees:
        return plain
    unseen = _unseen_scores(plain, lives, recipe)
    if not unseen[periods.project].any():  # nothing to check the trees against: one investor, or folds too small
        return plain
    fit = fit_level(periods, unseen[periods.project], prior, weight, recipe.level.slope_sd)
    return replace(grown, baseline=fit.baseline, slope=fit.slope)


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


def _fill(features: Features, project: NDArray[np.intp]) -> Floats:
    known = features.matrix[np.unique(project)]
    numeric = np.array([not c.categorical for c in features.columns], dtype=np.bool_)
    fill = np.full(known.shape[1], np.nan)
    missing = np.isnan(known).sum(axis=0)
    told = numeric & (missing < FEW_MISSING) & (missing < len(known))
    fill[told] = np.nanmedian(known[:, told], axis=0) if told.any() else np.nan
    return fill


def _attributed(booster: lgb.Booster, matrix: Floats) -> Floats:
    """Return the exact TreeSHAP values, (n, p), without LightGBM's last column (the expected value)."""
    return np.asarray(booster.predict(matrix, pred_contrib=True), dtype=np.float64)[:, :-1]


def _grow(plain: Hazard, lives: Lives, recipe: Recipe, keep: NDArray[np.bool_] | None = None) -> Hazard:
    """Return ``plain`` with trees grown on the projects in ``keep`` (n,), centred on them; as it is if none grow."""
    periods = lives.periods
    rows = np.arange(len(periods.event)) if keep is None else np.flatnonzero(keep[periods.project])
    project, y = periods.project[rows], periods.event[rows]
    if len(y) == 0 or y.min() == y.max() or not lives.features.columns:
        return plain
    fill = _fill(lives.features, project)
    matrix = filled(lives.features.matrix, fill)
    start = plain.baseline[periods.period[rows]]
    categories = [j for j, c in enumerate(lives.features.columns) if c.categorical]
    params = _params(plain.clock, lives.features, recipe, len(y))
    data = lgb.Dataset(
        matrix[project],
        y,
        init_score=start,
        feature_name=[c.id for c in lives.features.columns],
        categorical_feature=categories,
        params=params,
    )
    booster = lgb.train(params, data, recipe.trees.rounds)
    grown = replace(plain, trees=_without_parameters(booster.model_to_string()), fill=fill)
    attributed = grown.contributions(lives.features.matrix[np.unique(project)])
    return replace(grown, centre=attributed.mean(axis=0)) if np.ptp(attributed, axis=0).any() else plain


def _params(clock: Clock, features: Features, recipe: Recipe, rows: int) -> dict[str, object]:
    trees: Trees = recipe.trees
    return {
        "objective": "binary",
        "learning_rate": trees.learning_rate,
        "num_leaves": trees.num_leaves,
        "lambda_l2": trees.lambda_l2,
        "feature_fraction_bynode": trees.feature_fraction,
        "bagging_fraction": trees.bagging_fraction,
        "bagging_freq": 1,
        "max_bin": trees.max_bin,
        # All rows: a sample may miss the few that are missing, and LightGBM then reads NaN as 0.
        "bin_construct_sample_cnt": max(rows, LIGHTGBM_SAMPLE),
        "min_data_in_leaf": 1,
        "min_sum_hessian_in_leaf": trees.min_leaf_events,
        "max_cat_to_onehot": ONE_LEVEL_AGAINST_THE_REST,
        "monotone_constraints": [0 if c.categorical else c.directions.get(clock, 0) for c in features.columns],
        "feature_pre_filter": False,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": min(recipe.threads, 1 + rows // ROWS_PER_THREAD),
        "seed": recipe.seed,
        "verbose": -1,
    }


def _without_parameters(text: str) -> str:
    """Return LightGBM's text without the block of training parameters, which names the number of threads."""
    start, end = "\nparameters:", "end of parameters\n"
    return text[: text.index(start)] + text[text.index(end) + len(end) :]


def _unseen_scores(plain: Hazard, lives: Lives, recipe: Recipe) -> Floats:
    """Return each project's score, (n,), from trees grown without its group."""
    groups = np.unique(lives.group)
    shuffled = np.random.default_rng(recipe.seed).permutation(len(groups))
    fold = (shuffled % recipe.level.folds)[np.searchsorted(groups, lives.group)]
    scores = np.zeros(len(lives.group))
    for part in range(recipe.level.folds):
        out = fold == part
        if out.any():
            scores[out] = _grow(plain, lives, recipe, ~out).log_odds(lives.features.matrix[out])
    return scores
