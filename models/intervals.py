"""How sure a figure of merit is: bootstrap intervals over projects, drawn together where they share an investor.

The years are given, the projects in them are drawn: an interval says what other projects of the same years might have
shown, not what another decade would. All models are measured on the same draws, so that their gaps are paired.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.metrics import Floats, Metric

COVERAGE = 0.9
_BOUNDS = (0.05, 0.95)
_CELLS = 2_000_000  # weights held at once, so that a large register does not fill the memory


@dataclass(frozen=True)
class Sample:
    """The test projects of one origin: what came of them, what each model said, and who belongs together."""

    labels: Floats  # (n,) 0 or 1
    chances: Mapping[str, Floats]  # model -> (n,)
    groups: NDArray[np.intp]  # (n,) projects of one group are drawn together


@dataclass(frozen=True)
class Figure:
    """A figure of merit and the bounds of its interval; NaN where it is not defined or carries none."""

    value: float
    low: float = np.nan
    high: float = np.nan


def resamples(groups: NDArray[np.intp], draws: int, rng: np.random.Generator) -> Floats:
    """Return how often each project is drawn when groups are drawn with replacement.

    Parameters
    ----------
    groups : array of shape (n,), which projects belong together
    draws : how many resamples

    Returns
    -------
    Array of shape (draws, n), whole numbers
        Each row counts as many groups as there are; the number of projects in it varies.
    """
    _, member = np.unique(groups, return_inverse=True)
    count = int(member.max()) + 1 if len(member) else 0
    if not count:
        return np.zeros((draws, 0))
    counts = rng.multinomial(count, np.full(count, 1 / count), size=draws).astype(np.float64)
    return counts[:, member]


def mean_over(samples: Sequence[Floats], sizes: Floats) -> Floats:
    """Return the mean over origins, weighted by their size, of those where the figure is defined.

    Examples
    --------
    >>> float(mean_over([np.array(0.25), np.array(0.75), np.array(np.nan)], np.array([1.0, 1.0, 5.0])))
    0.5
    """
    figures = np.stack([np.asarray(figure, dtype=np.float64) for figure in samples])
    weights = np.where(np.isnan(figures), 0.0, sizes.reshape(-1, *[1] * (figures.ndim - 1)))
    total = weights.sum(0)
    mean: Floats = np.full(total.shape, np.nan)
    np.divide((weights * np.nan_to_num(figures)).sum(0), total, out=mean, where=total > 0)
    return mean


def drawn(metric: Metric, samples: Sequence[Sample], draws: int, seed: int) -> Mapping[str, Floats]:
    """Return, for every model, the resampled means of a metric over origins, shape (draws,); paired by draw."""
    sizes = np.array([len(sample.labels) for sample in samples], dtype=np.float64)
    by_origin = [_drawn_at(metric, sample, draws, seed + i) for i, sample in enumerate(samples)]
    return {model: mean_over([figures[model] for figures in by_origin], sizes) for model in samples[0].chances}


def _drawn_at(metric: Metric, sample: Sample, draws: int, seed: int) -> Mapping[str, Floats]:
    rng = np.random.default_rng(seed)
    block = max(1, _CELLS // max(1, len(sample.labels)))
    parts: dict[str, list[Floats]] = {model: [] for model in sample.chances}
    for start in range(0, draws, block):
        weights = resamples(sample.groups, min(block, draws - start), rng)
        for model, chances in sample.chances.items():
            parts[model].append(metric.of(sample.labels, chances, weights))
    return {model: np.concatenate(part) for model, part in parts.items()}


def figure(value: float, draws: Floats) -> Figure:
    """Return the value between the percentiles of its draws that hold `COVERAGE` of them; undefined draws are left out.

    Examples
    --------
    >>> figure(50.0, np.arange(101.0))
    Figure(value=50.0, low=5.0, high=95.0)
    """
    defined = draws[~np.isnan(draws)]
    if np.isnan(value) or not len(defined):
        return Figure(value)
    low, high = np.quantile(defined, _BOUNDS)
    return Figure(value, float(low), float(high))
