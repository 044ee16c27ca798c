import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from features.catalog import Clock
from models.comparison import Forecasts, Measures, calibration, compare
from models.intervals import Sample
from models.metrics import metrics_at


def forecasts(year, n, seed):
    rng = np.random.default_rng(seed)
    good = rng.uniform(0.05, 0.95, n)
    labels = (rng.uniform(size=n) < good).astype(float)
    chances = {"luodi": good, "constant": np.full(n, labels.mean())}
    start = np.datetime64(f"{year}-01-01")
    return Forecasts(start, Sample(labels, chances, np.arange(n)), start + rng.integers(0, 365, n), 3, 100, 40)


@pytest.fixture(scope="module")
def years():
    return [forecasts(2015, 150, 1), forecasts(2016, 60, 2), forecasts(2017, 4, 3)]


@pytest.fixture(scope="module")
def result(years):
    return compare(Clock.LANDED, 24, years, Measures(k=10, draws=50, seed=1))


def test_the_mean_over_origins_is_weighted_by_projects(years, result):
    scores = [roc_auc_score(f.sample.labels, f.sample.chances["luodi"]) for f in years]
    expected = np.average(scores, weights=[150, 60, 4])
    assert result.models["luodi"].figures["auc"].value == pytest.approx(expected)


def test_every_metric_stands_for_every_model_at_every_origin(result):
    ids = set(metrics_at(10))
    for model in result.models.values():
        assert set(model.figures) == ids
    assert all(set(figures) == ids for origin in result.origins for figures in origin.models.values())
    assert all(set(cohort.figures) == ids for cohort in result.cohorts)


def test_an_origin_with_few_projects_says_what_is_undefined_there(result):
    assert result.origins[0].notes == ()
    assert "fewer than 10" in result.origins[2].notes[0].en
    assert np.isnan(result.origins[2].models["luodi"]["ndcg_at_k"])
    assert np.isfinite(result.models["luodi"].figures["ndcg_at_k"].value)


def test_the_gap_is_luodi_minus_the_rival_within_its_interval(result):
    gap = result.models["constant"].luodi_minus["auc"]
    assert gap.value == pytest.approx(result.models["luodi"].figures["auc"].value - 0.5)
    assert gap.low <= gap.value <= gap.high
    assert result.models["luodi"].luodi_minus == {}


def test_counts_add_up(result):
    assert result.n == sum(origin.n for origin in result.origins) == sum(c.n for c in result.cohorts) == 214
    assert sum(row.n for row in result.calibration) == 214
    assert result.immature == 9


def test_cohorts_are_the_years_of_entry(result):
    assert [cohort.year for cohort in result.cohorts] == [2015, 2016, 2017]
    assert [cohort.came for cohort in result.cohorts] == pytest.approx([origin.came for origin in result.origins])


def test_honest_forecasts_lie_within_their_calibration_bounds():
    rng = np.random.default_rng(0)
    chances = rng.uniform(0, 1, 5000)
    rows = calibration((rng.uniform(size=5000) < chances).astype(float), chances)
    assert sum(row.low <= row.said <= row.high for row in rows) >= 8
    assert [row.said for row in rows] == sorted(row.said for row in rows)


def test_calibration_bounds_reach_zero_and_one():
    rows = calibration(np.array([0.0] * 10 + [1.0] * 10), np.linspace(0, 1, 20), bins=2)
    assert rows[0].low == 0.0
    assert rows[1].high == 1.0
