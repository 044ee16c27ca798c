from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from features.builder import Feature, Features
from features.catalog import Dimension
from features.timeline import PersonPeriods
from features.words import Language, Words
from models.rivals import RIVALS, Lesson, constant, hazards

HORIZON = 4
BY_ID = {rival.id: rival for rival in RIVALS}


def features(matrix):
    kinds = (("size", False), ("ready", False), ("industry", True))
    columns = tuple(
        Feature(
            id=id_,
            label=Words(id_, id_),
            dimension=Dimension.CONTEXT,
            categorical=categorical,
            levels=("a", "b", "c") if categorical else (),
            directions={},
            weights={},
            transform="identity",
        )
        for id_, categorical in kinds
    )
    return Features(matrix, columns, np.zeros(matrix.shape, dtype=bool))


def lesson(seed=0, n=600, t=300):
    """Projects whose hazard rises with readiness and with industry c; the youngest have lived one period."""
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([rng.lognormal(size=n + t), rng.normal(size=n + t), rng.integers(0, 3, n + t)])
    matrix[rng.uniform(size=n + t) < 0.1, 0] = np.nan
    hazard = 1 / (1 + np.exp(-(-2 + 1.2 * matrix[:, 1] + 1.0 * (matrix[:, 2] == 2))))
    came = rng.geometric(hazard) - 1
    lived = rng.integers(1, HORIZON + 1, n)
    rows = [(i, k, float(came[i] == k)) for i in range(n) for k in range(min(lived[i], came[i] + 1))]
    project, period, event = (np.array(column) for column in zip(*rows, strict=True))
    end = np.full(len(rows), np.datetime64("2020-01-01"))
    within = (came < HORIZON).astype(float)
    return Lesson(
        train=features(matrix[:n]),
        test=features(matrix[n:]),
        periods=PersonPeriods(project, period, event, end, HORIZON),
        horizon=HORIZON,
        reached=(came[:n] < lived).astype(float),
        within=within[:n],
        mature=lived == HORIZON,
        seed=1,
        threads=1,
        answers=within[n:],
    )


@pytest.fixture(scope="module")
def sound():
    return lesson()


def test_the_classifiers_are_lightgbm_with_its_own_defaults(sound):
    table = pd.DataFrame(sound.train.matrix)
    oracle = lgb.LGBMClassifier(verbose=-1, random_state=sound.seed, n_jobs=1)
    for id_, rows, labels in (
        ("classifier_current", slice(None), sound.reached),
        ("classifier_mature", sound.mature, sound.within),
    ):
        oracle.fit(table[rows], labels[rows], categorical_feature=[2])
        said = oracle.predict_proba(pd.DataFrame(sound.test.matrix))[:, 1]
        np.testing.assert_allclose(BY_ID[id_].chances(sound), said, atol=1e-12)


def test_the_logistic_hazard_is_that_of_scikit_learn_on_the_written_out_table(sound):
    coded = [
        replace(f, matrix=np.ascontiguousarray(f.matrix[:, 2:]), columns=f.columns[2:])
        for f in (sound.train, sound.test)
    ]
    only_industry = replace(sound, train=coded[0], test=coded[1])
    periods = sound.periods

    def table(industry, period):
        return np.column_stack([industry[:, None] == np.arange(3), period[:, None] == np.arange(HORIZON)]).astype(float)

    card = LogisticRegression(C=0.02, tol=1e-8, max_iter=1000)
    card.fit(table(coded[0].matrix[periods.project, 0], periods.period), periods.event)
    alive = np.ones(len(coded[1].matrix))
    for k in range(HORIZON):
        alive *= card.predict_proba(table(coded[1].matrix[:, 0], np.full(len(alive), k)))[:, 0]
    np.testing.assert_allclose(BY_ID["logistic_hazard"].chances(only_industry), 1 - alive, atol=1e-4)


def test_the_constant_is_the_product_limit_of_the_periods_lived():
    periods = PersonPeriods(
        project=np.array([0, 0, 1, 2]),
        period=np.array([0, 1, 0, 0]),
        event=np.array([0.0, 1.0, 1.0, 0.0]),
        end=np.full(4, np.datetime64("2020-01-01")),
        n_periods=2,
    )
    assert hazards(periods, 2) == pytest.approx([1.5 / 4, 1.5 / 2])


def test_a_period_nobody_lived_takes_the_rate_of_the_last_one_lived(sound):
    early = sound.periods.period < 2
    periods = PersonPeriods(*(getattr(sound.periods, c)[early] for c in ("project", "period", "event", "end")), HORIZON)
    rates = hazards(periods, HORIZON)
    assert rates[2] == rates[3] == rates[1]


@pytest.mark.parametrize("id_", ["logistic_hazard", "lightgbm_hazard"])
def test_hazards_order_better_than_a_guess_and_get_the_level_right(id_, sound):
    chances = BY_ID[id_].chances(sound)
    assert roc_auc_score(sound.answers, chances) > 0.7
    assert chances.mean() == pytest.approx(sound.answers.mean(), abs=0.06)


def test_the_current_status_understates_because_the_young_count_as_failed(sound):
    assert BY_ID["classifier_current"].chances(sound).mean() < sound.answers.mean() - 0.1


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.id)
class TestEveryRival:
    def test_gives_a_probability_for_every_project_asked_about(self, rival, sound):
        chances = rival.chances(sound)
        assert chances.shape == (300,)
        assert ((chances >= 0) & (chances <= 1)).all()

    def test_gives_the_same_twice(self, rival, sound):
        np.testing.assert_array_equal(rival.chances(sound), rival.chances(sound))

    def test_never_looks_at_the_answers_unless_it_is_marked(self, rival, sound):
        blind = replace(sound, answers=None)
        if rival.knows_answers:
            with pytest.raises(ValueError, match="answers"):
                rival.chances(blind)
        else:
            np.testing.assert_array_equal(rival.chances(blind), rival.chances(sound))

    def test_has_a_name_in_both_languages(self, rival, sound):
        assert all(rival.label.said(language) for language in Language)

    def test_bears_thirty_projects_with_an_empty_column(self, rival, sound):
        few = lesson(seed=3, n=30, t=5)
        few.train.matrix[:, 0] = np.nan
        assert np.isfinite(rival.chances(few)).all()

    def test_bears_a_file_in_which_nothing_has_happened(self, rival, sound):
        few = lesson(seed=4, n=30, t=5)
        quiet = replace(few.periods, event=np.zeros(len(few.periods.event)))
        nothing = replace(
            few, periods=quiet, reached=np.zeros(30), within=np.zeros(30), mature=np.zeros(30, dtype=bool)
        )
        assert (rival.chances(nothing) < 0.2).all() or rival.knows_answers

    def test_bears_a_level_never_met_in_training(self, rival, sound):
        asked = replace(sound.test, matrix=sound.test.matrix.copy())
        asked.matrix[:, 2] = np.nan
        assert np.isfinite(rival.chances(replace(sound, test=asked))).all()

    def test_bears_no_attributes_at_all(self, rival, sound):
        bare = [
            replace(f, matrix=f.matrix[:, :0], columns=(), unseen=f.unseen[:, :0]) for f in (sound.train, sound.test)
        ]
        chances = rival.chances(replace(sound, train=bare[0], test=bare[1]))
        assert len(np.unique(chances.round(12))) == 1


def test_constant_counts_young_projects_with_the_periods_they_have_lived(sound):
    assert constant(sound)[0] == pytest.approx(np.concatenate([sound.within, sound.answers]).mean(), abs=0.04)
