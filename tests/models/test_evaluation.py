import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.catalog import Clock
from features.catalogs.reader import parse_catalog
from features.errors import DataError
from models.comparison import Measures
from models.evaluation import Plan, evaluate
from models.findings import as_dict
from models.recipe import read_recipe
from models.rivals import RIVALS, Rival, at_hand

PLAN = Plan(measures=Measures(k=5, draws=40, seed=3))


@pytest.fixture(scope="module")
def catalog(orchard_catalog):
    return orchard_catalog


@pytest.fixture(scope="module")
def recipe():
    recipe = read_recipe()
    return replace(recipe, threads=1, trees=replace(recipe.trees, rounds=30))


@pytest.fixture(scope="module")
def evaluation(catalog, recipe, orchards):
    return evaluate(orchards(), catalog, recipe, PLAN)


def test_a_stranger_s_register_is_evaluated_without_touching_code(evaluation):
    landed = evaluation.clocks[Clock.LANDED]
    assert set(evaluation.clocks) == {Clock.LANDED}
    assert landed.horizon_months == 24
    assert landed.models["luodi"].figures["auc"].value > 0.7
    assert set(landed.models) == {"luodi", *(rival.id for rival in at_hand(RIVALS)[0])} == set(evaluation.labels)
    assert evaluation.lag_months == 6
    assert evaluation.snapshot == np.datetime64("2020-06-30")


def test_progress_counts_up_to_its_total(catalog, recipe, orchards):
    steps = []
    plan = replace(PLAN, from_year=2014, to_year=2015)
    evaluate(orchards(), catalog, recipe, plan, lambda done, total, what: steps.append((done, total, what.en)))
    assert [done for done, _, _ in steps] == list(range(1, steps[0][1] + 1))
    assert "2014-01-01" in steps[0][2]


def test_the_same_seed_gives_the_same_findings(catalog, recipe, orchards):
    plan = replace(PLAN, from_year=2014, to_year=2014)
    first, again = (as_dict(evaluate(orchards(), catalog, recipe, plan)) for _ in range(2))
    assert first == again


def spy(seen):
    def chances(lesson):
        seen.append(lesson)
        return np.full(len(lesson.test.matrix), 0.5)

    return Rival("spy", RIVALS[0].label, chances)


def lessons(rows, catalog, recipe, **asked):
    seen = []
    plan = replace(PLAN, from_year=2015, to_year=2015, rivals=(spy(seen),), **asked)
    found = evaluate(rows, catalog, recipe, plan)
    return seen[0], found


def test_nothing_recorded_after_the_origin_reaches_the_training(catalog, recipe, orchards):
    rows = orchards()
    changed = rows.copy()
    origin = np.datetime64("2015-01-01")
    later = changed["planted"] > np.datetime64("2015-01-01") - np.timedelta64(183, "D")
    changed.loc[later, "planted"] += pd.Timedelta(days=700)
    changed.loc[changed["planted"] > pd.Timestamp("2020-06-30"), "planted"] = pd.NaT
    changed.loc[changed["filed"] >= pd.Timestamp("2016-01-01"), "water"] = 99.0
    before, after = lessons(rows, catalog, recipe)[0], lessons(changed, catalog, recipe)[0]
    assert (rows["planted"] > pd.Timestamp(origin)).any()
    np.testing.assert_array_equal(before.train.matrix, after.train.matrix)
    for part in ("project", "period", "event"):
        np.testing.assert_array_equal(getattr(before.periods, part), getattr(after.periods, part))
    np.testing.assert_array_equal(before.reached, after.reached)
    np.testing.assert_array_equal(before.within[before.mature], after.within[after.mature])


def test_what_is_planted_on_or_after_a_review_date_never_describes_the_tested(catalog, recipe, orchards):
    rows = orchards()
    changed = rows.copy()
    late = changed["planted"] >= pd.Timestamp("2016-01-01")
    changed.loc[late, "planted"] = pd.NaT
    before, after = lessons(rows, catalog, recipe)[0], lessons(changed, catalog, recipe)[0]
    np.testing.assert_array_equal(before.test.matrix, after.test.matrix)


