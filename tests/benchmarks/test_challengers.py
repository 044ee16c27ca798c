from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from features.builder import Feature, Features
from features.catalog import Clock, Dimension
from features.timeline import PersonPeriods
from features.words import Words
from models.rivals import Lesson, constant

DAY = np.datetime64("2020-01-01", "D")


def feature(id_, dimension, direction=0):
    return Feature(id=id_, label=Words(id_, id_), dimension=dimension, directions={Clock.LANDED: direction})


COLUMNS = (
    feature("total_investment", Dimension.CAPITAL_STRENGTH, -1),
    feature("approvals", Dimension.DELIVERY, 1),
    feature("rivals_elsewhere", Dimension.DELIVERY, -1),
    feature("talks", Dimension.DELIVERY),
)


def features(matrix):
    return Features(matrix, COLUMNS, np.zeros(matrix.shape, dtype=bool))


@pytest.fixture
def lesson():
    """Larger ones land less often, those with approvals more often; half are mature."""
    rng = np.random.default_rng(0)
    matrix = np.column_stack(
        [rng.lognormal(size=900), rng.normal(5, 2, 900), rng.normal(size=900), rng.normal(size=900)]
    )
    chance = 1 / (1 + np.exp(0.8 * np.log(matrix[:, 0]) - 0.6 * (matrix[:, 1] - 5)))
    came = (rng.uniform(size=900) < chance).astype(float)
    period = np.zeros(500, dtype=np.intp)
    end = np.full(500, DAY)
    return Lesson(
        train=features(matrix[:500]),
        test=features(matrix[500:]),
        periods=PersonPeriods(np.arange(500), period, came[:500], end, 1),
        horizon=1,
        clock=Clock.LANDED,
        entered=DAY - rng.integers(0, 2000, 500),
        reached=came[:500],
        within=came[:500],
        mature=np.arange(500) < 400,
        seed=1,
        threads=1,
        answers=came[500:],
    )


@pytest.fixture
def challengers(benchmark_module):
    return benchmark_module("challengers")


def test_the_ranker_orders_as_lightgbm_s_own_does_on_mature_projects_by_quarter(challengers, lesson):
    table = pd.DataFrame(lesson.train.matrix[lesson.mature])
    table["came"], table["day"] = lesson.within[lesson.mature], lesson.entered[lesson.mature]
    table = table.sort_values("day", kind="stable")
    sizes = table.groupby(pd.to_datetime(table["day"]).dt.to_period("Q")).size()
    oracle = lgb.LGBMRanker(verbose=-1, random_state=lesson.seed, n_jobs=1)
    oracle.fit(table[[0, 1, 2, 3]], table["came"].astype(int), group=sizes)
    said = oracle.predict(pd.DataFrame(lesson.test.matrix))
    assert spearmanr(challengers.lambdarank(lesson), said).statistic == pytest.approx(1, abs=1e-6)
    assert roc_auc_score(lesson.answers, challengers.lambdarank(lesson)) > 0.6


def test_the_ranker_gives_the_constant_where_nothing_is_mature(challengers, lesson):
    young = replace(lesson, mature=np.zeros(500, dtype=bool))
    np.testing.assert_array_equal(challengers.lambdarank(young), constant(young))


def test_size_stands_the_way_that_ordered_the_training_projects_better(challengers, lesson):
    size = challengers.by_size("total_investment")
    smaller_first = size.chances(lesson)
    assert spearmanr(smaller_first, lesson.test.matrix[:, 0]).statistic == pytest.approx(-1)
    turned = replace(lesson, within=1 - lesson.within)
    assert spearmanr(size.chances(turned), lesson.test.matrix[:, 0]).statistic == pytest.approx(1)
    np.testing.assert_array_equal(size.chances(replace(lesson, answers=1 - lesson.answers)), smaller_first)


def test_a_project_of_unknown_size_stands_in_the_middle(challengers, lesson):
    lesson.test.matrix[0, 0] = np.nan
    place = challengers.by_size("total_investment").chances(lesson)[0]
    assert place == pytest.approx(0.5, abs=0.1)


def test_a_size_that_no_feature_holds_gives_the_constant(challengers, lesson):
    np.testing.assert_array_equal(challengers.by_size("height").chances(lesson), constant(lesson))


def test_readiness_adds_what_delivery_declares_in_its_direction(challengers, lesson):
    train, test = lesson.train.matrix, lesson.test.matrix
    test[0, 1] = np.nan
    worked = np.nan_to_num((test[:, 1] - train[:, 1].mean()) / train[:, 1].std())
    worked -= (test[:, 2] - train[:, 2].mean()) / train[:, 2].std()
    assert spearmanr(challengers.readiness(lesson), worked).statistic == pytest.approx(1)


def test_places_keep_order_and_ties_between_0_and_1(challengers):
    assert challengers.places(np.array([-5.0, 9.0, 9.0])) == pytest.approx([0.25, 0.625, 0.625])


def test_a_register_without_delivery_has_no_list_by_readiness(challengers):
    ids = {catalog: [rival.id for rival in challengers.lists(catalog)] for catalog in challengers.SIZES}
    assert "readiness" in ids["zhaoshang"]
    assert "readiness" not in ids["repd"]
    for own in ids.values():
        assert {"lambdarank", "classifier_mature", "size", "constant"} <= set(own)
        assert len(own) == len(set(own))
