import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_t, rankdata
from scipy.stats import t as students

from models import ranks
from models.ranks import COVERAGE, IN, OUT, UNSEEN_SD, Verdict, around, rank_uncertainty, score_interval


def cohort(n, b, seed=0, spread=0.5):
    rng = np.random.default_rng(seed)
    score = rng.normal(size=n)
    return score, around(score, rng.normal(0, spread, (b, 2)) @ rng.normal(size=(2, n)) + rng.normal(0, 0.2, (b, n)))


def chance(score):
    return 1 / (1 + np.exp(-score))


# Oracles


def test_ranks_are_those_of_draws_from_a_multivariate_t():
    score, draws = cohort(6, 12)
    found = rank_uncertainty(draws, 2, chance(score))
    law = multivariate_t(draws.mean(axis=0), np.cov(draws.T) + 1e-12 * np.eye(6), df=11)
    drawn = rankdata(-law.rvs(20_000, random_state=1), axis=1, method="min")
    np.testing.assert_allclose(found.p_top, (drawn <= 2).mean(axis=0), atol=0.03)
    shown = rankdata(-score)
    np.testing.assert_allclose(found.low, np.minimum(np.quantile(drawn, 0.1, axis=0), shown), atol=1)
    np.testing.assert_allclose(found.high, np.maximum(np.quantile(drawn, 0.9, axis=0), shown), atol=1)


def test_two_projects_change_places_as_often_as_their_gap_allows():
    gap, deviations = 0.4, np.random.default_rng(3).normal(0, 0.5, (20, 2))
    draws = around(np.array([gap, 0.0]), deviations)
    apart = (deviations[:, 0] - deviations[:, 1]).std(ddof=1)
    expected = students.cdf(gap / apart, df=19)
    assert rank_uncertainty(draws, 1, chance(np.array([gap, 0.0]))).p_top[0] == pytest.approx(expected, abs=0.02)


def test_the_interval_of_a_score_is_students():
    score, draws = cohort(5, 9)
    low, high = score_interval(score, draws - score)
    spread = np.hypot(draws.std(axis=0, ddof=1), UNSEEN_SD)  # what refits differ by, and what none of them sees
    np.testing.assert_allclose([low, high], students.interval(COVERAGE, 8, score, spread), rtol=1e-12)


def test_refits_of_one_mind_leave_what_no_attribute_tells():
    low, high = score_interval(np.array([0.7]), np.zeros((20, 1)))
    np.testing.assert_allclose([low, high], students.interval(COVERAGE, 19, [0.7], UNSEEN_SD), rtol=1e-12)
    assert high - low > 2 * UNSEEN_SD


def test_chances_and_intervals_are_calibrated_where_the_truth_is_known():
    rng, hits, told, covered = np.random.default_rng(0), [], [], []
    for round_ in range(60):
        score = rng.normal(0, 0.8, 60)
        common = rng.normal(0, 0.2, (5, 60))
        law = lambda b, common=common: rng.normal(size=(b, 5)) @ common + rng.normal(0, 0.25, (b, 60))  # noqa: E731
        truth = rankdata(-(score + law(1)[0]))
        found = rank_uncertainty(around(score, law(20)), 12, chance(score), seed=round_)
        hits.append(truth <= 12)
        told.append(found.p_top)
        covered.append((found.low <= truth) & (truth <= found.high))
    hit, p = np.concatenate(hits), np.concatenate(told)
    for low, high in ((0, 0.1), (0.1, 0.4), (0.4, 0.7), (0.7, 0.95), (0.95, 1.01)):
        there = (p >= low) & (p < high)
        assert hit[there].mean() == pytest.approx(p[there].mean(), abs=0.06)
    assert np.mean(covered) == pytest.approx(COVERAGE, abs=0.05)


def test_what_nobody_sees_is_in_the_ranks_where_it_is_asked_for():
    rng, hits, told, covered = np.random.default_rng(1), [], [], []
    for round_ in range(60):
        score = rng.normal(0, 0.8, 60)
        truth = rankdata(-(score + rng.normal(0, 0.2, 60) + rng.normal(0, UNSEEN_SD, 60)))
        draws = around(score, rng.normal(0, 0.2, (20, 60)))
        found = rank_uncertainty(draws, 12, chance(score), seed=round_, unseen_sd=UNSEEN_SD)
        hits.append(truth <= 12)
        told.append(found.p_top)
        covered.append((found.low <= truth) & (truth <= found.high))
    hit, p = np.concatenate(hits), np.concatenate(told)
    for low, high in ((0, 0.1), (0.1, 0.4), (0.4, 0.7), (0.7, 0.95), (0.95, 1.01)):
        there = (p >= low) & (p < high)
        assert hit[there].mean() == pytest.approx(p[there].mean(), abs=0.06)
    assert np.mean(covered) == pytest.approx(COVERAGE, abs=0.05)


# Properties

UNSEEN = st.sampled_from([0.0, UNSEEN_SD])
ROUNDS = st.tuples(st.integers(1, 30), st.integers(2, 8), st.integers(0, 99), st.integers(1, 12))


