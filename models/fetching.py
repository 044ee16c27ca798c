"""A registered bundle by its URI: found, brought to this machine, and held to the hash under which it was logged."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from features.errors import BundleError
from features.words import Words
from models.sealed import MANIFEST, is_sealed, unseal
from models.tracking import downloaded, registry, var

NAME = "luodi"
CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
HASH = "bundle_hash"  # tag of a run and of a version: the hash of its bundle
SCHEME = "models:"
_URI = re.compile(r"models:/+(?P<name>[\w.-]+)(?:@(?P<alias>[\w-]+)|/(?P<version>[1-9][0-9]{0,8}))")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def is_uri(model: str | Path) -> bool:
    """Return whether a model is named by the registry, and not by its folder.

    Examples
    --------
    >>> is_uri("models:/luodi@champion"), is_uri(Path("models:/luodi/3")), is_uri("var/model")
    (True, True, False)
    """
    return str(model).startswith(SCHEME)


def fetch(uri: str) -> tuple[Path, str]:
    """Return the folder of a registered bundle, and its hash; what is not on this machine yet is brought to `var`.

    Parameters
    ----------
    uri : models:/luodi@champion or models:/luodi/3

    Raises
    ------
    BundleError
        There is no such version, it holds another bundle than its tag says, or the registry cannot be reached.
    """
    with registry() as client:
        found = _found(client, uri)
        tagged = found.tags.get(HASH, "")
        kept = var() / "bundles" / tagged
        if _DIGEST.fullmatch(tagged) and _is_whole(kept, tagged):
            return kept, tagged
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch.", dir=kept.parent) as scratch:
            bundle = downloaded(client, found.name, found.version, Path(scratch))
            if not is_sealed(bundle) or digest_of(bundle) != tagged:
                raise BundleError(_another(uri, tagged, digest_of(bundle) if is_sealed(bundle) else ""))
            shutil.rmtree(kept, ignore_errors=True)  # what is there is not what its name says
            bundle.rename(kept)
    return kept, tagged


def _is_whole(kept: Path, tagged: str) -> bool:
    try:
        unseal(kept)
    except BundleError:
        return False
    return digest_of(kept) == tagged


def digest_of(folder: Path) -> str:
    """Return the hash of a bundle by its manifest; its files are checked against that when they are loaded."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def is_registered(client: Any, name: str) -> bool:
    """Return whether a model of that name has ever been logged."""
    return bool(client.search_registered_models(f"name = '{name}'"))


def _found(client: Any, uri: str) -> Any:
    said = _URI.fullmatch(uri)
    if said is None:
        raise BundleError(_no_uri(uri))
    if not is_registered(client, said["name"]):
        raise BundleError(_no_version(uri, ()))
    model = client.get_registered_model(said["name"])
    number = said["version"] or model.aliases.get(said["alias"])
    there = [str(one.version) for one in client.search_model_versions(f"name = '{said['name']}'")]
    if str(number) not in there:
        raise BundleError(_no_version(uri, sorted(model.aliases)))
    return client.get_model_version(said["name"], str(number))


def _no_uri(uri: str) -> Words:
    return Words(
        zh=f"登记处的模型须写成 models:/{NAME}@{CHAMPION} 或 models:/{NAME}/3；实际 {uri!r}。",
        en=f"a registered model must be written models:/{NAME}@{CHAMPION} or models:/{NAME}/3; got {uri!r}.",
    )


def _no_version(uri: str, aliases: Iterable[str]) -> Words:
    got = ", ".join(aliases) or "–"
    return Words(
        zh=f"{uri}：登记处须有此模型；实际没有，现有别名：{got}。请看 luodi models list；"
        "还没有模型就先运行 luodi retrain。",
        en=f"{uri}: must be in the registry; got nothing there, its aliases are: {got}. See luodi models list; "
        "where there is no model yet, run luodi retrain.",
    )


def _another(uri: str, tagged: str, got: str) -> Words:
    return Words(
        zh=f"{uri}：模型内容须与登记的哈希 {tagged[:12] or '–'} 一致；实际 {got[:12] or '–'}。请重新训练并登记。",
        en=f"{uri}: its bundle must have the registered hash {tagged[:12] or 'none'}; got {got[:12] or 'no bundle'}. "
        "Train and log it again.",
    )
