"""A section of the report: words, tables and charts, before they are a page."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from features.words import Words
from models.findings import Table
from models.intervals import Figure


@dataclass(frozen=True)
class Chart:
    """A drawing in both languages: labels are part of it."""

    title: Words
    zh: str
    en: str


@dataclass(frozen=True)
class Section:
    """One subject: what it says first, then its drawings and its tables.

    Attributes
    ----------
    said : paragraphs
    private : holds names of projects; left out of what leaves the office
    """

    id: str
    title: Words
    said: Sequence[Words] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    private: bool = field(default=False)


def plain(text: str) -> Words:
    """Return a cell that reads the same in both languages."""
    return Words(text, text)


def number(value: float, digits: int = 3) -> Words:
    """Return a figure, or that there is none."""
    return plain(f"{value:.{digits}f}") if np.isfinite(value) else Words("无", "none")


def share(value: float) -> Words:
    """Return a share as a percentage.

    Examples
    --------
    >>> share(0.3414).zh, share(float("nan")).zh
    ('34.1%', '无')
    """
    return plain(f"{value:.1%}") if np.isfinite(value) else Words("无", "none")


def between(figure: Figure, digits: int = 3, *, signed: bool = False) -> Words:
    """Return a figure with its interval; a gap with its sign.

    Examples
    --------
    >>> between(Figure(0.5, 0.25, 0.75), 2).en
    '0.50 [0.25, 0.75]'
    """
    form = f"{'+' if signed else ''}.{digits}f"
    if not np.isfinite(figure.value):
        return Words("无", "none")
    if not np.isfinite(figure.low):
        return plain(format(figure.value, form))
    return plain(f"{figure.value:{form}} [{figure.low:{form}}, {figure.high:{form}}]")
