import numpy as np
import pytest

from features.catalog import DAYS_PER_MONTH, Clock
from features.timeline import edges, span, trace
from models.followed import FINISHING, MONTHS_TO_START, giving_up, months_to_start, with_start
from models.training import known_on


@pytest.fixture(scope="module")
def timeline(register, zhaoshang):
    return trace(register.history, zhaoshang, as_of=register.design.day)


def test_the_months_to_start_are_those_between_two_dates_of_the_ledger(timeline):
    months = months_to_start(timeline)
    begun = np.flatnonzero(~np.isnat(timeline.started))
    assert 50 < len(begun) < len(months)
    for i in begun[::17]:
        days = (timeline.started[i] - timeline.entry[i]).astype(int)
        assert months[i] == days / DAYS_PER_MONTH
    assert np.isnan(np.delete(months, begun)).all()
    assert (months[begun] >= 0).all()


def test_the_start_is_one_more_attribute_the_last_and_the_others_stay(small_world):
    features, _ = small_world(20, seed=1)
    months = np.append(np.nan, np.arange(19.0))
    told = with_start(features, months)
    np.testing.assert_array_equal(told.matrix[:, :-1], features.matrix)
    np.testing.assert_array_equal(told.matrix[:, -1], months)
    assert told.columns == (*features.columns, MONTHS_TO_START)
    assert told.unseen.shape == told.matrix.shape
    assert not told.unseen[:, -1].any()
    assert told.matrix.flags.c_contiguous


def test_who_gives_up_is_counted_by_hand_and_drawn_to_the_mean(timeline):
    told = giving_up(timeline, 3, 24)
    begun = np.flatnonzero(timeline.admitted & ~np.isnat(timeline.started))
    exits, risk = np.zeros(24), np.zeros(24)
    for i in begun:
        ends = [timeline.exited[i], timeline.came(Clock.PRODUCED)[i], timeline.as_of - span(timeline.lag_months)]
        end = min(day for day in ends if not np.isnat(day))
        if end > timeline.started[i]:
            last = min(np.flatnonzero(edges(24, 3) <= end - timeline.started[i])[-1], 23)
            risk[: last + 1] += 1
            exits[last] += end == timeline.exited[i]
    mean = (exits.sum() + 0.01) / (risk.sum() + 1)
    np.testing.assert_allclose(told, (exits + 20 * mean) / (risk + 20), rtol=1e-12)
    assert ((told > 0) & (told < 1)).all()


def test_only_the_clock_that_runs_from_the_start_knows_how_long_it_took(model):
    width = {clock: len(hazard.card.readings) for clock, hazard in {**model.hazards, **model.later}.items()}
    entry = len(model.builder.columns_)
    assert width == {clock: entry + (clock in FINISHING) for clock in Clock}
    finished = model.later[Clock.FINISHED]
    assert finished.card.readings[-1].width > 0
    assert finished.trees.text == "" or finished.trees.booster.feature_name()[-1] == MONTHS_TO_START.id


def test_the_finish_clock_learns_from_those_who_started_alone(model, register, zhaoshang, quick):
    known = known_on(register.history, zhaoshang, as_of=register.design.day, recipe=quick)
    lives = known.lives(zhaoshang.later[Clock.FINISHED])
    taught = np.unique(lives.periods.project)
    assert not np.isnan(lives.features.matrix[taught, -1]).any()
    assert len(taught) > 50
    assert lives.features.matrix.shape[1] == len(model.builder.columns_) + 1
