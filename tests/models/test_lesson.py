from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from features.catalog import Clock, ClockSpec
from models.exposure import exposure_of
from models.lesson import crude_level, lesson_of
from models.level import published_hazards
from models.scorecard import fit_scorecard
from models.trees import grow

SPEC = ClockSpec(Clock.LANDED, 36, curve=((36, 0.4),))


@pytest.fixture(scope="module")
def lives(small_world, lives_of):
    """A small world of which every fifth project has lived nothing."""
    features, periods = small_world(400, seed=5)
    kept = periods.project % 5 > 0
    lived = {name: getattr(periods, name)[kept] for name in ("project", "period", "event", "end")}
    return lives_of(features, replace(periods, **lived))


@pytest.fixture(scope="module")
def lesson(lives, quick):
    return lesson_of(lives, SPEC, 6, quick)[0]


def share(lesson, rest):
    """Two in three of the exposed projects, or the others."""
    third = np.arange(len(lesson.exposure.project)) % 3 == 0
    return lesson.exposure.of(third if rest else ~third)


# Oracle: the parts by themselves


def test_what_is_taught_are_card_and_trees_of_those_projects_alone(lesson, lives, quick):
    some = share(lesson, rest=False)
    card, trees = lesson.only(some).taught()
    own = fit_scorecard(lives.features, some, lesson.anchor, Clock.LANDED, quick.card.penalty)
    assert card.to_dict() == own.to_dict() != lesson.taught()[0].to_dict()
    level = crude_level(some, lesson.anchor)
    assert trees.text == grow(lives.features, some, level, Clock.LANDED, quick).text != ""


def test_answers_are_the_scores_of_that_card_and_of_those_trees(lesson, lives):
    some, rest = share(lesson, rest=False), share(lesson, rest=True)
    told = lesson.only(some).answers(rest)
    for part, scores in zip(lesson.only(some).taught(), told.T, strict=True):
        np.testing.assert_allclose(
            scores, part.contributions(lives.features.matrix[rest.project]).sum(axis=1), atol=1e-12
        )
    assert told.std(axis=0).min() > 0.1


def test_trees_start_from_the_level_of_those_they_are_grown_on(lesson):
    some = share(lesson, rest=False)
    np.testing.assert_allclose(
        expit(crude_level(some, replace(lesson.anchor, projects=1e-9))),
        some.came.sum(axis=0) / some.risk.sum(axis=0),
        rtol=1e-6,
    )


# Properties


def test_what_is_asked_is_not_learned_from(lesson):
    some, rest = share(lesson, rest=False), share(lesson, rest=True)
    turned = replace(rest, came=rest.risk - rest.came)
    assert lesson.only(some).answers(turned).tolist() == lesson.only(some).answers(rest).tolist()


def test_of_those_left_out_nothing_is_left_where_the_level_is_the_register_s_own(lives, quick):
    own = replace(SPEC, curve=())
    lesson = lesson_of(lives, own, 6, quick)[0]
    some = share(lesson, rest=False)
    apart = lesson.only(some)
    mean = (some.came.sum() + 0.5) / (some.risk.sum() + 1.0)
    np.testing.assert_allclose(apart.anchor.hazards, np.full(6, mean), rtol=1e-12)
    assert apart.anchor.projects == lesson.anchor.projects
    mine = np.isin(lives.periods.project, some.project)
    turned = replace(lives, periods=replace(lives.periods, event=np.where(mine, lives.periods.event, 0.0)))
    barren = lesson_of(turned, own, 6, quick)[0]
    assert (barren.anchor.hazards < lesson.anchor.hazards).all()
    rest = share(lesson, rest=True)
    assert barren.only(some).answers(rest).tolist() == apart.answers(rest).tolist()


def test_a_project_is_answered_the_same_alone_and_in_company(lesson):
    some, rest = share(lesson, rest=False), share(lesson, rest=True)
    apart = lesson.only(some)
    company = apart.answers(rest)
    for i in (0, 17, 80):
        assert apart.answers(rest.of(np.array([i]))).tolist() == [company[i].tolist()]


@pytest.mark.parametrize("months", [6, 18, 20, 36])
def test_attributes_learn_up_to_the_horizon_and_the_level_up_to_the_reach(lives, quick, months):
    lesson, whole, anchor = lesson_of(lives, replace(SPEC, horizon_months=months), 6, quick)
    assert lesson.exposure.n_periods == len(lesson.anchor.hazards) == -(-months // 6)
    assert whole.n_periods == len(anchor.hazards) == 6
    assert lesson.exposure.risk.tolist() == whole.risk[:, : -(-months // 6)].tolist()
    assert lesson.anchor.hazards.tolist() == anchor.hazards[: -(-months // 6)].tolist()


def test_a_lesson_is_of_those_who_lived(lesson, lives):
    assert lesson.exposure.project.tolist() == [i for i in range(400) if i % 5]
    assert lesson.exposure.events == lives.periods.event.sum()


# Examples


def test_the_anchor_is_the_published_curve_else_the_mean_of_what_was_lived(lives, quick):
    published, own = (lesson_of(lives, s, 6, quick)[2] for s in (SPEC, replace(SPEC, curve=())))
    assert published.hazards.tolist() == published_hazards(SPEC, 6, 6).tolist()
    lived = exposure_of(lives.periods)
    np.testing.assert_allclose(own.hazards, lived.events / lived.risk.sum(), rtol=0.01)
    assert published.projects == own.projects == quick.level.prior_projects


def test_nobody_lived_gives_a_lesson_of_nothing(lives, quick, cut):
    nothing = replace(lives, periods=cut(np.zeros((0, 6), dtype=bool)))
    lesson, whole, _ = lesson_of(nothing, SPEC, 6, quick)
    assert len(lesson.exposure.project) == len(whole.project) == 0
    card, trees = lesson.taught()
    assert not card.weights.any()
    assert trees.text == ""
    assert lesson.answers(lesson.exposure).shape == (0, 2)
