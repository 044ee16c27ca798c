"""What a rolling evaluation found: one clock's forecasts at every origin, measured beside each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from features.catalog import Clock
from features.words import Words
from models import intervals
from models.intervals import COVERAGE, Figure, Sample
from models.metrics import BINS, Floats, Metric, bins_of, metrics_at, undefined

LUODI = "luodi"


@dataclass(frozen=True)
class Forecasts:
    """What every model said at one origin of the projects that entered in the step after it."""

    origin: np.datetime64
    sample: Sample
    entered: NDArray[np.datetime64]  # (n,) days
    immature: int  # projects of the step whose horizon is not over in the file, left out
    trained: int  # projects that trained
    events: int  # their events known on the day


@dataclass(frozen=True)
class Measures:
    """How to measure: places looked at from the top, resamples drawn, and their seed."""

    k: int = 10
    draws: int = 500
    seed: int = 0


MEASURES = Measures()


@dataclass(frozen=True)
class ModelResult:
    """One model over all origins: means weighted by projects, and how far luodi stands from it on the same draws."""

    figures: Mapping[str, Figure]
    luodi_minus: Mapping[str, Figure]


@dataclass(frozen=True)
class OriginResult:
    """One origin: who trained, who was tested, and every model's figures there."""

    origin: np.datetime64
    n: int
    immature: int
    trained: int
    events: int
    came: float  # share of the tested that reached the milestone within the horizon
    said: Mapping[str, float]  # model -> mean chance
    models: Mapping[str, Mapping[str, float]]
    notes: tuple[Words, ...]


@dataclass(frozen=True)
class CohortResult:
    """Luodi's figures for the projects that entered in one calendar year, whatever the origin."""

    year: int
    n: int
    came: float
    said: float
    figures: Mapping[str, float]


@dataclass(frozen=True)
class CalibrationRow:
    """One of ten groups of equal count, from the lowest chance to the highest, over all origins together."""

    n: int
    said: float  # mean chance
    came: float  # share that came
    low: float  # bounds of the share by Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404
    high: float


@dataclass(frozen=True)
class ClockResult:
    """Everything found for one clock."""

    clock: Clock
    horizon_months: int
    n: int
    immature: int
    came: float
    models: Mapping[str, ModelResult]
    origins: tuple[OriginResult, ...]
    cohorts: tuple[CohortResult, ...]
    calibration: tuple[CalibrationRow, ...]
    forecasts: tuple[Forecasts, ...]  # what all of it was taken from
    notes: tuple[Words, ...] = ()


def compare(
    clock: Clock, horizon_months: int, forecasts: Sequence[Forecasts], measures: Measures, notes: Sequence[Words] = ()
) -> ClockResult:
    """Return every figure of one clock; ``forecasts`` holds at least one origin, each with the same models."""
    labels = np.concatenate([f.sample.labels for f in forecasts])
    luodi = np.concatenate([f.sample.chances[LUODI] for f in forecasts])
    entered = np.concatenate([f.entered for f in forecasts])
    table = metrics_at(measures.k)
    return ClockResult(
        clock=clock,
        horizon_months=horizon_months,
        n=len(labels),
        immature=sum(f.immature for f in forecasts),
        came=float(labels.mean()),
        models=_models(table, [f.sample for f in forecasts], measures),
        origins=tuple(_origin(f, table, measures.k) for f in forecasts),
        cohorts=_cohorts(labels, luodi, entered, table),
        calibration=calibration(labels, luodi),
        forecasts=tuple(forecasts),
        notes=tuple(notes),
    )


def _models(table: Mapping[str, Metric], samples: Sequence[Sample], measures: Measures) -> Mapping[str, ModelResult]:
    sizes = np.array([len(sample.labels) for sample in samples], dtype=np.float64)
    figures: dict[str, dict[str, Figure]] = {name: {} for name in samples[0].chances}
    gaps: dict[str, dict[str, Figure]] = {name: {} for name in samples[0].chances}
    for id_, metric in table.items():
        draws = intervals.drawn(metric, samples, measures.draws, measures.seed) if metric.resampled else None
        values = {
            name: float(intervals.mean_over([metric.of(s.labels, s.chances[name], None) for s in samples], sizes))
            for name in figures
        }
        for name, value in values.items():
            gap = values[LUODI] - value
            figures[name][id_] = Figure(value) if draws is None else intervals.figure(value, draws[name])
            gaps[name][id_] = Figure(gap) if draws is None else intervals.figure(gap, draws[LUODI] - draws[name])
    return {name: ModelResult(figures[name], {} if name == LUODI else gaps[name]) for name in figures}


def _origin(forecasts: Forecasts, table: Mapping[str, Metric], k: int) -> OriginResult:
    sample = forecasts.sample
    return OriginResult(
        origin=forecasts.origin,
        n=len(sample.labels),
        immature=forecasts.immature,
        trained=forecasts.trained,
        events=forecasts.events,
        came=float(sample.labels.mean()),
        said={name: float(chances.mean()) for name, chances in sample.chances.items()},
        models={name: _measured(sample.labels, chances, table) for name, chances in sample.chances.items()},
        notes=undefined(sample.labels, k),
    )


def _measured(labels: Floats, chances: Floats, table: Mapping[str, Metric]) -> Mapping[str, float]:
    return {id_: float(metric.of(labels, chances, None)) for id_, metric in table.items()}


def _cohorts(
    labels: Floats, chances: Floats, entered: NDArray[np.datetime64], table: Mapping[str, Metric]
) -> tuple[CohortResult, ...]:
    years = entered.astype("datetime64[Y]").astype(int) + 1970
    rows = []
    for year in np.unique(years):
        own = years == year
        figures = _measured(labels[own], chances[own], table)
        rows.append(
            CohortResult(int(year), int(own.sum()), float(labels[own].mean()), float(chances[own].mean()), figures)
        )
    return tuple(rows)


def calibration(labels: Floats, chances: Floats, bins: int = BINS) -> tuple[CalibrationRow, ...]:
    """Return what was said beside what came, by groups of equal count; equal chances are never parted.

    Examples
    --------
    >>> rows = calibration(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.3, 0.6, 0.8]), bins=2)
    >>> [(row.n, row.said, row.came) for row in rows]
    [(2, 0.2, 0.0), (2, 0.7, 1.0)]
    """
    group = bins_of(chances, bins)
    rows = []
    for one in np.unique(group):
        own = group == one
        n, came = int(own.sum()), int(labels[own].sum())
        low, high = share_bounds(came, n)
        rows.append(CalibrationRow(n, float(chances[own].mean()), came / n, low, high))
    return tuple(rows)


def share_bounds(came: int, n: int) -> tuple[float, float]:
    """Return the bounds of a share by Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404, at `COVERAGE`."""
    tail = (1 - COVERAGE) / 2
    low = 0.0 if came == 0 else float(beta.ppf(tail, came, n - came + 1))
    high = 1.0 if came == n else float(beta.ppf(1 - tail, came + 1, n - came))
    return low, high
