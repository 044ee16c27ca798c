import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import binom

from features.catalog import Clock
from models.cohort import _chances, cohort_interval
from models.curve import NODES, WEIGHTS, curve, incidence
from models.hazard import Hazard, Level
from models.scorecard import Scorecard
from models.transforms import Reading
from models.trees import stump

G = np.array([-2.5, -1.5, -2.0])


def hazard(sd, weight=0.0, frailty=0.0):
    line = Reading(categorical=False, knots=np.array([-9.0, 9.0]), heights=np.array([-9.0, 9.0]), missing=False)
    card = Scorecard((line,), np.array([weight]), np.zeros(1))
    return Hazard(Clock.LANDED, card, stump(1), 1.0, 0.0, Level(G, sd, sd, frailty))


def alike(n):
    return np.zeros((n, 1))


@pytest.mark.parametrize("n", [12, 200])
def test_without_a_shock_alike_projects_give_the_quantiles_of_a_binomial(n):
    chance = curve(G, np.zeros(1))[0, -1]
    low, high = cohort_interval(hazard(0.0), alike(n), 3)
    assert low == pytest.approx(binom.ppf(0.1, n, chance), abs=1)
    assert high == pytest.approx(binom.ppf(0.9, n, chance), abs=1)


@pytest.mark.parametrize(("sd", "frailty"), [(0.3, 0.0), (0.8, 0.0), (1.5, 0.0), (0.3, 1.0), (0.8, 2.0)])
def test_it_holds_its_share_of_what_comes_when_shock_frailty_and_luck_are_drawn(sd, frailty):
    rng = np.random.default_rng(0)
    score = rng.normal(size=150)
    low, high = cohort_interval(hazard(sd, 1.0, frailty), score[:, None], 3)
    shock, own = rng.normal(0, sd, 20_000), rng.normal(0, frailty, (150, 20_000))
    left = np.prod(1 - expit(G + (score[:, None] + shock + own)[:, :, None]), axis=2)
    counts = (rng.uniform(size=left.shape) > left).sum(axis=0)
    assert ((counts >= low) & (counts <= high)).mean() == pytest.approx(0.8, abs=0.03)


def test_a_larger_cohort_is_no_surer_than_the_shock_is():
    def width(n):
        low, high = cohort_interval(hazard(0.8), alike(n), 3)
        return (high - low) / n

    by_shock = np.quantile(np.repeat(curve(G, 0.8 * NODES)[:, -1], (WEIGHTS * 1e6).astype(int)), [0.1, 0.9])
    assert width(5000) == pytest.approx(np.ptp(by_shock), abs=0.02)
    assert width(20) > width(5000)


@pytest.mark.parametrize("frailty", [0.5, 2.0])
def test_a_frailty_averages_out_in_a_large_cohort_and_the_shock_does_not(frailty):
    low, high = cohort_interval(hazard(0.8, frailty=frailty), alike(5000), 3)
    by_shock = np.repeat(curve(G, 0.8 * NODES, frailty)[:, -1], (WEIGHTS * 1e6).astype(int))
    assert (high - low) / 5000 == pytest.approx(np.ptp(np.quantile(by_shock, [0.1, 0.9])), abs=0.02)
    alone = cohort_interval(hazard(0.0, frailty=frailty), alike(5000), 3)
    assert np.ptp(alone) / 5000 < 0.02


@pytest.mark.parametrize(("sd", "frailty"), [(0.0, 1.0), (0.8, 0.5), (0.8, 2.0)])
def test_averaged_over_the_shock_the_chances_are_the_figures(sd, frailty):
    one, score = hazard(sd, 1.0, frailty), np.linspace(-2, 2, 9)
    figures = incidence(one.baseline, score, 3, one.spread_sd)
    np.testing.assert_allclose(WEIGHTS @ _chances(one, score[:, None], 3), figures, atol=1e-9)


def test_it_widens_with_the_shock_and_with_the_share():
    spans = [np.ptp(cohort_interval(hazard(sd), alike(100), 3)) for sd in (0.0, 0.4, 0.8)]
    assert spans == sorted(set(spans))
    shares = [np.ptp(cohort_interval(hazard(0.4), alike(100), 3, share)) for share in (0.5, 0.8, 0.95)]
    assert shares == sorted(set(shares))


def test_only_the_periods_asked_about_count():
    few, all_ = (cohort_interval(hazard(0.4), alike(100), k) for k in (1, 3))
    assert few[1] < all_[0]


@pytest.mark.parametrize(("n", "weight", "counts"), [(0, 0.0, (0, 0)), (7, -100.0, (0, 0)), (7, 100.0, (7, 7))])
def test_what_is_certain_has_an_interval_of_one_count(n, weight, counts):
    assert cohort_interval(hazard(0.8, weight), np.full((n, 1), 1.0), 3) == counts


def test_a_missing_attribute_is_read_as_the_hazard_reads_it():
    assert cohort_interval(hazard(0.4, 1.0), np.full((9, 1), np.nan), 3) == cohort_interval(hazard(0.4), alike(9), 3)
