from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from features.timeline import PersonPeriods
from features.words import Language
from models.rivals import RIVALS, at_hand, constant, hazards
from models.rivals.classifiers import LEAST

HORIZON = 4
HERE = at_hand(RIVALS)[0]
LEARNERS = [rival for rival in HERE if not rival.id.startswith("constant")]
BY_ID = {rival.id: rival for rival in RIVALS}


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


@pytest.mark.parametrize("id_", ["logistic_hazard", "lightgbm_hazard", "expert_card"])
def test_hazards_order_better_than_a_guess_and_get_the_level_right(id_, sound):
    chances = BY_ID[id_].chances(sound)
    assert roc_auc_score(sound.answers, chances) > 0.7
    assert chances.mean() == pytest.approx(sound.answers.mean(), abs=0.06)


def test_the_current_status_understates_because_the_young_count_as_failed(sound):
    assert BY_ID["classifier_current"].chances(sound).mean() < sound.answers.mean() - 0.1


@pytest.mark.parametrize("rival", HERE, ids=lambda rival: rival.id)
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

    def test_bears_thirty_projects_with_an_empty_column(self, rival, lesson):
        few = lesson(seed=3, n=30, t=5)
        few.train.matrix[:, 0] = np.nan
        assert np.isfinite(rival.chances(few)).all()

    def test_bears_a_file_in_which_nothing_has_happened(self, rival, lesson):
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

    def test_gives_the_constant_where_only_one_outcome_is_known(self, rival, sound):
        if rival.knows_answers:
            return
        periods = replace(sound.periods, event=np.zeros(len(sound.periods.event)))
        same = replace(sound, periods=periods, reached=sound.reached * 0, within=sound.within * 0)
        np.testing.assert_allclose(rival.chances(same), constant(same), atol=1e-12)

    def test_bears_twenty_projects(self, rival, lesson):
        chances = rival.chances(lesson(seed=5, n=20, t=5))
        assert ((chances >= 0) & (chances <= 1)).all()

    def test_bears_no_attributes_at_all(self, rival, sound):
        bare = [
            replace(f, matrix=f.matrix[:, :0], columns=(), unseen=f.unseen[:, :0]) for f in (sound.train, sound.test)
        ]
        chances = rival.chances(replace(sound, train=bare[0], test=bare[1]))
        assert len(np.unique(chances.round(12))) == 1


@pytest.mark.parametrize("rival", LEARNERS, ids=lambda rival: rival.id)
class TestEveryRivalThatLearns:
    def test_orders_better_than_a_guess(self, rival, sound):
        assert roc_auc_score(sound.answers, rival.chances(sound)) > 0.6

    def test_reads_codes_as_levels_not_as_numbers(self, rival, sound):
        def renamed(features):
            matrix = features.matrix.copy()
            matrix[:, 2] = np.array([2.0, 0.0, 1.0])[matrix[:, 2].astype(int)]
            return replace(features, matrix=matrix)

        other = replace(sound, train=renamed(sound.train), test=renamed(sound.test))
        np.testing.assert_allclose(rival.chances(other), rival.chances(sound), atol=0.12)

    def test_learns_from_the_fewest_it_accepts_with_one_success_among_them(self, rival, lesson):
        few = lesson(seed=4, n=200, t=20)
        mature = np.isin(np.arange(200), np.flatnonzero(few.mature)[:LEAST])
        within = np.zeros(200)
        within[np.flatnonzero(mature)[0]] = 1.0
        chances = rival.chances(replace(few, mature=mature, within=within))
        assert ((chances >= 0) & (chances <= 1)).all()

    def test_leaves_no_file_behind(self, rival, sound, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        rival.chances(sound)
        assert not list(tmp_path.iterdir())


def test_constant_counts_young_projects_with_the_periods_they_have_lived(sound):
    assert constant(sound)[0] == pytest.approx(np.concatenate([sound.within, sound.answers]).mean(), abs=0.04)


def test_a_rival_whose_library_is_absent_is_left_out_and_the_extra_is_named():
    kept, notes = at_hand(RIVALS, installed=lambda library: library != "catboost")
    assert {rival.id for rival in RIVALS} - {rival.id for rival in kept} == {"catboost"}
    assert [("CatBoost" in note.en, "luodi[rivals]" in note.zh) for note in notes] == [(True, True)]


def test_with_every_library_there_nothing_is_left_out_and_nothing_said():
    assert at_hand(RIVALS, installed=lambda library: True) == (RIVALS, ())


def test_what_needs_no_library_is_never_left_out():
    kept, _ = at_hand(RIVALS, installed=lambda library: False)
    assert kept == tuple(rival for rival in RIVALS if not rival.needs)
    assert {rival.needs for rival in RIVALS} == {"", "catboost", "interpret"}
