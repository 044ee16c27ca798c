from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import Clock, ClockSpec
from features.timeline import PersonPeriods
from models.lesson import lesson_of
from models.unseen import ORIGINS, held_out, rolled

SPEC = ClockSpec(Clock.LANDED, 36, curve=((36, 0.4),))


@pytest.fixture(scope="module")
def short(quick):
    return replace(quick, trees=replace(quick.trees, rounds=20))


@pytest.fixture(scope="module")
def lesson(short):
    return lambda lives: lesson_of(lives, SPEC, 6, short)[0]


@pytest.fixture(scope="module")
def lives(small_world, lives_of):
    """A small world in which three projects at a time share an investor."""
    return lives_of(*small_world(700, seed=5), np.arange(700) // 3)


@pytest.fixture(scope="module")
def unseen(lives, lesson):
    return held_out(lesson(lives))


@pytest.fixture(scope="module")
def later(lives, lesson):
    return rolled(lesson(lives))


def days_of(lives):
    """The inner origins by hand, and a day that nobody entered after."""
    entered = np.sort(lives.entered[np.unique(lives.periods.project)])
    return [*(entered[int(len(entered) * share)] for share in (0.4, 0.6, 0.8)), entered[-1] + 1]


def between(lives, project, origin):
    """Which of some projects entered between an inner origin and the next."""
    days, entered = days_of(lives), lives.entered[project]
    return (days[origin] <= entered) & (entered < days[origin + 1])


def outcomes(lives, event):
    return replace(lives, periods=replace(lives.periods, event=event))


# Nobody's own outcome is in his held-out score


def test_held_out_scores_are_those_of_a_fit_without_the_group(lives, lesson, unseen):
    taught = lesson(lives)
    found = 0
    for out in two_folds(lives, taught.recipe.seed):
        told = taught.only(taught.exposure.of(~out)).answers(taught.exposure.of(out))
        assert told.tolist() == unseen[out].tolist()
        found += out.sum()
    assert found == 700


def two_folds(lives, seed):
    """The two folds by hand: investors shuffled, and dealt in turn."""
    dealt = np.random.default_rng(seed).permutation(lives.group.max() + 1) % 2
    return [dealt[lives.group] == part for part in range(2)]


def test_nobody_s_own_outcome_moves_the_held_out_scores_of_his_group(lives, lesson, unseen):
    winner = lives.periods.project[lives.periods.event == 1][0]
    mine = lives.group == lives.group[winner]
    event = np.where(mine[lives.periods.project], 0.0, lives.periods.event)
    again = held_out(lesson(outcomes(lives, event)))
    assert again[mine].tolist() == unseen[mine].tolist()
    assert (again[~mine] != unseen[~mine]).any()


def test_nobody_s_attributes_move_the_held_out_scores_of_his_group(lives, lesson, unseen):
    matrix = lives.features.matrix.copy()
    matrix[0] += 1.0
    mates = (lives.group == lives.group[0]) & (np.arange(700) != 0)
    again = held_out(lesson(replace(lives, features=replace(lives.features, matrix=matrix))))
    assert again[mates].tolist() == unseen[mates].tolist()


def test_every_project_has_a_held_out_score_of_card_and_trees(unseen):
    assert unseen.shape == (700, 2)
    assert (unseen != 0).all()


# Nothing later than the inner origin is in the scores of later projects


@pytest.mark.parametrize("origin", range(len(ORIGINS)))
@settings(max_examples=4)
@given(seed=st.integers(0, 10_000))
def test_no_later_outcome_moves_the_scores_of_the_projects_of_an_origin(lives, lesson, later, origin, seed):
    exposure, scores = later
    unlived = lives.periods.end > days_of(lives)[origin]
    drawn = (np.random.default_rng(seed).random(len(unlived)) < 0.5) * 1.0
    again, told = rolled(lesson(outcomes(lives, np.where(unlived, drawn, lives.periods.event))))
    mine = between(lives, exposure.project, origin)
    assert again.project.tolist() == exposure.project.tolist()
    assert told[mine].tolist() == scores[mine].tolist()
    assert mine.sum() == 140
    if origin + 1 < len(ORIGINS):
        after = between(lives, exposure.project, origin + 1)
        assert (told[after] != scores[after]).any(), "what was lived by the next origin does"


@pytest.mark.parametrize("origin", range(len(ORIGINS)))
def test_no_later_outcome_moves_them_by_the_level_either_where_no_curve_is_published(lives, short, origin):
    own = lambda lives: lesson_of(lives, replace(SPEC, curve=()), 6, short)[0]  # noqa: E731
    exposure, scores = rolled(own(lives))
    event = np.where(lives.periods.end > days_of(lives)[origin], 0.0, lives.periods.event)
    turned = own(outcomes(lives, event))
    assert (turned.anchor.hazards < own(lives).anchor.hazards).all(), "the level of all lives does move"
    again, told = rolled(turned)
    mine = between(lives, exposure.project, origin)
    assert again.project.tolist() == exposure.project.tolist()
    assert told[mine].tolist() == scores[mine].tolist()
    assert mine.sum() == 140


@pytest.mark.parametrize("curve", [SPEC.curve, ()], ids=["published", "its own"])
def test_what_was_not_on_record_by_an_origin_is_not_learned_from(lives, short, curve):
    told = lambda lives: rolled(lesson_of(lives, replace(SPEC, curve=curve), 6, short)[0])  # noqa: E731
    late = replace(lives, lag=np.timedelta64(200, "D"))
    first, periods = days_of(lives)[0], lives.periods
    exposure, scores = told(late)
    mine = between(lives, exposure.project, 0)
    unsaid = (periods.end <= first) & (periods.end + late.lag > first) & (periods.event == 1)
    assert unsaid.sum() > 5
    blank = np.where(unsaid, 0.0, periods.event)
    assert told(outcomes(late, blank))[1][mine].tolist() == scores[mine].tolist()
    assert (told(outcomes(lives, blank))[1][mine] != told(lives)[1][mine]).any(), "without a lag they are known"


@pytest.mark.parametrize("origin", range(len(ORIGINS)))
def test_no_later_period_moves_the_scores_of_the_projects_of_an_origin(lives, lesson, later, origin):
    periods, exposure, scores = lives.periods, *later
    kept = (periods.end <= days_of(lives)[origin]) | (periods.period == 0)  # who entered later is asked all the same
    lived = {name: getattr(periods, name)[kept] for name in ("project", "period", "event", "end")}
    again, told = rolled(lesson(replace(lives, periods=replace(periods, **lived))))
    mine = between(lives, exposure.project, origin)
    assert again.project.tolist() == exposure.project.tolist()
    assert told[mine].tolist() == scores[mine].tolist()


@pytest.mark.parametrize("origin", range(len(ORIGINS)))
def test_no_later_project_moves_the_scores_of_the_projects_of_an_origin(lives, lesson, later, origin):
    exposure, scores = later
    matrix = lives.features.matrix.copy()
    mine = between(lives, exposure.project, origin)
    new = lives.entered >= days_of(lives)[origin]
    new[exposure.project[mine]] = False
    matrix[new] += 1.0
    again, told = rolled(lesson(replace(lives, features=replace(lives.features, matrix=matrix))))
    assert told[mine].tolist() == scores[mine].tolist()
    assert again.project.tolist() == exposure.project.tolist()
    others = exposure.project[~mine & new[exposure.project]]
    assert bool(len(others)) == bool(origin < 2)


def test_an_outcome_that_was_lived_by_an_origin_is_learned_from(lives, lesson, later):
    exposure, scores = later
    lived = lives.periods.end <= days_of(lives)[0]
    first = np.flatnonzero(lived & (lives.periods.event == 1))[:20]
    event = lives.periods.event.copy()
    event[first] = 0.0
    _, told = rolled(lesson(outcomes(lives, event)))
    assert (told[between(lives, exposure.project, 0)] != scores[between(lives, exposure.project, 0)]).mean() > 0.9


# Oracle: a lesson of the lives as they stood


@pytest.mark.parametrize("origin", range(len(ORIGINS)))
def test_scores_are_those_of_the_lives_as_they_stood_on_the_origin(lives, lesson, later, origin):
    exposure, scores = later
    day, periods = days_of(lives)[origin], lives.periods
    over = np.array([end <= day for end in periods.end])
    stood = PersonPeriods(
        *(a[over] for a in (periods.project, periods.period, periods.event, periods.end)), periods.n_periods
    )
    then = lesson(replace(lives, periods=stood))
    mine = between(lives, exposure.project, origin)
    assert then.answers(exposure.of(mine)).tolist() == scores[mine].tolist()
    assert (lives.entered[then.exposure.project] < day).all()


# Completeness


def test_whoever_entered_after_the_first_origin_is_asked_once_and_with_his_own_life(lives, lesson, later):
    exposure, scores = later
    whole = lesson(lives).exposure
    asked = lives.entered[whole.project] >= days_of(lives)[0]
    assert exposure.project.tolist() == whole.project[asked].tolist()
    assert exposure.risk.tolist() == whole.risk[asked].tolist()
    assert exposure.came.tolist() == whole.came[asked].tolist()
    assert scores.shape == (420, 2)
    assert (scores != 0).all()


def test_scores_of_later_projects_follow_what_came_to_them(later):
    exposure, scores = later
    came = exposure.came.any(axis=1)
    assert (scores[came].mean(axis=0) > scores[~came].mean(axis=0) + 0.2).all()


# Little or nothing to ask


def test_before_anything_came_nobody_is_asked(lives, lesson):
    exposure, scores = rolled(lesson(outcomes(lives, np.zeros(len(lives.periods.event)))))
    assert (len(exposure.project), scores.shape) == (0, (0, 2))


def test_an_origin_by_which_nothing_came_asks_nobody(lives, lesson):
    early = lives.periods.end <= days_of(lives)[1]
    exposure, scores = rolled(lesson(outcomes(lives, np.where(early, 0.0, lives.periods.event))))
    assert exposure.project.tolist() == np.flatnonzero(lives.entered >= days_of(lives)[2]).tolist()
    assert (scores != 0).any()


def test_where_all_entered_on_one_day_nobody_is_later(lives, lesson):
    day = lives.entered[0]
    end = day + (lives.periods.end - lives.entered[lives.periods.project])
    exposure, scores = rolled(
        lesson(replace(lives, entered=np.full(700, day), periods=replace(lives.periods, end=end)))
    )
    assert (len(exposure.project), scores.shape) == (0, (0, 2))


def test_nobody_who_lived_leaves_nobody_to_ask(lives, lesson, cut):
    nobody = lesson(replace(lives, periods=cut(np.zeros((0, 6), dtype=bool))))
    assert held_out(nobody).shape == (0, 2)
    exposure, scores = rolled(nobody)
    assert (len(exposure.project), exposure.n_periods, scores.shape) == (0, 6, (0, 2))


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_a_handful_of_projects_does_not_break(small_world, lives_of, lesson, n):
    exposure, scores = rolled(lesson(lives_of(*small_world(n, seed=4))))
    assert len(exposure.project) == len(scores) < n
    assert np.isfinite(scores).all()


def test_repetition_changes_nothing(lives, lesson, later, unseen):
    again, scores = rolled(lesson(lives))
    assert scores.tolist() == later[1].tolist()
    assert again.project.tolist() == later[0].project.tolist()
    assert held_out(lesson(lives)).tolist() == unseen.tolist()
