"""The bundle: a model as a folder of plain files under checksums. No pickle, nothing that runs on loading."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from lightgbm.basic import LightGBMError

from features.builder import FeatureBuilder
from features.catalog import Catalog, Clock
from features.catalogs.reader import parse_catalog
from features.errors import BundleError, DiligenceError
from features.history.event_index import EventIndex
from features.words import Language, Words
from models.card_text import card_text
from models.hazard_files import BAG, as_json, bag_files, followed_columns, hazard_files, read_bag, read_hazard
from models.likeness import Likeness
from models.model import Model
from models.recipe import parse_recipe
from models.sealed import digest, seal, unseal

# What files under sound checksums raise that are not what `save` writes.
_UNFIT = (
    ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError,
    pa.ArrowException, LightGBMError,
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
        likeness=Likeness.from_dict(json.loads(files["likeness.json"])) if "likeness.json" in files else None,
        giving_up=np.array(kept["giving_up"], dtype=np.float64),
        medians={str(name): float(median) for name, median in kept["medians"].items()},
        card=_card(files["card.json"]),
    )


def _periods(catalog: Catalog, clock: Clock) -> int:
    spec = catalog.clocks.get(clock) or catalog.later[clock]
    return -(-spec.reach_months // catalog.period_months)


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
