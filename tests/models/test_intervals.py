import numpy as np
import pytest

from models import intervals
from models.intervals import Sample
from models.metrics import metrics_at

METRICS = metrics_at(5)


def sample(seed, n=120, groups=None):
    rng = np.random.default_rng(seed)
    good = rng.uniform(0.05, 0.95, n)
    labels = (rng.uniform(size=n) < good).astype(float)
    chances = {"luodi": good, "worse": rng.uniform(0.05, 0.95, n)}
    return Sample(labels, chances, np.arange(n) if groups is None else groups)


def test_resampled_means_have_the_standard_error_of_a_mean():
    one = sample(0, n=400)
    draws = intervals.drawn(METRICS["brier"], [one], draws=2000, seed=1)["luodi"]
    losses = (one.chances["luodi"] - one.labels) ** 2
    assert draws.std() == pytest.approx(losses.std() / 20, rel=0.1)
    assert draws.mean() == pytest.approx(losses.mean(), abs=0.002)


def test_nine_tenths_of_the_intervals_hold_the_truth():
    rng = np.random.default_rng(5)
    held = 0
    for seed in range(200):
        labels = (rng.uniform(size=150) < 0.4).astype(float)
        one = Sample(labels, {"luodi": np.full(150, 0.4)}, np.arange(150))
        draws = intervals.drawn(METRICS["brier"], [one], draws=300, seed=seed)["luodi"]
        bounds = intervals.figure(0.0, draws)
        held += bounds.low <= 0.4 * 0.36 + 0.6 * 0.16 <= bounds.high
    assert 0.83 <= held / 200 <= 0.96


def test_projects_of_one_group_are_drawn_together():
    groups = np.repeat(np.arange(20), 6)
    weights = intervals.resamples(groups, 50, np.random.default_rng(0)).reshape(50, 20, 6)
    assert (weights == weights[:, :, :1]).all()
    assert (weights[:, :, 0].sum(axis=1) == 20).all()


def test_grouping_widens_the_interval_where_groups_share_a_fate():
    groups = np.repeat(np.arange(20), 10)
    rng = np.random.default_rng(3)
    labels = np.repeat((rng.uniform(size=20) < 0.5).astype(float), 10)
    chances = {"luodi": np.full(200, 0.5) + rng.normal(0, 0.01, 200)}

    def width(of):
        return np.ptp(np.quantile(intervals.drawn(METRICS["log_loss"], [of], 400, 0)["luodi"], [0.05, 0.95]))

    chances = {"luodi": np.clip(chances["luodi"] + 0.2, 0, 1)}
    assert width(Sample(labels, chances, groups)) > 2 * width(Sample(labels, chances, np.arange(200)))


def test_models_share_their_draws():
    one = sample(1)
    twin = Sample(one.labels, {"luodi": one.chances["luodi"], "twin": one.chances["luodi"]}, one.groups)
    for metric in (metric for metric in METRICS.values() if metric.resampled):
        draws = intervals.drawn(metric, [twin], 50, 0)
        np.testing.assert_array_equal(draws["luodi"], draws["twin"])


def test_the_same_seed_gives_the_same_draws_and_another_does_not():
    one = sample(2)
    first, again, other = (intervals.drawn(METRICS["auc"], [one], 50, seed)["luodi"] for seed in (7, 7, 8))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("draws", [1, 7, 2001])
def test_blocks_of_memory_keep_the_number_of_draws(draws):
    assert len(intervals.drawn(METRICS["brier"], [sample(0, n=1500)], draws, 0)["luodi"]) == draws


def test_means_over_origins_leave_out_the_undefined():
    figures = [np.array([0.2, np.nan]), np.array([0.8, np.nan])]
    mean = intervals.mean_over(figures, np.array([1.0, 3.0]))
    assert mean[0] == pytest.approx(0.65)
    assert np.isnan(mean[1])


def test_an_undefined_figure_carries_no_interval():
    bounds = intervals.figure(np.nan, np.full(10, np.nan))
    assert np.isnan([bounds.value, bounds.low, bounds.high]).all()
