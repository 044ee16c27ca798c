"""What the whole suite shares: the real register where it is at hand, and the rule about skipped tests."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before LightGBM is loaded, as the command line does
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before SciPy is, and for the processes that tests start
threadpool_limits(1, "blas")  # of NumPy, which a plug-in may have loaded already

settings.register_profile("luodi", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("luodi")

LUODI = Path(sys.executable).with_name("luodi")


@pytest.fixture(scope="session")
def repd() -> Path:
    """The folder of the real register. Unset: the test is skipped. Set and not there: it fails."""
    folder = os.environ.get("LUODI_REPD")
    if not folder:
        pytest.skip("needs LUODI_REPD, the folder of the renewable energy planning register")
    path = Path(folder)
    assert path.is_dir(), f"LUODI_REPD must be a folder; got {folder!r}"
    return path


@dataclass(frozen=True)
class Demonstration:
    """One real run of ``luodi demo``: its folder, and what it printed."""

    folder: Path
    out: str
    err: str


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The demonstration, run once for all tests that need a model and a round."""
    place = tmp_path_factory.mktemp("demonstration")
    done = subprocess.run([LUODI, "demo"], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Demonstration(place / "var" / "demo", done.stdout, done.stderr)


SERVER = os.environ.get("LUODI_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")  # any: tests make databases there
STORES = ("sqlite", "postgresql")
PASSWORD = "shan-gao-7-lu-yuan"


@cache
def unreachable() -> str:
    """Return why PostgreSQL cannot be reached; empty if it can."""
    try:
        on_server("SELECT 1")
    except psycopg.OperationalError as error:
        return str(error)
    return ""


def on_server(statement: str) -> None:
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=5) as server:
        server.execute(statement)


class Stores:
    """Stores of both kinds: a template each, made when first asked for, and copies that tests may spoil."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.templates: dict[str, str] = {}
        self.databases: list[str] = []

    @contextmanager
    def place(self, kind: str, folder: Path, *, made: bool = True) -> Iterator[Path]:
        """Point the environment, and Django, at a store of its own in ``folder``; unless ``made``, it is not there."""
        from django.db import connections

        from scoring.store import prepare

        if kind == "postgresql" and unreachable():
            pytest.skip(f"needs PostgreSQL at {SERVER}: {unreachable()}")
        template = self.template(kind) if made else ""
        folder.mkdir(parents=True, exist_ok=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LUODI_VAR", str(folder))
            for name in ("DATABASE_URL", "LUODI_TOKEN", "MLFLOW_TRACKING_URI"):
                patch.delenv(name, raising=False)
            if kind == "postgresql":
                patch.setenv("DATABASE_URL", f"{SERVER}/{self.database(template)}")
            elif made:
                shutil.copy(self.folder / "luodi.sqlite3", folder / "luodi.sqlite3")
            prepare()
            try:
                yield folder
            finally:
                connections.close_all()
        prepare()

    def template(self, kind: str) -> str:
        """Return the name of the template database, made first; nothing of a file."""
        if kind not in self.templates:
            from scoring.store import initialise

            self.templates[kind] = ""
            with self.place(kind, self.folder, made=False):
                initialise()
            self.templates[kind] = self.databases[-1] if kind == "postgresql" else ""
        return self.templates[kind]

    def database(self, template: str) -> str:
        self.databases.append(f"luodi_{uuid.uuid4().hex[:12]}")
        on_server(f"CREATE DATABASE {self.databases[-1]}" + (f" TEMPLATE {template}" if template else ""))
        return self.databases[-1]

    def drop(self) -> None:
        for name in self.databases:
            on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def store_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """The makers of stores."""
    made = Stores(tmp_path_factory.mktemp("stores"))
    try:
        yield made
    finally:
        made.drop()


@pytest.fixture
def store(store_templates: Stores, tmp_path: Path) -> Iterator[Path]:
    """A fresh store in a file: the environment, also of processes started, and Django point at it; its LUODI_VAR."""
    with store_templates.place("sqlite", tmp_path / "var") as var:
        yield var


@pytest.fixture(params=STORES)
def stores(request: pytest.FixtureRequest, store_templates: Stores, tmp_path: Path) -> Iterator[Path]:
    """A fresh store of each kind in turn; its LUODI_VAR."""
    with store_templates.place(request.param, tmp_path / "var") as var:
        yield var


@pytest.fixture(params=STORES)
def no_store(request: pytest.FixtureRequest, store_templates: Stores, tmp_path: Path) -> Iterator[Path]:
    """A place for a store of each kind in turn, where there is none yet; its LUODI_VAR."""
    with store_templates.place(request.param, tmp_path / "var", made=False) as var:
        yield var


@pytest.fixture(scope="session")
def hashed_password() -> str:
    """`PASSWORD` as the store keeps it: a quarter of a second of work, once."""
    from django.contrib.auth.hashers import make_password

    from scoring.store import prepare

    prepare()
    return make_password(PASSWORD)


@pytest.fixture
def person(hashed_password: str) -> Callable[..., object]:
    """Open an account in the store of the test: ``person("li", "chair")``; the password is that of `password`."""

    def opened(name: str, *roles: str) -> object:
        from django.contrib.auth.models import Group

        from scoring.review.models import User

        user = User.objects.create(name=name, password=hashed_password)
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    return opened


@pytest.fixture(scope="session")
def password() -> str:
    """The password of every `person`."""
    return PASSWORD


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a registry without anything in it: MLflow takes seconds to make one."""
    from models.registry import versions

    folder = tmp_path_factory.mktemp("registry")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUODI_VAR", str(folder))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        assert versions() == ()
    return folder / "mlflow.db"


@pytest.fixture
def registry_home(empty_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of its own, in the same LUODI_VAR as the fixture ``store``; the environment points at it."""
    folder = tmp_path / "var"
    folder.mkdir(exist_ok=True)
    shutil.copy(empty_registry, folder / "mlflow.db")
    monkeypatch.setenv("LUODI_VAR", str(folder))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return folder


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run in which anything was skipped where nothing may be (LUODI_SKIPS=refused, set by .ci/run)."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if os.environ.get("LUODI_SKIPS") == "refused" and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
