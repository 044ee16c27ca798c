"""The files of a hazard and of its refits, inside a bundle: LightGBM's text for trees, JSON for all else."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from features.catalog import Clock
from features.inputs import Feature
from models.bag import Bag
from models.curve import Floats
from models.followed import FINISHING, MONTHS_TO_START
from models.hazard import Hazard, Level
from models.scorecard import Scorecard
from models.tree_arrays import attributes
from models.tree_text import check_trees
from models.trees import Boosted

BAG = "bag.json"
WIDEST_SHOCK = 10.0  # log-odds; figures averaged over a wider one say nothing


def hazard_files(clock: Clock, hazard: Hazard) -> Mapping[str, bytes]:
    """Return the files of a clock's hazard, by name."""
    told = {
        "card": hazard.card.to_dict(),
        "card_weight": hazard.card_weight,
        "tree_weight": hazard.tree_weight,
        "trees": _beside(hazard.trees),
        "baseline": hazard.level.baseline.tolist(),
        "shock_sd": hazard.level.shock_sd,
        "shock_seen": hazard.level.shock_seen,
        "frailty_sd": hazard.level.frailty_sd,
    }
    return {f"clock-{clock.value}.json": as_json(told), f"clock-{clock.value}.txt": hazard.trees.text.encode()}


def read_hazard(clock: Clock, files: Mapping[str, bytes], columns: Sequence[Feature], n_periods: int) -> Hazard:
    """Return the hazard that `hazard_files` wrote.

    Raises
    ------
    ValueError, KeyError
        The files were made for other columns or periods, or are cut short.
    """
    told = json.loads(files[f"clock-{clock.value}.json"])
    card = _card(told["card"])
    if len(card.readings) != len(columns):
        raise ValueError(f"a card of {len(card.readings)} attributes for the {len(columns)} of {clock.value}")
    baseline = finite("baseline", told["baseline"])
    if len(baseline) != n_periods:
        raise ValueError(f"{len(baseline)} periods for the {n_periods} of {clock.value}")
    return Hazard(
        clock=clock,
        card=card,
        trees=_read_trees(files[f"clock-{clock.value}.txt"].decode(), told["trees"], columns),
        card_weight=_not_negative(told["card_weight"]),
        tree_weight=_not_negative(told["tree_weight"]),
        level=Level(
            baseline, *(_not_negative(told[name], WIDEST_SHOCK) for name in ("shock_sd", "shock_seen", "frailty_sd"))
        ),
    )


def followed_columns(clock: Clock, columns: Sequence[Feature]) -> Sequence[Feature]:
    """Return the columns that a clock reads: those of the entry, and for some what is known only on the way."""
    return (*columns, MONTHS_TO_START) if clock in FINISHING else columns


def bag_files(bag: Bag) -> Mapping[str, bytes]:
    """Return the files of the refits, by name."""
    told = {
        "clock": bag.clock.value,
        "cards": bag.cards.tolist(),
        "members": len(bag.centre),
        "centre": bag.centre.tolist(),
        "trees": [_beside(member) for member in bag.trees],
    }
    return {BAG: as_json(told)} | {_member_file(b): member.text.encode() for b, member in enumerate(bag.trees)}


def read_bag(files: Mapping[str, bytes], hazard: Hazard, columns: Sequence[Feature]) -> Bag:
    """Return the refits of a hazard that `bag_files` wrote.

    Raises
    ------
    ValueError, KeyError
        The files were made for another hazard, or are cut short.
    """
    told = json.loads(files[BAG])
    cards = finite("cards", told["cards"]).reshape(len(hazard.card.weights), told["members"])
    centre = finite("centre", told["centre"])
    if Clock(told["clock"]) is not hazard.clock or len(centre) != told["members"]:
        raise ValueError("refits of another clock, or another number of them")
    trees = tuple(
        _read_trees(files[_member_file(b)].decode(), beside, columns) for b, beside in enumerate(told["trees"])
    )
    return Bag(hazard.clock, cards, trees, centre)


def _member_file(member: int) -> str:
    return f"bag-{member:03d}.txt"


def _beside(trees: Boosted) -> dict[str, Any]:
    return {"centre": _plain(trees.centre), "fill": _plain(trees.fill)}


def _read_trees(text: str, beside: Mapping[str, Any], columns: Sequence[Feature]) -> Boosted:
    ids = [column.id for column in columns]
    if text:
        check_trees(text, len(ids))  # else LightGBM may end the process
    trees = Boosted(text, finite("centre", beside["centre"]), _floats(beside["fill"]))
    named = attributes(text) if text else ids
    if named != ids or len(trees.centre) != len(ids) or len(trees.fill) != len(ids):
        raise ValueError(f"trees of {len(named)} columns for {len(ids)} attributes, or in another order")
    return trees


def _card(told: Mapping[str, Any]) -> Scorecard:
    card = Scorecard.from_dict(told)
    for name, values in {"weights": card.weights, "centre": card.centre}.items():
        finite(name, values)
    for reading in card.readings:
        finite("knots", reading.knots)
        finite("heights", reading.heights)
    return card


def finite(name: str, values: float | Sequence[float] | Floats) -> Floats:
    """Return values as an array, all of them numbers: JSON as Python reads it may hold NaN and Infinity.

    Raises
    ------
    ValueError
        One is not finite.
    """
    told = np.array(values, dtype=np.float64)
    if not np.isfinite(told).all():
        raise ValueError(f"{name} must be finite numbers")
    return told


def _not_negative(value: float, most: float = np.finfo(np.float64).max) -> float:
    if not 0 <= float(value) <= most:
        raise ValueError(f"a weight of {value}")
    return float(value)


def _plain(values: Floats) -> list[float | None]:
    return [None if np.isnan(v) else float(v) for v in values]  # JSON has no NaN


def _floats(values: Sequence[float | None]) -> Floats:
    told = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    if np.isinf(told).any():
        raise ValueError("fill must be finite numbers, or none")
    return told


def as_json(data: object) -> bytes:
    """Return data as a JSON file that people can read, without NaN."""
    return (json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
