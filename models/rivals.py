"""The models that luodi is measured against: each a name and one function from a lesson to chances.

A rival sees exactly the features, projects and days that luodi sees. To add one, write the function and enter it in
`RIVALS`. None is tuned: they are what a careful person writes first.
"""

from collections.abc import Callable
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

from features.builder import Features
from features.timeline import PersonPeriods
from features.words import Words

Floats = NDArray[np.float64]

_PRIOR_EVENTS = 0.5  # keeps the odds of a rate off 0 and infinity


@dataclass(frozen=True)
class Lesson:
    """What a model may learn from on one day for one clock, and the projects it is then asked about.

    ``train`` and ``test`` hold the same columns, fitted on the projects that trained. ``answers`` is what came of the
    tested: given only to references that are marked as knowing it.
    """

    train: Features  # (n, p)
    test: Features  # (t, p)
    periods: PersonPeriods  # its `project` points into train
    horizon: int  # periods up to the headline's horizon
    reached: Floats  # (n,) 1 where the milestone was known on the day
    within: Floats  # (n,) 1 where it came within the horizon
    mature: NDArray[np.bool_]  # (n,) the horizon was over on the day
    seed: int
    threads: int
    answers: Floats | None = None  # (t,)

    @property
    def categorical(self) -> list[int]:
        """The places of the columns that hold codes."""
        return [j for j, column in enumerate(self.train.columns) if column.categorical]


@dataclass(frozen=True)
class Rival:
    """A model to be measured beside luodi."""

    id: str
    label: Words
    chances: Callable[[Lesson], Floats]  # -> (t,) probabilities within the horizon
    knows_answers: bool = False  # a reference that no forecast could be


def hazards(periods: PersonPeriods, horizon: int) -> Floats:
    """Return the share of those at risk to whom the event came, by period; shape (horizon,).

    Half an event is added to each side. A period that nobody has lived takes the rate of the last one lived.
    """
    events = np.bincount(periods.period, weights=periods.event, minlength=horizon)[:horizon]
    lived = np.bincount(periods.period, minlength=horizon)[:horizon]
    rates: Floats = (events + _PRIOR_EVENTS) / (lived + 2 * _PRIOR_EVENTS)
    last = np.maximum.accumulate(np.where(lived > 0, np.arange(horizon), 0))
    return rates[last]


def _incidence(margins: Floats) -> Floats:
    """Return the chance of the event in any period, from log-odds of shape (t, horizon)."""
    chance: Floats = -np.expm1(np.log1p(-expit(margins)).sum(axis=1))
    return chance


def _boosted(lesson: Lesson, chosen: NDArray[np.bool_], labels: Floats) -> Floats:
    """Return what a LightGBM classifier with its own defaults says, 100 rounds."""
    if not chosen.any():
        return constant(lesson)
    if not lesson.train.columns:  # LightGBM refuses an empty table
        return np.full(len(lesson.test.matrix), labels[chosen].mean())
    data = lgb.Dataset(lesson.train.matrix[chosen], labels[chosen], categorical_feature=lesson.categorical)
    recipe = {"objective": "binary", "verbose": -1, "seed": lesson.seed, "num_threads": lesson.threads}
    said: Floats = np.asarray(lgb.train(recipe, data, 100).predict(lesson.test.matrix), dtype=np.float64)
    return said


def classifier_current(lesson: Lesson) -> Floats:
    """Return what most people write: a default classifier on who has reached the milestone so far, young or old."""
    return _boosted(lesson, np.ones(len(lesson.reached), dtype=np.bool_), lesson.reached)


def classifier_mature(lesson: Lesson) -> Floats:
    """Return a default classifier on the projects whose horizon is over; the constant where there is none."""
    return _boosted(lesson, lesson.mature, lesson.within)


def logistic_hazard(lesson: Lesson) -> Floats:
    """Return a ridge logistic hazard: quantile-normal numbers with missing indicators, one-hot levels and periods."""
    periods = lesson.periods
    if len(np.unique(periods.event)) < 2:
        return constant(lesson)
    train, test = _card_columns(lesson)
    horizon = lesson.horizon
    design = sparse.hstack([sparse.csr_array(train)[periods.project], _dummies(periods.period, horizon)]).tocsr()
    ridge = LogisticRegression(C=0.02, solver="newton-cholesky", max_iter=200).fit(design.toarray(), periods.event)
    weights = ridge.coef_[0]
    by_period = weights[-horizon:] + ridge.intercept_[0]
    return _incidence((test @ weights[:-horizon])[:, None] + by_period)


