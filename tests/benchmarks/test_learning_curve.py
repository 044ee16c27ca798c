import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from features.catalog import Clock
from features.catalogs.reader import read_catalog
from features.synthetic import Design, generate
from models.rivals import RIVALS
from models.training import known_on

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "learning_curve.py"


@pytest.fixture
def learning(benchmark_module):
    return benchmark_module("learning_curve")


@pytest.fixture
def draws(benchmark_module):
    return benchmark_module("draws")


def curve(learning, metric, by_size):
    """A curve in which each model has so many figures at each size; rivals that are not named are far behind."""
    far = 0.5 if metric == "auc" else 0.9
    models = (learning.LUODI, *learning.HELD_TO, learning.CONSTANT)
    figures = {
        size: {model: np.array(told.get(model, [far] * len(told[learning.LUODI]))) for model in models}
        for size, told in by_size.items()
    }
    return learning.Curve("trial", Clock.LANDED, metric, figures)


def test_scores_of_outcomes_are_those_of_scikit_learn(draws):
    rng = np.random.default_rng(0)
    said, came = rng.uniform(size=200), (rng.uniform(size=200) < 0.4) * 1.0
    found = draws.scored(np.append(came, np.nan), np.append(said, 0.9))
    assert found["auc"] == pytest.approx(roc_auc_score(came, said), abs=1e-12)
    assert found["log_loss"] == pytest.approx(log_loss(came, said), abs=1e-12)


def test_scores_of_chances_are_the_mean_over_outcomes_drawn_from_them(draws):
    rng = np.random.default_rng(1)
    true = rng.uniform(size=400)
    said = np.clip(true + rng.normal(0, 0.2, 400), 0.01, 0.99)
    drawn = [draws.scored((rng.uniform(size=400) < true) * 1.0, said) for _ in range(400)]
    found = draws.scored(true, said)
    for metric, value in found.items():
        assert value == pytest.approx(np.mean([one[metric] for one in drawn]), abs=0.004)


def test_the_gap_is_how_far_luodi_lies_behind_whichever_way_the_metric_runs(learning):
    order = curve(learning, "auc", {50: {"luodi": [0.70, 0.72], "expert_card": [0.73, 0.73]}})
    assert order.behind(50, "expert_card").mean == pytest.approx(0.02)
    loss = curve(learning, "log_loss", {50: {"luodi": [0.60, 0.62], "expert_card": [0.50, 0.50]}})
    assert loss.behind(50, "expert_card").mean == pytest.approx(0.22)


def test_the_upper_end_is_that_of_draws_drawn_again_in_pairs(learning):
    rng = np.random.default_rng(2)
    rival = rng.normal(0.7, 0.05, 20)
    own = rival - rng.normal(0.01, 0.01, 20)
    gap = curve(learning, "auc", {50: {"luodi": own, "expert_card": rival}}).behind(50, "expert_card")
    spread = (rival - own).std() / np.sqrt(20)
    assert gap.upper == pytest.approx((rival - own).mean() + 1.645 * spread, abs=0.001)


def test_the_rival_is_the_one_that_is_best_on_average_over_the_sizes(learning):
    far = {"luodi": [0.6]}
    found = curve(
        learning,
        "auc",
        {
            50: {**far, "expert_card": [0.70], "lightgbm_hazard": [0.60]},
            800: {**far, "expert_card": [0.72], "lightgbm_hazard": [0.80]},
        },
    )
    assert found.best == "expert_card"
    turned = curve(learning, "log_loss", {50: {"luodi": [0.6], "logistic_hazard": [0.5]}})
    assert turned.best == "logistic_hazard"


def test_each_size_is_held_to_its_bound_and_the_average_to_every_rival(learning):
    near = curve(learning, "auc", {50: {"luodi": [0.70] * 5, "expert_card": [0.705] * 5}})
    assert near.misses() == ["MISSED: trial, landed, auc: on average luodi must be ahead of expert_card"]
    behind = curve(learning, "auc", {50: {"luodi": [0.70] * 5, "expert_card": [0.72] * 5}})
    assert any("50 projects: at most 0.01 behind expert_card" in miss for miss in behind.misses())
    assert curve(learning, "log_loss", {50: {"luodi": [0.5], "expert_card": [0.6]}}).misses() == []


def test_the_benchmark_checks_its_own_output(learning):
    sound = {"luodi": [0.7], "constant": [0.5]}
    assert curve(learning, "auc", {50: sound}).faults() == []
    assert "one half" in curve(learning, "auc", {50: {**sound, "constant": [0.6]}}).faults()[0]
    assert "missing" in curve(learning, "auc", {50: {**sound, "luodi": [np.nan]}}).faults()[0]


def test_a_lesson_holds_the_admitted_alone_and_points_at_them(draws):
    register = generate(Design(n_projects=120, years=6), seed=3)
    rows = register.history.copy()
    rows.loc[rows.index[:3], "review_date"] = rows["review_date"].max() + np.timedelta64(4000, "D")  # not yet there
    known = known_on(rows, read_catalog("zhaoshang"), as_of=register.design.day)
    lesson = draws.lesson_of(known, known.features, Clock.LANDED)
    admitted = np.flatnonzero(known.timeline.admitted)
    assert 0 < len(admitted) < 120
    np.testing.assert_array_equal(lesson.train.matrix, known.features.matrix[admitted])
    np.testing.assert_array_equal(lesson.entered, known.timeline.entry[admitted])
    assert len(lesson.within) == len(lesson.mature) == len(lesson.reached) == len(admitted)
    begun = lesson.entered[lesson.periods.project] < lesson.periods.end
    assert begun.all()


def test_a_draw_is_the_same_twice_and_another_with_another_number(draws):
    asked = [draws.Draw("synthetic", 1, 50, number, quick=True) for number in (0, 0, 1)]
    one, again, other = (draws.measured(draw).scores for draw in asked)
    assert one == again
    assert one != other


def test_every_rival_held_to_is_one_of_the_package(draws):
    assert {*draws.HELD_TO, draws.CONSTANT} <= {rival.id for rival in RIVALS}


def test_a_quick_run_prints_its_tables_and_writes_its_draws(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "LUODI_REPD"}
    asked = [sys.executable, SCRIPT, "--quick", "--workers", "1", "--json", tmp_path / "found.json"]
    done = subprocess.run(asked, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for told in (
        "LUODI_REPD is not set",
        "synthetic, landed: AUC",
        "synthetic, produced: log loss",
        "no outcomes at all",
    ):
        assert told in done.stdout
    found = json.loads((tmp_path / "found.json").read_text())
    assert [one["size"] for one in found] == ["200", "200", "50", "50"]
