from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from features.timeline import PersonPeriods, edges
from models.shock import ShockPrior, _counted, _likeliest, fit_shock

LEVEL = np.full(8, -2.5)
PRIOR = ShockPrior()


def register(shocks, per_step=60, seed=0, score_sd=0.5, level=LEVEL):
    """Lives of projects that enter evenly, and meet the shock of each half-year."""
    random = np.random.default_rng(seed)
    n_steps = len(shocks)
    entry = np.repeat(np.arange(n_steps), per_step)
    score = random.normal(size=len(entry)) * score_sd
    project, period, event = [], [], []
    waiting = np.ones(len(entry), dtype=bool)
    for k in range(len(level)):
        at = np.flatnonzero(waiting & (entry + k < n_steps))
        came = random.random(len(at)) < expit(level[k] + score[at] + np.asarray(shocks)[entry[at] + k])
        project.append(at)
        period.append(np.full(len(at), k))
        event.append(came.astype(float))
        waiting[at[came]] = False
    who, when = np.concatenate(project), np.concatenate(period)
    steps = np.datetime64("2024-01-01") - edges(n_steps - 1, 6)[::-1]
    end = steps[entry[who] + when]
    return PersonPeriods(who, when, np.concatenate(event), end, len(level)), score[who]


def persistent(n_steps, sd, kept, seed):
    random = np.random.default_rng(seed)
    path = np.empty(n_steps)
    path[0] = sd * random.normal()
    for c in range(1, n_steps):
        path[c] = kept * path[c - 1] + sd * np.sqrt(1 - kept**2) * random.normal()
    return path - path.mean()


def learned(shocks, prior=PRIOR, **how):
    periods, score = register(shocks, **how)
    return fit_shock(periods, LEVEL[periods.period] + score, expit(LEVEL), 6, prior)


def test_the_evidence_of_one_step_is_the_integral_over_its_effect():
    log_odds, event = np.array([-1.0, -0.5, 0.0, -2.0] * 20), np.array([1.0, 0.0, 1.0, 0.0] * 20)
    past = _counted(np.zeros(80, dtype=np.intp), log_odds, event)

    def likelihood(u):
        return np.exp(event @ (log_odds + u) - np.logaddexp(0, log_odds + u).sum() + 40)

    exact = np.log(quad(lambda u: likelihood(u) * norm.pdf(u, scale=0.8), -5, 5, epsabs=1e-12)[0]) - 40
    _, _, evidence = _likeliest(past, np.array([[0.8**2]]))
    assert evidence + event @ log_odds == pytest.approx(exact, abs=0.02)


def test_the_likeliest_effects_balance_the_events_against_the_prior():
    periods, score = register(persistent(12, 0.8, 0.8, 1))
    step = np.searchsorted(np.unique(periods.end), periods.end)
    past = _counted(step, LEVEL[periods.period] + score, periods.event)
    covariance = 0.64 * 0.8 ** np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    effects, pull, _ = _likeliest(past, covariance)
    np.testing.assert_allclose(covariance @ pull, effects, atol=1e-6)


def test_counting_alike_projects_together_keeps_every_row_and_event():
    periods, score = register(np.zeros(10))
    step = np.searchsorted(np.unique(periods.end), periods.end)
    past = _counted(step, LEVEL[periods.period] + score, periods.event)
    np.testing.assert_array_equal(np.bincount(past.step, past.rows), np.bincount(step))
    np.testing.assert_array_equal(past.events, np.bincount(step, periods.event))
    mean = np.bincount(past.step, past.rows * past.log_odds) / np.bincount(step)
    np.testing.assert_allclose(mean, np.bincount(step, LEVEL[periods.period] + score) / np.bincount(step), atol=1 / 16)


@pytest.mark.parametrize("rows", [0, 40])
@given(st.floats(0.2, 2.0), st.floats(0.5, 20.0))
@settings(max_examples=10)
def test_without_events_the_prior_is_all_there_is(rows, sd, horizons):
    end = np.full(rows, np.datetime64("2024-01-01"))
    idle = PersonPeriods(np.arange(rows), np.zeros(rows, dtype=np.intp), np.zeros(rows), end, 8)
    shock = fit_shock(idle, np.full(rows, -2.5), expit(LEVEL), 6, ShockPrior(sd, horizons))
    assert (shock.sd, shock.level, shock.horizons, shock.effects.size, shock.steps.size) == (sd, 0.0, 0.0, 0, 0)


