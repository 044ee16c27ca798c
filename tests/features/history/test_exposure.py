import numpy as np
import pytest

from features.history.exposure import Exposure

EDGES = np.array([0, 100, 200])


def waiting(*lives: tuple[int, int, bool]) -> Exposure:
    entry, stop, event = zip(*lives, strict=True)
    return Exposure(np.array(entry), np.array(stop), np.array(event), EDGES)


def test_expected_events_are_those_of_a_hand_worked_table():
    # Bin 1: 50 + 100 + 100 days lived, one event; bin 2: 20 + 100 days lived, one event.
    lives = waiting((0, 50, True), (0, 120, True), (0, 200, False))
    first, second = 1 / 250, 1 / 120
    due = lives.expected(1000)
    assert due.tolist() == pytest.approx([50 * first, 100 * first + 20 * second, 100 * first + 100 * second])
    assert due.sum() == pytest.approx(2.0)  # as many as came


def test_a_window_counts_only_the_days_in_it():
    lives = waiting((0, 50, True), (0, 120, True), (0, 200, False))
    whole, recent = lives.expected(1000), lives.expected(1000, since=110)
    assert recent.tolist() == pytest.approx([0, 10 / 120, 90 / 120])
    assert lives.expected(1000, since=-5).tolist() == whole.tolist()


def test_an_event_of_the_very_day_is_not_yet_known():
    lives = waiting((0, 60, True), (10, 90, True))
    assert lives.expected(60).tolist() == [0.0, 0.0]
    assert lives.expected(61).sum() > 0


def test_a_project_that_enters_on_the_day_is_not_yet_there():
    assert waiting((0, 60, True), (30, 90, True)).expected(30).size == 1


def test_sums_are_exact_in_any_order():
    rng = np.random.default_rng(0)
    entry = np.sort(rng.integers(0, 5000, 500))
    due = Exposure(entry, entry + rng.integers(0, 200, 500), rng.random(500) < 0.5, EDGES).expected(4000)
    assert {rng.permutation(due).cumsum()[-1] for _ in range(20)} == {due.cumsum()[-1]}
