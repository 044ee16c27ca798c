"""Unseen scores: what card and trees say of projects that they have not learned from."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.curve import Floats
from models.exposure import Exposure, exposure_of
from models.lesson import Lesson

ORIGINS = (0.4, 0.6, 0.8)  # shares of the projects that had entered by an inner origin


def held_out(lesson: Lesson) -> Floats:
    """Return the scores of each exposed project, (n, 2), from card and trees fitted without its group."""
    exposure = lesson.exposure
    scores = np.zeros((len(exposure.project), 2))
    for out in _folds(lesson):
        scores[out] = lesson.only(exposure.of(~out)).answers(exposure.of(out))
    return scores


def _folds(lesson: Lesson) -> Iterator[NDArray[np.bool_]]:
    """Yield who is left out, (n,): whole groups, dealt at random."""
    group = lesson.lives.group[lesson.exposure.project]
    groups = np.unique(group)
    shuffled = np.random.default_rng(lesson.recipe.seed).permutation(len(groups))
    fold = (shuffled % lesson.recipe.level.folds)[np.searchsorted(groups, group)]
    for part in range(lesson.recipe.level.folds):
        if (fold == part).any():
            yield fold == part


def rolled(lesson: Lesson) -> tuple[Exposure, Floats]:
    """Return later projects with their scores, (n, 2), from card and trees of what had been lived before they entered.

    On each inner origin card and trees are fitted anew; those who enter between it and the next are scored. Which of
    the two carries over to projects of another time is not seen where projects of all times are dealt into folds.
    """
    exposure = lesson.exposure
    entered = lesson.lives.entered[exposure.project]
    asked = np.zeros(len(entered), dtype=np.bool_)
    scores = np.zeros((len(entered), 2))
    for day, until in _origins(entered):
        known = exposure_of(lesson.lives.before(day)).until(exposure.n_periods)
        later = (entered >= day) & (entered < until)
        if known.events and later.any():
            scores[later] = lesson.only(known).answers(exposure.of(later))
            asked |= later
    return exposure.of(asked), scores[asked]


def _origins(entered: NDArray[np.datetime64]) -> Iterator[tuple[np.datetime64, np.datetime64]]:
    """Yield the inner origins, each with the day of the next."""
    if not len(entered):
        return
    days = np.sort(entered)[[int(share * len(entered)) for share in ORIGINS]]
    yield from zip(days, (*days[1:], entered.max() + np.timedelta64(1, "D")), strict=True)
