"""What luodi is compared with when rounds are ranked: a ranker, and lists by one thing only.

Each is a rival as `luodi evaluate` knows it. What these say orders a round and means nothing beyond it.
"""

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from features.catalog import Dimension
from features.catalogs.reader import read_catalog
from features.words import Words
from models.metrics import Floats, auc
from models.rivals import RIVALS, Lesson, Rival, constant

SIZES = {"repd": "installed_capacity_mw", "zhaoshang": "total_investment"}
FROM_EVALUATE = ("classifier_mature", "expert_card", "constant")


def quarters(entered: NDArray[np.datetime64]) -> NDArray[np.intp]:
    """Return the calendar quarter of each day, counted from 1970."""
    return entered.astype("datetime64[M]").astype(np.intp) // 3


def places(scores: Floats) -> Floats:
    """Return the order of scores as numbers between 0 and 1; ties stay ties."""
    order: Floats = rankdata(scores) / (len(scores) + 1)
    return order


def lambdarank(lesson: Lesson) -> Floats:
    """Return LightGBM's ranker, with its own defaults, on mature projects grouped by the quarter they entered."""
    mature = np.flatnonzero(lesson.mature)
    if len(np.unique(lesson.within[mature])) < 2:
        return constant(lesson)
    ordered = mature[np.argsort(lesson.entered[mature], kind="stable")]
    _, sizes = np.unique(quarters(lesson.entered[ordered]), return_counts=True)
    labels = lesson.within[ordered].astype(int)
    table = lgb.Dataset(
        lesson.train.matrix[ordered],
        labels,
        group=sizes,
        categorical_feature=lesson.categorical,
        params={"verbose": -1},
    )
    told = {"objective": "lambdarank", "verbose": -1, "seed": lesson.seed, "num_threads": lesson.threads}
    return places(np.asarray(lgb.train(told, table, 100).predict(lesson.test.matrix)))


def by_size(column: str) -> Rival:
    """Return the list by one column: larger or smaller first, whichever ordered the mature training projects better."""

    def chances(lesson: Lesson) -> Floats:
        ids = [feature.id for feature in lesson.train.columns]
        if column not in ids:
            return constant(lesson)
        size, asked = (features.matrix[:, ids.index(column)] for features in (lesson.train, lesson.test))
        if np.isnan(size).all():
            return constant(lesson)
        middle = np.nanmedian(size)  # nobody knows: neither large nor small
        merit = auc(lesson.within[lesson.mature], np.where(np.isnan(size), middle, size)[lesson.mature])
        sign = -1.0 if merit < 0.5 else 1.0
        return places(sign * np.where(np.isnan(asked), middle, asked))

    return Rival("size", Words("仅按规模", "size alone"), chances)


def readiness(lesson: Lesson) -> Floats:
    """Return the sum of standardised delivery attributes, in the direction the catalogue declares; missing is 0."""
    total = np.zeros(len(lesson.test.matrix))
    for j, feature in enumerate(lesson.train.columns):
        sign = feature.directions.get(lesson.clock, 0)
        known = lesson.train.matrix[~np.isnan(lesson.train.matrix[:, j]), j]
        if feature.dimension is Dimension.DELIVERY and not feature.categorical and sign and len(known):
            spread = known.std() or 1.0
            total += sign * np.nan_to_num((lesson.test.matrix[:, j] - known.mean()) / spread)
    return places(total)


def lists(catalog: str) -> tuple[Rival, ...]:
    """Return what luodi is compared with on registers of a catalogue."""
    ready = Rival("readiness", Words("仅按推进程度", "readiness alone"), readiness)
    declared = [a for a in read_catalog(catalog).attributes.values() if a.is_feature and any(a.directions.values())]
    has_delivery = any(attribute.dimension is Dimension.DELIVERY for attribute in declared)
    return (
        Rival("lambdarank", Words("LambdaRank", "LambdaRank, by round"), lambdarank),
        *(rival for rival in RIVALS if rival.id in FROM_EVALUATE),
        by_size(SIZES[catalog]),
        *([ready] if has_delivery else []),
    )
