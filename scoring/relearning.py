"""One retraining from the store: read what was recorded, train, report, register, and put it on record.

The order makes a kill harmless: the bundle and the report are whole before the registry knows of them, and the registry
before the store. What a kill leaves behind is an unreferenced file, or a version that nobody proposed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.catalog import Catalog
from features.derive import derive
from features.timeline import edges, trace
from features.words import Language
from models.bundle import model_hash, save
from models.evaluation import Step
from models.model import Model
from models.newest import CHALLENGER, Newest
from models.recipe import Recipe
from models.registry import Logged, log
from models.retraining import Retraining, retrain
from models.rolling import Rolling
from scoring.gates import findings
from scoring.loading import load_trained
from scoring.policy import Policy
from scoring.policy_reader import read_policy
from scoring.report.document import document
from scoring.report.movers import Moves, moves_of
from scoring.report.retraining import html
from scoring.settings import var
from scoring.writing import in_words, published

if TYPE_CHECKING:
    from scoring.review.models import User

LOADER = "scoring.serving"
REIGNING = Path("models:/luodi@champion")


@dataclass(frozen=True)
class Wanted:
    """What to retrain.

    Attributes
    ----------
    day : whose knowledge counts
    catalog : name of the catalogue; None = the only one on file
    out : folder of the report; None = one below LUODI_VAR
    recipe : None = the default one
    """

    day: date
    catalog: str | None = None
    out: Path | None = None
    recipe: Recipe | None = None


@dataclass(frozen=True)
class Relearned:
    """What a retraining left behind.

    Attributes
    ----------
    digest : hash of the bundle
    report : the folder with report.html and report.json
    """

    found: Retraining
    moves: Moves | None
    digest: str
    report: Path
    logged: Logged


def relearn(wanted: Wanted, by: "User | None", language: Language, on_step: Step | None = None) -> Relearned:
    """Train a challenger on what was recorded by a day, and keep it with its report.

    Raises
    ------
    Refused
        Nothing on record to learn from; or the report cannot be written.
    BundleError
        The registry cannot be reached.
    """
    # Imported here: they can be loaded only once Django is set up for the store.
    from scoring.review.approvals import champion
    from scoring.review.history import rows_recorded_by
    from scoring.review.trainings import Trained, keep_training

    recorded, as_of = rows_recorded_by(wanted.day, wanted.catalog), np.datetime64(wanted.day)
    policy = read_policy(recorded.catalog.policy, recorded.catalog)
    ruling = None if champion() is None else load_trained(REIGNING).model
    waiting = pipeline(recorded.rows, recorded.catalog, policy, as_of)
    found = retrain(
        recorded.rows,
        recorded.catalog,
        as_of=as_of,
        champion=ruling,
        pipeline=waiting,
        recipe=wanted.recipe,
        on_step=on_step,
    )
    moves = None if found.movers is None else moves_of(found.movers, policy)
    digest = model_hash(found.challenger)
    folder = var() / "bundles" / digest
    save(found.challenger, folder)
    report = _reported(found, moves, digest, wanted.out or _place(wanted.day, digest), language)
    logged = _registered(found, moves, folder, policy, recorded.rows)
    keep_training(Trained(digest, logged.version, logged.run_id, wanted.day, recorded.catalog, str(report)), by)
    return Relearned(found, moves, digest, report, logged)


def pipeline(rows: pd.DataFrame, catalog: Catalog, policy: Policy, as_of: np.datetime64) -> pd.DataFrame:
    """Return the projects still waiting for the headline's milestone, their horizon not over, and no red line met."""
    timeline = trace(rows, catalog, as_of=as_of, snapshot=as_of)
    spec = catalog.clocks[catalog.headline]
    horizon = edges(-(-spec.horizon_months // catalog.period_months), catalog.period_months)[-1]
    waits = np.isnat(timeline.came(spec.clock)) & np.isnat(timeline.exited) & np.isnat(timeline.reentry)
    waiting: pd.DataFrame = rows[waits & ~timeline.rejected & (timeline.entry + horizon > as_of)].reset_index(drop=True)
    stopped = findings(policy, derive(waiting, catalog), waiting[catalog.entry].to_numpy("datetime64[D]")).vetoed
    kept: pd.DataFrame = waiting[~stopped].reset_index(drop=True)
    return kept


def fingerprint(rows: pd.DataFrame) -> str:
    """Return the SHA-256 of typed rows: the same for the same cells in the same order, and no cell can be read."""
    cells = pd.util.hash_pandas_object(rows.astype(str), index=False).to_numpy()
    names = "\0".join(map(str, rows.columns)).encode()
    return hashlib.sha256(names + cells.tobytes()).hexdigest()


def _place(day: date, digest: str) -> Path:
    """Return a folder that is not there yet: what somebody decided by is never written over."""
    first = var() / "reports" / f"{day}-{digest[:12]}"
    later = (first.with_name(f"{first.name}-{n}") for n in count(2))
    return next(place for place in chain([first], later) if not place.exists())


def _reported(found: Retraining, moves: Moves | None, digest: str, folder: Path, language: Language) -> Path:
    with in_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
    page, data = folder / "report.html", folder / "report.json"
    with published(page, data) as drafts, in_words(folder):
        drafts[0].write_text(html(found, digest, moves, language, named=True), encoding="utf-8")
        drafts[1].write_text(document(found, digest, moves, named=True), encoding="utf-8")
    return folder


def _registered(found: Retraining, moves: Moves | None, folder: Path, policy: Policy, rows: pd.DataFrame) -> Logged:
    """Log the training; nothing that is sent names a project or a firm."""
    digest, model = folder.name, found.challenger
    pages = {f"report.{one}.html": html(found, digest, moves, one, named=False).encode() for one in Language}
    return log(
        folder,
        parameters=_parameters(found, model),
        metrics=metrics(found, moves),
        artifacts={**pages, "report.json": document(found, digest, moves, named=False).encode()},
        tags={
            "catalog_sha256": model.catalog.digest,
            "policy_sha256": policy.digest,
            "data_sha256": fingerprint(rows),
            "code_version": version("luodi"),
        },
        loader_module=LOADER,
    )


def _parameters(found: Retraining, model: Model) -> Mapping[str, object]:
    return {
        "as_of": str(found.as_of),
        "catalog": model.catalog.name,
        "recipe_sha256": model.recipe.digest,
        "seed": model.recipe.seed,
        "champion_as_of": str(found.champion_day or ""),
        "advice": found.advice.verdict.value,
    }


def metrics(found: Retraining, moves: Moves | None) -> Mapping[str, float]:
    """Return the figures of a retraining by name; those that are not defined are left out."""
    told: dict[str, float] = {}
    for clock, result in found.newest.items() if isinstance(found.newest, Mapping) else ():
        told |= _newest(clock.value, result)
    if isinstance(found.rolling, Rolling):
        for clock, tried in found.rolling.clocks.items():
            for name, model in tried.models.items():
                told |= {f"rolling.{clock.value}.{name}.{i}": f.value for i, f in model.figures.items()}
    if found.drift is not None:
        told["drift.attributes_moved"] = float(len(found.drift.moved))
        told["drift.score_psi"] = found.drift.score.psi if found.drift.score else np.nan
    told |= {f"moves.{name}": float(count) for name, count in ({} if moves is None else moves.counts()).items()}
    return {name: value for name, value in told.items() if np.isfinite(value)}


def _newest(clock: str, result: Newest) -> dict[str, float]:
    told = {f"newest.{clock}.events": float(result.events)}
    told[f"newest.{clock}.expected"] = result.expected[CHALLENGER]
    for name, figures in result.figures.items():
        told |= {f"newest.{clock}.{name}.{id_}": figure.value for id_, figure in figures.items()}
    return told
