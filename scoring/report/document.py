"""The findings of a retraining as JSON: days as text, words in both languages, the undefined as null."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from features.words import Words
from models.findings import clock_dict
from models.movers import Pipeline
from models.retraining import Retraining
from models.rolling import Rolling
from scoring.report.movers import Moves
from scoring.report.retraining import HONEST


def document(found: Retraining, digest: str, moves: Moves | None, *, named: bool) -> str:
    """Return the report as JSON text; ``named`` = with the names of the pipeline's projects."""
    told = {
        "as_of": found.as_of,
        "champion_as_of": found.champion_day,
        "challenger": digest,
        "catalog": found.challenger.catalog.name,
        "honest_feedback": HONEST,
        "advice": {
            "verdict": found.advice.verdict,
            "reasons": [{"verdict": verdict, "said": words} for verdict, words in found.advice.reasons],
        },
        "newest": found.newest,
        "rolling": _rolling(found.rolling),
        "maturity": found.maturity,
        "drift": found.drift,
        "moves": None if moves is None else _moves(moves, named=named),
        "news": found.news,
    }
    return json.dumps(plain(told), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Return findings as JSON can hold them.

    Examples
    --------
    >>> plain({"day": np.datetime64("2026-01-01"), "gap": float("nan"), "said": Words("水", "water")})
    {'day': '2026-01-01', 'gap': None, 'said': {'zh': '水', 'en': 'water'}}
    """
    match value:
        case np.datetime64():
            return str(value)
        case np.generic() | np.ndarray():
            return plain(value.tolist())
        case float():
            return value if np.isfinite(value) else None
        case str() | int() | None:
            return value
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case Iterable():
            return [plain(inner) for inner in value]
    raise TypeError(f"no way to write {type(value).__name__} as JSON")


def _rolling(found: Rolling | Words) -> Any:
    if isinstance(found, Words):
        return found
    return {
        "origins": found.origins,
        "two_recipes": found.twice,
        "clocks": {clock: clock_dict(result, found.labels) for clock, result in found.clocks.items()},
        "notes": found.notes,
    }


def _moves(moves: Moves, *, named: bool) -> dict[str, Any]:
    return {"counts": moves.counts(), "projects": _projects(moves, moves.pipeline)} if named else moves.counts()


def _projects(moves: Moves, pipeline: Pipeline) -> list[dict[str, Any]]:
    return [
        {
            "project": pipeline.keys[i],
            "was": pipeline.was[i],
            "now": pipeline.now[i],
            "rank_was": pipeline.rank_was[i],
            "rank_now": pipeline.rank_now[i],
            "grade_was": moves.was[i],
            "grade_now": moves.now[i],
        }
        for i in pipeline.order
    ]