@given(ROUNDS, UNSEEN)
def test_the_shown_rank_lies_in_its_interval_and_seats_are_given_once(round_, unseen):
    n, b, seed, k = round_
    score, draws = cohort(n, b, seed)
    figure = np.round(chance(score), 1)  # with ties
    found = rank_uncertainty(draws, k, figure, unseen_sd=unseen)
    shown = rankdata(-figure, method="min")
    assert ((found.low <= shown) & (shown <= found.high)).all()
    assert ((found.low >= 1) & (found.high <= n)).all()
    assert found.p_top.sum() == pytest.approx(min(k, n))


@given(ROUNDS, UNSEEN)
def test_the_order_of_the_projects_does_not_matter_to_the_bit(round_, unseen):
    n, b, seed, k = round_
    score, draws = cohort(n, b, seed)
    draws[:, : n // 2] = draws[:, [0]]
    figure = np.where(np.arange(n) < n // 2, 0.5, np.round(chance(score), 2))
    order = np.random.default_rng(seed).permutation(n)
    straight = rank_uncertainty(draws, k, figure, unseen_sd=unseen)
    turned = rank_uncertainty(draws[:, order], k, figure[order], unseen_sd=unseen)
    for name in ("low", "high", "p_top", "verdict"):
        np.testing.assert_array_equal(getattr(turned, name), getattr(straight, name)[order])


@given(ROUNDS, UNSEEN)
def test_projects_alike_in_all_share_what_they_get(round_, unseen):
    n, b, seed, k = round_
    score, draws = cohort(n, b, seed)
    twice = rank_uncertainty(np.tile(draws, 2), k, np.tile(chance(score), 2), unseen_sd=unseen)
    np.testing.assert_array_equal(twice.p_top[:n], twice.p_top[n:])
    np.testing.assert_array_equal(twice.low[:n], twice.low[n:])


def test_a_project_without_a_figure_takes_no_place():
    score, draws = cohort(20, 10)
    figure = chance(score)
    figure[[3, 7]] = np.nan
    kept = ~np.isnan(figure)
    found, others = rank_uncertainty(draws, 4, figure), rank_uncertainty(draws[:, kept], 4, figure[kept])
    for name in ("low", "high", "p_top", "verdict"):
        np.testing.assert_array_equal(getattr(found, name)[kept], getattr(others, name))
    assert np.isnan(found.p_top[~kept]).all()
    assert found.verdict[[3, 7]].tolist() == ["", ""]


@pytest.mark.parametrize("unseen", [0.0, UNSEEN_SD])
def test_blocks_of_memory_change_no_rank(unseen, monkeypatch):
    score, draws = cohort(40, 10)
    whole = rank_uncertainty(draws, 5, chance(score), unseen_sd=unseen)
    monkeypatch.setattr(ranks, "BLOCK", 41)
    pieces = rank_uncertainty(draws, 5, chance(score), unseen_sd=unseen)
    np.testing.assert_array_equal(pieces.low, whole.low)
    np.testing.assert_allclose(pieces.p_top, whole.p_top, atol=1e-12)


def test_a_score_has_the_same_interval_alone_and_in_company():
    score, draws = cohort(50, 25)
    together = score_interval(score, draws - score)
    for row in range(50):
        alone = score_interval(score[[row]], (draws - score)[:, [row]])
        assert [bound[0] for bound in alone] == [bound[row] for bound in together]


def test_what_all_refits_share_moves_nothing():
    score, deviations = np.array([0.3, 0.1]), np.random.default_rng(0).normal(size=(8, 2))
    np.testing.assert_allclose(around(score, deviations + 5.0), around(score, deviations), atol=1e-12)
    np.testing.assert_allclose(around(score, deviations).mean(axis=0), score, atol=1e-12)


# Examples


def test_a_verdict_needs_the_shown_rank_as_well_as_the_chance():
    score, draws = cohort(60, 20, seed=4)
    found = rank_uncertainty(draws, 12, chance(score))
    shown = rankdata(-score)
    for verdict, p, rank in zip(found.verdict, found.p_top, shown, strict=True):
        expected = Verdict.DISCUSS
        if rank <= 12 and p >= IN:
            expected = Verdict.IN
        elif rank > 12 and p <= OUT:
            expected = Verdict.OUT
        assert verdict == expected
    assert set(found.verdict) == set(Verdict)


def test_more_seats_than_projects_seat_everybody():
    score, draws = cohort(5, 10)
    found = rank_uncertainty(draws, 9, chance(score))
    assert found.p_top.tolist() == [1.0] * 5
    assert set(found.verdict) == {Verdict.IN}


def test_without_seats_there_are_intervals_and_no_chances():
    score, draws = cohort(5, 10)
    found = rank_uncertainty(draws, None, chance(score))
    assert np.isnan(found.p_top).all()
    assert not np.isnan(found.low).any()
    assert set(found.verdict) == {""}


@pytest.mark.parametrize("b", [0, 1])
def test_without_a_bag_nothing_is_made_up(b):
    found = rank_uncertainty(np.zeros((b, 3)), 2, np.array([0.1, 0.2, np.nan]))
    assert np.isnan([found.low, found.high, found.p_top]).all()
    assert set(found.verdict) == {""}
    assert np.isnan(score_interval(np.zeros(3), np.zeros((b, 3)))).all()


def test_a_round_of_nobody_is_ranked():
    assert len(rank_uncertainty(np.zeros((5, 0)), 2, np.zeros(0)).low) == 0
    assert np.isnan(rank_uncertainty(np.zeros((5, 2)), 2, np.full(2, np.nan)).low).all()
