from dataclasses import replace

import numpy as np
import pytest

from features.catalog import Clock
from features.catalogs.reader import parse_catalog
from features.timeline import trace
from features.words import Words
from models.advice import Verdict
from models.bundle import model_hash
from models.drift import Movement
from models.newest import CHAMPION, day_of
from models.retraining import comparable, drift_since, retrain
from models.rolling import AT_MOST, Rolling
from models.training import train

AS_OF = np.datetime64("2020-06-30", "D")
OLD = np.datetime64("2018-06-30", "D")


@pytest.fixture(scope="module")
def rows(orchards):
    return orchards().drop(columns="updated")


@pytest.fixture(scope="module")
def champion(rows, orchard_catalog, quick):
    return train(rows, orchard_catalog, as_of=OLD, snapshot=OLD, recipe=quick)


@pytest.fixture(scope="module")
def found(rows, orchard_catalog, quick, champion):
    pipeline = rows[rows["planted"].isna() & rows["dropped"].isna()].reset_index(drop=True)
    return retrain(rows, orchard_catalog, as_of=AS_OF, champion=champion, pipeline=pipeline, recipe=quick)


def test_the_challenger_is_the_model_that_training_makes(found, rows, orchard_catalog, quick):
    plain = train(rows, orchard_catalog, as_of=AS_OF, snapshot=AS_OF, recipe=quick)
    assert model_hash(found.challenger) == model_hash(plain)


def test_every_part_is_told(found, champion):
    assert found.champion_day == day_of(champion) == OLD
    assert isinstance(found.rolling, Rolling)
    assert not found.rolling.twice
    assert len(found.rolling.clocks[Clock.LANDED].origins) <= AT_MOST
    assert set(found.newest[Clock.LANDED].figures) == {"challenger", "champion"}
    assert found.maturity[Clock.LANDED][-1].year == 2019
    assert found.news.outcomes["landed"] > 0
    assert found.advice.reasons


def test_the_moves_are_what_either_model_says_of_the_pipeline(found, champion):
    moves = found.movers
    assert len(moves.keys) == len(moves.was) > 0
    assert sorted(np.unique(moves.rank_now))[0] == 1
    assert (np.argsort(-moves.now, kind="stable")[0] == np.flatnonzero(moves.rank_now == 1)).any()
    sizes = np.abs(moves.now - moves.was)[moves.order]
    assert (np.diff(sizes) <= 1e-9).all()
    assert moves.largest == pytest.approx(sizes[0])


def test_the_order_of_the_rows_changes_nothing(found, rows, orchard_catalog, quick, champion):
    turned = rows.sample(frac=1.0, random_state=1).reset_index(drop=True)
    again = retrain(turned, orchard_catalog, as_of=AS_OF, champion=champion, recipe=quick)
    assert model_hash(again.challenger) == model_hash(found.challenger)
    ours, theirs = found.newest[Clock.LANDED], again.newest[Clock.LANDED]
    assert theirs.expected[CHAMPION] == pytest.approx(ours.expected[CHAMPION])
    assert again.advice.verdict is found.advice.verdict


def test_another_recipe_of_the_champion_is_tried_at_the_same_origins(rows, orchard_catalog, quick, champion):
    other = replace(quick, trees=replace(quick.trees, rounds=5))
    found = retrain(rows, orchard_catalog, as_of=AS_OF, champion=champion, recipe=other)
    assert found.rolling.twice
    assert found.rolling.gap(Clock.LANDED, "log_loss").low < found.rolling.gap(Clock.LANDED, "log_loss").high
    assert set(found.rolling.labels) == {"luodi", "champion", "constant"}


def test_the_first_model_of_a_store_is_told_as_such(rows, orchard_catalog, quick):
    found = retrain(rows, orchard_catalog, as_of=AS_OF, recipe=quick)
    assert (found.champion_day, found.movers) == (None, None)
    assert "champion" not in found.newest[Clock.LANDED].figures
    assert found.advice.verdict is Verdict.PROMOTE


def test_a_young_register_is_told_in_words_and_trains_all_the_same(rows, orchard_catalog, quick):
    young = np.datetime64("2011-01-01", "D")
    found = retrain(rows[rows["filed"] < young], orchard_catalog, as_of=young, recipe=quick)
    assert isinstance(found.rolling, Words)
    assert "rolling evaluation" in found.rolling.en


def test_a_champion_of_another_horizon_is_not_compared(rows, orchard_catalog, quick, champion):
    text = orchard_catalog.text.replace("horizon_months = 24", "horizon_months = 36")
    other = parse_catalog(text, "orchards")
    assert comparable(champion, orchard_catalog)
    assert not comparable(champion, other)
    found = retrain(rows, other, as_of=AS_OF, champion=champion, recipe=quick)
    assert found.advice.verdict is Verdict.INVESTIGATE
    assert "champion" not in found.newest[Clock.LANDED].figures


def test_a_champion_that_knows_what_came_is_not_compared(rows, orchard_catalog, quick, champion):
    found = retrain(rows, orchard_catalog, as_of=np.datetime64("2016-06-30"), champion=champion, recipe=quick)
    assert found.advice.verdict is Verdict.KEEP
    assert "champion" not in found.newest[Clock.LANDED].figures


def test_an_attribute_that_moves_after_the_training_is_found(rows, orchard_catalog, champion):
    dry = rows.assign(water=np.where(rows["filed"] >= np.datetime64("2018-06-30"), rows["water"] - 2, rows["water"]))
    moved = drift_since(dry, trace(dry, orchard_catalog, as_of=AS_OF, snapshot=AS_OF), champion)
    assert (moved.columns[0].id, moved.columns[0].movement) == ("water", Movement.LARGE)
    assert moved.score.movement is Movement.LARGE
