import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from features.catalogs.reader import read_catalog
from scoring.policy_reader import BUILT_IN, read_policy
from scoring.ranking import DIGITS, Entrants, grades, ranks, standings

CATALOG = read_catalog("zhaoshang")
PACK = read_policy("cn-2026", CATALOG)

FIGURES = st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=12)


@given(FIGURES)
def test_ranks_are_those_of_scipy_with_ties_at_the_best(figures):
    shown = np.round(np.array(figures), 12)
    known = ~np.isnan(shown)
    given_ranks = ranks(np.array(figures))
    assert given_ranks[known].tolist() == rankdata(-shown[known], method="min").astype(int).tolist()
    assert given_ranks[~known].isna().all()


@given(FIGURES, st.randoms())
def test_a_rank_does_not_depend_on_the_order_of_the_file(figures, random):
    order = list(range(len(figures)))
    random.shuffle(order)
    before, after = ranks(np.array(figures)), ranks(np.array(figures)[order])
    assert after.tolist() == [before[i] for i in order] or after.equals(before[order].reset_index(drop=True))


def test_figures_that_print_alike_share_a_rank():
    assert ranks(np.array([0.3, 0.1 + 0.2, 0.2])).tolist() == [1, 1, 3]


def test_a_round_of_vetoed_projects_ranks_nobody():
    assert ranks(np.full(3, np.nan)).isna().all()
    assert len(ranks(np.array([]))) == 0


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_grade_begins_at_its_bound(name):
    policy = read_policy(name, CATALOG)
    for better, grade in zip((None, *policy.grades), policy.grades, strict=False):
        assert grades(policy, np.array([grade.at_least])).item() == grade.id
        if better is not None:
            assert grades(policy, np.array([better.at_least - 1e-9])).item() == grade.id


def test_the_best_grade_reaches_to_certainty_and_no_figure_has_no_grade():
    assert grades(PACK, np.array([1.0, 0.0, np.nan])).tolist() == ["A", "D", ""]


def entrants(n, b=10, seed=0):
    rng = np.random.default_rng(seed)
    score = rng.normal(size=n)
    return Entrants(1 / (1 + np.exp(-score)), score, rng.normal(0, 0.4, (b, n)).astype(np.float32))


def piece(of, rows):
    return Entrants(of.figure[rows], of.score[rows], of.deviations[:, rows])


def test_pieces_put_together_are_the_whole():
    whole = entrants(20)
    again = Entrants.together([piece(whole, slice(0, 7)), piece(whole, slice(7, 20))])
    assert standings(again, 5, 0).equals(standings(whole, 5, 0))


def test_a_piece_of_vetoed_projects_has_no_refits_and_hinders_nobody():
    whole = entrants(9)
    vetoed = Entrants(np.full(2, np.nan), np.zeros(2), np.zeros((0, 2), np.float32))
    found = standings(Entrants.together([vetoed, whole]), 3, 0)
    assert found.iloc[:2, :4].isna().all(axis=None)
    assert found.iloc[2:].reset_index(drop=True).equals(standings(whole, 3, 0))


def test_a_round_of_no_pieces_stands_empty():
    found = standings(Entrants.together([]), 3, 0)
    assert list(found) == ["rank", "rank_low", "rank_high", "p_top_k", "verdict"]
    assert len(found) == 0


def test_figures_that_print_alike_share_a_rank_inside_its_interval():
    two = entrants(2)
    same = Entrants(np.array([0.5, 0.5 + 10.0 ** -(DIGITS + 2)]), np.zeros(2), two.deviations)
    found = standings(same, 1, 0)
    assert found["rank"].tolist() == [1, 1]
    assert (found["rank_low"] <= 1).all()


def test_without_refits_the_rank_alone_is_known():
    found = standings(entrants(6, b=0), 2, 0)
    assert found["rank"].notna().all()
    assert found[["rank_low", "rank_high", "p_top_k"]].isna().all(axis=None)