@pytest.mark.parametrize("n_steps", [1, 2, 4, 8])
def test_a_register_of_one_horizon_or_less_leaves_the_prior_alone(n_steps):
    shock = learned(persistent(n_steps, 1.0, 0.8, 3), per_step=80)
    assert (shock.sd, shock.level, shock.horizons) == (pytest.approx(0.8), 0.0, 0.0)


def test_a_calm_register_is_told_from_one_that_was_shaken():
    calm = [learned(np.zeros(30), seed=s) for s in range(4)]
    shaken = [learned(persistent(30, 1.2, 0.85, s), seed=s) for s in range(4)]
    assert max(shock.seen for shock in calm) < 0.35 < 0.4 < min(shock.seen for shock in shaken)
    assert max(shock.sd for shock in calm) < min(shock.sd for shock in shaken)


def test_the_spread_is_pooled_with_the_prior_horizon_for_horizon():
    shock = learned(np.zeros(24), ShockPrior(0.9, 3.0))
    assert shock.horizons == 24 / 8 - 1
    assert shock.sd == pytest.approx(np.sqrt((3.0 * 0.9**2 + 2.0 * shock.seen**2) / 5.0))


@pytest.mark.parametrize("sd", [0.3, 1.0])
def test_the_spread_of_many_horizons_is_found(sd):
    # a persistence of .8 a half-year is a memory of 27 months; the mean over 4 years keeps about seven tenths
    kept = 0.8 ** np.abs(np.subtract.outer(np.arange(8), np.arange(8)))
    hazards = expit(LEVEL) / expit(LEVEL).sum()
    found = [learned(persistent(150, sd, 0.8, s), per_step=100, seed=s).seen for s in range(3)]
    assert np.mean(found) == pytest.approx(sd * np.sqrt(hazards @ kept @ hazards), rel=0.25)


def test_a_lasting_fall_is_expected_to_last_and_to_fade():
    fallen = np.repeat([0.4, -0.8], [20, 10])
    shock = learned(fallen)
    assert -0.8 < shock.level < -0.15
    assert learned(-fallen).level > 0.15


def test_the_effects_of_the_past_are_found_again():
    path = persistent(30, 1.0, 0.85, 7)
    shock = learned(path, per_step=300)
    assert np.corrcoef(shock.effects, path)[0, 1] > 0.95
    assert shock.effects.shape == shock.steps.shape == (30,)


def test_steps_are_named_by_their_end_and_follow_each_other():
    periods, score = register(np.zeros(12))
    shock = fit_shock(periods, LEVEL[periods.period] + score, expit(LEVEL), 6, PRIOR)
    assert shock.steps[-1] == periods.end.max()
    assert set(np.diff(shock.steps).astype(int).tolist()) <= {182, 183}


def test_a_level_off_target_is_not_taken_for_a_shock():
    periods, score = register(np.zeros(30))
    right, off = (
        fit_shock(periods, level[periods.period] + score, expit(level), 6, PRIOR) for level in (LEVEL, LEVEL - 0.4)
    )
    assert off.seen == pytest.approx(right.seen, abs=0.15)
    assert off.level > right.level


def test_steps_too_old_to_be_told_apart_count_with_the_oldest():
    periods, score = register(np.zeros(12))
    ancient = periods.end.copy()
    ancient[:5] = np.datetime64("1850-01-01")
    shock = fit_shock(replace(periods, end=ancient), LEVEL[periods.period] + score, expit(LEVEL), 6, PRIOR)
    assert len(shock.steps) == 160
    assert np.isfinite([shock.sd, shock.level]).all()


@given(st.integers(0, 10_000))
@settings(max_examples=5, deadline=None)
def test_the_order_of_the_rows_does_not_matter(seed):
    periods, score = register(persistent(10, 0.8, 0.8, seed), per_step=20, seed=seed)
    mixed = np.random.default_rng(seed).permutation(len(score))
    columns = {name: getattr(periods, name)[mixed] for name in ("project", "period", "event", "end")}
    log_odds = LEVEL[periods.period] + score
    first = fit_shock(periods, log_odds, expit(LEVEL), 6, PRIOR)
    again = fit_shock(replace(periods, **columns), log_odds[mixed], expit(LEVEL), 6, PRIOR)
    assert (first.sd, first.level) == (again.sd, again.level)


def test_extreme_registers_give_finite_shocks():
    periods, score = register(np.zeros(12))
    for event in (np.ones(len(score)), np.eye(1, len(score))[0]):
        shock = fit_shock(replace(periods, event=event), LEVEL[periods.period] + score, expit(LEVEL), 6, PRIOR)
        assert np.isfinite([shock.sd, shock.level, *shock.effects]).all()
        assert 0.0 < shock.sd < 5.0
