import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from models.comparison import Forecasts
from models.intervals import Sample
from models.metrics import metrics_at

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "ranking.py"


@pytest.fixture
def ranking(benchmark_module):
    return benchmark_module("ranking")


def forecasts(quarters, seed=0, luodi=None):
    """One origin: as many projects in each quarter of 2015 as asked, luodi good, the other a guess."""
    rng = np.random.default_rng(seed)
    quarter = np.repeat(np.arange(len(quarters)), quarters)
    entered = (np.datetime64("2015-01") + 3 * quarter).astype("datetime64[D]") + rng.integers(0, 80, len(quarter))
    chance = rng.uniform(size=len(quarter))
    labels = (rng.uniform(size=len(quarter)) < chance).astype(float)
    said = {"luodi": chance if luodi is None else luodi(labels), "constant": np.full(len(quarter), 0.5)}
    said["other"] = rng.uniform(size=len(quarter))
    return Forecasts(np.datetime64("2015-01-01"), Sample(labels, said, np.arange(len(quarter))), entered, 0, 90, 30)


def test_a_round_is_a_quarter_with_ten_projects_and_both_outcomes(ranking):
    one = forecasts([40, 9, 30, 25])
    one.sample.labels[one.entered >= np.datetime64("2015-10-01")] = 1.0
    assert ranking.compared([one], draws=10).rounds == 2


def test_figures_of_a_round_are_those_of_its_own_projects(ranking):
    one = forecasts([40, 30])
    found = ranking.compared([one], draws=10).figures["ndcg_at_k"]["luodi"]
    first = one.entered < np.datetime64("2015-04-01")
    for own, value in zip((first, ~first), found, strict=True):
        oracle = ndcg_score(one.sample.labels[own][None], one.sample.chances["luodi"][own][None], k=10)
        assert value == pytest.approx(oracle)


def test_the_lead_is_paired_and_its_interval_draws_rounds(ranking):
    years = [forecasts([30, 30, 30, 30], seed) for seed in range(6)]
    comparison = ranking.compared(years, draws=500)
    figures, lead = comparison.figures["precision_at_k"], comparison.lead["precision_at_k"]["other"]
    gaps = figures["luodi"] - figures["other"]
    assert lead.value == pytest.approx(gaps.mean())
    spread = gaps.std() / np.sqrt(len(gaps))
    assert (lead.low, lead.high) == pytest.approx((lead.value - 1.645 * spread, lead.value + 1.645 * spread), abs=0.02)
    assert "luodi" not in comparison.lead["ndcg_at_k"]


def test_a_list_that_is_luodi_s_own_has_no_lead_and_is_a_miss(ranking):
    one = forecasts([30, 30])
    one.sample.chances["twin"] = one.sample.chances["luodi"]
    comparison = ranking.compared([one], draws=50)
    twin = comparison.lead["ndcg_at_k"]["twin"]
    assert (twin.value, twin.low, twin.high) == (0, 0, 0)
    assert any("ahead of twin in ndcg_at_k" in miss for miss in ranking.misses("trial", comparison))


def test_luodi_is_not_held_above_the_order_that_knows_what_came(ranking):
    comparison = ranking.compared([forecasts([40, 40, 40, 40])], draws=50)
    assert comparison.lead["ndcg_at_k"]["best"].value < 0
    assert ranking.misses("trial", comparison) == []
    assert ranking.faults("trial", comparison) == []


def test_the_benchmark_checks_its_own_output(ranking):
    comparison = ranking.compared([forecasts([40, 40])], draws=10)
    for id_, name, wrong in (
        ("ndcg_at_k", "luodi", 1.5),
        ("precision_at_k", "other", np.nan),
        ("lift_at_20pct", "constant", 0.9),
        ("ndcg_at_k", "best", 0.9),
    ):
        figures = {key: dict(values) for key, values in comparison.figures.items()}
        figures[id_][name] = np.full(2, wrong)
        assert ranking.faults("trial", replace(comparison, figures=figures)), (id_, name)


def test_without_a_round_the_benchmark_says_so(ranking):
    nothing = ranking.compared([forecasts([5, 5])], draws=10)
    assert "no round" in ranking.faults("trial", nothing)[0]


def test_every_metric_asked_for_is_one_of_the_package(ranking):
    assert set(ranking.METRICS) <= set(metrics_at(10))


def test_a_quick_run_prints_its_tables_and_writes_them(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "LUODI_REPD"}
    asked = [sys.executable, SCRIPT, "--quick", "--json", tmp_path / "found.json"]
    done = subprocess.run(asked, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "LUODI_REPD is not set" in done.stdout
    assert "LambdaRank, by round" in done.stdout
    found = json.loads((tmp_path / "found.json").read_text())
    assert set(found) == {"synthetic, landed", "synthetic, produced"}
    lists = {"luodi", "lambdarank", "classifier_mature", "size", "readiness", "constant", "best"}
    assert lists <= set(found["synthetic, landed"]["means"]["ndcg_at_k"])


def test_the_real_register_says_that_it_knows_nothing_of_delivery(repd):
    done = subprocess.run(
        [sys.executable, SCRIPT, "--quick", "--registers", "0"],
        capture_output=True,
        text=True,
        env={**os.environ, "LUODI_REPD": str(repd)},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no list by readiness" in done.stdout
    assert "repd, produced: 4 rounds" in done.stdout
