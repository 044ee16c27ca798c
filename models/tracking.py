"""The one module that loads MLflow, and only when it is asked for something: its client, its model format, its errors.

It takes seconds to load, warns of its own libraries, and would report its use; all three are kept from the user.
"""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from features.catalog import Catalog
from features.errors import BundleError
from features.words import Words
from models.served_columns import ANSWERS, columns, example

_TRACKING = "MLFLOW_TRACKING_URI"
_SETTINGS = {  # of MLflow, where the user has said nothing else
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_UV_AUTO_DETECT": "false",  # else a uv.lock that happens to lie about is copied into the model
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # a server that is down is told of in seconds, not minutes
    "GIT_PYTHON_REFRESH": "quiet",
}


def var() -> Path:
    """Return the folder of everything that Luodi keeps: LUODI_VAR, else ``var`` under the working directory."""
    return Path(os.environ.get("LUODI_VAR") or "var").absolute()


def tracking_uri() -> str:
    """Return where runs and versions are kept: MLFLOW_TRACKING_URI, else a SQLite file in `var`."""
    return os.environ.get(_TRACKING) or _ours()


def _ours() -> str:
    return f"sqlite:///{var() / 'mlflow.db'}"


def settle() -> None:
    """Tell MLflow, and every process started from here, how it is used; what the user has set stays."""
    for setting, value in _SETTINGS.items():
        os.environ.setdefault(setting, value)


@contextmanager
def registry() -> Iterator[Any]:
    """Open the registry: an MLflow client, in quiet, whose failures become one sentence.

    Raises
    ------
    BundleError
        What MLflow refused, or could not reach.
    """
    settle()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of SQLAlchemy, Pydantic and Alembic to those who build on them
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError  # of its databases, where MLflow lets it through

        for library in ("alembic", "mlflow"):
            logging.getLogger(library).setLevel(logging.CRITICAL)  # what fails is told once, below
        where, said = tracking_uri(), os.environ.get(_TRACKING)
        try:
            if where == _ours():
                var().mkdir(parents=True, exist_ok=True)
            os.environ[_TRACKING] = where  # its registry looks logged models up by the environment, not by the client
            yield MlflowClient(where, where)
        except (MlflowException, SQLAlchemyError, OSError) as error:
            raise BundleError(_failed(where, error)) from error
        finally:
            os.environ.pop(_TRACKING, None)
            if said is not None:
                os.environ[_TRACKING] = said


def experiment_id(client: Any, name: str) -> str:
    """Return the id of an experiment, made where there is none; files lie in `var` where its database does."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    home = (var() / "mlartifacts").as_uri() if tracking_uri() == _ours() else None
    return str(client.create_experiment(name, artifact_location=home))


def save(folder: Path, bundle: Path, loader_module: str, catalog: Catalog, ids: tuple[str, str]) -> None:
    """Write a bundle in MLflow's format: the files as they are, a signature, an example that is nobody's. No pickle.

    Parameters
    ----------
    ids : of the run and of the logged model
    """
    from mlflow.models import Model
    from mlflow.pyfunc import save_model

    run_id, model_id = ids
    save_model(
        path=str(folder),
        loader_module=loader_module,
        data_path=str(bundle),
        mlflow_model=Model(run_id=run_id, model_id=model_id, model_uuid=model_id),
        signature=_signature(catalog),
        input_example=example(catalog),
        # Told, not inferred: MLflow would load the model in a process of its own to find out.
        pip_requirements=[f"luodi=={version('luodi')}", f"mlflow=={version('mlflow')}"],
    )


def _signature(catalog: Catalog) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, ParamSchema, ParamSpec, Schema

    kinds = {True: "double", False: "string"}
    return ModelSignature(
        inputs=Schema([ColSpec(kinds[c.is_figure], c.id, required=c.is_required) for c in columns(catalog)]),
        outputs=Schema([ColSpec(kinds[is_figure], name, required=False) for name, is_figure in ANSWERS.items()]),
        params=ParamSchema([ParamSpec("as_of", "string", ""), ParamSpec("lang", "string", "zh")]),
    )


def downloaded(client: Any, name: str, number: str, folder: Path) -> Path:
    """Return the bundle inside a version of a model, brought into a folder."""
    from mlflow.artifacts import download_artifacts
    from mlflow.models import Model

    source = client.get_model_version_download_uri(name, number)
    where = tracking_uri()
    kept = download_artifacts(artifact_uri=source, dst_path=str(folder), tracking_uri=where, registry_uri=where)
    return Path(kept) / str(Model.load(kept).flavors["python_function"]["data"])


def serve(uri: str, port: int) -> NoReturn:
    """Become the server of a model, on this machine alone: this process ends as it does, and nobody is left behind.

    MLflow looks for its web server by name: the programs of this environment come first.
    """
    settle()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, _TRACKING: tracking_uri(), "PATH": path}
    options = ["--host", "127.0.0.1", "--port", str(port), "--env-manager", "local"]
    program = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", uri, *options]
    sys.stdout.flush()
    os.execve(sys.executable, program, environment)


def bad_request(words: str) -> Exception:
    """Return what a model that is served answers with status 400 and ``words``."""
    from mlflow.exceptions import MlflowException

    refused: Exception = MlflowException.invalid_parameter_value(words)
    return refused


def _failed(where: str, error: Exception) -> Words:
    place = where.rpartition("@")[2]  # without the password of a database
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return Words(
        zh=f"模型登记处 {place}：必须可用；实际 {said}。请检查 MLFLOW_TRACKING_URI、LUODI_VAR 和写入权限。",
        en=f"the registry {place}: must answer; got {said}. Look at MLFLOW_TRACKING_URI, LUODI_VAR and permissions.",
    )
