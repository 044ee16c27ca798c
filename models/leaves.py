"""Raw scores of small trees from tables: LightGBM's own, to the bit, at a fraction of the time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.curve import Floats
from models.tree_arrays import Split, Trees


@dataclass(frozen=True)
class Leaves:
    """The trees of one or more models as lists of leaf values.

    Attributes
    ----------
    splits : the questions of all trees of all models, each once
    models : of each model its trees, of each the numbers of its questions, the value under each pattern of answers
    """

    splits: tuple[Split, ...]
    models: tuple[tuple[tuple[tuple[int, ...], Floats], ...], ...]

    def scores(self, matrix: Floats) -> Floats:
        """Return the raw scores, (models, n), the trees of each added in their order; each row by itself."""
        columns = np.ascontiguousarray(matrix.T)
        answers = [split.answers(columns[split.feature]).view(np.uint8) for split in self.splits]
        scores = np.zeros((len(self.models), len(matrix)))
        pattern = np.zeros(len(matrix), dtype=np.uint8)
        for score, trees in zip(scores, self.models, strict=True):
            for asked, values in trees:
                pattern[:] = 0
                for split in reversed(asked):
                    pattern += pattern  # one bit further
                    pattern |= answers[split]
                score += values.take(pattern)
        return scores


def leaves(models: Sequence[Trees]) -> Leaves:
    """Return the trees of models as lists."""
    numbers: dict[Split, int] = {}
    listed = []
    for trees in models:
        number = [numbers.setdefault(split, len(numbers)) for split in trees.splits]
        asked = [tuple(number[split] for split in tree) for tree in trees.asked]
        listed.append(tuple(zip(asked, trees.worth(), strict=True)))
    return Leaves(tuple(numbers), tuple(listed))
