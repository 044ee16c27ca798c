"""What a trained model rests on, in the few lines that a person reads after training."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from features.catalog import Clock
from features.terms import CLOCKS
from features.words import Words
from models.model import Model


def trained(model: Model, folder: Path, digest: str) -> Words:
    """Return where a model is, what it was trained on, and its hash."""
    card: Any = model.card
    projects, clocks = card["projects"], card["clocks"]
    day, admitted, rows = card["dates"]["as_of"], projects["admitted"], projects["rows"]
    lines_zh = [f"模型 {folder}：以 {day} 所知，{admitted} 个项目（共 {rows} 行）"]
    lines_en = [f"model {folder}: as known on {day}, {admitted} projects ({rows} rows)"]
    for name, clock in clocks.items():
        words = CLOCKS[Clock(name)]
        lines_zh.append(
            f"  {words.zh}（{clock['horizon_months']} 个月内）：{clock['events']} 个已实现，"
            f"参照项目的概率 {clock['base']:.1%}，{clock['trees']} 棵树"
        )
        lines_en.append(
            f"  {words.en} within {clock['horizon_months']} months: {clock['events']} came, "
            f"reference project {clock['base']:.1%}, {clock['trees']} trees"
        )
    lines_zh.append(f"  SHA-256 {digest}")
    lines_en.append(f"  SHA-256 {digest}")
    return Words("\n".join(lines_zh), "\n".join(lines_en))


def warnings(model: Model) -> Sequence[Words]:
    """Return the warnings on a model's card."""
    card: Any = model.card
    return [Words(f"注意：{warning['zh']}", f"note: {warning['en']}") for warning in card["warnings"]]
