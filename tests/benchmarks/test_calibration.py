import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from features.catalog import ASKED, Clock
from features.catalogs.reader import read_catalog
from features.synthetic import Design, generate
from features.synthetic.shocks import path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "calibration.py"


@pytest.fixture
def calibration(benchmark_module):
    return benchmark_module("calibration")


@pytest.fixture
def held(calibration):
    """A cohort of 600 that was met as it should be."""
    return calibration.Held(np.zeros(10), 0.0, {60: 0.8, 600: 0.8}, (200.0, 210.0, 150, 260), 0.5)


def test_the_chance_of_a_count_is_that_of_a_binomial(calibration):
    for n, chance, low, high in ((60, 0.3, 12, 20), (600, 0.1, 50, 70)):
        oracle = binom.cdf(high, n, chance) - binom.cdf(low - 1, n, chance)
        assert calibration.within(np.full((1, n), chance), low, high)[0] == pytest.approx(oracle, abs=0.01)


def test_the_shock_goes_on_from_the_snapshot_and_was_the_county_s_own_before(calibration):
    design = Design(n_projects=50, years=6)
    came = path(design, 4)
    paths = calibration.futures(came, design, count=2000)
    now = 4 * design.years  # quarters lived by the last day of the last year
    np.testing.assert_array_equal(paths[:, :now], np.tile(came[:now], (2000, 1)))
    assert paths[:, now].mean() == pytest.approx(design.shock_persistence * came[now - 1], abs=0.02)
    assert paths[:, -1].std() == pytest.approx(design.shock_sd, abs=0.02)
    assert paths[:, -1].mean() == pytest.approx(0.0, abs=0.03)


def test_under_the_shock_that_came_the_chances_are_those_of_the_truth(calibration, monkeypatch):
    register = generate(Design(n_projects=60, years=6), seed=5)
    new = register.new_round(40, seed=1)
    monkeypatch.setattr(calibration, "futures", lambda came, _: came[None])
    ahead = calibration.under_futures(register, new, read_catalog("zhaoshang"))
    for clock in ASKED:
        np.testing.assert_allclose(ahead[clock][0], new.truth[f"p_{clock}_given_shock"], atol=1e-9)


def test_what_lies_within_its_bounds_is_no_miss(calibration, held):
    assert calibration.show("trial", Clock.LANDED, [held] * 3) == []


def test_each_bound_is_held(calibration, held):
    high, tilted = replace(held, gap=0.04), replace(held, tenths=np.array([0.07, *[0.0] * 9]))
    wide = replace(held, inside={60: 0.8, 600: 0.99})
    for one, said in ((high, "0.040"), (tilted, "0.070"), (wide, "cohorts of 600: intervals must hold")):
        missed = calibration.show("trial", Clock.LANDED, [one] * 3)
        assert len(missed) == 1
        assert said in missed[0]


def test_misses_of_single_registers_that_cancel_out_are_none(calibration, held):
    assert calibration.show("trial", Clock.LANDED, [replace(held, gap=0.1), replace(held, gap=-0.1)]) == []


def test_the_years_of_the_real_register_are_held_together(calibration, held):
    inside, outside = replace(held, inside={600: 1.0}), replace(held, inside={600: 0.0})
    assert calibration.show_real(Clock.LANDED, {2010: outside} | dict.fromkeys(range(2011, 2016), inside)) == []
    assert "got 100%" in calibration.show_real(Clock.LANDED, {2010: inside})[0]


def test_the_benchmark_checks_its_own_output(calibration, held):
    assert calibration.faults([{Clock.LANDED: held}]) == []
    for wrong in (
        replace(held, told=(200.0, 210.0, 260, 150)),
        replace(held, told=(200.0, 700.0, 150, 260)),
        replace(held, gap=np.nan),
        replace(held, inside={60: 1.2, 600: 0.8}),
    ):
        assert calibration.faults([{Clock.LANDED: wrong}])


def test_a_quick_run_prints_its_figures_and_writes_them(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "LUODI_REPD"}
    asked = [sys.executable, SCRIPT, "--quick", "--workers", "1", "--json", tmp_path / "found.json"]
    done = subprocess.run(asked, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ("LUODI_REPD is not set", "shocks by default, landed: said less true", "shocks of 0.8, produced"):
        assert told in done.stdout
    found = json.loads((tmp_path / "found.json").read_text())
    assert [one["shock_sd"] for one in found] == [0.3, 0.8]
    assert len(found[0]["landed"]["tenths"]) == 10
