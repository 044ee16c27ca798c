"""Ranks within a round, and grades by bands that do not depend on it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.ranks import UNSEEN_SD, around, rank_uncertainty
from scoring.assessment import Assessment
from scoring.policy import Policy

Floats = NDArray[np.float64]

DIGITS = 12  # decimals of a figure that count: what is written decides, so that a file's order and its figures agree

ROUND_COLUMNS = ("rank", "rank_low", "rank_high", "p_top_k")  # of a scored file: they depend on the round


@dataclass(frozen=True)
class Entrants:
    """What a round is ranked by: n projects, in the order of the file.

    Attributes
    ----------
    figure : (n,) headline probabilities; NaN = no figure (vetoed)
    score : (n,) the same as log-odds; of no meaning where there is no figure
    deviations : (B, n) log-odds, of B refits from the model; B = 0 where it has none
    unseen_sd : log-odds by which scores may be off beyond that; of one model, the same in all pieces of a file
    """

    figure: Floats
    score: Floats
    deviations: NDArray[np.float32]
    unseen_sd: float = UNSEEN_SD

    @classmethod
    def of(cls, found: Assessment) -> "Entrants":
        """Return what was found of one piece of a file."""
        n = len(found.figured)
        if found.headline is None or found.doubt is None:
            return cls(np.full(n, np.nan), np.zeros(n), np.zeros((0, n), np.float32))
        deviations = np.zeros((len(found.doubt.deviations), n), np.float32)
        deviations[:, found.figured] = found.doubt.deviations
        figure, score = np.full(n, np.nan), np.zeros(n)
        figure[found.figured], score[found.figured] = found.headline.figure, found.doubt.score
        return cls(figure, score, deviations, found.doubt.unseen_sd)

    @classmethod
    def together(cls, pieces: Sequence["Entrants"]) -> "Entrants":
        """Return the pieces of a file as one; a piece in which nobody has a figure has no refits to show."""
        b = max((len(piece.deviations) for piece in pieces), default=0)
        wide = [p.deviations if len(p.deviations) == b else np.zeros((b, len(p.figure)), np.float32) for p in pieces]
        figures, scores = ([getattr(piece, name) for piece in pieces] for name in ("figure", "score"))
        return cls(
            np.concatenate([np.empty(0), *figures]),
            np.concatenate([np.empty(0), *scores]),
            np.concatenate([np.empty((b, 0), np.float32), *wide], axis=1),
            max((piece.unseen_sd for piece in pieces), default=UNSEEN_SD),
        )


def standings(entrants: Entrants, seats: int | None, seed: int) -> pd.DataFrame:
    """Return the columns of the round, and the verdict on each project where there are seats.

    Parameters
    ----------
    seats : places that there are; None = nobody asked, and no chance of one is told
    seed : of the simulated rounds

    Returns
    -------
    DataFrame of shape (n, 5) : rank, rank_low, rank_high as Int64, p_top_k, verdict
        Without refits the rank alone is known.
    """
    shown = np.round(entrants.figure, DIGITS)
    draws = around(entrants.score, entrants.deviations.astype(np.float64))
    sure = rank_uncertainty(draws, seats, shown, seed, entrants.unseen_sd)
    bounds = {"rank_low": sure.low, "rank_high": sure.high}
    whole = {name: pd.Series(bound).astype("Int64") for name, bound in bounds.items()}
    return pd.DataFrame({"rank": ranks(shown), **whole, "p_top_k": sure.p_top, "verdict": sure.verdict})


def ranks(figures: Floats) -> pd.Series:
    """Return each project's rank by its headline figure, the largest first; equal figures share the best rank.

    Parameters
    ----------
    figures : (n,) headline probabilities of one round; NaN = no figure (vetoed)

    Returns
    -------
    Series of shape (n,), Int64
        Missing where there is no figure. Projects without a figure take no place from the others.

    Examples
    --------
    >>> ranks(np.array([0.2, 0.5, np.nan, 0.5, 0.1])).tolist()
    [3, 1, <NA>, 1, 4]
    """
    shown = np.round(figures, DIGITS)
    known = ~np.isnan(shown)
    places = pd.Series(pd.array([pd.NA] * len(shown), dtype="Int64"))
    places[known] = np.searchsorted(np.sort(-shown[known]), -shown[known], side="left") + 1
    return places


def grades(policy: Policy, figures: Floats) -> NDArray[np.object_]:
    """Return the policy's grade of each headline figure, (n,); empty where there is no figure."""
    bands = np.array([*(grade.id for grade in policy.grades), ""], dtype=object)
    bounds = np.array([grade.at_least for grade in policy.grades])
    reached = np.round(figures, DIGITS)[:, None] >= bounds[None, :]
    return np.asarray(bands[np.where(reached.any(axis=1), reached.argmax(axis=1), len(policy.grades))])
