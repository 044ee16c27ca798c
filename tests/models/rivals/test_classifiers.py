from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from models.rivals.classifiers import (
    CANDIDATES,
    DEFAULTS,
    LEAST,
    candidates,
    classifier_mature,
    classifier_tuned,
    splits,
)
from models.rivals.constants import constant


def only(lesson, count):
    """The lesson with its first ``count`` mature projects mature, and no others."""
    kept = np.flatnonzero(lesson.mature)[:count]
    return replace(lesson, mature=np.isin(np.arange(len(lesson.mature)), kept))


@pytest.fixture(scope="module")
def large(lesson):
    return lesson(seed=8, n=1600, t=1500)


def test_the_settings_tried_are_the_defaults_and_draws_that_a_seed_repeats():
    first, again, other = candidates(1), candidates(1), candidates(2)
    assert first == again != other
    assert first[0] == DEFAULTS
    assert len(first) == CANDIDATES == len({tuple(one.items()) for one in first})


def test_many_are_judged_on_the_latest_fifth_by_those_before_it(large):
    (learned, judged), *more = splits(large)
    assert not more
    assert large.entered[learned].max() <= large.entered[judged].min()
    assert len(judged) == pytest.approx(large.mature.sum() / 5, abs=1)
    assert sorted([*learned, *judged]) == list(np.flatnonzero(large.mature))


def test_few_are_judged_in_three_folds_each_once(large):
    few = only(large, 80)
    folds = list(splits(few))
    assert len(folds) == 3
    assert sorted(np.concatenate([judged for _, judged in folds])) == list(np.flatnonzero(few.mature))
    assert not any(set(learned) & set(judged) for learned, judged in folds)


def test_folds_are_taken_where_all_before_the_latest_fifth_went_one_way(large):
    order = np.argsort(large.entered, kind="stable")
    late = np.zeros(len(order))
    late[order[-50:]] = 1.0
    assert len(list(splits(replace(large, mature=np.ones(len(order), dtype=bool), within=late)))) == 3


def test_tuning_forecasts_better_than_the_defaults_where_data_are_few_and_noisy(large):
    few = only(large, 250)
    tuned, default = classifier_tuned(few), classifier_mature(few)
    assert log_loss(large.answers, tuned) < log_loss(large.answers, default)
    assert roc_auc_score(large.answers, tuned) > roc_auc_score(large.answers, default)


def test_tuning_never_looks_at_the_young(large):
    young = ~large.mature
    changed = replace(large, within=np.where(young, 1 - large.within, large.within))
    np.testing.assert_array_equal(classifier_tuned(changed), classifier_tuned(large))


def test_tuning_gives_the_constant_below_its_least_and_where_nothing_is_mature(large):
    for count in (0, 20, LEAST - 1):
        few = only(large, count)
        np.testing.assert_array_equal(classifier_tuned(few), constant(few))
    assert len(np.unique(classifier_tuned(only(large, 200)))) > 1