def _dummies(period: NDArray[np.intp], horizon: int) -> sparse.csr_array:
    rows = np.arange(len(period))
    return sparse.csr_array((np.ones(len(period)), (rows, period)), shape=(len(period), horizon))


def _card_columns(lesson: Lesson) -> tuple[Floats, Floats]:
    """Return the linear card's columns for those who trained and those asked about; scales are the trainers'."""
    train, test = lesson.train.matrix, lesson.test.matrix
    codes = np.zeros(train.shape[1], dtype=np.bool_)
    codes[lesson.categorical] = True
    parts = []
    numbers = np.flatnonzero(~codes & ~np.isnan(train).all(axis=0))
    if len(numbers):
        scale = make_union(
            make_pipeline(
                QuantileTransformer(n_quantiles=min(50, len(train)), output_distribution="normal", subsample=None),
                SimpleImputer(),
            ),
            MissingIndicator(features="all"),
        )
        parts.append((scale.fit_transform(train[:, numbers]), scale.transform(test[:, numbers])))
    if codes.any():
        levels = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20, sparse_output=False)
        parts.append((levels.fit_transform(train[:, codes]), levels.transform(test[:, codes])))
    if not parts:
        return np.zeros((len(train), 0)), np.zeros((len(test), 0))
    return np.hstack([a for a, _ in parts]), np.hstack([b for _, b in parts])


def free_hazard(lesson: Lesson) -> Floats:
    """Return a LightGBM hazard in which the period is one more column, free to meet any other."""
    periods, horizon = lesson.periods, lesson.horizon
    table = np.column_stack([lesson.train.matrix[periods.project], periods.period])
    data = lgb.Dataset(table, periods.event, categorical_feature=lesson.categorical)
    recipe = {
        "objective": "binary",
        "learning_rate": 0.03,
        "num_leaves": 12,
        "min_child_samples": 60,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "feature_fraction": 0.6,
        "lambda_l2": 5.0,
        "verbose": -1,
        "seed": lesson.seed,
        "num_threads": lesson.threads,
    }
    trees = lgb.train(recipe, data, 250)
    asked = [np.column_stack([lesson.test.matrix, np.full(len(lesson.test.matrix), k)]) for k in range(horizon)]
    return _incidence(np.column_stack([trees.predict(table, raw_score=True) for table in asked]))


def constant(lesson: Lesson) -> Floats:
    """Return for every project the incidence of those who trained: each period's rate, young projects counted."""
    rate = 1 - np.prod(1 - hazards(lesson.periods, lesson.horizon))
    return np.full(len(lesson.test.matrix), rate)


def knows_the_year(lesson: Lesson) -> Floats:
    """Return the tested projects' own share: what the best constant, told the answer, would have said."""
    if lesson.answers is None:
        raise ValueError("knows_the_year is a reference: give it the answers")
    return np.full(len(lesson.answers), lesson.answers.mean())


RIVALS: tuple[Rival, ...] = (
    Rival(
        "classifier_current",
        Words("默认分类器（当前状态）", "default classifier, current status"),
        classifier_current,
    ),
    Rival(
        "classifier_mature",
        Words("默认分类器（仅成熟项目）", "default classifier, mature cohorts"),
        classifier_mature,
    ),
    Rival("logistic_hazard", Words("岭回归逻辑风险模型", "ridge logistic hazard"), logistic_hazard),
    Rival("lightgbm_hazard", Words("LightGBM 风险模型（自由交互）", "LightGBM hazard, free"), free_hazard),
    Rival("constant", Words("训练期基准率", "constant, training rate"), constant),
    Rival(
        "constant_knowing_year",
        Words("已知当年结果的常数（仅作参照）", "constant that knows the year (reference)"),
        knows_the_year,
        knows_answers=True,
    ),
)
