import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.synthetic.lives import AGAINST, FINISH, LIFE, START, WITHDRAW, baseline, hazard
from models.conditioned import Course, Waiting, leaving

PERIOD = 6
REACH = 72  # of the exact lives


def courses(shape=(5, 8)):
    """Curves of any kind: rising, flat in places, up to one or hardly off nought."""
    steps = arrays(np.float64, shape, elements=st.floats(0, 1))
    return st.tuples(steps, st.floats(0.01, 1)).map(
        lambda drawn: Course(np.minimum(np.cumsum(drawn[0], axis=1) / shape[1] * drawn[1], 1.0), PERIOD)
    )


AGES = arrays(np.float64, 5, elements=st.floats(0, 60))


def waiting(start, left, age):
    return Waiting(start, leaving(start, left, start.reach), age, start.reach)


# Oracles


@pytest.fixture(scope="module")
def county():
    """Exact monthly lives of five scores: still waiting before each month, and started or gone in it."""
    return lived(np.linspace(-1.5, 0, 5)[:, None])


def lived(score):
    start = hazard(baseline(START, LIFE) + score)
    leave = (1 - start) * hazard(baseline(WITHDRAW, LIFE) - AGAINST * score)
    here = np.column_stack([np.ones(len(start)), np.cumprod(1 - start - leave, axis=1)])
    return here[:, : REACH + 1], (here[:, :-1] * start)[:, :REACH], (here[:, :-1] * leave)[:, :REACH]


@pytest.mark.parametrize("age", [0, 6, 12, 24, 36])
@pytest.mark.parametrize("window", [1, 12, 24])
def test_the_chance_is_that_of_the_exact_hazards_among_those_still_waiting(county, age, window):
    here, started, gone = county
    still = waiting(
        Course(np.cumsum(started, axis=1), 1), Course(np.cumsum(gone, axis=1), 1), np.full(len(here), float(age))
    )
    exact = started[:, age : age + window].sum(axis=1) / here[:, age]
    np.testing.assert_allclose(still.within(window), exact, rtol=1e-9)


@pytest.mark.parametrize("age", [6, 12, 24])
def test_where_next_to_all_start_or_leave_the_chance_stays_close_to_the_exact_one(age):
    here, started, gone = lived(np.linspace(0.5, 1.5, 3)[:, None])
    starts, leaves = (Course(np.cumsum(table, axis=1), 1) for table in (started, gone))
    chance = waiting(starts, leaves, np.full(3, float(age))).within(12)
    np.testing.assert_allclose(chance, started[:, age : age + 12].sum(axis=1) / here[:, age], atol=0.05)


def test_a_shock_is_averaged_above_and_below_the_line_before_the_division():
    shock = np.linspace(-2.5, 2.5, 41)
    weight = np.exp(-(shock**2) / 2)
    weight /= weight.sum()
    here, started, gone = (weight @ table for table in lived(shock[:, None]))
    still = waiting(Course(np.cumsum(started)[None], 1), Course(np.cumsum(gone)[None], 1), np.array([24.0]))
    assert still.within(12.0)[0] == pytest.approx(started[24:36].sum() / here[24], rel=1e-9)


@pytest.mark.parametrize("age", [0, 12, 36])
def test_production_by_way_of_landing_is_the_exact_sum_over_the_months_of_the_start(county, age):
    here, started, gone = county
    finish = hazard(baseline(FINISH, LIFE))
    finished = Course(np.broadcast_to(1 - np.cumprod(1 - finish), (len(here), LIFE)), 1)
    still = waiting(
        Course(np.cumsum(started, axis=1), 1), Course(np.cumsum(gone, axis=1), 1), np.full(len(here), float(age))
    )
    window = 36
    done = np.concatenate([[0.0], 1 - np.cumprod(1 - finish)])
    # a start falls evenly into its month: the time that remains is half a month more than whole months
    remaining = [(done[window - m - 1] + done[window - m]) / 2 for m in range(window)]
    exact = started[:, age : age + window] @ np.array(remaining) / here[:, age]
    np.testing.assert_allclose(still.then(window, [finished, finished]), exact, rtol=1e-9)


