import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri
from sklearn.preprocessing import QuantileTransformer

from features.catalog import Dimension
from features.inputs import Feature
from features.words import Words
from models.transforms import EDGE, ENOUGH, FEW_VALUES, FEWEST, Reading, expected_reading, reading

NUMBER = Feature("a", Words("甲", "a"), Dimension.MARKET)
CATEGORY = Feature("c", Words("类", "c"), Dimension.CONTEXT, True, ("x", "y", "z"))


def typical(low, high, transform="identity"):
    return Feature("a", Words("甲", "a"), Dimension.MARKET, typical=(low, high), transform=transform)


def skewed(n=400, seed=0):
    return np.exp(2 * np.random.default_rng(seed).normal(size=n))


# Oracle


def test_a_number_is_read_as_the_quantile_normal_of_scikit_learn():
    values = skewed()
    oracle = QuantileTransformer(n_quantiles=51, output_distribution="normal", subsample=None).fit(values[:, None])
    inner = values[(values > np.quantile(values, 0.05)) & (values < np.quantile(values, 0.95))]
    ours, theirs = reading(NUMBER, values).columns(inner)[:, 0], oracle.transform(inner[:, None])[:, 0]
    assert np.corrcoef(ours, theirs)[0, 1] > 0.9995
    scale = np.std(np.clip(oracle.transform(values[:, None]), *ndtri([EDGE, 1 - EDGE])))
    np.testing.assert_allclose(ours, theirs / scale, atol=0.05)


# Properties


@given(st.integers(0, 10_000), st.integers(5, 300), st.integers(2, 400))
def test_a_number_has_mean_0_and_standard_deviation_1_over_the_training_projects_and_rises(seed, n, distinct):
    values = np.random.default_rng(seed).integers(0, distinct, n).astype(float) ** 3
    values[:2] = [0.0, 1.0]
    read = reading(NUMBER, values)
    column = read.columns(values)[:, 0]
    np.testing.assert_allclose([column.mean(), column.std()], [0.0, 1.0], atol=1e-9)
    assert (np.diff(read.columns(np.linspace(-1, values.max() + 1, 200))[:, 0]) >= 0).all()


def test_one_giant_does_not_bend_the_line_for_the_others():
    values = np.sort(skewed())
    giant = values.copy()
    giant[-1] *= 1e6
    asked = values[: int(0.97 * len(values))]
    usual, bent = (reading(NUMBER, v).columns(asked) for v in (values, giant))
    np.testing.assert_allclose(bent, usual, atol=0.01)


def test_beyond_the_edges_nothing_more_is_told():
    values = skewed()
    ends = reading(NUMBER, values).columns(np.array([values.min(), -1e30, -np.inf, values.max(), 1e30, np.inf]))[:, 0]
    assert ends[0] == ends[1] == ends[2]
    assert ends[3] == ends[4] == ends[5]


def test_few_distinct_values_are_read_as_they_are():
    values = np.repeat(np.arange(float(FEW_VALUES)), 12)
    np.testing.assert_allclose(reading(NUMBER, values).columns(values)[:, 0], (values - values.mean()) / values.std())


@pytest.mark.parametrize("weight", [0.7, -1.3])
@pytest.mark.parametrize("kind", ["number", "few values", "constant", "category", "rare levels", "always missing"])
@pytest.mark.parametrize("lacking", [0, ENOUGH - 1, ENOUGH, 40])
def test_a_term_tells_what_the_columns_and_their_weights_tell(kind, lacking, weight):
    random = np.random.default_rng(3)
    values = {
        "number": random.normal(size=90),
        "few values": random.integers(0, 3, 90).astype(float),
        "constant": np.full(90, 7.0),
        "category": random.integers(0, 3, 90).astype(float),
        "rare levels": np.arange(90.0),
        "always missing": np.full(90, np.nan),
    }[kind]
    values[:lacking] = np.nan
    read = reading(CATEGORY if kind in {"category", "rare levels"} else NUMBER, values)
    weights = weight * random.normal(size=read.width)
    centre = read.columns(values).mean(axis=0)
    asked = np.array([*values, np.nan, 0.0, 1.0, 2.0, 5.5, 99.0, -3.0])
    told = read.term(weights, float(weights @ centre)).read(asked)
    np.testing.assert_allclose(told, (read.columns(asked) - centre) @ weights, atol=1e-12)
    assert read.term(weights, float(weights @ centre)).read(values).mean() == pytest.approx(0.0, abs=1e-12)


def test_a_value_reads_the_same_bits_alone_and_in_company():
    values = skewed()
    for read in (reading(NUMBER, values), reading(CATEGORY, np.floor(values % 5))):
        term = read.term(np.arange(1.0, 1.0 + read.width), 0.3)
        together = term.read(values)
        assert [term.read(values[i : i + 1])[0] for i in range(len(values))] == together.tolist()


