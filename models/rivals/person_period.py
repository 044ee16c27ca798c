"""Hazards of another make: person-periods in a ridge regression, and in trees that mix time with attributes."""

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

from models.rivals.constants import constant
from models.rivals.lesson import Floats, Lesson


def _incidence(margins: Floats) -> Floats:
    """Return the chance of the event in any period, from log-odds of shape (t, horizon)."""
    chance: Floats = -np.expm1(np.log1p(-expit(margins)).sum(axis=1))
    return chance


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
    if len(np.unique(periods.event)) < 2:
        return constant(lesson)
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
