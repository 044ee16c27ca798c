r"""Drift: whether the projects of today still look like those that a model was trained on.

The population stability index :math:`\sum_b (q_b - p_b) \ln(q_b / p_b)` compares the shares of two groups of projects
in bins. Without any drift it is not 0 but about :math:`(1/n + 1/m) \chi^2_{B-1}` (Yurdakul and Naranjo, Journal of Risk
Model Validation 2020, doi:10.21314/JRMV.2020.227): a small group always looks drifted. So each index comes with the
interval of its bootstrap and the most that chance alone would give, and is called a drift only above both that and the
customary limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from features.inputs import Feature, Features
from features.words import Words
from models.curve import Floats

BINS = 10
FEW = 30  # projects on either side, below which nothing is said
SMALL = 10  # projects in a bin, below which it is not told apart
NOTICEABLE, LARGE = 0.1, 0.25  # customary limits of the index
DRAWS = 400
BOUNDS = (0.05, 0.95)
BY_CHANCE = 0.99  # of indices without any drift lie below the limit
_HALF = 0.5  # a project in each bin that neither group need have: an empty bin would make the index infinite
_MISSING = Words("空缺", "missing")
_OTHER = Words("其他（各不足 10 个）", "others (fewer than 10 each)")
SCORE = Words("模型得分", "model score")


class Movement(StrEnum):
    """What an index says."""

    CALM = "calm"
    NOTICEABLE = "noticeable"
    LARGE = "large"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class Shift:
    """The bin whose share moved most."""

    label: Words
    was: float  # share of the reference
    now: float  # share of the recent


@dataclass(frozen=True)
class Drifted:
    """What became of one column.

    Attributes
    ----------
    psi : the index; NaN where either side has fewer than `FEW` projects, as everything after it
    low, high : of its bootstrap, 90 %, freed of the noise that resampling adds
    by_chance : what 1 in 100 columns without drift would exceed
    shift : the bin that moved most; None where nothing is said, or all projects are alike
    """

    id: str
    label: Words
    psi: float
    low: float
    high: float
    by_chance: float
    movement: Movement
    shift: Shift | None


@dataclass(frozen=True)
class Drift:
    """What became of all columns, the largest index first, and of the score.

    Attributes
    ----------
    reference, recent : how many projects were compared
    score : of the headline's log-odds; None where they were not given
    """

    reference: int
    recent: int
    columns: tuple[Drifted, ...]
    score: Drifted | None = None

    @property
    def moved(self) -> tuple[Drifted, ...]:
        """The columns that drifted more than chance would have it."""
        return tuple(c for c in self.columns if c.movement in {Movement.NOTICEABLE, Movement.LARGE})


def drift(
    reference: Features, recent: Features, scores: tuple[Floats, Floats] | None = None, *, seed: int = 0
) -> Drift:
    """Return how far the recent projects are from those of the reference, column by column.

    Parameters
    ----------
    reference, recent : features of the same columns; numbers are cut into tenths of the reference
    scores : of the two groups, (n,) and (m,) log-odds of the headline; None = not asked
    seed : of the bootstrap

    Raises
    ------
    ValueError
        The two have other columns.

    Examples
    --------
    >>> from features.catalog import Dimension
    >>> water = (Feature("water", Words("水", "water"), Dimension.LOCAL_FIT),)
    >>> wet = Features(np.arange(200.0)[:, None], water, np.zeros((200, 1), dtype=np.bool_))
    >>> dry = Features(np.arange(200.0)[:, None] / 2, water, np.zeros((200, 1), dtype=np.bool_))
    >>> [str(found.columns[0].movement) for found in (drift(wet, wet), drift(wet, dry))]
    ['calm', 'large']
    """
    if reference.columns != recent.columns:
        raise ValueError("drift compares the same columns: build both with one builder")
    rng = np.random.default_rng(seed)
    found = [_column(f, *_binned(reference, recent, j), rng) for j, f in enumerate(reference.columns)]
    found.sort(key=lambda one: (np.isnan(one.psi), -np.nan_to_num(one.psi), one.id))
    score = None if scores is None else score_drift(*scores, seed=seed)
    return Drift(len(reference.matrix), len(recent.matrix), tuple(found), score)


def score_drift(reference: Floats, recent: Floats, *, seed: int = 0) -> Drifted:
    """Return how far scores have drifted, in tenths of the reference's."""
    feature = _Named("score", SCORE)
    return _column(feature, *_tenths(reference, recent), np.random.default_rng(seed))


@dataclass(frozen=True)
class _Named:
    id: str
    label: Words


@dataclass(frozen=True)
class _Counts:
    """Projects in each of B bins."""

    was: Floats
    now: Floats


