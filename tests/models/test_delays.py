import numpy as np
import pytest

from models.delays import LONGEST, delays


def test_what_is_not_on_record_yet_does_not_make_records_look_fast():
    rng = np.random.default_rng(0)
    happened = rng.integers(0, 60, 6000)
    taken = np.minimum(rng.poisson(5.0, 6000), LONGEST - 1)
    recorded = happened + taken
    shares = delays(happened, recorded, now=60, lag_months=3.0)
    truth = np.bincount(taken, minlength=LONGEST) / 6000
    np.testing.assert_allclose(shares, truth, atol=0.012)
    lately = (happened >= 50) & (recorded < 60)
    assert taken[lately].mean() < 4.2 < 4.9 < shares @ np.arange(LONGEST)
    assert shares.sum() == pytest.approx(1.0)


def test_records_after_the_day_take_no_part():
    happened = np.repeat(np.arange(40), 3)
    recorded = happened + np.tile([0, 1, 2], 40)
    later = np.append(recorded, np.full(50, 45))
    np.testing.assert_array_equal(
        delays(np.append(happened, np.full(50, 39)), later, now=40, lag_months=3.0),
        delays(happened, recorded, now=40, lag_months=3.0),
    )


def test_the_first_load_of_a_ledger_does_not_make_records_look_slow():
    # Recorded from month 60 on: of what happened long before, only the slowest are dated.
    happened = np.r_[np.arange(0, 60), np.repeat(np.arange(60, 100), 3)]
    recorded = np.r_[np.full(60, 61), np.repeat(np.arange(60, 100), 3) + 1]
    shares = delays(happened, recorded, now=101, lag_months=3.0)
    assert shares[1] == pytest.approx(1.0)


def test_too_few_records_leave_the_word_to_the_catalogue():
    few = np.arange(20)
    shares = delays(few, few, now=30, lag_months=2.0)
    np.testing.assert_allclose(shares[:4], [1 / 3, 1 / 3, 1 / 3, 0.0])
    assert delays(few, few, now=30, lag_months=0.0)[0] == 1.0