@pytest.mark.parametrize("values", [skewed(), np.arange(50.0) % 3, np.full(30, np.nan)])
@pytest.mark.parametrize("feature", [NUMBER, CATEGORY])
def test_a_reading_survives_the_round_trip_through_json(feature, values):
    read = reading(feature, values)
    again = Reading.from_dict(json.loads(json.dumps(read.to_dict(), allow_nan=False)))
    assert again.to_dict() == read.to_dict()
    asked = np.array([*values, np.nan, 0.5])
    assert again.columns(asked).tolist() == read.columns(asked).tolist()


@pytest.mark.parametrize("change", [{"knots": [1.0, 0.0]}, {"knots": [0.0, 0.0]}, {"heights": [0.0]}])
def test_a_reading_that_no_number_has_is_refused(change):
    told = reading(NUMBER, np.arange(9.0) % 2).to_dict()
    with pytest.raises(ValueError, match="knots"):
        Reading.from_dict(told | change)


# Examples


@pytest.mark.parametrize(("lacking", "told"), [(ENOUGH - 1, False), (ENOUGH, True)])
def test_missing_values_have_a_column_of_their_own_once_there_are_enough(lacking, told):
    values = skewed(100)
    values[:lacking] = np.nan
    read = reading(NUMBER, values)
    assert read.missing is told
    assert read.columns(np.array([np.nan])).tolist() == [[0.0, 1.0] if told else [0.0]]


def test_a_level_has_a_column_of_its_own_once_it_has_enough_projects():
    read = reading(CATEGORY, np.repeat([0.0, 1.0, 2.0], [ENOUGH, ENOUGH - 1, 30]))
    assert read.knots.tolist() == [0.0, 2.0]
    assert read.columns(np.array([0.0, 1.0, 2.0, np.nan, 9.0])).tolist() == [[1, 0], [0, 0], [0, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize("values", [np.arange(FEWEST - 1.0), np.full(50, 3.0), np.zeros(0)])
def test_what_tells_nothing_apart_is_not_read(values):
    assert reading(NUMBER, values).columns(np.arange(4.0)).shape == (4, 0)


def test_an_expert_speaks_of_the_number_and_not_of_its_absence():
    values = skewed(60)
    values[:ENOUGH] = np.nan
    read = reading(NUMBER, values)
    mean, low, high = read.believed(0.4, 1)
    assert (mean.tolist(), low.tolist(), high.tolist()) == ([0.4, 0.0], [0.0, -np.inf], [np.inf, np.inf])
    mean, low, high = read.believed(-0.4, -1)
    assert (mean.tolist(), low.tolist(), high.tolist()) == ([-0.4, 0.0], [-np.inf, -np.inf], [0.0, np.inf])
    assert reading(CATEGORY, np.repeat([0.0, 1.0], 20)).believed(0.4, 1)[0].tolist() == [0.0, 0.0]


# Before any project is known


@pytest.mark.parametrize("transform", ["identity", "log1p"])
def test_a_typical_range_is_that_of_the_10th_and_the_90th_percentile(transform):
    read = expected_reading(typical(200.0, 5000.0, transform))
    np.testing.assert_allclose(read.columns(np.array([200.0, 5000.0]))[:, 0], ndtri([0.1, 0.9]), atol=0.01)
    middle = np.expm1((np.log1p(200) + np.log1p(5000)) / 2) if transform == "log1p" else 2600.0
    assert read.columns(np.array([middle, np.nan]))[:, 0] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert (np.diff(read.columns(np.linspace(0, 9000, 300))[:, 0]) >= 0).all()


@pytest.mark.parametrize("counts", [(1, 1), (9, 1), (1, 1, 1), (0, 3, 1), (30, 12, 5, 2, 1)])
def test_levels_are_read_before_any_project_as_they_are_after_projects_of_these_shares(counts):
    codes = np.arange(float(len(counts)))
    seen = [code for code, count in zip(codes, counts, strict=True) if count]
    before = expected_reading(NUMBER, tuple(np.array(counts) / sum(counts)))
    after = reading(NUMBER, np.repeat(codes, 10 * np.array(counts)))
    np.testing.assert_allclose(before.columns(np.array(seen)), after.columns(np.array(seen)), atol=1e-12)
    assert (np.diff(before.columns(codes)[:, 0]) > 0).all()
    assert before.columns(np.array([np.nan])).tolist() == [[0.0]]


@pytest.mark.parametrize("feature", [NUMBER, CATEGORY])
def test_where_nothing_is_typical_nothing_is_read(feature):
    assert expected_reading(feature).columns(np.arange(3.0)).shape == (3, 0)
