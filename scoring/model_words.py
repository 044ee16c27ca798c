"""What a trained model rests on, in the few lines that a person reads after training."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from features.catalog import Clock
from features.filed_columns import absent
from features.terms import CLOCKS
from features.words import Language, Words
from models.model import Model
from scoring.flags import FLAGS, Flag
from scoring.wording import LIST

NAMED = 8  # attributes in one line


def trained(model: Model, folder: Path, digest: str) -> Words:
    """Return where a model is, what it was trained on, and its hash."""
    card: Any = model.card
    nobody = not card["projects"]["rows"]
    head = _cold(card, folder) if nobody else _learned(card, folder)
    clocks = [_clock(CLOCKS[Clock(name)], clock, published=nobody) for name, clock in card["clocks"].items()]
    lines = [head, *clocks, Words(*[f"  SHA-256 {digest}"] * 2)]
    return Words("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines))


def _learned(card: Any, folder: Path) -> Words:
    day, projects = card["dates"]["as_of"], card["projects"]
    admitted, rows = projects["admitted"], projects["rows"]
    return Words(
        f"模型 {folder}：以 {day} 所知，{admitted} 个项目（共 {rows} 行）",
        f"model {folder}: as known on {day}, {admitted} projects ({rows} rows)",
    )


def _cold(card: Any, folder: Path) -> Words:
    day, name = card["dates"]["as_of"], card["catalog"]["name"]
    said = FLAGS[Flag.COLD]
    return Words(
        f"模型 {folder}：{said.zh}；目录 {name}，以 {day} 计",
        f"model {folder}: {said.en}; catalogue {name}, as of {day}",
    )


def _clock(clock: Words, card: Any, *, published: bool) -> Words:
    months, base = card["horizon_months"], f"{card['base']:.1%}"
    if published:
        zh = f"参照项目的概率 {base}，取自目录公布的曲线"
        en = f"reference project {base}, from the published curve"
    else:
        trees = card["trees"] if card["tree_weight"] else 0
        zh = f"{card['events']} 个已实现，参照项目的概率 {base}，{trees} 棵树"
        en = f"{card['events']} came, reference project {base}, {trees} trees"
    return Words(f"  {clock.zh}（{months} 个月内）：{zh}", f"  {clock.en} within {months} months: {en}")


def grounds(model: Model) -> Sequence[Words]:
    """Return what goes with every list of a model's figures; nothing where it has learned from outcomes."""
    said = FLAGS[Flag.COLD]
    rest = Words("数值取自目录的专家权重和曲线", "figures follow from the catalogue's weights and curves")
    return [Words(f"{said.zh}：{rest.zh}。", f"{said.en}: {rest.en}.")] if model.cold else []


def unfiled(model: Model, filed: Collection[str]) -> Sequence[Words]:
    """Return which attributes of a model a file has no column for, in one line; nothing where it has all.

    Parameters
    ----------
    filed : ids of the attributes that the file has a column for
    """
    missing = absent(model.builder.columns_, filed, model.catalog)
    if not missing:
        return []
    zh, en = (LIST[language].join(a.label.said(language) for a in missing[:NAMED]) for language in Language)
    rest = len(missing) - NAMED
    if rest > 0:
        zh, en = f"{zh}等（另有 {rest} 项）", f"{en} and {rest} more"
    return [
        Words(
            f"文件没有模型所用的以下各列，按未填计：{zh}。",
            f"the file has no column for these attributes of the model, read as not filed: {en}.",
        )
    ]


def warnings(model: Model) -> Sequence[Words]:
    """Return the warnings on a model's card."""
    card: Any = model.card
    return [Words(f"注意：{warning['zh']}", f"note: {warning['en']}") for warning in card["warnings"]]
