import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "alarm.py"


@pytest.fixture
def alarm(benchmark_module):
    return benchmark_module("alarm")


@pytest.fixture
def found(alarm):
    """Twenty registers of which all was told in time."""
    return [alarm.Found(0.0, seed, 7, None, 1.0) for seed in range(20)]


def test_what_is_told_in_time_is_no_miss(alarm, found):
    assert alarm.told(found, bound=True) == []


@pytest.mark.parametrize(("months", "misses"), [(9, 0), (10, 1), (None, 1), (0, 1)])
def test_an_alarm_too_late_or_before_the_turn_is_not_counted(alarm, found, months, misses):
    some = [*found[:15], *(replace(one, alarm=months) for one in found[15:])]
    assert len(alarm.told(some, bound=True)) == misses
    assert alarm.told(some, bound=False) == []


def test_one_false_alarm_in_twenty_is_borne_and_two_are_not(alarm, found):
    one = [replace(found[0], false="2021-03"), *found[1:]]
    assert alarm.told(one, bound=True) == []
    assert (
        "at most 1 false alarms"
        in alarm.told([replace(found[0], false="2022-01"), *one[:1], *found[2:]], bound=True)[0]
    )


def test_the_turn_is_after_the_training_and_the_first_day_of_a_quarter(alarm):
    assert alarm.TRAINED < alarm.TURN
    assert alarm.TURN.astype("datetime64[M]").astype(int) % 3 == 0
    assert np.datetime64(alarm.TURN, "D").astype("datetime64[M]") == alarm.TURN


def test_the_script_runs_and_keeps_what_it_found(tmp_path):
    out = tmp_path / "found.json"
    command = [sys.executable, SCRIPT, "--registers", "1", "--per-year", "40", "--out", out]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    assert "false alarms in five quiet years: 0 of 1" in done.stdout
    assert [one["shock_sd"] for one in json.loads(out.read_text())] == [0.0, 0.3]
