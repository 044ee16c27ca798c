"""What the whole suite shares: the real register where it is at hand, and the rule about skipped tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def repd() -> Path:
    """The folder of the real register. Unset: the test is skipped. Set and not there: it fails."""
    folder = os.environ.get("LUODI_REPD")
    if not folder:
        pytest.skip("needs LUODI_REPD, the folder of the renewable energy planning register")
    path = Path(folder)
    assert path.is_dir(), f"LUODI_REPD must be a folder; got {folder!r}"
    return path


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run in which anything was skipped where nothing may be (LUODI_SKIPS=refused, set by .ci/run)."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if os.environ.get("LUODI_SKIPS") == "refused" and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
