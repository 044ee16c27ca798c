import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LUODI = Path(sys.executable).with_name("luodi")
DAY = ["--as-of", "2025-01-30"]
HEAVY = {"pandas", "pyarrow", "numpy", "lightgbm", "sklearn", "scipy", "django", "mlflow", "sqlalchemy"}


def many(sheet, path, times=400):
    """The sheet repeated under other names: long enough to be stopped on the way."""
    name, uid = sheet.at("项目名称"), sheet.at("项目编号")
    lines = [sheet.text().splitlines()[0]]
    for i in range(times):
        for cells in sheet.rows:
            row = list(cells)
            row[name], row[uid] = f"{row[name]}-{i}", f"{row[uid]}-{i}"
            lines.append(",".join(row))
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    return path


def begun(folder):
    """Wait until a run has begun to write into the folder."""
    deadline = time.monotonic() + 120
    while not list(folder.glob(".*.part")):
        assert time.monotonic() < deadline, "the run never began to write"
        time.sleep(0.02)


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def score(file, model, place):
    return [LUODI, "score", file, "--model", model, "--out", place / "scored.csv", *DAY]


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from scoring.cli import run; run(['--help'])\n"
        f"sys.exit(', '.join({HEAVY!r} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def without_a_library(*arguments):
    """Run the command line where a library it needs is missing: something that no command foresees."""
    code = f"import sys; sys.modules['pyarrow'] = None; sys.argv = {['luodi', *arguments]!r}\n"
    return subprocess.run(
        [sys.executable, "-c", f"{code}from scoring.cli import main; main()"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_no_one_foresaw_is_one_line_and_no_trace():
    done = without_a_library("template", "--lang", "en")
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "unexpected error while running luodi template" in done.stderr
    assert "--debug" in done.stderr


def test_debug_shows_the_trace():
    done = without_a_library("template", "--debug")
    assert done.returncode == 3
    assert "Traceback" in done.stderr


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_run_that_is_stopped_leaves_the_old_result_and_no_half_file(sheet, model, tmp_path, place, sign, code):
    (place / "scored.csv").write_text("of yesterday")
    command = score(many(sheet, tmp_path / "many.csv"), model, place)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        begun(place)
        run.send_signal(sign)
        _, said = run.communicate()
    assert run.returncode == code
    assert (place / "scored.csv").read_text() == "of yesterday"
    assert "Traceback" not in said
    if sign == signal.SIGINT:
        assert "已中断" in said
        assert [path.name for path in place.iterdir()] == ["scored.csv"]


def test_a_full_disk_is_told_and_leaves_nothing(sheet, model, tmp_path, place):
    def small_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    command = score(many(sheet, tmp_path / "many.csv", 20), model, place)
    done = subprocess.run(command, preexec_fn=small_disk, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "磁盘已满" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("command", [["template"], ["--help"], ["catalog", "check", "repd"]])
def test_a_full_disk_behind_a_redirection_is_no_traceback(command):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([LUODI, *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "磁盘已满" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_reader_that_goes_away_is_no_failure():
    done = subprocess.run(
        f"{LUODI} template --dictionary | head -c 10 >/dev/null; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "0"
    assert done.stderr == ""


def test_a_folder_closed_to_us_is_refused_in_words(sheet, model, tmp_path, place):
    if os.geteuid() == 0:
        closed = Path("/proc")  # permissions do not bind root, but nobody writes here
    else:
        place.chmod(0o555)
        closed = place
    done = subprocess.run(
        score(sheet.saved(tmp_path / "a.csv"), model, closed), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"无法写入 {closed}" in done.stderr


def test_a_terminal_that_knows_no_chinese_still_gets_its_answer():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = subprocess.run([LUODI, "--help"], env=environment, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
