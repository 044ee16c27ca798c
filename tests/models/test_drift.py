from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import Dimension
from features.inputs import Feature, Features
from features.words import Words
from models.drift import FEW, SMALL, Movement, by_chance, drift, psi, score_drift

LEVELS = tuple("abcdefgh")


def column(values, *, levels=()):
    """One attribute of n projects: a number, or codes of levels."""
    matrix = np.asarray(values, dtype=np.float64)[:, None]
    feature = Feature("x", Words("甲", "x"), Dimension.MARKET, bool(levels), levels)
    return Features(matrix, (feature,), np.zeros(matrix.shape, dtype=np.bool_))


def one(was, now, *, levels=()):
    return drift(column(was, levels=levels), column(now, levels=levels)).columns[0]


def test_the_index_is_the_sum_that_its_definition_says():
    was, now = np.array([3e8, 7e8]), np.array([4e8, 6e8])
    by_hand = (0.4 - 0.3) * np.log(0.4 / 0.3) + (0.6 - 0.7) * np.log(0.6 / 0.7)
    assert psi(was, now) == pytest.approx(by_hand, rel=1e-6)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=12))
def test_the_index_is_never_negative_and_does_not_care_which_comes_first(pairs):
    was, now = np.array(pairs, dtype=np.float64).T
    assert psi(was, now) >= -1e-12
    assert psi(was, now) == pytest.approx(psi(now, was), abs=1e-12)


def test_chance_alone_stays_below_its_limit_99_times_in_100():
    rng = np.random.default_rng(1)
    shares = np.full(10, 0.1)
    was, now = rng.multinomial(400, shares, 2000), rng.multinomial(150, shares, 2000)
    over = (psi(was.astype(float), now.astype(float)) > by_chance(400, 150, 10)).mean()
    assert over < 0.02


def test_the_interval_covers_the_index_of_the_population_nine_times_in_ten():
    rng, cover = np.random.default_rng(2), 0
    true = float(psi(np.full(10, 1e9), np.linspace(0.5, 1.5, 10) * 1e9))
    for _ in range(150):
        was = rng.integers(0, 10, 600)
        now = rng.choice(10, 600, p=np.linspace(0.5, 1.5, 10) / 10)
        found = one(was, now, levels=tuple("abcdefghij"))
        cover += found.low <= true <= found.high
    assert cover >= 120


def test_a_small_group_is_not_called_a_drift():
    assert one(np.arange(500.0), np.arange(FEW - 1.0)).movement is Movement.TOO_FEW
    assert np.isnan(one(np.arange(500.0), np.arange(FEW - 1.0)).psi)


def test_what_chance_may_give_is_no_drift_however_large_the_index():
    rng = np.random.default_rng(4)
    found = [one(rng.normal(size=60), rng.normal(size=35)) for _ in range(60)]
    assert np.median([f.psi for f in found]) > 0.1
    assert sum(f.movement is not Movement.CALM for f in found) <= 4


def test_missing_cells_are_a_bin_of_their_own():
    now = np.arange(300.0)
    now[:120] = np.nan
    found = one(np.arange(300.0), now)
    assert found.movement is Movement.LARGE
    assert found.shift.label.en == "missing"
    assert (found.shift.was, found.shift.now) == (0.0, 0.4)


def test_levels_of_few_projects_are_not_told_apart():
    was = np.r_[np.zeros(200), np.arange(1, 8)]
    now = np.r_[np.zeros(60), np.tile(np.arange(1.0, 8), 1), np.arange(1.0, 8)]
    found = one(was, now, levels=LEVELS)
    assert found.shift.label.en in {"a", "others (fewer than 10 each)"}
    assert SMALL > 3


def test_the_largest_index_comes_first_and_those_without_one_last():
    rng = np.random.default_rng(5)
    feature = column([0.0]).columns[0]
    columns = tuple(replace(feature, id=name) for name in ("calm", "moved"))
    was = Features(rng.normal(size=(300, 2)), columns, np.zeros((300, 2), bool))
    now = Features(rng.normal(size=(300, 2)) + np.array([0, 2.0]), columns, np.zeros((300, 2), bool))
    assert [c.id for c in drift(was, now).columns] == ["moved", "calm"]


def test_the_same_projects_give_the_same_interval_each_time():
    rng = np.random.default_rng(6)
    was, now = rng.normal(size=200), rng.normal(size=90)
    assert one(was, now) == one(was, now)


def test_scores_are_cut_at_the_tenths_of_the_reference():
    rng = np.random.default_rng(7)
    assert score_drift(rng.normal(size=900), rng.normal(size=400)).movement is Movement.CALM
    assert score_drift(rng.normal(size=900), rng.normal(size=400) + 1).movement is Movement.LARGE


def test_other_columns_cannot_be_compared():
    with pytest.raises(ValueError, match="the same columns"):
        drift(column([1.0]), column([1.0], levels=LEVELS))