def psi(was: Floats, now: Floats) -> Floats:
    """Return the index of counts, (..., B) each, half a project added to every bin: shape (...).

    Examples
    --------
    >>> float(psi(np.array([50.0, 50.0]), np.array([500.0, 500.0])))
    0.0
    >>> round(float(psi(np.array([1e9, 1e9]), np.array([3e9, 1e9]))), 4)
    0.2747
    """
    bins = was.shape[-1]
    p = (was + _HALF) / (was.sum(-1, keepdims=True) + _HALF * bins)
    q = (now + _HALF) / (now.sum(-1, keepdims=True) + _HALF * bins)
    return np.asarray(((q - p) * np.log(q / p)).sum(-1))


def by_chance(n: float, m: float, bins: int) -> float:
    """Return the index that `BY_CHANCE` of all columns stay below where nothing drifted."""
    return float((1 / n + 1 / m) * chi2.ppf(BY_CHANCE, bins - 1)) if bins > 1 else 0.0


def _column(feature: Feature | _Named, counts: _Counts, labels: Sequence[Words], rng: np.random.Generator) -> Drifted:
    n, m, bins = counts.was.sum(), counts.now.sum(), len(labels)
    if min(n, m) < FEW:
        return Drifted(feature.id, feature.label, np.nan, np.nan, np.nan, np.nan, Movement.TOO_FEW, None)
    value, limit = float(psi(counts.was, counts.now)), by_chance(n, m, bins)
    drawn = psi(_redrawn(counts.was, rng), _redrawn(counts.now, rng))
    centred = np.maximum(drawn - (1 / n + 1 / m) * (bins - 1), 0.0)  # a resample adds the noise of a sample once more
    low, high = (float(bound) for bound in np.quantile(centred, BOUNDS))
    shift = _shift(counts, labels)
    return Drifted(feature.id, feature.label, value, low, high, limit, _movement(value, limit), shift)


def _redrawn(counts: Floats, rng: np.random.Generator) -> Floats:
    """Return the counts of samples of the same size, drawn with replacement: (DRAWS, B)."""
    return rng.multinomial(int(counts.sum()), counts / counts.sum(), DRAWS).astype(np.float64)


def _movement(value: float, limit: float) -> Movement:
    if value < max(NOTICEABLE, limit):
        return Movement.CALM
    return Movement.LARGE if value >= max(LARGE, limit) else Movement.NOTICEABLE


def _shift(counts: _Counts, labels: Sequence[Words]) -> Shift | None:
    if len(labels) < 2:
        return None
    was, now = counts.was / counts.was.sum(), counts.now / counts.now.sum()
    most = int(np.argmax(np.abs(now - was)))
    return Shift(labels[most], float(was[most]), float(now[most]))


def _binned(reference: Features, recent: Features, j: int) -> tuple[_Counts, list[Words]]:
    was, now = reference.matrix[:, j], recent.matrix[:, j]
    feature = reference.columns[j]
    return _levels(feature, was, now) if feature.categorical else _tenths(was, now)


def _tenths(was: Floats, now: Floats) -> tuple[_Counts, list[Words]]:
    """Cut numbers at the tenths of the reference; equal numbers stay together, and missing ones are a bin."""
    known = was[~np.isnan(was)]
    cuts = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if known.size else np.zeros(0)
    bins = len(cuts) + 1
    places = [np.where(np.isnan(values), bins, np.searchsorted(cuts, values)) for values in (was, now)]
    labels = [*_ranges(cuts), _MISSING]
    return _told_apart(places, labels)


def _ranges(cuts: Floats) -> list[Words]:
    if not len(cuts):
        return [Words("有值", "given")]
    ends = [f"{cut:.4g}" for cut in cuts]
    between = [Words(f"{a} 至 {b}", f"{a} to {b}") for a, b in pairwise(ends)]
    return [Words(f"不超过 {ends[0]}", f"up to {ends[0]}"), *between, Words(f"超过 {ends[-1]}", f"above {ends[-1]}")]


def _levels(feature: Feature, was: Floats, now: Floats) -> tuple[_Counts, list[Words]]:
    missing = len(feature.levels)
    places = [np.where(np.isnan(values), missing, values).astype(np.intp) for values in (was, now)]
    return _told_apart(places, [*(Words(level, level) for level in feature.levels), _MISSING], gathered=True)


def _told_apart(
    places: Sequence[NDArray[np.intp]], labels: list[Words], *, gathered: bool = False
) -> tuple[_Counts, list[Words]]:
    """Count the projects in each bin; empty bins go, and levels with few projects are gathered in one."""
    was, now = (np.bincount(place, minlength=len(labels)).astype(np.float64) for place in places)
    if gathered:
        few = (was + now < SMALL) & (np.arange(len(labels)) < len(labels) - 1)
        was, now = (np.append(np.where(few, 0.0, count), count[few].sum()) for count in (was, now))
        labels = [*labels, _OTHER]
    there = was + now > 0
    return _Counts(was[there], now[there]), [label for label, kept in zip(labels, there, strict=True) if kept]
