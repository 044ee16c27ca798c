import csv
import io
import math
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import Refused
from features.words import Language
from scoring.writing import csv_header, csv_lines, published, significant, spreadsheet_safe, write_csv


def written(table: pa.Table) -> str:
    file = io.BytesIO()
    write_csv(file, table)
    return file.getvalue().decode("utf-8-sig")


plain_text = st.text(st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"]), max_size=12)


# Oracles: Python's own reader and formatter.


@given(st.lists(st.lists(plain_text, min_size=3, max_size=3), min_size=1, max_size=8))
def test_pythons_csv_reader_reads_back_every_cell_that_is_no_formula(rows):
    table = pa.table({name: [row[i] for row in rows] for i, name in enumerate("abc")})
    read = list(csv.reader(io.StringIO(written(table), newline="")))
    assert read[0] == ["a", "b", "c"]
    for got, row in zip(read[1:], rows, strict=True):
        assert [cell.removeprefix("'") for cell in got] == [cell.removeprefix("'") for cell in row]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_its_own_twelve_digits(number):
    got = float(significant(np.array([number]))[0])
    expected = number if number == math.trunc(number) or abs(number) > 1e11 else float(f"{number:.11e}")
    assert got == pytest.approx(expected, rel=1e-11, abs=1e-22)


@given(st.floats(1e-6, 1.0))
def test_a_probability_keeps_ten_significant_digits_in_the_file(probability):
    (cell,) = csv_lines(pa.table({"p": [probability]})).decode().split()
    assert float(cell) == pytest.approx(probability, rel=1e-11)
    assert len(cell.lstrip("0.").split("e")[0]) <= 13


# Properties


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_twice_is_rounding_once(number):
    once = significant(np.array([number]))
    assert significant(once).tolist() == once.tolist()


def test_the_last_bits_of_a_figure_do_not_show():
    p = 0.123456789
    assert csv_lines(pa.table({"p": [p]})) == csv_lines(pa.table({"p": [np.nextafter(p, 1)]}))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "＝1+1", "\r\n=1", "-cmd|' /C calc'!A0"]
)
def test_no_cell_starts_a_formula(cell):
    assert spreadsheet_safe(pa.array([cell]))[0].as_py() == f"'{cell}"


@pytest.mark.parametrize("cell", ["-5", "+8613", "-1,200.50", "-3.5%", "1e-5", "-", "--", "－", "", "项目-一期", "a=b"])
def test_numbers_and_dashes_are_no_formulas(cell):
    assert spreadsheet_safe(pa.array([cell]))[0].as_py() == cell


def test_numbers_are_never_escaped():
    assert csv_lines(pa.table({"x": [-5.5, -1e-7, math.nan]})).decode().split("\n")[:2] == ["-5.5", "-1e-7"]


# Examples


def test_each_kind_of_column_is_written_as_people_write_it():
    frame = pd.DataFrame(
        {
            "名称": pd.Series(["甲,乙", None, 'a"b'], dtype="str"),
            "金额": [15_800_000_000.0, 35_000.0, np.nan],
            "日期": pd.Series(["2026-03-01", None, "1999-12-31"], dtype="datetime64[s]"),
            "名次": pd.array([1, None, 3], dtype="Int64"),
        }
    )
    assert written(pa.Table.from_pandas(frame, preserve_index=False)).splitlines() == [
        "名称,金额,日期,名次",
        '"甲,乙",15800000000,2026-03-01,1',
        ",35000,,",
        '"a""b",,1999-12-31,3',
    ]


def test_a_header_too_is_safe_in_a_spreadsheet():
    assert csv_header(["=a", 'b"', "c"]) == b'\xef\xbb\xbf\'=a,"b""",c\n'


def test_no_rows_are_no_lines():
    assert csv_lines(pa.table({"a": pa.array([], pa.string())})) == b""


# Whole or not at all


def test_files_take_their_places_together(tmp_path):
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    with published(a, b) as (draft_a, draft_b):
        draft_a.write_text("1")
        draft_b.write_text("2")
        assert not a.exists()
        assert not b.exists()
    assert (a.read_text(), b.read_text()) == ("1", "2")
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "b.csv"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    kept = tmp_path / "a.csv"
    kept.write_text("old")

    def fail_half_way() -> None:
        with published(kept) as (draft,):
            draft.write_text("new, but only ha")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        fail_half_way()
    assert kept.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_draft_that_was_deleted_takes_no_place(tmp_path):
    with published(tmp_path / "a.csv") as (draft,):
        draft.unlink()
    assert os.listdir(tmp_path) == []


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    with published(tmp_path / "link.csv") as (draft,):
        draft.write_text("new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("folder", "文件夹或设备"),
        ("/dev/full", "文件夹或设备"),
        ("absent/a.csv", "文件夹不存在"),
        ("file/a.csv", "文件夹不存在"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_by_name(tmp_path, place, said):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(Refused) as refusal, published(tmp_path / place):
        pytest.fail("nothing may be written")
    assert said in refusal.value.said(Language.ZH)
    assert str(tmp_path / place) in refusal.value.said(Language.EN)


def test_a_closed_folder_is_refused(tmp_path):
    def close_to_us() -> None:
        os.chmod(tmp_path, 0o555)
        if os.geteuid() == 0:  # permissions do not bind root
            os.seteuid(65534)

    os.chmod(tmp_path, 0o555)
    was = os.geteuid()
    try:
        close_to_us()
        with pytest.raises(Refused, match="permission denied"), published(tmp_path / "a.csv"):
            pytest.fail("nothing may be written")
    finally:
        os.seteuid(was)
        os.chmod(tmp_path, 0o755)


HALF_A_MEGABYTE = """
import sys, signal
from pathlib import Path
from features.errors import Refused
from scoring.writing import in_words, published
path = Path(sys.argv[1])
try:
    with published(path) as (draft,), in_words(path), draft.open("wb") as file:
        file.write(b"x" * 500_000)
        print("written", flush=True)
        sys.stdin.read()
except Refused as refusal:
    sys.exit(str(refusal))
"""


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    def small_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [sys.executable, "-c", HALF_A_MEGABYTE, str(tmp_path / "a.csv")],
        preexec_fn=small_disk,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_no_half_file(tmp_path, sign):
    path = tmp_path / "a.csv"
    path.write_text("old")
    with subprocess.Popen(
        [sys.executable, "-c", HALF_A_MEGABYTE, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.send_signal(sign)
        run.wait()
    assert path.read_text() == "old"
    left = {Path(name).suffix for name in os.listdir(tmp_path)}
    assert left == ({".csv"} if sign == signal.SIGINT else {".csv", ".part"})


def test_a_file_that_others_may_not_read_stays_closed_to_them(tmp_path):
    path = tmp_path / "scored.csv"
    path.write_text("old")
    path.chmod(0o600)
    with published(path) as (draft,):
        draft.write_text("new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
