"""What the whole suite shares: the real register where it is at hand, and the rule about skipped tests."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run in which anything was skipped where nothing may be (LUODI_SKIPS=refused, set by .ci/run)."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if os.environ.get("LUODI_SKIPS") == "refused" and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
