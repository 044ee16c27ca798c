import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import DAYS_PER_MONTH
from features.synthetic.lives import (
    AGAINST,
    FINISH,
    GIVE_UP,
    LIFE,
    LUCK,
    NEVER,
    START,
    WITHDRAW,
    baseline,
    curves,
    day_in,
    hazard,
    live,
)

CALM = np.zeros((1, 1))


def walked_by_hand(landed: float, finished: float, shock: np.ndarray, months: int) -> tuple[float, float, float]:
    table = {name: baseline(knots, months) for name, knots in (("start", START), ("leave", WITHDRAW))}
    table |= {name: baseline(knots, months) for name, knots in (("finish", FINISH), ("quit", GIVE_UP))}
    waiting, building, started, produced, gone = 1.0, {}, 0.0, 0.0, 0.0
    for month in range(months):
        older = {}
        for age, share in building.items():
            finish = hazard(table["finish"][age] + finished + shock[month])
            give_up = (1 - finish) * hazard(table["quit"][age] - AGAINST * (finished + shock[month]))
            produced, gone = produced + share * finish, gone + share * give_up
            older[age + 1] = share * (1 - finish - give_up)
        start = hazard(table["start"][month] + landed + shock[month])
        leave = (1 - start) * hazard(table["leave"][month] - AGAINST * (landed + shock[month]))
        started, gone = started + waiting * start, gone + waiting * leave
        building = older | {0: waiting * start}
        waiting *= 1 - start - leave
    return started, produced, gone


@pytest.mark.parametrize(("landed", "finished"), [(0.0, 0.0), (1.5, -0.7), (-2.0, 1.0)])
def test_exact_curves_agree_with_a_walk_by_hand(landed, finished):
    shock = np.sin(np.arange(40))
    table = curves(np.array([landed]), np.array([finished]), shock[None], 40)
    exact = table.landed[0, -1], table.produced[0, -1], table.withdrawn[0, -1]
    assert exact == pytest.approx(walked_by_hand(landed, finished, shock, 40), abs=1e-12)


@pytest.mark.parametrize("shaken", [False, True])
def test_drawn_lives_come_as_often_as_the_exact_curves_say(shaken):
    n = 25_000
    by_month = 0.8 * np.sin(np.arange(2 * LIFE) / 7)[None] if shaken else CALM
    landed, finished = np.full(n, 0.4), np.full(n, -0.3)
    lives = live(
        landed,
        finished,
        np.broadcast_to(by_month, (n, by_month.shape[1])),
        np.random.default_rng(3).uniform(size=(LUCK, n)),
    )
    table = curves(landed[:1], finished[:1], by_month, 60)
    for drawn, exact in (
        (lives.started, table.landed),
        (lives.produced, table.produced),
        (lives.exited, table.withdrawn),
    ):
        for months in (3, 12, 24, 36, 60):
            share = np.mean((drawn != NEVER) & (drawn < round(months * DAYS_PER_MONTH)))
            p = exact[0, months - 1]
            assert share == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / n) + 1e-6), months


@given(landed=st.floats(-8, 6), finished=st.floats(-8, 6), level=st.floats(-2, 2))
def test_curves_rise_stay_below_one_and_production_stays_below_landing(landed, finished, level):
    table = curves(np.array([landed]), np.array([finished]), np.array([[level]]), 72)
    for curve in (table.landed, table.produced, table.withdrawn):
        assert np.all(np.diff(curve, axis=1) >= 0)
    assert np.all(table.produced <= table.landed)
    assert np.all(table.produced + table.withdrawn <= 1 + 1e-12)


@given(score=st.floats(-4, 4), more=st.floats(0.01, 2))
def test_a_better_score_lands_and_produces_more_and_withdraws_less_at_first(score, more):
    low, high = (curves(np.array([s]), np.array([s]), CALM, 48) for s in (score, score + more))
    assert np.all(high.landed >= low.landed)
    assert np.all(high.produced >= low.produced)
    assert np.all(high.withdrawn[:, 0] <= low.withdrawn[:, 0])


def test_a_project_that_left_neither_starts_nor_produces():
    n = 20_000
    lives = live(np.zeros(n), np.zeros(n), np.zeros((n, 1)), np.random.default_rng(0).uniform(size=(LUCK, n)))
    left_waiting = (lives.exited != NEVER) & (lives.started == NEVER)
    assert left_waiting.any()
    assert np.all(lives.produced[left_waiting] == NEVER)
    built = lives.produced != NEVER
    assert np.all(lives.exited[built] == NEVER)
    assert np.all(lives.produced[built] > lives.started[built])
    gave_up = (lives.exited != NEVER) & (lives.started != NEVER)
    assert gave_up.any()
    assert np.all(lives.exited[gave_up] > lives.started[gave_up])


def test_a_day_lies_within_its_month_and_never_on_the_review_day():
    months = np.arange(100)
    for within in (0.0, 0.5, 0.999999):
        days = day_in(months, np.full(100, within))
        assert np.all(days >= np.maximum(np.round(months * DAYS_PER_MONTH), 1))
        assert np.all(days < np.round((months + 1) * DAYS_PER_MONTH))
