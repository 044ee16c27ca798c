"""How one figure comes about, line by line: base, dimensions, attributes, in tenths of a point that add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from features.catalog import EXPLAINED
from features.terms import DIMENSIONS
from features.words import Language, Words
from models.explain import largest_remainder
from scoring.explanation import Breakdown, Contribution

DIGITS = 1  # of a percentage point
SHOWN = 0.05  # percentage points: what is less would be printed as 0.0

BASE = Words("基准：参照项目", "base: the reference project")
FIGURE = Words("合计：本项目", "sum: this project")
REST = Words("其余 {n} 项与舍入", "others ({n}) and rounding")
ROUNDING = Words("舍入", "rounding")


class Depth(Enum):
    """What a step adds up with."""

    WHOLE = 0  # the base and the figure
    DIMENSION = 1
    ATTRIBUTE = 2


@dataclass(frozen=True)
class Step:
    """One line of the waterfall.

    Attributes
    ----------
    value : what the project filed, empty for a dimension
    points : percentage points, rounded so that lines of one depth add up to the line above them
    """

    depth: Depth
    label: str
    value: str
    points: float


def waterfall(told: Breakdown, language: Language) -> tuple[Step, ...]:
    """Return the steps from the base to the figure.

    Base and dimensions are rounded together by largest remainder; within a dimension a last line holds the attributes
    too small to print and what rounding has left over.
    """
    sums = np.array([[told.base, *(told.dimensions[d] for d in EXPLAINED)]])
    rounded = largest_remainder(sums * 100, DIGITS)[0]
    steps = [Step(Depth.WHOLE, BASE.said(language), "", float(rounded[0]))]
    for dimension, points in zip(EXPLAINED, rounded[1:], strict=True):
        mine = [part for part in told.contributions if part.dimension is dimension]
        if mine:
            steps.append(Step(Depth.DIMENSION, DIMENSIONS[dimension].said(language), "", float(points)))
            steps += _attributes(mine, float(points), language)
    total = float(np.round(rounded.sum(), DIGITS))
    return (*steps, Step(Depth.WHOLE, FIGURE.said(language), "", total))


def _attributes(mine: Sequence[Contribution], total: float, language: Language) -> list[Step]:
    shown = [part for part in mine if abs(part.points) * 100 >= SHOWN]
    steps = [
        Step(Depth.ATTRIBUTE, part.label.said(language), part.value, float(np.round(part.points * 100, DIGITS)))
        for part in shown
    ]
    left = float(np.round(total - sum(step.points for step in steps), DIGITS)) + 0.0  # no "-0.0" in print
    others = len(mine) - len(shown)
    if others or left:
        label = REST.said(language).format(n=others) if others else ROUNDING.said(language)
        steps.append(Step(Depth.ATTRIBUTE, label, "", left))
    return steps
