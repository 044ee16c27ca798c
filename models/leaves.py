"""Raw scores of small trees from tables: LightGBM's own, to the bit, at a fraction of the time on many rows."""

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np

from models.curve import Floats
from models.shapley import MOST_SPLITS, Split, Walk


@dataclass(frozen=True)
class Leaves:
    """All trees of a model as lists of leaf values.

    Attributes
    ----------
    splits : the questions of all trees, each once
    trees : of each, the numbers of its questions, and the value under each pattern of their answers
    """

    splits: tuple[Split, ...]
    trees: tuple[tuple[tuple[int, ...], Floats], ...]

    def scores(self, matrix: Floats) -> Floats:
        """Return the raw score of each row, (n,), the trees added in their order; each row by itself."""
        columns = np.ascontiguousarray(matrix.T)
        answers = [split.answers(columns[split.feature]).view(np.uint8) for split in self.splits]
        score = np.zeros(len(matrix))
        for asked, values in self.trees:
            pattern = np.zeros(len(matrix), dtype=np.uint8)
            for bit, split in enumerate(asked):
                pattern |= answers[split] << bit
            score += values.take(pattern)
        return score


def leaves(booster: lgb.Booster) -> Leaves | None:
    """Return the model's trees as lists; None where a tree has too many splits for one."""
    numbers: dict[Split, int] = {}
    trees = []
    for info in booster.dump_model()["tree_info"]:
        walk = Walk(info["tree_structure"])
        if len(walk.splits) > MOST_SPLITS:
            return None
        asked = tuple(numbers.setdefault(split, len(numbers)) for split in walk.splits)
        trees.append((asked, walk.leaves()))
    return Leaves(tuple(numbers), tuple(trees))
