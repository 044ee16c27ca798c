"""LightGBM classifiers of projects, one row each: as people first write them, and tuned by a small search.

The search is seeded: the library's defaults and eleven draws around them. Each is judged by log loss on the latest
fifth of the mature projects, learned from those before it; where projects are few, on three folds. The best one is
fitted on all of them.
"""

from collections.abc import Iterator

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.metrics import log_loss
from models.rivals.constants import constant
from models.rivals.lesson import Floats, Lesson, Mask

Setting = dict[str, float | int]
Rows = NDArray[np.intp]

CANDIDATES = 12
DEFAULTS: Setting = {"rounds": 100}
LEAST = 30  # mature projects, below which nothing is chosen between
_FEW = 200  # mature projects, below which a fifth is too few to judge by
_LATEST = 0.2
_FOLDS = 3


def teaches(lesson: Lesson, chosen: Mask, labels: Floats) -> bool:
    """Return whether the projects chosen hold both outcomes, and anything to tell them apart by."""
    return bool(lesson.train.columns) and len(np.unique(labels[chosen])) == 2


def classifier_current(lesson: Lesson) -> Floats:
    """Return what most people write: a default classifier on who has reached the milestone so far, young or old."""
    return _default(lesson, np.ones(len(lesson.reached), dtype=np.bool_), lesson.reached)


def classifier_mature(lesson: Lesson) -> Floats:
    """Return a default classifier on the projects whose horizon is over; the constant where they teach nothing."""
    return _default(lesson, lesson.mature, lesson.within)


def _default(lesson: Lesson, chosen: Mask, labels: Floats) -> Floats:
    if not teaches(lesson, chosen, labels):
        return constant(lesson)
    return _said(_fitted(lesson, _table(lesson, np.flatnonzero(chosen), labels), DEFAULTS), lesson.test.matrix)


def classifier_tuned(lesson: Lesson) -> Floats:
    """Return the classifier of mature projects whose setting forecast the latest of them best."""
    mature = np.flatnonzero(lesson.mature)
    if len(mature) < LEAST or not teaches(lesson, lesson.mature, lesson.within):
        return constant(lesson)
    settings = candidates(lesson.seed)
    losses = np.zeros(len(settings))
    for learned, judged in splits(lesson):
        table = _table(lesson, learned, lesson.within)
        asked, came = lesson.train.matrix[judged], lesson.within[judged]
        losses += [log_loss(came, _said(_fitted(lesson, table, one), asked)) * len(judged) for one in settings]
    best = settings[int(np.argmin(losses))]
    return _said(_fitted(lesson, _table(lesson, mature, lesson.within), best), lesson.test.matrix)


def candidates(seed: int) -> tuple[Setting, ...]:
    """Return the settings that are tried: the defaults first, then draws; the same for a seed."""
    rng = np.random.default_rng(seed)
    return (DEFAULTS, *(_draw(rng) for _ in range(CANDIDATES - 1)))


def _draw(rng: np.random.Generator) -> Setting:
    return {
        "num_leaves": int(rng.choice([3, 5, 8, 15, 31])),
        "learning_rate": float(10 ** rng.uniform(-2.0, -0.8)),
        "rounds": int(rng.choice([50, 100, 200, 300])),
        "min_child_samples": int(rng.choice([5, 10, 20, 40, 80])),
        "lambda_l2": float(10 ** rng.uniform(-1.0, 1.7)),
        "feature_fraction": float(rng.uniform(0.3, 1.0)),
    }


def splits(lesson: Lesson) -> Iterator[tuple[Rows, Rows]]:
    """Yield (learned, judged) rows of mature projects: before the latest fifth and in it, or three folds."""
    mature = np.flatnonzero(lesson.mature)
    if len(mature) >= _FEW:
        ordered = mature[np.argsort(lesson.entered[mature], kind="stable")]
        cut = round(len(ordered) * (1 - _LATEST))
        if len(np.unique(lesson.within[ordered[:cut]])) == 2:
            yield ordered[:cut], ordered[cut:]
            return
    drawn = np.random.default_rng(lesson.seed).permutation(mature)
    for i in range(_FOLDS):
        yield np.concatenate([drawn[j::_FOLDS] for j in range(_FOLDS) if j != i]), drawn[i::_FOLDS]


def _table(lesson: Lesson, rows: Rows, labels: Floats) -> lgb.Dataset:
    return lgb.Dataset(
        lesson.train.matrix[rows],
        labels[rows],
        categorical_feature=lesson.categorical,
        params={"feature_pre_filter": False, "verbose": -1, "num_threads": lesson.threads},
    )  # unfiltered: settings of any leaf size share it


def _fitted(lesson: Lesson, table: lgb.Dataset, setting: Setting) -> lgb.Booster:
    own = {name: value for name, value in setting.items() if name != "rounds"}
    told = {"objective": "binary", "verbose": -1, "seed": lesson.seed, "num_threads": lesson.threads}
    return lgb.train({"feature_pre_filter": False, **told, **own}, table, int(setting["rounds"]))


def _said(trees: lgb.Booster, matrix: Floats) -> Floats:
    return np.asarray(trees.predict(matrix), dtype=np.float64)