def test_the_tested_know_the_history_of_their_own_day_not_only_of_the_origin(catalog, recipe, orchards):
    rows = orchards()
    changed = rows.copy()
    between = (rows["planted"] >= pd.Timestamp("2015-01-01")) & (rows["planted"] < pd.Timestamp("2015-06-01"))
    changed.loc[between, "planted"] = pd.NaT
    before, after = (lessons(table, catalog, recipe, lag_months=0)[0] for table in (rows, changed))
    assert (before.test.matrix != after.test.matrix).any()


def test_a_lag_of_zero_trains_on_more_periods_than_the_catalogue_s(catalog, recipe, orchards):
    honest, by_event = lessons(orchards(), catalog, recipe)[0], lessons(orchards(), catalog, recipe, lag_months=0)[0]
    assert len(by_event.periods.event) > len(honest.periods.event)
    assert by_event.mature.sum() > honest.mature.sum()


def test_immature_projects_are_left_out_and_counted(catalog, recipe, orchards):
    rows = orchards()
    plan = replace(PLAN, from_year=2017, to_year=2017, lag_months=12)
    found = evaluate(rows, catalog, recipe, plan).clocks[Clock.LANDED]
    filed = rows["filed"].to_numpy().astype("datetime64[D]")
    last = np.datetime64("2020-06-30") - np.timedelta64(365 + 730, "D")
    inside = (filed >= np.datetime64("2017-01-01")) & (filed < np.datetime64("2018-01-01"))
    assert found.n == (inside & (filed <= last)).sum() > 0
    assert found.immature == (inside & (filed > last)).sum() > 0


def test_a_rival_is_never_given_the_answers_unless_it_is_marked(catalog, recipe, orchards):
    honest, found = lessons(orchards(), catalog, recipe)
    assert honest.answers is None
    seen = []
    marked = replace(spy(seen), knows_answers=True)
    evaluate(orchards(), catalog, recipe, replace(PLAN, from_year=2015, to_year=2015, rivals=(marked,)))
    assert seen[0].answers.mean() == pytest.approx(found.clocks[Clock.LANDED].came)


def test_an_origin_that_cannot_be_evaluated_is_told_and_left_out(catalog, recipe, orchards):
    found = evaluate(orchards(), catalog, recipe, replace(PLAN, from_year=2007, to_year=2019))
    notes = " ".join(note.en for note in found.notes)
    assert "2007-01-01 landed: no outcome to learn from" in notes
    assert "2019-01-01 landed: no mature project to test" in notes


def test_a_clock_with_a_shorter_horizon_is_judged_on_later_origins_too(orchards, catalog, recipe):
    text = catalog.text.replace(
        "[attribute.dropped]", '[attribute.borne]\nkind = "date"\nknown = "later"\n[attribute.dropped]'
    )
    text += '\n[milestone.produced]\ncolumns = ["borne"]\n[clock.produced]\nhorizon_months = 60\n'
    rows = orchards()
    rows["borne"] = rows["planted"] + pd.Timedelta(days=200)
    steps = []
    plan = replace(PLAN, from_year=2012, rivals=())
    found = evaluate(rows, parse_catalog(text, "orchards"), recipe, plan, lambda *step: steps.append(step[:2]))
    years = {clock: [str(o.origin)[:4] for o in result.origins] for clock, result in found.clocks.items()}
    assert years == {Clock.LANDED: [str(y) for y in range(2012, 2018)], Clock.PRODUCED: ["2012", "2013", "2014"]}
    assert steps == [(done, 6 + 9) for done in range(1, 16)]
    assert not found.notes


def test_years_without_a_single_sound_origin_are_refused(catalog, recipe, orchards):
    with pytest.raises(DataError, match="not one such origin"):
        evaluate(orchards(), catalog, recipe, replace(PLAN, from_year=1990, to_year=1991))


def test_a_file_that_does_not_say_when_it_was_written_asks_for_the_day(catalog, recipe, orchards):
    silent = orchards().drop(columns="updated")
    with pytest.raises(DataError, match="--snapshot"):
        evaluate(silent, catalog, recipe, PLAN)
    plan = replace(PLAN, from_year=2015, to_year=2015, snapshot=np.datetime64("2020-06-30"))
    assert evaluate(silent, catalog, recipe, plan).clocks[Clock.LANDED].n > 0


def test_a_register_of_a_hundred_and_fifty_is_evaluated_without_a_warning(catalog, recipe, orchards):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = evaluate(orchards(150), catalog, recipe, PLAN)
    assert found.clocks[Clock.LANDED].n > 0
