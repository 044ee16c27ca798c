"""Merit: what a place would gain by a project, in points of its own rubric, beside the probability and never in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.conditions import Mask, truth
from scoring.policy import Item, Part, Policy

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Merit:
    """The rubric's points of n projects.

    Attributes
    ----------
    items : the m lines of the rubric
    points : (n, m) points of each line
    blank : per attribute, the (n,) rows in which it was not filed and so earned nothing
    """

    items: tuple[Item, ...]
    points: Floats
    blank: Mapping[str, Mask]

    @property
    def total(self) -> Floats:
        """The sum, (n,), from 0 to 100; NaN where the place keeps no rubric."""
        if not self.items:
            return np.full(len(self.points), np.nan)
        added = np.zeros(len(self.points))
        for column in self.points.T:  # from left to right: the same bits alone and in company
            added += column
        return added


def merit(policy: Policy, rows: pd.DataFrame) -> Merit:
    """Return the points that a policy's rubric gives to typed rows with their derived ratios.

    A blank earns 0 points and is told. Scaling up to the lines that were answered would let a project gain by leaving
    its weak sides out; nothing is gained by a blank here, because no answer earns less than 0.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, n_attributes)
    """
    points = np.zeros((len(rows), len(policy.merit)))
    blank: dict[str, Mask] = {}
    for column, item in enumerate(policy.merit):
        for part in item.parts:
            earned = part_points(part, rows)
            points[:, column] += np.nan_to_num(earned, nan=0.0)
            blank[part.attribute] = blank.get(part.attribute, np.zeros(len(rows), bool)) | np.isnan(earned)
    return Merit(policy.merit, points, MappingProxyType(blank))


def part_points(part: Part, rows: pd.DataFrame) -> Floats:
    """Return the points of one part of the rubric, (n,); NaN where the cell is blank.

    Examples
    --------
    >>> jobs = Part("jobs", steps=((0.0, 0.0), (100.0, 4.0), (300.0, 5.0)))
    >>> part_points(jobs, pd.DataFrame({"jobs": [50.0, 200.0, 900.0, np.nan]})).tolist()
    [2.0, 4.5, 5.0, nan]
    """
    earned = np.full(len(rows), np.nan)
    if part.attribute in rows.columns and part.levels:
        earned = rows[part.attribute].map(part.levels).to_numpy(np.float64)
    elif part.attribute in rows.columns:
        numbers = rows[part.attribute].to_numpy(np.float64)
        known = ~np.isnan(numbers)
        values, points = zip(*part.steps, strict=True)
        earned[known] = np.interp(numbers[known], values, points)
    if part.granted is not None:
        earned[truth(part.granted, rows).yes] = part.most
    return earned
