from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import t as students

from features.tables import Purpose, open_table
from features.words import Language
from models import ranks
from models.curve import incidence
from models.frailty import stretched
from models.likeness import Likeness
from models.ranks import score_interval
from scoring.doubt import doubt
from scoring.loading import load_scorer

AS_OF = np.datetime64("2025-01-30")


@pytest.fixture(scope="module")
def plain(model):
    return load_scorer(model, None, Language.ZH)


@pytest.fixture(scope="module")
def rows(plain, demonstration):
    return open_table(demonstration.folder / "round.csv", plain.model.catalog, Purpose.SCORE, as_of=AS_OF).read().rows


@pytest.fixture(scope="module")
def features(plain, rows):
    return plain.model.features(rows)


@pytest.fixture(scope="module")
def headline(plain, features):
    return plain.model.figures(features)[plain.model.catalog.headline]


def test_a_bound_runs_through_the_same_curve_as_the_figure(plain, stand_in, features, headline, monkeypatch):
    monkeypatch.setattr(ranks, "UNSEEN_SD", 0.0)
    still = doubt(stand_in(plain.model, spread=0.0), features, headline)
    np.testing.assert_allclose([still.low, still.high], [headline.figure] * 2, atol=1e-12)


def test_the_interval_is_that_of_the_score_through_the_curve_of_the_figure(plain, stand_in, features, headline):
    model = stand_in(plain.model)
    found = doubt(model, features, headline)
    hazard = model.hazards[model.catalog.headline]
    low, high = score_interval(found.score, found.deviations, ranks.unseen_of(hazard.level.frailty_sd))
    horizon = -(-model.catalog.clocks[model.catalog.headline].horizon_months // model.catalog.period_months)
    drawn = [incidence(hazard.baseline, bound, horizon, hazard.spread_sd) for bound in (low, high)]
    np.testing.assert_allclose([found.low, found.high], drawn, atol=1e-12)
    if not hazard.spread_sd:
        lived = [1 - np.prod(1 - expit(hazard.baseline[:horizon, None] + bound), axis=0) for bound in (low, high)]
        np.testing.assert_allclose([found.low, found.high], lived, atol=1e-12)
    assert (found.low < headline.figure).all()
    assert (headline.figure < found.high).all()
    assert np.argsort(found.score, kind="stable").tolist() == np.argsort(logit(headline.figure), kind="stable").tolist()


def test_refits_of_one_mind_leave_an_interval_of_what_no_attribute_tells(plain, stand_in, features, headline):
    found = doubt(stand_in(plain.model, spread=0.0), features, headline)
    frailty_sd = plain.model.hazards[plain.model.catalog.headline].level.frailty_sd
    half = students.ppf(0.9, len(found.deviations) - 1) * ranks.UNSEEN_SD * stretched(frailty_sd)
    assert frailty_sd > 0
    for bound, side in ((found.low, -half), (found.high, half)):
        hazard = plain.model.hazards[plain.model.catalog.headline]
        spec, period = plain.model.catalog.clocks[hazard.clock], plain.model.catalog.period_months
        drawn = incidence(hazard.baseline, found.score + side, -(-spec.horizon_months // period), hazard.spread_sd)
        np.testing.assert_allclose(bound, drawn, atol=1e-12)


def test_without_refits_no_interval_is_made_up(plain, stand_in, features, headline):
    found = doubt(stand_in(plain.model, b=0), features, headline)
    assert np.isnan([found.low, found.high]).all()


def test_intervals_and_distances_are_the_same_alone_and_in_company(plain, stand_in, rows, features):
    likeness = Likeness.fit(features, np.ones(len(rows), bool))
    scorer = replace(plain, model=stand_in(plain.model, likeness=likeness))
    columns = ["p_produced", "p_produced_low", "p_produced_high", "unlike", "flags"]
    together = scorer.score(rows).frame[columns]
    assert together["p_produced_low"].notna().any()
    for row in (0, 7, len(rows) - 1):
        alone = scorer.score(rows.iloc[[row]].reset_index(drop=True)).frame[columns]
        assert alone.equals(together.iloc[[row]].reset_index(drop=True))


def test_a_project_far_from_all_that_is_known_is_told_with_what_is_out_of_bounds(plain, stand_in, rows, features):
    likeness = Likeness.fit(features, np.ones(len(rows), bool))
    scorer = replace(plain, model=stand_in(plain.model, likeness=likeness))
    strange = rows.iloc[[0]].reset_index(drop=True)
    strange["jobs"] = 1e7
    row = scorer.score(strange).frame.iloc[0]
    assert row["unlike"] == 1.0
    assert "与已有结果的项目差异大（100%的项目更接近）：" in row["flags"]
    assert plain.model.catalog.attributes["jobs"].label.zh in row["flags"].partition("差异大")[2]
    english = replace(scorer, language=Language.EN).score(strange).frame.iloc[0]
    assert "unlike anything with a known outcome (farther than 100% of past projects): " in english["flags"]


def test_a_cold_model_says_so_on_every_row_with_a_figure(plain, stand_in, rows):
    frame = replace(plain, model=stand_in(plain.model, cold=True)).score(rows).frame
    said = frame["flags"].str.contains("专家评分卡，尚无结果")
    assert said.tolist() == (frame["status"] == "scored").tolist()
    assert frame["unlike"].isna().all()


def test_too_few_known_outcomes_are_told_instead_of_a_distance(plain, stand_in, rows, features):
    likeness = Likeness.fit(features, np.arange(len(rows)) < 3)
    frame = replace(plain, model=stand_in(plain.model, likeness=likeness)).score(rows).frame
    assert frame["unlike"].isna().all()
    assert frame.loc[frame["status"] == "scored", "flags"].str.contains("没有可比的、已有结果的项目").all()
