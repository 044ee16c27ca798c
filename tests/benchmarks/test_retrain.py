import pytest


@pytest.fixture
def judged(benchmark_module):
    return benchmark_module("retrain").judged


def test_a_run_within_its_bounds_misses_nothing(judged):
    assert judged(479.0, 3999.0, 8.0) == []


@pytest.mark.parametrize(
    ("measured", "said"),
    [((481.0, 1.0, 9.0), "481 s"), ((1.0, 4001.0, 9.0), "4001 MB"), ((1.0, 1.0, 7.9), "7.9 quarters")],
)
def test_each_bound_is_told_by_name_where_it_is_missed(judged, measured, said):
    assert said in judged(*measured)[0]
