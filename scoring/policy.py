"""A policy pack: red lines and papers due, the rubric of merit, and grades, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from features.words import Words
from scoring.conditions import Condition


class Effect(StrEnum):
    """What a gate does to a project it holds for."""

    VETO = "veto"  # no figure and no rank, until it is mended or waived by two people with a reason
    WARN = "warn"
    DOCUMENT = "document"  # a paper is due


EFFECTS: Mapping[Effect, Words] = MappingProxyType(
    {
        Effect.VETO: Words("否决", "veto"),
        Effect.WARN: Words("提醒", "warning"),
        Effect.DOCUMENT: Words("须补材料", "paper due"),
    }
)


@dataclass(frozen=True)
class Gate:
    """A red line, a warning, or a paper due: what it asks, since when, on what ground, and what would mend it."""

    id: str
    effect: Effect
    title: Words
    basis: Words
    in_force: date  # the first review day to which it applies
    until: date | None  # the first review day to which it no longer applies
    when: Condition
    remedy: Words
    unanswered: bool  # whether a blank answer is told to the committee; it never triggers the gate


def _no_levels() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Part:
    """One measure of an item of the rubric: points by steps over a number (a flag is 0 or 1), or by level."""

    attribute: str
    steps: tuple[tuple[float, float], ...] = ()  # (value, points), straight lines between, level beyond the ends
    levels: Mapping[str, float] = field(default_factory=_no_levels)
    granted: Condition | None = None  # where it holds, the most points, whatever the cell says

    @property
    def most(self) -> float:
        """The most points the part can give."""
        most: float = max([*(points for _, points in self.steps), *self.levels.values()])
        return most


@dataclass(frozen=True)
class Item:
    """One line of the rubric."""

    id: str
    label: Words
    points: float  # the most it can give: the sum over its parts
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Grade:
    """A band of the headline probability."""

    id: str
    at_least: float
    meaning: Words


@dataclass(frozen=True)
class Policy:
    """What a place asks of projects beside the model: gates, rubric, grades, and the text they were read from."""

    name: str
    version: str
    label: Words
    gates: tuple[Gate, ...]
    merit: tuple[Item, ...]  # empty: the place keeps no rubric; otherwise the items' points add up to 100
    grades: tuple[Grade, ...]  # from the best down to the one that takes the rest
    text: str
    digest: str  # SHA-256 of the text
