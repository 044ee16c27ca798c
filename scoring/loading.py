"""A scorer from a model folder and a policy pack."""

import hashlib
from pathlib import Path

from features.words import Language
from models.bundle import load
from models.model import Model
from models.sealed import MANIFEST
from scoring.engine import Scorer
from scoring.policy_reader import read_policy


def load_scorer(folder: Path, policy: str | None, language: Language) -> Scorer:
    """Return the model in a folder, with the policy named, or else the one of the model's catalogue.

    Raises
    ------
    BundleError
        If the folder is no model, or was changed.
    CatalogError
        If there is no such policy, or it breaks its rules.
    """
    model = load(folder)
    pack = read_policy(policy or model.catalog.policy, model.catalog)
    return Scorer(model, pack, name_of(model), digest_of(folder), language)


def digest_of(folder: Path) -> str:
    """Return the hash of a model that ``load`` has read, and so checked."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def name_of(model: Model) -> str:
    """Return how a scored file calls a model: its catalogue and the day it speaks of, wherever its folder lies."""
    dates = model.card["dates"]
    day = dates["as_of"] if isinstance(dates, dict) else ""
    return f"{model.catalog.name} {day}".rstrip()
