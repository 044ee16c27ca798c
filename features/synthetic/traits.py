"""The traits of an invented project: drawn by the shares and spreads of ``world.toml``, weighed by known effects."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
FAR = 4.0  # no effect reaches further than so many standard deviations
HALF_NORMAL_MEAN, HALF_NORMAL_SD = np.sqrt(2 / np.pi), np.sqrt(1 - 2 / np.pi)


class Draw(StrEnum):
    """How a value comes about."""

    NORMAL = "normal"
    LOGNORMAL = "lognormal"
    COUNT = "count"
    ORDINAL = "ordinal"
    CATEGORY = "category"
    FLAG = "flag"
    MADE = "made"  # computed from others


class Scale(StrEnum):
    """How an effect reads a number."""

    LINEAR = "linear"
    LOG = "log"
    FAR = "far"  # distance of the logarithm from the median


@dataclass(frozen=True)
class Trait:
    """One attribute of the invented county, explained in ``world.toml``. Values are numbers, or codes of ``levels``."""

    id: str
    draw: Draw
    median: float = 0.0
    spread: float = 1.0
    low: float = -np.inf
    high: float = np.inf
    digits: int | None = None
    significant: int | None = None
    share: float = 0.5
    levels: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    on: Mapping[str, float] = field(default_factory=dict)
    investor: bool = False
    scale: Scale | None = None
    landed: float | tuple[float, ...] = 0.0
    finished: float | tuple[float, ...] = 0.0
    blank: float = 0.0

    def value(self, latent: Floats) -> Floats:
        """Return the values that standard normal draws of shape (n,) stand for: numbers, codes, or 0/1."""
        match self.draw:
            case Draw.ORDINAL | Draw.CATEGORY:
                number = np.searchsorted(ndtri(np.cumsum(self.shares)[:-1]), latent).astype(float)
            case Draw.FLAG:
                number = (latent > ndtri(1 - self.share)).astype(float)
            case Draw.NORMAL:
                number = self.median + self.spread * latent
            case Draw.COUNT:
                number = np.round((self.median + 1) * np.exp(self.spread * latent) - 1)
            case _:
                number = self.median * np.exp(self.spread * latent)
        return self.rounded(np.clip(number, self.low, self.high))

    def rounded(self, number: Floats) -> Floats:
        """Return the numbers as people write them: to so many digits, or so many significant ones."""
        if self.digits is not None:
            return np.round(number, self.digits)
        if self.significant is not None:
            return significant(number, self.significant)
        return np.maximum(number, 0) if self.draw is Draw.COUNT else number

    def standardised(self, value: Floats) -> Floats:
        """Return how many standard deviations each value is from the middle of the county, at most four either way."""
        z = (self._read(value) - self._centre) / self._unit
        if self.scale is Scale.FAR:
            z = (np.abs(z) - HALF_NORMAL_MEAN) / HALF_NORMAL_SD
        return np.clip(np.where(np.isnan(z), self.blank, z), -FAR, FAR)

    def effect(self, value: Floats, size: float | tuple[float, ...]) -> Floats:
        """Return the log-odds that ``size`` (``landed`` or ``finished``) makes of the values; zero in the middle."""
        if not isinstance(size, tuple):
            return size * self.standardised(value)
        by_level = np.asarray(size) - np.dot(size, self.shares)
        return np.asarray(by_level[value.astype(int)], dtype=float)

    def _read(self, value: Floats) -> Floats:
        if self.draw is Draw.COUNT:
            return np.asarray(np.log1p(value))
        if self._logarithmic:
            return np.asarray(np.log(np.maximum(value, self.median * np.exp(-FAR * self.spread))))
        return value

    @property
    def _logarithmic(self) -> bool:
        return self.scale in {Scale.LOG, Scale.FAR} or (self.scale is None and self.draw is Draw.LOGNORMAL)

    @property
    def _centre(self) -> float:
        if self.draw is Draw.ORDINAL:
            return float(np.dot(np.arange(len(self.shares)), self.shares))
        if self.draw is Draw.FLAG:
            return self.share
        if self.draw is Draw.COUNT:
            return float(np.log1p(self.median))
        return float(np.log(self.median)) if self._logarithmic else self.median

    @property
    def _unit(self) -> float:
        if self.draw is Draw.ORDINAL:
            spread = np.dot((np.arange(len(self.shares)) - self._centre) ** 2, self.shares)
            return float(np.sqrt(spread))
        return float(np.sqrt(self.share * (1 - self.share))) if self.draw is Draw.FLAG else self.spread


def significant(number: Floats, digits: int) -> Floats:
    """Round to so many significant digits, as sums of money are filed.

    >>> significant(np.array([12345.6, 0.0, 87.65]), 3).tolist()
    [12300.0, 0.0, 87.6]
    """
    size = 10.0 ** (digits - 1 - np.floor(np.log10(np.maximum(np.abs(number), 1e-9))))
    return np.asarray(np.round(np.where(number == 0, 0.0, np.round(number * size) / size), 6), dtype=float)


def _trait(name: str, table: Mapping[str, Any]) -> Trait:
    frozen: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    frozen["draw"] = Draw(frozen["draw"])
    if "scale" in frozen:
        frozen["scale"] = Scale(frozen["scale"])
    return Trait(id=name, **frozen)


@cache
def traits() -> Mapping[str, Trait]:
    """Return every trait of the invented county by attribute id, in the order of ``world.toml``."""
    text = resources.files(__package__).joinpath("world.toml").read_text(encoding="utf-8")
    return {name: _trait(name, table) for name, table in tomllib.loads(text).items()}


@dataclass(frozen=True)
class Industry:
    """One industry of the invented county, as ``industries.toml`` explains it."""

    code: str
    product: str
    kind: str
    share: float
    dirty: float
    hot: float
    turnover: float


@cache
def industries() -> tuple[Industry, ...]:
    """Return the industries of the invented county."""
    text = resources.files(__package__).joinpath("industries.toml").read_text(encoding="utf-8")
    return tuple(Industry(code=code, **table) for code, table in tomllib.loads(text).items())
