import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "ranks.py"


@pytest.fixture
def ranks(benchmark_module):
    return benchmark_module("ranks")


def told(ranks, sure=1.0, rounds=60, seed=0):
    """Rounds in which the chance told is right where ``sure`` is 1, and too sure above it."""
    rng, tables = np.random.default_rng(seed), []
    for number in range(rounds):
        score = np.sort(rng.normal(0, 1, ranks.ROUND))[::-1]
        truth = score + rng.normal(0, 0.7, ranks.ROUND)
        draws = score + rng.normal(0, 0.7 / sure, (800, ranks.ROUND))
        place = (-draws).argsort(axis=1).argsort(axis=1) + 1
        rank = np.arange(1, ranks.ROUND + 1)
        low, high = np.quantile(place, [0.1, 0.9], axis=0)
        chance = (place <= ranks.SEATS).mean(axis=0)
        seated = rank <= ranks.SEATS
        verdict = np.where(seated & (chance >= 0.9), "in", np.where(~seated & (chance <= 0.1), "out", "discuss"))
        table = {"rank": rank, "rank_low": np.minimum(low, rank), "rank_high": np.maximum(high, rank)}
        table |= {"p_top_k": chance, "verdict": verdict, "truth": truth, "register": 1, "round": number}
        tables.append(pd.DataFrame(table))
    return pd.concat(tables, ignore_index=True)


def test_chances_that_are_right_are_no_miss(ranks):
    table = ranks.against_truth(told(ranks), "truth")
    assert ranks.show("trial", table) == []
    assert ranks.faults(table) == []


def test_chances_that_are_too_sure_are_missed_in_bins_intervals_and_verdicts(ranks):
    missed = "\n".join(ranks.show("trial", ranks.against_truth(told(ranks, sure=8.0), "truth")))
    for said in ("in a bin", "intervals must hold", "of those told in"):
        assert said in missed


def test_the_true_rank_is_that_of_its_own_round(ranks):
    table = ranks.against_truth(told(ranks, rounds=3), "truth")
    for _, own in table.groupby("round"):
        assert own["seated"].sum() == ranks.SEATS
        assert own.loc[own["truth"].idxmax(), "true_rank"] == 1


def test_bins_hold_every_project_once_and_tell_their_means(ranks):
    table = ranks.against_truth(told(ranks), "truth")
    found = ranks.bins(table)
    assert found["projects"].sum() == len(table)
    high = [*found["low"][1:], 1.0]
    assert ((found["told"] >= found["low"]) & (found["told"] <= high)).all()
    assert np.average(found["true"], weights=found["projects"]) == pytest.approx(ranks.SEATS / ranks.ROUND)


def test_verdicts_on_the_real_register_must_mean_something(ranks):
    verdict = np.repeat(["in", "discuss", "out"], 40)
    table = pd.DataFrame({"verdict": verdict, "register": 2015, "apart": 1.0})
    came = np.repeat([0.6, 0.4, 0.2], 40) > np.tile(np.linspace(0, 0.99, 40), 3)
    assert ranks.show_real(table.assign(came=came * 1.0)) == []
    assert "MISSED" in ranks.show_real(table.assign(came=came[::-1] * 1.0))[0]


def test_the_benchmark_checks_its_own_output(ranks):
    table = told(ranks, rounds=2)
    for column, wrong in (("p_top_k", 1.5), ("rank_low", 61), ("rank_high", 0), ("p_top_k", 0.5)):
        assert ranks.faults(table.assign(**{column: wrong})), column


def test_a_quick_run_prints_its_tables_and_writes_them(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "LUODI_REPD"}
    asked = [sys.executable, SCRIPT, "--quick", "--workers", "1", "--json", tmp_path / "found.json"]
    done = subprocess.run(asked, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for said in ("LUODI_REPD is not set", "by the true chance", "told discuss", "by what attributes can tell of it"):
        assert said in done.stdout
    found = json.loads((tmp_path / "found.json").read_text())
    assert sum(one["projects"] for one in found) == 180
