"""A scorer from a model folder, or from the registry, and a policy pack."""

from dataclasses import dataclass
from pathlib import Path

from features.errors import Refused
from features.words import Language, Words
from models.bundle import load
from models.fetching import CHAMPION, NAME, digest_of, fetch, is_uri
from models.model import Model
from models.registry import versions
from scoring.engine import Scorer
from scoring.policy_reader import read_policy

__all__ = ["Trained", "approved", "digest_of", "load_scorer", "load_trained", "name_of"]


@dataclass(frozen=True)
class Trained:
    """A model, what files call it, and the hash of its bundle."""

    model: Model
    name: str
    digest: str


def load_scorer(folder: Path, policy: str | None, language: Language) -> Scorer:
    """Return the model of `load_trained`, with the policy named, or else the one of the model's catalogue.

    Raises
    ------
    BundleError, Refused
        As `load_trained`.
    CatalogError
        If there is no such policy, or it breaks its rules.
    """
    trained = load_trained(folder)
    pack = read_policy(policy or trained.model.catalog.policy, trained.model.catalog)
    return Scorer(trained.model, pack, trained.name, trained.digest, language)


def load_trained(folder: Path) -> Trained:
    """Return the model in a folder, or the registered one that models:/luodi@champion or models:/luodi/3 names.

    Raises
    ------
    BundleError
        If the folder is no model, or was changed; if the registry has no such model.
    Refused
        If the champion is asked for, and nobody has approved what its alias points to.
    """
    place = _registered(str(folder)) if is_uri(folder) else folder
    model = load(place)
    return Trained(model, name_of(model), digest_of(place))


def _registered(uri: str) -> Path:
    return _champion() if uri.endswith(f"{NAME}@{CHAMPION}") else fetch(uri)[0]


def _champion() -> Path:
    """Return the bundle of the store's champion, wherever the alias points; but one that nobody approved stops all."""
    for known in versions():
        if CHAMPION in known.aliases:
            approved(known.bundle_hash)
    version, agreed = reigning()
    folder, digest = fetch(f"models:/{NAME}/{version}")
    if digest != agreed:
        raise Refused(
            Words(
                zh=f"登记处的第 {version} 版须是批准过的 {agreed[:12]}；实际 {digest[:12]}。"
                "请恢复登记处的备份，或重新训练。",
                en=f"version {version} of the registry must be {agreed[:12]}, as approved; got {digest[:12]}. "
                "Restore the registry from its backup, or train again.",
            )
        )
    return folder


def reigning() -> tuple[int, str]:
    """Return the champion's version and hash, as the store has them.

    Raises
    ------
    Refused
        If there is no store, or no champion yet.
    """
    # Imported here: a model in a folder needs neither Django nor a store.
    from scoring import store

    store.require()
    from scoring.review.approvals import champion  # can be loaded only once Django is set up

    found = champion()
    if found is None:
        raise Refused(
            Words(
                zh="须先有批准的模型；实际还没有。请运行 luodi models propose，再由另一人 luodi models approve。",
                en="there must be an approved model first; got none yet. Run luodi models propose, then luodi models "
                "approve as somebody else.",
            )
        )
    number, digest = found
    return int(number), str(digest)


def approved(digest: str) -> None:
    """Refuse a bundle that no two people have agreed on.

    Raises
    ------
    Refused
        If there is no store, or no approval in it with this hash.
    """
    # Imported here: a model in a folder needs neither Django nor a store.
    from scoring import store

    store.require()
    from scoring.review.approvals import is_approved  # can be loaded only once Django is set up

    if not is_approved(digest):
        raise Refused(
            Words(
                zh=f"模型 {digest[:12]} 须经两人提名并批准后才能使用；实际没有批准记录。"
                "请运行 luodi models propose，再由另一人 luodi models approve。",
                en=f"model {digest[:12]} must be proposed and approved by two people before it is used; got no "
                "approval of it. Run luodi models propose, then luodi models approve as somebody else.",
            )
        )


def name_of(model: Model) -> str:
    """Return how a scored file calls a model: its catalogue and the day it speaks of, wherever its folder lies."""
    dates = model.card["dates"]
    day = dates["as_of"] if isinstance(dates, dict) else ""
    return f"{model.catalog.name} {day}".rstrip()
