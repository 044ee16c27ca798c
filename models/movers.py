"""Movers: what a new model would say of the projects now in the pipeline, beside what is said of them today."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from models.curve import Floats
from models.model import Model


@dataclass(frozen=True)
class Pipeline:
    """The headline figures of n projects by two models.

    Attributes
    ----------
    keys : what people call the projects
    was, now : (n,) figures of the champion and of the challenger
    """

    keys: tuple[str, ...]
    was: Floats
    now: Floats

    @property
    def rank_was(self) -> NDArray[np.intp]:
        """(n,) places by the champion, 1 the best; equal figures share one."""
        return _places(self.was)

    @property
    def rank_now(self) -> NDArray[np.intp]:
        """(n,) places by the challenger."""
        return _places(self.now)

    @property
    def order(self) -> NDArray[np.intp]:
        """(n,) rows, those whose figure moves most first."""
        return np.lexsort([self.rank_now, -np.abs(np.round(self.now - self.was, 12))])

    @property
    def largest(self) -> float:
        """The largest move of a figure; 0 where there is no project."""
        return float(np.abs(self.now - self.was).max(initial=0.0))


def pipeline_of(rows: pd.DataFrame, challenger: Model, champion: Model) -> Pipeline:
    """Return what both models say of typed rows.

    Each reads the rows with the history it was trained on, as it would score them. A champion whose catalogue has
    another headline is asked for the challenger's, if it knows that clock.
    """
    clock = challenger.catalog.headline
    keys = tuple(rows[challenger.catalog.key].astype(str))
    was, now = (model.explain(rows)[clock].figure for model in (champion, challenger))
    return Pipeline(keys, was, now)


def _places(figures: Floats) -> NDArray[np.intp]:
    """Return places from 1, the highest figure first.

    Examples
    --------
    >>> _places(np.array([0.2, 0.9, 0.2])).tolist()
    [2, 1, 2]
    """
    return np.asarray(rankdata(-np.round(figures, 12), method="min"), dtype=np.intp)