def test_a_project_worked_by_hand():
    # of 100, 20 start and 10 leave in the first half-year, 14 and 6 in the second
    still = waiting(Course(np.array([[0.2, 0.34]]), PERIOD), Course(np.array([[0.1, 0.16]]), PERIOD), np.array([6.0]))
    assert still.within(6)[0] == pytest.approx(14 / 70)
    assert still.within(3)[0] == pytest.approx(7 / 70)
    # a tenth of the 14 to come: 1.4 of them, after a tenth of the half-year
    assert still.expected(0.1)[0] == pytest.approx(0.6)
    # half of the 34 that start at all: 17, at 5.1 months; this one is 6 months old
    assert still.overdue()[0] == pytest.approx(0.9)


def test_half_way_through_a_period_half_of_it_has_come():
    still = waiting(Course(np.array([[0.2, 0.34]]), PERIOD), None, np.array([3.0]))
    assert still.within(6)[0] == pytest.approx((0.27 - 0.1) / 0.9)


def test_the_finish_clock_is_asked_for_the_month_of_each_start():
    # sure to start within the next month, early in a window of 20; who starts now finishes in no time, later ones never
    start = Course(np.array([[1.0] + [1.0] * 39]), 1)
    at_once, never = Course(np.ones((1, 40)), 1), Course(np.zeros((1, 40)), 1)
    still = waiting(start, None, np.array([0.0]))
    assert still.then(20, [at_once, never])[0] == pytest.approx(1 - 0.5 / 20)
    assert still.then(20, [at_once, never, never])[0] == pytest.approx(1 - 0.5 / 10)


# Properties


@given(courses(), courses(), AGES, st.integers(1, 60))
def test_chances_are_chances_and_no_longer_window_lowers_them(start, left, age, window):
    still = waiting(start, left, age)
    shorter, longer = still.within(window), still.within(window + 7)
    known = ~np.isnan(shorter)
    assert (known | still.beyond | (1 - start.at(age) - still.left.at(age) < 1e-8)).all()
    assert ((shorter >= 0) & (shorter <= longer) & (longer <= 1))[known].all()


@given(courses(), courses(), AGES, st.integers(1, 60))
def test_starting_and_leaving_from_now_on_add_up_to_one_at_most(start, left, age, window):
    still = waiting(start, left, age)
    here = 1 - start.at(age) - still.left.at(age)
    known = ~np.isnan(still.within(window)) & (here > 1e-6)
    leaves = (still.left.at(age + window) - still.left.at(age))[known] / here[known]
    assert (still.within(window)[known] + leaves <= 1 + 1e-9).all()


@given(courses(), courses(), AGES, st.integers(1, 60))
def test_having_waited_and_stayed_never_makes_what_is_still_to_come_less_likely(start, left, age, window):
    still = waiting(start, left, age)
    plain = start.at(age + window) - start.at(age)
    known = ~np.isnan(still.within(window))
    assert (still.within(window)[known] >= plain[known] - 1e-12).all()


@given(courses(), courses(), st.integers(1, 60))
def test_on_the_day_of_the_entry_the_chance_is_the_curve(start, left, window):
    still = waiting(start, left, np.zeros(5))
    np.testing.assert_allclose(still.within(window), start.at(window), atol=1e-12)


@given(courses(), courses(), courses(), AGES, st.integers(1, 40))
def test_no_production_by_way_of_landing_is_likelier_than_landing(start, left, finish, age, window):
    still = waiting(start, left, age)
    known = ~np.isnan(still.within(window))
    assert (still.then(window, [finish, finish])[known] <= still.within(window)[known] + 1e-12).all()


