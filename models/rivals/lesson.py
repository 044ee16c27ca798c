"""What a rival is, and what it is given: one day, one clock, who may train and who is asked about."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.catalog import Clock
from features.inputs import Features
from features.milestones import Days
from features.timeline import PersonPeriods
from features.words import Words

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Lesson:
    """What a model may learn from on one day for one clock, and the projects it is then asked about.

    ``train`` and ``test`` hold the same columns, fitted on the projects that trained. ``answers`` is what came of the
    tested: given only to references that are marked as knowing it.
    """

    train: Features  # (n, p)
    test: Features  # (t, p)
    periods: PersonPeriods  # its `project` points into train
    horizon: int  # periods up to the headline's horizon
    clock: Clock
    entered: Days  # (n,)
    reached: Floats  # (n,) 1 where the milestone was known on the day
    within: Floats  # (n,) 1 where it came within the horizon
    mature: Mask  # (n,) the horizon was over on the day
    seed: int
    threads: int
    answers: Floats | None = None  # (t,)

    @property
    def categorical(self) -> list[int]:
        """The places of the columns that hold codes."""
        return [j for j, column in enumerate(self.train.columns) if column.categorical]


@dataclass(frozen=True)
class Rival:
    """A model to be measured beside luodi."""

    id: str
    label: Words
    chances: Callable[[Lesson], Floats]  # -> (t,) probabilities within the horizon
    knows_answers: bool = False  # a reference that no forecast could be
    needs: str = ""  # the library of the extra [rivals] without which it is left out
