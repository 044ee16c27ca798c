from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import norm

from models.additive import AS_IT_IS, Belief, fit_additive
from models.curve import curve, hazards
from models.exposure import Exposure
from models.frailty import Frailty, FrailtyPrior, _counted, _loss, averaged_log_odds, fit_frailty, stretched
from models.level import Anchor

LEVELS = np.array([-2.6, -2.2, -2.0, -2.0, -1.8, -2.0, -2.2, -2.0])
PERIODS = np.arange(len(LEVELS))
ANCHOR = Anchor(expit(LEVELS), 10.0)
PRIOR = FrailtyPrior(mode=0.5, stretch_sd=1.0)


def lived(first, followed):
    """Lives that end with their event, in period ``first``, or when they are followed no further."""
    risk = (first[:, None] >= PERIODS) & (followed[:, None] > PERIODS)
    came = risk & (first[:, None] == PERIODS)
    return Exposure(np.arange(len(first)), risk.astype(float), came.astype(float))


def drawn(n, sd, seed, slope=1.2, youngest=8):
    """Lives of projects whose scores are worth ``slope``, each with a frailty of its own."""
    random = np.random.default_rng(seed)
    score, frailty = random.normal(size=n), sd * random.normal(size=n)
    hit = random.random((n, 8)) < expit(LEVELS + (slope * score + frailty)[:, None])
    first = np.where(hit.any(axis=1), hit.argmax(axis=1), 8)
    return lived(first, random.integers(youngest, 9, n)), score


def binned(score):
    return np.rint(score * 8) / 8


def free_slope(exposure, score):
    """The fit that knows no frailty, its weight left to the data."""
    belief = Belief(np.ones(1), np.full((1, 1), 1e-9), np.full(1, -np.inf), np.full(1, np.inf))
    return fit_additive(exposure, score[:, None], ANCHOR.until(exposure.n_periods), belief)


def chance(probability):
    """A probability given the frailty, in standard deviations, averaged over it."""
    return quad(lambda z: probability(z) * norm.pdf(z), -12, 12, epsabs=1e-13, limit=200)[0]


def plain_posterior(exposure, score, anchor, prior, at):
    """Life by life, and reference project by reference project: whether it comes in a period, given that it waits."""
    g, slope, sd = at[:-2], at[-2], at[-1]

    def waits(f, periods, z):
        return np.prod(expit(-(g[:periods] + slope * stretched(sd) * f + sd * z)))

    def comes(f, period, z):
        return expit(g[period] + slope * stretched(sd) * f + sd * z)

    def life(risk, came, f):
        if came.any():
            first = came.argmax()
            return risk[0] * np.log(chance(lambda z: waits(f, first, z) * comes(f, first, z)))
        return risk[0] * np.log(chance(lambda z: waits(f, np.count_nonzero(risk), z)))

    told = sum(map(life, exposure.risk, exposure.came, score))
    left = [chance(lambda z, k=k: waits(0.0, k, z)) for k in range(len(g) + 1)]
    hazard = 1 - np.divide(left[1:], left[:-1])
    reference = anchor.hazards @ np.log(hazard) + (1 - anchor.hazards) @ np.log1p(-hazard)
    believed = norm.logpdf(slope, 1, prior.stretch_sd) - norm.logpdf(1, 1, prior.stretch_sd)
    return told + anchor.projects * reference + believed + np.log(sd) - sd / prior.mode


POINTS = [np.append(LEVELS + move, [slope, sd]) for move, slope, sd in ((0, 1, 0.5), (0.4, 0.3, 1.3), (-0.5, 1.8, 1.8))]


# Oracles


@pytest.mark.parametrize("at", POINTS)
def test_the_posterior_is_that_of_each_life_integrated_over_its_frailty(at):
    exposure, score = drawn(40, 1.0, seed=2, youngest=1)
    exposure = exposure.weighted(np.random.default_rng(0).uniform(0.3, 2.0, 40))
    prior, score = FrailtyPrior(0.7, 0.6), binned(score)
    expected = plain_posterior(exposure, score, ANCHOR, prior, at)
    assert -_loss(at, _counted(exposure, score, ANCHOR), prior)[0] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("at", POINTS)
