from dataclasses import replace

import numpy as np
import pytest

from models.awaited import Records, awaited

NAT = np.datetime64("NaT", "D")
SINCE, UNTIL = np.datetime64("2020-01-01"), np.datetime64("2021-12-31")


def recorded(entry, happened, known, *, dated=None, lag=3.0):
    known = np.asarray(known, dtype="datetime64[D]")
    active = np.unique(known[~np.isnat(known)].astype("datetime64[M]").astype(np.int64))
    return Records(
        np.asarray(entry, dtype="datetime64[D]"),
        np.full(len(known), NAT),
        np.asarray(happened, dtype="datetime64[D]"),
        known,
        ~np.isnat(known) if dated is None else dated,
        active,
        lag,
    )


def county(n, seed, *, slow=3.0, until=UNTIL):
    """Projects of ten years, one chance in thirty a month for four years, recorded some months late."""
    rng = np.random.default_rng(seed)
    entry = np.datetime64("2012-01-01") + rng.integers(0, 3650, n)
    wait = rng.geometric(1 / 30, n)
    happened = entry + np.round(30.4375 * (wait - rng.uniform(size=n))).astype("timedelta64[D]")
    known = happened + np.round(30.4375 * rng.gamma(3.0, slow / 3.0, n)).astype("timedelta64[D]")
    seen = (wait <= 48) & (known <= until)
    by = np.tile(1 - (1 - 1 / 30) ** (3 * np.arange(1, 17)), (n, 1))
    return recorded(entry, np.where(seen, happened, NAT), np.where(seen, known, NAT)), by


def test_as_much_is_expected_as_comes_where_the_curves_are_right():
    of, by = county(20_000, 1)
    found = awaited(of, by, 3, SINCE, UNTIL)
    assert found.came > 2000
    assert found.expected == pytest.approx(found.came, rel=0.04)
    half = len(found.ends) // 2
    for some in (slice(0, half), slice(half, None)):
        assert found.watched.expected[some].sum() == pytest.approx(found.watched.came[some].sum(), rel=0.06)
    ago = [np.trace(part, offset) for part in (found.watched.expected, found.watched.came) for offset in (35, 32, 29)]
    np.testing.assert_allclose(ago[:3], ago[3:], rtol=0.2, atol=12)  # and as late as it comes
    assert found.delay_months in {2, 3}


def test_the_chance_of_a_record_is_that_of_one_who_has_none_yet():
    # One project, entered with the watch; records take 0 or 2 months, told by others long ago.
    past = np.arange(np.datetime64("2015-01"), np.datetime64("2019-01")).astype("datetime64[D]") + 4
    late = np.where(np.arange(len(past)) % 2, 0, 61)
    entry = np.r_[past - 10, np.datetime64("2020-01-01")]
    of = recorded(entry, np.r_[past, NAT], np.r_[past + late, NAT])
    of = replace(of, active=np.arange(600, 604))
    by = np.r_[np.zeros((len(past), 4)), [[0.5, 0.5, 0.5, 0.5]]]
    found = awaited(of, by, 1, SINCE, np.datetime64("2020-04-30"))
    first = found.watched.expected[:, 35]  # of January, in which it comes or never
    np.testing.assert_allclose(first[:3], [0.25, 0.0, 0.25 / 0.75], atol=0.03)
    assert found.month(35) == np.datetime64("2020-01")


def test_months_without_any_record_are_joined_to_the_next():
    of, by = county(3000, 2)
    whole = awaited(of, by, 3, SINCE, UNTIL)
    quarterly = awaited(replace(of, active=of.active[of.active % 3 == 2]), by, 3, SINCE, UNTIL)
    assert quarterly.watched.months.tolist() == [3] * 8
    assert quarterly.expected == pytest.approx(whole.expected)
    assert quarterly.came == whole.came
    ends = awaited(replace(of, active=of.active[of.active < 607]), by, 3, SINCE, UNTIL).ends
    assert ends[-1] == 607  # after the last record nothing is missed


def test_only_whole_months_are_watched():
    of, by = county(2000, 3)
    found = awaited(of, by, 3, np.datetime64("2020-01-10"), np.datetime64("2020-06-29"))
    assert found.ends.tolist() == [602, 603, 604, 605]
    assert awaited(of, by, 3, SINCE, np.datetime64("2020-01-30")).came == 0


def test_months_into_which_much_is_dated_are_expected_to_have_much():
    of, by = county(20_000, 4)
    month = of.happened.astype("datetime64[M]").astype(np.int64) % 12
    heaped = np.where((month == 10) & (np.arange(len(month)) % 2 == 0), of.happened + 30, of.happened)
    found = awaited(replace(of, happened=np.minimum(heaped, of.known)), by, 3, SINCE, UNTIL)
    december = found.watched.expected[:, 35 + 11].sum() / found.watched.expected[:, 35 + 10].sum()
    assert december > 1.8


def test_what_came_undated_with_the_first_load_is_not_counted_as_new():
    of, by = county(3000, 5)
    loaded = of.happened < np.datetime64("2019-11-01")
    undated = replace(of, dated=of.dated & ~loaded, known=np.where(loaded, of.happened + 91, of.known))
    found = awaited(undated, by, 3, SINCE, UNTIL)
    assert found.came == np.count_nonzero(~loaded & (of.known >= SINCE))


def test_a_project_filed_anew_or_older_than_the_curve_is_out():
    of, by = county(3000, 6)
    whole = awaited(of, by, 3, SINCE, UNTIL)
    anew = awaited(replace(of, refiled=np.full(3000, np.datetime64("2021-01-01"))), by, 3, SINCE, UNTIL)
    assert 0.2 < anew.expected / whole.expected < 0.8
    short = awaited(of, by[:, :4], 3, SINCE, UNTIL)
    old = of.happened - of.entry >= np.timedelta64(366, "D")
    assert short.came == np.count_nonzero(~old & (of.known >= SINCE))
