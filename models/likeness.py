"""Likeness: how far a project is from anything with a known outcome, whatever the model makes of it.

A model answers for a project such as it has never seen as readily as for any other. What is measured here is how much
of a reach that is: the distance to the nearest projects whose outcome is known, told as a share of those projects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from features.inputs import Features
from features.words import Words
from models.likeness_scale import STEPS, Column, column_from_dict, fit_column

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Steps = NDArray[np.int32]

NEIGHBOURS = 5
FEWEST = 10  # known projects; among fewer, nothing is far from anything
SAMPLE = 1_000  # known projects that are compared with; the scales are those of all
HISTORY = "__"  # in the name of a column that is counted from history, and in no other
BLOCK = 512  # projects whose distances to the whole sample are held at once
NOTHING_KNOWN = Words("没有可比的、已有结果的项目", "nothing with a known outcome to compare with")


@dataclass(frozen=True)
class Unlike:
    """How unlike everything known m projects are.

    Attributes
    ----------
    distance : (m,) share of the known projects that lie nearer to their own nearest ones; NaN where too few are known
    strange : per attribute, where it lies outside what known projects have, (m,); only those that do somewhere
    reason : why there is no distance; None where there is one
    """

    distance: Floats
    strange: Mapping[str, Mask]
    reason: Words | None = None


@dataclass(frozen=True)
class Likeness:
    """The projects with a known outcome, as a place to measure from: no names in it, and no figures as filed.

    The distance of two projects is the mean over attributes, after Gower (Biometrics 1971, doi:10.2307/2528823):
    numbers on the scale of the quantiles, which goes on beyond the known range; levels 0 or 1, a level that training
    never met counts as other than all; missing against present one half.

    Attributes
    ----------
    columns : p scales, in the order of the model's attributes
    sample : (m, p) places of known projects on the scales, in whole steps
    reach : (m,) their own distances to their nearest neighbours among them, rising; empty where too few are known
    """

    columns: tuple[Column, ...]
    sample: Steps
    reach: Floats

    @classmethod
    def fit(cls, features: Features, known: Mask, seed: int = 0) -> "Likeness":
        """Return the likeness to projects of known outcome.

        Parameters
        ----------
        features : of the n training projects
        known : (n,) the horizon is over, the milestone is reached, or the project is withdrawn
        seed : of the choice among more than a thousand
        """
        rows = np.flatnonzero(known)
        features = _chosen(features, [column.id for column in features.columns if HISTORY not in column.id])
        columns = tuple(fit_column(c, features.matrix[rows, j]) for j, c in enumerate(features.columns))
        if len(rows) > SAMPLE:
            rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE, replace=False))
        taken = Features(features.matrix[rows], features.columns, features.unseen[rows])
        sample, _ = _placed(columns, taken)
        bare = cls(columns, sample, np.empty(0))
        if len(rows) < FEWEST:
            return bare
        return cls(columns, sample, np.sort(bare._to_nearest(taken, itself=True)))

    def of(self, features: Features) -> Unlike:
        """Return how unlike everything known projects are, each by itself whatever its company.

        Parameters
        ----------
        features : of m projects, with the columns of ``fit`` among theirs
        """
        if not len(self.reach):
            return Unlike(np.full(len(features.matrix), np.nan), {}, NOTHING_KNOWN)
        features = _chosen(features, [column.id for column in self.columns])
        nearer = np.searchsorted(self.reach, self._to_nearest(features), side="left")
        strange = {
            column.id: mask
            for j, column in enumerate(self.columns)
            if (mask := column.strange(features.matrix[:, j], features.unseen[:, j])).any()
        }
        return Unlike(nearer / len(self.reach), strange)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""
        return {
            "columns": [column.to_dict() for column in self.columns],
            "sample": [" ".join(map(str, places)) for places in self.sample.T.tolist()],
            "projects": len(self.sample),
            "reach": self.reach.tolist(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Likeness":
        """Return the likeness that `to_dict` wrote.

        Raises
        ------
        ValueError
            If its parts do not fit together.
        """
        columns = tuple(column_from_dict(column) for column in data["columns"])
        projects, lines = data["projects"], [line.split() for line in data["sample"]]
        if [len(line) for line in lines] != [projects] * len(columns):
            raise ValueError(f"the sample must have {projects} known projects on each of {len(columns)} scales")
        sample = np.array(lines, dtype=np.int32).reshape(len(columns), projects).T
        sizes = np.array([column.size for column in columns], dtype=np.int32)
        if (sample < 0).any() or (sample > sizes).any():
            raise ValueError("known projects that are not on their own scales")
        reach = np.array(data["reach"], dtype=np.float64)
        if reach.shape not in {(0,), (projects,)} or not (reach >= 0).all() or (np.diff(reach) < 0).any():
            raise ValueError(f"reach must be {projects} distances, rising from 0 or more, or none")
        return cls(columns, np.ascontiguousarray(sample), reach)

    @cached_property
    def _table(self) -> NDArray[Any]:
        """The distance in steps of each place on each scale to every known project: (places of all scales, m)."""
        whole = np.int16 if len(self.columns) * STEPS < np.iinfo(np.int16).max else np.int32
        parts = [column.distances(self.sample[:, j]) for j, column in enumerate(self.columns)]
        return np.concatenate([np.empty((0, len(self.sample)), whole), *parts], dtype=whole, casting="unsafe")

    def _to_nearest(self, features: Features, *, itself: bool = False) -> Floats:
        """Return the mean distance to the nearest known projects, (n,); ``itself``: of the sample, a row not to itself.

        A row's distances are a sum over its places of rows of one table. They are whole numbers, so that their sum is
        the same in any order and in any company.
        """
        places, beyond = _placed(self.columns, features)
        found = np.empty(len(places))
        for begin in range(0, len(places), BLOCK):
            steps = self._steps(places[begin : begin + BLOCK])
            if itself:
                mine = np.arange(len(steps))
                steps[mine, begin + mine] = np.iinfo(steps.dtype).max
            found[begin : begin + BLOCK] = _sum_of_least(steps, NEIGHBOURS) / NEIGHBOURS
        return (found / STEPS + beyond) / max(1, len(self.columns))

    def _steps(self, places: Steps) -> NDArray[Any]:
        """Return the distances in steps of n projects to the m known ones, (n, m)."""
        table, p = self._table, len(self.columns)
        starts = np.cumsum([0, *(column.size + 1 for column in self.columns)])[:p]
        picked = (places + starts).ravel()
        ends = np.arange(len(places) + 1) * p
        return np.asarray(
            csr_array((np.ones(len(picked), table.dtype), picked, ends), (len(places), len(table))) @ table
        )


def _sum_of_least(steps: NDArray[Any], many: int) -> NDArray[np.int64]:
    """Return the sum of the least ``many`` of each row, (n,), taking them out of ``steps``; sooner than by sorting."""
    added, rows = np.zeros(len(steps), np.int64), np.arange(len(steps))
    for _ in range(many):
        least = steps.argmin(axis=1)
        added += steps[rows, least]
        steps[rows, least] = np.iinfo(steps.dtype).max
    return added


def _chosen(features: Features, ids: Sequence[str]) -> Features:
    place = {column.id: j for j, column in enumerate(features.columns)}
    taken = [place[name] for name in ids]
    columns = tuple(features.columns[j] for j in taken)
    return Features(features.matrix[:, taken], columns, features.unseen[:, taken])


def _placed(columns: tuple[Column, ...], features: Features) -> tuple[Steps, Floats]:
    """Return the places of projects on the scales, (n, p), and how far they lie beyond them all told, (n,)."""
    places = np.zeros(features.matrix.shape, np.int32)
    beyond = np.zeros(len(features.matrix))
    for j, column in enumerate(columns):
        places[:, j] = column.places(features.matrix[:, j])
        beyond += column.beyond(features.matrix[:, j]) + 0.5 * features.unseen[:, j]
    return places, beyond
