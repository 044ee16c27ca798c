"""The bundle: a model as a folder of plain files under checksums. No pickle, nothing that runs on loading."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.builder import FeatureBuilder
from features.catalog import Catalog, Clock
from features.catalogs.reader import parse_catalog
from features.errors import BundleError, DiligenceError
from features.history.event_index import EventIndex
from features.inputs import Feature
from features.words import Language, Words
from models.card_text import card_text
from models.curve import Floats
from models.hazard_files import BAG, as_json, bag_files, finite, followed_columns, hazard_files, read_bag, read_hazard
from models.likeness import Likeness
from models.likeness_scale import Levels
from models.model import Model
from models.recipe import parse_recipe
from models.sealed import digest, seal, unseal

# What files under sound checksums raise that are not what `save` writes.
_UNFIT = (
    ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError,
    pa.ArrowException,
)  # fmt: skip


def contents(model: Model) -> Mapping[str, bytes]:
    """Return the files of a model, by name; the same model gives the same bytes."""
    files = {
        "catalog.toml": model.catalog.text.encode(),
        "recipe.toml": model.recipe.text.encode(),
        "builder.json": as_json(model.builder.to_dict()),
        "clocks.json": as_json(_clocks(model)),
        "history.parquet": _parquet(model.builder.index_.to_table()),
        "card.json": as_json(model.card),
        "card.zh.md": card_text(model.card, Language.ZH).encode(),
        "card.en.md": card_text(model.card, Language.EN).encode(),
    }
    if model.likeness is not None:
        files["likeness.json"] = as_json(model.likeness.to_dict())
    if model.bag is not None:
        files |= bag_files(model.bag)
    for clock, hazard in (*model.hazards.items(), *model.later.items()):
        files |= hazard_files(clock, hazard)
    return files


def model_hash(model: Model) -> str:
    """Return the SHA-256 of the model's manifest: the same for a model in memory, saved, or loaded elsewhere."""
    return digest(contents(model))


def save(model: Model, folder: str | Path) -> str:
    """Write a bundle and return its hash. It appears whole or not at all; only another bundle is replaced.

    Raises
    ------
    BundleError
        The folder holds something else, or cannot be written.
    """
    files = contents(model)
    seal(files, Path(folder))
    return digest(files)


def load(folder: str | Path) -> Model:
    """Return the model in a bundle, every file checked against the manifest first.

    Raises
    ------
    BundleError
        Not a bundle, of another layout, or a file is missing, added, changed, or made for other columns.
    """
    place = Path(folder)
    files = unseal(place)
    try:
        return _model(files, place)
    except (*_UNFIT, DiligenceError) as error:
        raise BundleError(
            Words(
                zh=f"模型 {place}：各文件须互相吻合；实际 {error}。请重新训练。",
                en=f"model {place}: its files must fit together; got {error}. Train it again.",
            )
        ) from error


def _model(files: Mapping[str, bytes], place: Path) -> Model:
    catalog = parse_catalog(files["catalog.toml"].decode(), str(place / "catalog.toml"))
    index = EventIndex.from_table(pq.read_table(pa.BufferReader(files["history.parquet"])))
    builder = FeatureBuilder.from_dict(json.loads(files["builder.json"]), catalog, index)
    kept = json.loads(files["clocks.json"])
    columns = builder.columns_
    hazards = {clock: read_hazard(clock, files, columns, _periods(catalog, clock)) for clock in catalog.clocks}
    later = {
        clock: read_hazard(clock, files, followed_columns(clock, columns), _periods(catalog, clock))
        for clock in (Clock(name) for name in kept["later"])
    }
    headline = hazards[catalog.headline]
    return Model(
        catalog=catalog,
        recipe=parse_recipe(files["recipe.toml"].decode(), str(place / "recipe.toml")),
        builder=builder,
        hazards=hazards,
        later=later,
        bag=read_bag(files, headline, columns) if BAG in files else None,
        likeness=_likeness(files["likeness.json"], columns) if "likeness.json" in files else None,
        giving_up=_giving_up(kept["giving_up"], catalog, needed=Clock.FINISHED in later),
        medians={str(name): float(finite("medians", median)) for name, median in kept["medians"].items()},
        card=_card(files["card.json"]),
    )


def _periods(catalog: Catalog, clock: Clock) -> int:
    spec = catalog.clocks.get(clock) or catalog.later[clock]
    return -(-spec.reach_months // catalog.period_months)


def _likeness(text: bytes, columns: Sequence[Feature]) -> Likeness:
    likeness = Likeness.from_dict(json.loads(text))
    read = {column.id: column for column in columns}
    if unknown := {scale.id for scale in likeness.columns} - set(read):
        raise ValueError(f"a likeness by attributes that the model does not read: {', '.join(sorted(unknown))}")
    for scale in likeness.columns:
        if isinstance(scale, Levels) != read[scale.id].categorical:
            raise ValueError(f"scale {scale.id}: must be of levels where the attribute is a category, and only there")
        if isinstance(scale, Levels) and scale.size != len(read[scale.id].levels):
            raise ValueError(f"scale {scale.id}: must have {len(read[scale.id].levels)} levels; got {scale.size}")
    finite("reach", likeness.reach)
    return likeness


def _giving_up(shares: Sequence[float], catalog: Catalog, *, needed: bool) -> Floats:
    """Return the shares, one for each period of the clock; there may be some, or none, where nobody has lived it."""
    told = finite("giving_up", shares)
    periods = _periods(catalog, Clock.FINISHED) if Clock.FINISHED in catalog.later else 0
    fits = told.shape == (periods,) or (told.shape == (0,) and not needed)
    if not fits or (told < 0).any() or (told >= 1).any():
        raise ValueError(f"giving_up must be {periods} shares, each 0 or more and less than 1")
    return told


def _clocks(model: Model) -> Mapping[str, object]:
    return {
        "later": [clock.value for clock in model.later],
        "giving_up": model.giving_up.tolist(),
        "medians": dict(model.medians),
    }


def _card(text: bytes) -> dict[str, Any]:
    card = json.loads(text)
    if not isinstance(card, dict) or not isinstance(card.get("dates"), dict):
        raise ValueError("a card without its dates")
    return card


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
