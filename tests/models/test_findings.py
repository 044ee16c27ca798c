import json

import numpy as np
import pytest

from features.catalog import Clock
from features.words import Language, Words
from models.comparison import Forecasts, Measures, compare
from models.evaluation import Evaluation
from models.findings import as_dict, calibration_table, models_table, origins_table
from models.intervals import Sample
from models.metrics import metrics_at
from models.origins import Origins

MEASURES = Measures(k=5, draws=20, seed=1)


def forecasts(year, n):
    rng = np.random.default_rng(year)
    good = rng.uniform(0.05, 0.95, n)
    labels = (rng.uniform(size=n) < good).astype(float)
    start = np.datetime64(f"{year}-01-01")
    sample = Sample(labels, {"luodi": good, "constant": np.full(n, 0.4)}, np.arange(n))
    return Forecasts(start, sample, start + rng.integers(0, 365, n), 2, 80, 30)


@pytest.fixture(scope="module")
def evaluation():
    """A landing clock with a year too small for figures at 5, and no other clock."""
    years = [forecasts(2015, 90), forecasts(2016, 3)]
    words = Words("试", "trial")
    return Evaluation(
        catalog="mills",
        snapshot=np.datetime64("2020-06-30"),
        lag_months=6,
        recipe="0" * 64,
        origins=Origins(tuple(f.origin for f in years), 12, words),
        measures=MEASURES,
        labels={"luodi": Words("Luodi", "luodi"), "constant": words},
        clocks={Clock.LANDED: compare(Clock.LANDED, 24, years, MEASURES)},
        notes=(words,),
    )


@pytest.fixture(scope="module")
def found(evaluation):
    return json.loads(json.dumps(as_dict(evaluation), allow_nan=False))


def test_every_model_carries_every_metric_with_its_interval(found):
    for name, figures in found["clocks"]["landed"]["models"].items():
        assert set(metrics_at(5)) <= set(figures)
        assert set(figures["intervals"]) == set(metrics_at(5)) - {"ece"}
        assert set(figures["luodi_minus"]) == (set() if name == "luodi" else set(metrics_at(5)))


def test_a_clock_carries_what_its_figures_rest_on(found):
    landed = found["clocks"]["landed"]
    assert (landed["horizon_months"], landed["n"], landed["immature"]) == (24, 93, 4)
    assert [origin["n"] for origin in landed["origins"]] == [90, 3]
    assert [cohort["year"] for cohort in landed["cohorts"]] == [2015, 2016]
    assert sum(row["n"] for row in landed["calibration"]) == 93


def test_the_undefined_is_null_and_said(found):
    small = found["clocks"]["landed"]["origins"][1]
    assert small["models"]["luodi"]["ndcg_at_k"] is None
    assert any("fewer than 5" in note["en"] for note in small["notes"])


def test_days_are_text_and_settings_are_kept(found):
    assert found["snapshot"] == "2020-06-30"
    assert found["origins"] == ["2015-01-01", "2016-01-01"]
    assert (found["reporting_lag_months"], found["seed"], found["k"], found["draws"]) == (6, 1, 5, 20)
    assert found["notes"] == [{"zh": "试", "en": "trial"}]


@pytest.mark.parametrize("table", [models_table, origins_table, lambda _, result: calibration_table(result)])
def test_tables_are_rectangular_and_speak_both_languages(evaluation, table):
    drawn = table(evaluation, evaluation.clocks[Clock.LANDED])
    assert drawn.rows
    assert all(len(row) == len(drawn.header) for row in drawn.rows)
    assert all(cell.said(language) for row in [drawn.header, *drawn.rows] for cell in row for language in Language)


def test_the_table_shows_the_figures_of_the_dictionary(evaluation, found):
    luodi = models_table(evaluation, evaluation.clocks[Clock.LANDED]).rows[0]
    assert luodi[-1] == Words("–", "–"), "luodi does not lead itself"
    assert luodi[1].en == f"{found['clocks']['landed']['models']['luodi']['auc']:.3f}"