def test_its_gradient_is_that_of_finite_differences(at):
    exposure, score = drawn(300, 1.0, seed=3, youngest=1)
    lives, step = _counted(exposure, score, ANCHOR), 1e-5
    ahead, back = (
        [_loss(at + side * step * axis, lives, PRIOR)[0] for axis in np.eye(len(at))] for side in (1.0, -1.0)
    )
    slopes = np.subtract(ahead, back) / (2 * step)
    np.testing.assert_allclose(_loss(at, lives, PRIOR)[1], slopes, atol=1e-5 * np.abs(slopes).max())


@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_found_is_a_peak_of_the_posterior(seed):
    exposure, score = drawn(300, 1.0, seed, youngest=1)
    found, lives = fit_frailty(exposure, score, ANCHOR, PRIOR), _counted(exposure, score, ANCHOR)
    at = np.append(found.baseline, [found.stretch / stretched(found.sd), found.sd])
    assert np.abs(_loss(at, lives, PRIOR)[1]).max() < 0.02
    nearby = at + 0.02 * np.random.default_rng(seed).normal(size=(50, len(at)))
    assert min(_loss(other, lives, PRIOR)[0] for other in nearby) > _loss(at, lives, PRIOR)[0]


@pytest.mark.parametrize("sd", [0.3, 1.0, 2.0])
def test_stretched_a_slope_is_as_steep_averaged_over_the_frailty_as_it_was(sd):
    averaged = [chance(lambda z, f=f: expit(stretched(sd) * f + sd * z)) for f in np.linspace(-3, 3, 13)]
    np.testing.assert_allclose(averaged, expit(np.linspace(-3, 3, 13)), atol=0.012)


def test_the_averaged_log_odds_are_those_of_the_integrals():
    found, score = Frailty(LEVELS, 1.4, 1.5), np.array([-1.5, 0.0, 2.0])
    by = averaged_log_odds(found, score)
    for f, told in zip(score, by, strict=True):
        left = [
            chance(lambda z, k=k, f=f: np.prod(expit(-(LEVELS[:k] + 1.4 * f + 1.5 * z))))
            for k in range(len(LEVELS) + 1)
        ]
        np.testing.assert_allclose(told, logit(1 - np.divide(left[1:], left[:-1])), atol=1e-5)


@pytest.mark.parametrize(("sd", "off"), [(0.0, 1e-9), (1.0, 1e-7), (1.5, 1e-5), (2.5, 2e-3)])
def test_the_averaged_log_odds_are_those_of_the_curve(sd, off):
    found, score = Frailty(LEVELS, 1.4, sd), np.array([-1.5, 0.0, 2.0])
    reached = curve(LEVELS, 1.4 * score, sd)
    steps = np.diff(reached, axis=1, prepend=0.0)
    told = averaged_log_odds(found, score)
    np.testing.assert_allclose(told, logit(steps / (1 - reached + steps)), atol=off)
    np.testing.assert_allclose(told[1], logit(hazards(LEVELS, sd)), atol=off)


# Found again