@given(courses(), courses(), AGES)
def test_the_expected_range_holds_four_fifths_of_those_to_come(start, left, age):
    still = waiting(start, left, age)
    early, late = still.expected(0.1), still.expected(0.9)
    known = ~np.isnan(early) & (start.by[:, -1] - start.at(age) > 1e-6)
    assert (early[known] <= late[known]).all()
    assert (age + late <= start.reach + 1e-9)[known].all()
    held = start.at(age + np.nan_to_num(late)) - start.at(age + np.nan_to_num(early))
    np.testing.assert_allclose(held[known], 0.8 * (start.by[:, -1] - start.at(age))[known], atol=1e-9)


@given(courses(), courses(), AGES, st.integers(1, 60))
def test_a_chance_is_the_same_alone_and_in_company(start, left, age, window):
    company = waiting(start, left, age).within(window)
    for i in range(5):
        row = slice(i, i + 1)
        alone = waiting(Course(start.by[row], PERIOD), Course(left.by[row], PERIOD), age[row]).within(window)
        assert alone.tobytes() == company[row].tobytes()


@given(courses(), st.floats(0, 70))
def test_the_month_of_a_level_is_the_way_back_from_the_level_of_a_month(start, months):
    level = start.at(months)
    np.testing.assert_allclose(start.at(start.month(level)), level, atol=1e-12)


# Edges


def test_two_clocks_that_together_pass_one_leave_the_awaited_as_it_is():
    start, left = Course(np.array([[0.5, 0.9]]), PERIOD), Course(np.array([[0.4, 0.5]]), PERIOD)
    scaled = leaving(start, left, 12)
    taken = 0.8 - 0.2**2 / (0.2 + (0.5 / 0.1 - 0.6))
    np.testing.assert_allclose(scaled.by, [[0.08 * taken, 0.1 * taken]])
    assert waiting(start, left, np.array([6.0])).within(6)[0] == pytest.approx(0.4 / (0.5 - 0.08 * taken))


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_somebody_is_always_left_over_and_the_likelier_to_leave_leave_more(lands, leaves):
    start = Course(np.array([[lands / 2, lands]] * 2), PERIOD)
    left = Course(np.array([[leaves / 2, leaves], [leaves / 2, leaves * 0.99]]), PERIOD)
    gone = leaving(start, left, 12).by[:, -1]
    assert 1 - lands - gone[0] >= 0.2 * (1 - lands) - 1e-12
    assert gone[1] <= gone[0] <= leaves


def test_two_clocks_that_together_stay_below_one_are_left_alone():
    start, left = Course(np.array([[0.2, 0.5]]), PERIOD), Course(np.array([[0.1, 0.3]]), PERIOD)
    assert leaving(start, left, 12).by.tolist() == left.by.tolist()


def test_where_nobody_should_still_be_waiting_there_is_no_figure():
    still = waiting(Course(np.array([[1.0, 1.0]]), PERIOD), None, np.array([7.0]))
    assert np.isnan(still.within(3)).all()


def test_who_is_older_than_all_that_were_followed_gets_no_figure():
    start = Course(np.array([[0.2, 0.34]] * 2), PERIOD)
    still = waiting(start, None, np.array([12.0, 11.0]))
    for figure in (still.within(6), still.ever, still.expected(0.5), still.then(6, [start, start])):
        assert np.isnan(figure).tolist() == [True, False]
    assert still.overdue()[0] == pytest.approx(12 - 17 / 20 * 6)


def test_a_curve_drawn_further_serves_the_window_and_neither_dates_nor_likeness():
    short, long = Course(np.array([[0.2, 0.34]]), PERIOD), Course(np.array([[0.2, 0.34, 0.44]]), PERIOD)
    age = np.array([9.0])
    still, further = (Waiting(one, leaving(one, None, 12), age, 12) for one in (short, long))
    assert still.within(6)[0] == pytest.approx(0.07 / 0.73)
    assert further.within(6)[0] == pytest.approx(0.12 / 0.73)
    for of in (lambda w: w.ever, lambda w: w.expected(0.9), lambda w: w.overdue()):
        assert of(still).tolist() == of(further).tolist()
