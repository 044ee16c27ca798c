"""Classifiers of other libraries, on mature projects and with their own defaults; they come with the extra [rivals]."""

import warnings

import numpy as np
import pandas as pd

from models.rivals.classifiers import LEAST, teaches
from models.rivals.constants import constant
from models.rivals.lesson import Floats, Lesson

_NO_LEVEL = "none"  # a code written out is a number, so no level is called so


def catboost_mature(lesson: Lesson) -> Floats:
    """Return what CatBoost says, which reads categories by itself; the constant where nothing teaches."""
    table, asked = _tables(lesson)
    if not _ready(lesson, table):
        return constant(lesson)
    from catboost import CatBoostClassifier  # an extra, and slow to load

    model = CatBoostClassifier(
        random_seed=lesson.seed, thread_count=lesson.threads, verbose=False, allow_writing_files=False
    )
    codes = [name for name in table if table[name].dtype == object]
    model.fit(table, lesson.within[lesson.mature].astype(int), cat_features=codes)
    return np.asarray(model.predict_proba(asked)[:, 1], dtype=np.float64)


def explainable_boosting(lesson: Lesson) -> Floats:
    """Return what an explainable boosting machine says: one curve an attribute, added up.

    Pairs of attributes, which it adds by default, take over ten times as long. At one origin of REPD (2019) they made
    log loss worse on both clocks (.680 for .612, .473 for .438), AUC worse on one and better on the other.
    """
    table, asked = _tables(lesson)
    if not _ready(lesson, table):
        return constant(lesson)
    from interpret.glassbox import ExplainableBoostingClassifier  # an extra, and slow to load

    kinds = ["nominal" if table[name].dtype == object else "continuous" for name in table]
    model = ExplainableBoostingClassifier(
        feature_types=kinds, interactions=0, random_state=lesson.seed, n_jobs=1
    )  # in this process: its workers would each load everything again
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it says of missing values concerns its plots
        model.fit(table, lesson.within[lesson.mature].astype(int))
        return np.asarray(model.predict_proba(asked)[:, 1], dtype=np.float64)


def _ready(lesson: Lesson, table: pd.DataFrame) -> bool:
    enough = lesson.mature.sum() >= LEAST and len(table.columns) > 0
    return bool(enough) and teaches(lesson, lesson.mature, lesson.within)


def _tables(lesson: Lesson) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the mature and the asked as frames, codes as text; columns of one value, which CatBoost refuses, go."""
    codes = set(lesson.categorical)
    frames = [
        pd.DataFrame({str(j): _written(rows[:, j]) if j in codes else rows[:, j] for j in range(rows.shape[1])})
        for rows in (lesson.train.matrix[lesson.mature], lesson.test.matrix)
    ]
    told = [name for name in frames[0] if frames[0][name].nunique(dropna=False) > 1]
    return frames[0][told], frames[1][told]


def _written(codes: Floats) -> "pd.Series[str]":
    return pd.Series([_NO_LEVEL if np.isnan(code) else str(int(code)) for code in codes], dtype=object)