@pytest.mark.parametrize(("sd", "least", "most"), [(0.0, 0.0, 0.6), (1.0, 0.6, 1.4), (2.0, 1.5, 2.5)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_level_stretch_and_frailty_are_found_again_from_thousands_of_lives(sd, least, most, seed):
    found = fit_frailty(*drawn(12_000, sd, seed), ANCHOR, PRIOR)
    assert least < found.sd < most
    assert found.stretch == pytest.approx(1.2, abs=0.2)
    np.testing.assert_allclose(hazards(found.baseline, found.sd), hazards(LEVELS, sd), rtol=0.2)


def test_more_frailty_is_told_from_less():
    found = [np.mean([fit_frailty(*drawn(4000, sd, seed), ANCHOR, PRIOR).sd for seed in range(3)]) for sd in (0, 1, 2)]
    assert found[0] + 0.3 < found[1] < found[2] - 0.3


@pytest.mark.parametrize("sd", [0.0, 1.0, 2.0])
def test_averaged_the_slope_is_that_of_the_first_period_alone(sd):
    exposure, score = drawn(12_000, sd, seed=4)
    found, asked = fit_frailty(exposure, score, ANCHOR, PRIOR), free_slope(exposure.until(1), score).weights[0]
    assert found.stretch / stretched(found.sd) == pytest.approx(asked, rel=0.12)


@pytest.mark.parametrize("mode", [0.2, 0.5, 1.0])
def test_few_lives_leave_the_frailty_near_what_was_believed(mode):
    found = fit_frailty(*drawn(6, 0.0, seed=5), ANCHOR, FrailtyPrior(mode, 1.0))
    assert found.sd == pytest.approx(mode, rel=0.25)


def test_the_tighter_the_belief_in_the_slope_the_nearer_it_stays_to_what_it_was():
    lives = drawn(300, 0.0, seed=6, slope=3.0)
    found = [fit_frailty(*lives, ANCHOR, FrailtyPrior(0.5, sd)) for sd in (0.01, 0.2, 5.0)]
    slopes = [one.stretch / stretched(one.sd) for one in found]
    assert slopes[0] == pytest.approx(1.0, abs=0.05)
    assert slopes == sorted(slopes)


def test_what_still_waits_is_nearer_the_truth_than_without_a_frailty():
    score, rate = np.linspace(-2, 2, 17), norm.pdf(np.linspace(-2, 2, 17))

    def later(reached):
        return 1 - (1 - reached[:, -1]) / (1 - reached[:, 3])

    truth, missed = later(curve(LEVELS, 1.2 * score, 1.5)), []
    for seed in range(3):
        lives = drawn(6000, 1.5, seed)
        found, plain = fit_frailty(*lives, ANCHOR, PRIOR), free_slope(*lives)
        told = curve(found.baseline, found.stretch * score, found.sd), curve(plain.baseline, plain.weights * score)
        missed.append([np.average(np.abs(later(reached) - truth), weights=rate) for reached in told])
    with_frailty, without = np.mean(missed, axis=0)
    assert with_frailty < without / 2


# Nothing to learn


def nothing_but_level(found, exposure, score):
    plain = fit_additive(exposure, score[:, None], ANCHOR, AS_IT_IS).baseline
    assert (found.stretch, found.sd) == (1.0, 0.0)
    assert found.baseline.tolist() == plain.tolist()


def test_without_a_score_there_is_no_frailty_and_the_level_is_the_additive_one():
    exposure, score = drawn(200, 1.0, seed=7)
    nothing_but_level(fit_frailty(exposure, 0 * score, ANCHOR, PRIOR), exposure, 0 * score)


@pytest.mark.parametrize("n", [0, 200])
def test_without_events_there_is_no_frailty_and_the_level_is_the_additive_one(n):
    score = np.linspace(-2, 2, n)
    idle = lived(np.full(n, 8), np.arange(n) % 8 + 1)
    nothing_but_level(fit_frailty(idle, score, ANCHOR, PRIOR), idle, score)


def test_scores_too_near_each_other_leave_prior_and_additive_level():
    exposure, score = drawn(500, 1.0, seed=8)
    found = fit_frailty(exposure, 0.01 * score, ANCHOR, PRIOR)
    assert found.sd == pytest.approx(0.5, abs=1e-3)
    assert found.stretch == pytest.approx(stretched(0.5), abs=1e-3)
    plain = fit_additive(exposure, np.zeros((500, 0)), ANCHOR).baseline
    np.testing.assert_allclose(hazards(found.baseline, found.sd), expit(plain), rtol=1e-3)


def test_an_anchor_that_is_worth_many_projects_settles_the_averaged_level():
    wanted = np.linspace(0.05, 0.4, 8)
    found = fit_frailty(*drawn(50, 1.0, seed=9), Anchor(wanted, 1e6), PRIOR)
    np.testing.assert_allclose(hazards(found.baseline, found.sd), wanted, rtol=1e-3)


# Properties


@given(
    st.lists(st.floats(-4.0, 0.0), min_size=2, max_size=12),
    st.floats(-2.0, 2.0),
    st.floats(0.25, 2.0),
    st.floats(0.1, 2.5),
    st.floats(0.2, 2.0),
)
def test_what_sets_two_projects_apart_fades_while_they_wait(levels, score, apart, sd, stretch):
    pair = averaged_log_odds(Frailty(np.array(levels), stretch, sd), binned(np.array([score, score + apart])))
    gap = pair[1] - pair[0]
    assert (np.diff(gap) < 0).all()
    assert (gap > 0).all()


@given(st.lists(st.floats(-4.0, 0.0), min_size=1, max_size=12), st.floats(-2.0, 2.0))
def test_without_frailty_nothing_fades(levels, score):
    told = averaged_log_odds(Frailty(np.array(levels), 1.3, 0.0), np.array([score]))
    np.testing.assert_allclose(told[0], np.array(levels) + 1.3 * binned(score), atol=1e-12)


def same(one, other):
    np.testing.assert_allclose(one.baseline, other.baseline, atol=1e-4)
    assert (one.stretch, one.sd) == pytest.approx((other.stretch, other.sd), rel=1e-4)


@pytest.fixture(scope="module")
def some():
    return drawn(400, 1.0, seed=10, youngest=1)


def test_the_order_of_the_lives_does_not_matter(some):
    exposure, score = some
    mixed = np.random.default_rng(0).permutation(len(score))
    found = fit_frailty(*some, ANCHOR, PRIOR)
    same(fit_frailty(exposure.of(mixed), score[mixed], ANCHOR, PRIOR), found)
    told = averaged_log_odds(found, score)
    assert averaged_log_odds(found, score[mixed]).tolist() == told[mixed].tolist()
    np.testing.assert_allclose(averaged_log_odds(found, score[:1]), told[:1], rtol=1e-12)


def test_a_life_cut_into_lighter_copies_is_one_life(some):
    exposure, score = some
    thirds = exposure.of(np.tile(np.arange(len(score)), 3)).weighted(np.repeat([0.5, 0.3, 0.2], len(score)))
    same(fit_frailty(thirds, np.tile(score, 3), ANCHOR, PRIOR), fit_frailty(*some, ANCHOR, PRIOR))


def test_a_weight_of_so_many_is_so_many_lives(some):
    exposure, score = some
    times = np.arange(len(score)) % 4
    weighted = fit_frailty(exposure.weighted(times), score[times > 0], ANCHOR, PRIOR)
    rows = np.repeat(np.arange(len(score)), times)
    same(weighted, fit_frailty(exposure.of(rows), score[rows], ANCHOR, PRIOR))


def test_repetition_changes_nothing(some):
    one, other = (fit_frailty(*some, ANCHOR, PRIOR) for _ in range(2))
    assert one.baseline.tolist() == other.baseline.tolist()
    assert (one.stretch, one.sd) == (other.stretch, other.sd)


@given(st.integers(0, 10_000), st.integers(1, 20), st.sampled_from([0.1, 1.0, 8.0]))
@settings(max_examples=15)
def test_a_handful_of_lives_does_not_break(seed, n, spread):
    exposure, score = drawn(n, 2.0, seed, youngest=1)
    found = fit_frailty(exposure, spread * score, ANCHOR, PRIOR)
    assert np.isfinite(found.baseline).all()
    assert 0.0 <= found.sd <= 2.5
    assert 0.0 <= found.stretch < 100.0
    assert np.isfinite(averaged_log_odds(found, spread * score)).all()


def test_differences_without_end_stop_at_the_bound():
    exposure, score = drawn(3000, 6.0, seed=11)
    assert fit_frailty(exposure, score, ANCHOR, replace(PRIOR, mode=2.0)).sd == 2.5
