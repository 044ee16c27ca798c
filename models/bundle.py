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
from models.curve import Floats
from models.hazard import Hazard
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
        "builder.json": _json(model.builder.to_dict()),
        "clocks.json": _json(_clocks(model)),
        "history.parquet": _parquet(model.builder.index_.to_table()),
        "card.json": _json(model.card),
        "card.zh.md": card_text(model.card, Language.ZH).encode(),
        "card.en.md": card_text(model.card, Language.EN).encode(),
    }
    return files | {_trees_file(clock): hazard.trees.encode() for clock, hazard in model.hazards.items()}


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
    clocks = json.loads(files["clocks.json"])
    hazards = {
        clock: Hazard(
            clock=clock,
            trees=files[_trees_file(clock)].decode(),
            baseline=_floats(told["baseline"]),
            slope=float(told["slope"]),
            centre=_floats(told["centre"]),
            fill=_floats(told["fill"]),
        )
        for clock, told in ((Clock(name), told) for name, told in clocks["clocks"].items())
    }
    if set(hazards) != set(catalog.clocks):
        raise ValueError(f"clocks {sorted(hazards)} for those of the catalogue, {sorted(catalog.clocks)}")
    for hazard in hazards.values():
        _fits(hazard, [c.id for c in builder.columns_])
        _lasts(hazard, catalog)
    return Model(
        catalog=catalog,
        recipe=parse_recipe(files["recipe.toml"].decode(), str(place / "recipe.toml")),
        builder=builder,
        hazards=hazards,
        medians={str(name): float(median) for name, median in clocks["medians"].items()},
        card=_card(files["card.json"]),
    )


def _card(text: bytes) -> dict[str, Any]:
    card = json.loads(text)
    if not isinstance(card, dict) or not isinstance(card.get("dates"), dict):
        raise ValueError("a card without its dates")
    return card


def _lasts(hazard: Hazard, catalog: Catalog) -> None:
    periods = catalog.clocks[hazard.clock].horizon_months // catalog.period_months
    if len(hazard.baseline) != periods:
        raise ValueError(f"{len(hazard.baseline)} periods for the {periods} of {hazard.clock.value}")


def _fits(hazard: Hazard, columns: list[str]) -> None:
    if hazard.trees and "\nend of trees\n" not in hazard.trees:  # cut short, they end the process inside LightGBM
        raise ValueError(f"trees of {hazard.clock.value} that end too early")
    named = hazard.booster.feature_name() if hazard.booster else columns
    if named != columns or len(hazard.centre) != len(columns) or len(hazard.fill) != len(columns):
        raise ValueError(f"trees of {len(named)} columns for {len(columns)} attributes, or in another order")


def _clocks(model: Model) -> Mapping[str, object]:
    return {
        "clocks": {
            clock.value: {
                "baseline": _plain(h.baseline),
                "slope": h.slope,
                "centre": _plain(h.centre),
                "fill": _plain(h.fill),
            }
            for clock, h in model.hazards.items()
        },
        "medians": dict(model.medians),
    }


def _plain(values: Floats) -> list[float | None]:
    return [None if np.isnan(v) else float(v) for v in values]  # JSON has no NaN


def _floats(values: list[float | None]) -> Floats:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _trees_file(clock: Clock) -> str:
    return f"clock-{clock.value}.txt"


def _json(data: object) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
