"""The registry: every training is a run, every bundle a version of one model, and three aliases say which is which."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from features.catalogs.reader import parse_catalog
from models.fetching import CHALLENGER, HASH, NAME, digest_of, is_registered
from models.sealed import unseal
from models.tracking import experiment_id, registry, save


@dataclass(frozen=True)
class Logged:
    """A training as the registry knows it."""

    run_id: str
    version: int
    bundle_hash: str


@dataclass(frozen=True)
class Version:
    """One version of a registered model.

    Attributes
    ----------
    bundle_hash : as its tag says; "" where it has none
    tags : hashes of catalogue, policy and data among them
    """

    version: int
    bundle_hash: str
    run_id: str
    logged_at: datetime
    aliases: frozenset[str]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Run:
    """What a training said of itself."""

    parameters: Mapping[str, str]
    metrics: Mapping[str, float]


def log(  # noqa: PLR0913 - what a run is made of
    bundle_folder: Path,
    *,
    experiment: str = NAME,
    name: str = NAME,
    parameters: Mapping[str, object],
    metrics: Mapping[str, float],
    artifacts: Mapping[str, bytes],
    tags: Mapping[str, str],
    loader_module: str,
) -> Logged:
    """Keep a training as a run, and its bundle as the newest version, which becomes the challenger.

    A kill on the way leaves a run without a version at the most: no version lacks anything.

    Parameters
    ----------
    artifacts : files of the run by their path in it; like parameters and tags, they must name no project and no firm
    loader_module : the module whose ``_load_pyfunc`` makes a model of the bundle's folder

    Raises
    ------
    BundleError
        The folder is no bundle, or the registry cannot be reached or written.
    """
    catalog_text = unseal(bundle_folder)["catalog.toml"].decode()
    catalog = parse_catalog(catalog_text, str(bundle_folder / "catalog.toml"))
    told = {**tags, HASH: digest_of(bundle_folder)}
    with registry() as client, tempfile.TemporaryDirectory() as scratch:
        home = experiment_id(client, experiment)
        run_id = client.create_run(home, tags=told, run_name=told[HASH][:12]).info.run_id
        _tell(client, run_id, parameters, metrics)
        _attach(client, run_id, artifacts, Path(scratch, "artifacts"))
        kept = client.create_logged_model(home, name=name, source_run_id=run_id, tags=told)
        save(Path(scratch, "model"), bundle_folder, loader_module, catalog, (run_id, kept.model_id))
        client.log_model_artifacts(kept.model_id, str(Path(scratch, "model")))
        client.finalize_logged_model(kept.model_id, "READY")
        client.set_terminated(run_id, "FINISHED")
        if not is_registered(client, name):
            client.create_registered_model(name)
        source = f"models:/{kept.model_id}"
        made = client.create_model_version(name, source, run_id=run_id, tags=told, model_id=kept.model_id)
        client.set_registered_model_alias(name, CHALLENGER, made.version)
        return Logged(run_id, int(made.version), told[HASH])


def versions(name: str = NAME) -> tuple[Version, ...]:
    """Return the versions of a model, the newest first; none where nothing was ever logged.

    Raises
    ------
    BundleError
        The registry cannot be reached.
    """
    with registry() as client:
        if not is_registered(client, name):
            return ()
        pointed = client.get_registered_model(name).aliases  # a search returns versions without their aliases
        found = [_version(one, pointed) for one in client.search_model_versions(f"name = '{name}'")]
    return tuple(sorted(found, key=lambda one: -one.version))


def run_of(version: Version) -> Run:
    """Return the parameters and metrics of the run that made a version.

    Raises
    ------
    BundleError
        The registry cannot be reached, or has lost the run.
    """
    with registry() as client:
        data = client.get_run(version.run_id).data
        return Run(dict(data.params), dict(data.metrics))


def point(aliases: Mapping[str, int | None], name: str = NAME) -> tuple[str, ...]:
    """Let aliases point to versions, None = to none; return those that had pointed elsewhere.

    Raises
    ------
    BundleError
        There is no such version, or the registry cannot be reached.
    """
    with registry() as client:
        if not is_registered(client, name):
            return ()
        now = {alias: int(version) for alias, version in client.get_registered_model(name).aliases.items()}
        behind = {alias: version for alias, version in aliases.items() if now.get(alias) != version}
        for alias, version in behind.items():
            if version is None:
                client.delete_registered_model_alias(name, alias)
            else:
                client.set_registered_model_alias(name, alias, str(version))
    return tuple(behind)


def _tell(client: Any, run_id: str, parameters: Mapping[str, object], metrics: Mapping[str, float]) -> None:
    for key, parameter in parameters.items():
        client.log_param(run_id, key, parameter)
    for key, figure in metrics.items():
        client.log_metric(run_id, key, figure)


def _attach(client: Any, run_id: str, artifacts: Mapping[str, bytes], scratch: Path) -> None:
    scratch.mkdir()
    for name, content in artifacts.items():
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_bytes(content)
    client.log_artifacts(run_id, str(scratch))


def _version(found: Any, pointed: Mapping[str, str]) -> Version:
    return Version(
        version=int(found.version),
        bundle_hash=found.tags.get(HASH, ""),
        run_id=found.run_id or "",
        logged_at=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
        aliases=frozenset(alias for alias, version in pointed.items() if int(version) == int(found.version)),
        tags=dict(found.tags),
    )
