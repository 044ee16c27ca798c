"""One project's figures taken apart: base, dimensions, attributes, gates and merit, as data ready to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.catalog import EXPLAINED, Clock, Dimension
from features.words import Language, Words
from models.explain import Explained
from scoring.assessment import Assessment
from scoring.policy import Gate, Item


@dataclass(frozen=True)
class Contribution:
    """What one attribute gave to a figure."""

    attribute: str
    label: Words
    dimension: Dimension
    value: str  # as filed, in the language asked for
    log_odds: float
    points: float  # probability


@dataclass(frozen=True)
class Breakdown:
    """One clock's figure: base + the sum over dimensions = base + the sum over attributes = figure."""

    clock: Clock
    horizon_months: int
    base: float
    figure: float
    overtaken: bool  # the figure and its explanation are those of production by the same month
    dimensions: Mapping[Dimension, float]
    contributions: tuple[Contribution, ...]  # the largest first, whatever their sign


@dataclass(frozen=True)
class Explanation:
    """Everything behind one row of a scored file."""

    key: str
    gates: tuple[Gate, ...]  # those that hold
    open: tuple[Words, ...]  # red lines left unanswered
    merit: Mapping[str, tuple[Item, float]]  # per line of the rubric: the line, and its points
    breakdowns: tuple[Breakdown, ...]  # none where a red line stops the project; the headline first


def explanation(found: Assessment, row: int, language: Language) -> Explanation:
    """Return what is behind one row of an assessment; ``row`` counts from 0 over all its rows."""
    labels = {name: attribute.label for name, attribute in found.catalog.attributes.items()}
    place = int(found.figured[:row].sum())
    clocks = sorted(found.clocks, key=lambda clock: clock is not found.catalog.headline) if found.figured[row] else []
    return Explanation(
        key=str(found.rows[found.catalog.key].iloc[row]),
        gates=tuple(gate for gate, holds in zip(found.found.gates, found.found.holds[row], strict=True) if holds),
        open=tuple(labels[name] for name, mask in found.found.open.items() if mask[row]),
        merit={item.id: (item, float(p)) for item, p in zip(found.merit.items, found.merit.points[row], strict=True)},
        breakdowns=tuple(_breakdown(found, clock, place, language) for clock in clocks),
    )


def _breakdown(found: Assessment, clock: Clock, place: int, language: Language) -> Breakdown:
    explained = found.clocks[clock]
    parts = tuple(_contribution(found, explained, place, column, language) for column in range(len(found.columns)))
    return Breakdown(
        clock=clock,
        horizon_months=found.catalog.clocks[clock].horizon_months,
        base=float(explained.base[place]),
        figure=float(explained.figure[place]),
        overtaken=bool(explained.overtaken[place]),
        dimensions={d: sum(part.points for part in parts if part.dimension is d) for d in EXPLAINED},
        contributions=tuple(sorted(parts, key=lambda part: -abs(part.points))),
    )


def _contribution(found: Assessment, explained: Explained, place: int, column: int, language: Language) -> Contribution:
    feature = found.columns[column]
    return Contribution(
        attribute=feature.id,
        label=feature.label,
        dimension=feature.dimension,
        value=str(found.values(column, np.array([place]), language)[0]),
        log_odds=float(explained.log_odds[place, column]),
        points=float(explained.points[place, column]),
    )
