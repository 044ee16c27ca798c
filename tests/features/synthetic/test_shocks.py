from dataclasses import replace

import numpy as np
import pytest

from features.synthetic import Design, generate
from features.synthetic.lives import curves
from features.synthetic.shocks import averaged, on_project_months, path
from features.synthetic.shocks import given as within

MONTHS = (24, 38)


def test_the_average_over_shocks_agrees_with_a_simulation_of_them():
    design = Design(shock_sd=0.6, shock_persistence=0.8)
    rng = np.random.default_rng(11)
    n, quarters = 5_000, 14
    level = rng.standard_normal(n)
    paths = np.empty((n, quarters))
    for quarter in range(quarters):
        paths[:, quarter] = 0.6 * level
        level = 0.8 * level + np.sqrt(1 - 0.8**2) * rng.standard_normal(n)
    for landed, finished, month in ((-1.3, 0.4, 1), (0.0, 0.0, 2), (1.2, -0.8, 3)):
        shock = paths[:, (month - 1 + np.arange(max(MONTHS))) // 3]
        simulated = within(curves(np.full(n, landed), np.full(n, finished), shock, max(MONTHS)), MONTHS)
        reviewed = np.array([f"2018-{month:02d}-10"], dtype="datetime64[D]")
        exact = averaged(np.array([landed]), np.array([finished]), reviewed, design, MONTHS)
        assert exact.landed[0] == pytest.approx(simulated.landed.mean(), abs=0.008)
        assert exact.produced[0] == pytest.approx(simulated.produced.mean(), abs=0.008)


@pytest.mark.parametrize("month", [1, 2, 3])
def test_the_average_knows_how_far_into_its_quarter_a_review_falls(month):
    # Months of one quarter share a shock; without memory between quarters the first months tell the phase.
    rng = np.random.default_rng(7)
    shock = 2.0 * rng.standard_normal((20_000, 2))[:, (month - 1 + np.arange(3)) // 3]
    simulated = within(curves(np.full(20_000, 4.0), np.zeros(20_000), shock, 3), (3, 3))
    reviewed = np.array([f"2018-{month:02d}-10"], dtype="datetime64[D]")
    exact = averaged(np.array([4.0]), np.zeros(1), reviewed, Design(shock_sd=2.0, shock_persistence=0.0), (3, 3))
    assert exact.landed[0] == pytest.approx(simulated.landed.mean(), abs=0.008)


def test_the_average_over_no_shock_is_the_exact_curve():
    rng = np.random.default_rng(0)
    landed, finished = rng.uniform(-6.5, 4, size=(2, 500))
    reviewed = np.datetime64("2015-01-20") + rng.integers(0, 900, 500)
    smooth = averaged(landed, finished, reviewed, Design(shock_sd=0.0), MONTHS)
    exact = within(curves(landed, finished, np.zeros((500, 1)), max(MONTHS)), MONTHS)
    assert np.abs(smooth.landed - exact.landed).max() < 0.003
    assert np.abs(smooth.produced - exact.produced).max() < 0.003


def test_shocks_have_the_spread_and_the_memory_of_the_design():
    design = Design(shock_sd=0.5, shock_persistence=0.9)
    paths = np.array([path(design, seed)[:40] for seed in range(1500)])
    assert paths.std() == pytest.approx(0.5, abs=0.02)
    assert np.corrcoef(paths[:, 20], paths[:, 21])[0, 1] == pytest.approx(0.9, abs=0.02)
    assert np.abs(paths.std(axis=0) - 0.5).max() < 0.05  # stationary: no quarter is calmer than another


def test_a_project_meets_the_shock_of_the_quarter_it_lives_in():
    by_quarter = np.arange(400.0)
    reviewed = np.array(["2012-01-20", "2012-03-20", "2013-06-20"], dtype="datetime64[D]")
    met = on_project_months(by_quarter, reviewed, 2012, 4)
    assert met.tolist() == [[0, 0, 0, 1], [0, 1, 1, 1], [5, 6, 6, 6]]


def test_shocks_spread_what_comes_around_the_average(shaken):
    gap = shaken.truth["p_landed_given_shock"] - shaken.truth["p_landed"]
    by_quarter = gap.groupby(shaken.truth["review_date"].dt.to_period("Q")).mean()
    assert by_quarter.abs().max() > 0.05
    assert by_quarter.min() < 0.05


@pytest.fixture(scope="module")
def turned():
    """The same county twice: as it was, and with the odds of every month halved from July 2018 on."""
    design = Design(n_projects=1500, years=10, shock_sd=0.0, reporting_delay=0.0, heaping=0.0)
    return [
        generate(d, seed=3) for d in (design, replace(design, turn_on=np.datetime64("2018-07-01"), turn=-np.log(2.0)))
    ]


def test_a_turn_halves_the_odds_from_its_quarter_on_and_touches_nothing_before(turned):
    design = turned[1].design
    moved = path(design, 3) - path(replace(design, turn_on=None), 3)
    assert (moved[:26] == 0.0).all()
    np.testing.assert_allclose(moved[26:], -np.log(2.0))


def test_a_turn_leaves_all_that_came_before_it_and_all_that_was_filed(turned):
    was, now = turned
    day = np.datetime64("2018-07-01")
    early = was.history["start_date"].lt(day)
    assert early.sum() > 300
    assert was.history.loc[early, "start_date"].equals(now.history.loc[early, "start_date"])
    assert not (now.history["start_date"].lt(day) & ~early).any()
    assert was.filings.equals(now.filings)


def test_after_a_turn_fewer_start_than_was_to_be_expected_and_the_truth_says_so(turned):
    was, now = (one.history["start_date"].ge("2019-01-01").sum() for one in turned)
    assert 0.4 < now / was < 0.7
    truth, before = turned[1].truth, turned[0].truth
    after = truth["review_date"].ge("2019-01-01")
    met, as_it_was = (one.loc[after, "p_landed_given_shock"] for one in (truth, before))
    assert (met < as_it_was).all()
    assert met.mean() < 0.75 * as_it_was.mean()
    assert (truth["p_landed"] - before["p_landed"]).abs().max() < 0.003  # what might have come, nobody foresees


@pytest.mark.parametrize("day", ["2018-07-02", "2018-08-01"])
def test_a_turn_within_a_quarter_is_refused(day):
    with pytest.raises(ValueError, match=f"first day of a quarter; got {day}"):
        Design(turn_on=np.datetime64(day), turn=-0.7)
