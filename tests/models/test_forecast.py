from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import logit

from features.catalog import Clock
from features.inputs import Features
from features.standing import Stage, Standings
from features.synthetic.lives import AGAINST, FINISH, LIFE, START, WITHDRAW, baseline, hazard
from models.conditioned import Course, Waiting, leaving
from models.curve import curve
from models.forecast import forecast


@dataclass
class Known:
    """A hazard that is known; it keeps what it was asked."""

    baseline: np.ndarray
    spread_sd: float = 0.0
    per_column: tuple[float, ...] = ()
    asked: list = field(default_factory=list)

    def log_odds(self, matrix):
        self.asked.append(matrix)
        return (
            matrix[:, -len(self.per_column) :] @ np.array(self.per_column) if self.per_column else np.zeros(len(matrix))
        )


def model_of(period, giving_up=0.0, **hazards):
    """A model of known hazards; of those that build, the same share gives up in each period."""
    clocks = {Clock(name): hazard for name, hazard in hazards.items()}
    first = {clock: clocks[clock] for clock in clocks if clock in {Clock.LANDED, Clock.PRODUCED}}
    later = {clock: clocks[clock] for clock in clocks if clock not in first}
    leaves = np.full(len(clocks[Clock.FINISHED].baseline) if Clock.FINISHED in later else 0, giving_up)
    return SimpleNamespace(catalog=SimpleNamespace(period_months=period), hazards=first, later=later, giving_up=leaves)


def standings_of(*stages_and_months):
    stage, waited, built = zip(*stages_and_months, strict=True)
    return Standings(np.array(stage, dtype=object), np.array(waited, dtype=float), np.array(built, dtype=float))


def features_of(n, columns=2):
    matrix = np.random.default_rng(3).normal(size=(n, columns))
    return Features(matrix, (), np.zeros(matrix.shape, dtype=np.bool_))


def without_competitor(chance):
    """The levels of a clock whose curve takes these steps."""
    return logit(chance / (1 - np.concatenate([[0.0], np.cumsum(chance)[:-1]])))


@pytest.fixture(scope="module")
def county():
    """The invented county's exact lives of score 0, and a model that knows its clocks."""
    start = hazard(baseline(START, LIFE))
    leave = (1 - start) * hazard(baseline(WITHDRAW, LIFE) - AGAINST * 0)
    here = np.concatenate([[1.0], np.cumprod(1 - start - leave)])
    started, gone, finish = (here[:-1] * start)[:72], (here[:-1] * leave)[:72], hazard(baseline(FINISH, LIFE))
    model = model_of(
        1,
        landed=Known(without_competitor(started)),
        withdrawn=Known(without_competitor(gone)),
        finished=Known(logit(finish)),
    )
    return SimpleNamespace(model=model, start=start, here=here, started=started, finish=finish)


# Oracles


@pytest.mark.parametrize("age", [0, 6, 12, 24, 36])
def test_who_waits_is_told_the_exact_chance_of_those_that_wait_as_long(county, age):
    said = forecast(county.model, features_of(1), standings_of((Stage.WAITING, age, np.nan)), 24)
    assert said.within[0] == pytest.approx(county.started[age : age + 24].sum() / county.here[age], rel=1e-9)
    remaining = np.concatenate([[0.0], 1 - np.cumprod(1 - county.finish)])
    exact = sum(county.started[age + m] * (remaining[23 - m] + remaining[24 - m]) / 2 for m in range(24))
    assert said.produced[0] == pytest.approx(exact / county.here[age], rel=1e-9)


@pytest.mark.parametrize("built", [0, 3, 18])
def test_who_builds_is_told_the_exact_chance_of_those_that_build_as_long(county, built):
    said = forecast(county.model, features_of(1), standings_of((Stage.BUILDING, built + 10, built)), 12)
    assert said.within[0] == pytest.approx(1 - np.prod(1 - county.finish[built : built + 12]), rel=1e-9)
    assert said.produced[0] == said.within[0]
    assert said.awaited[0] == Clock.FINISHED


def test_the_shock_of_each_clock_is_averaged_before_the_division():
    start, left = Known(np.full(8, -2.0), 0.8, (0.5, 0.1)), Known(np.full(8, -2.5), 0.5, (-0.3, 0.0))
    features = features_of(3)
    stands = standings_of(*[(Stage.WAITING, age, np.nan) for age in (0.0, 7.0, 20.0)])
    said = forecast(model_of(6, landed=start, withdrawn=left), features, stands, 12)
    courses = [Course(curve(h.baseline, h.log_odds(features.matrix), h.spread_sd), 6) for h in (start, left)]
    expected = Waiting(courses[0], leaving(*courses, 48), stands.months_waited, 48).within(12)
    assert said.within.tolist() == expected.tolist()


@pytest.mark.parametrize("built", [0, 3, 18])
def test_who_builds_is_told_the_exact_chance_where_some_give_up(built):
    finish, leave, months = np.full(60, 0.1), 0.04, 12
    model = model_of(1, leave, landed=Known(np.full(60, -2.0)), finished=Known(logit(finish)))
    said = forecast(model, features_of(1), standings_of((Stage.BUILDING, 30.0, float(built))), months)
    there = np.cumprod(np.append(1.0, (1 - finish) * (1 - leave)))[:-1]  # at the start of each month
    assert said.within[0] == pytest.approx((there * finish)[built : built + months].sum() / there[built], rel=1e-9)


# What each clock is asked


def test_the_finish_clock_learns_how_long_the_start_took():
    finish = Known(np.full(20, -2.0), per_column=(-0.1,))
    stands = standings_of((Stage.BUILDING, 30.0, 6.0), (Stage.BUILDING, 8.0, 6.0))
    said = forecast(model_of(3, landed=Known(np.full(20, -2.0)), finished=finish), features_of(2), stands, 12)
    assert finish.asked[0][:, -1].tolist() == [24.0, 2.0]
    assert finish.asked[0].shape == (2, 3)
    assert said.within[0] < said.within[1]


def test_the_start_to_come_is_as_late_as_the_project_is_old_by_then():
    finish = Known(np.full(20, -2.0), per_column=(-0.1,))
    model = model_of(3, landed=Known(np.full(20, -2.0)), finished=finish)
    forecast(model, features_of(1), standings_of((Stage.WAITING, 9.0, np.nan)), 12)
    assert [asked[0, -1] for asked in finish.asked] == [9.0, 15.0, 21.0]


# Properties


def test_who_has_waited_longer_is_more_overdue_and_expected_no_earlier():
    stands = standings_of(*[(Stage.WAITING, age, np.nan) for age in (1.0, 30.0, 50.0)])
    said = forecast(model_of(6, landed=Known(np.full(12, -2.0))), features_of(3), stands, 12)
    assert said.overdue[0] == 0
    assert said.overdue[2] - said.overdue[1] == pytest.approx(20.0)
    assert (said.early <= said.late).all()
    assert (said.late <= said.remaining).all()


def test_a_project_is_told_the_same_alone_and_in_company(county):
    stands = standings_of((Stage.WAITING, 5.0, np.nan), (Stage.BUILDING, 30.0, 9.0), (Stage.WAITING, 50.5, np.nan))
    features = features_of(3)
    together = forecast(county.model, features, stands, 12)
    for i in range(3):
        one = Features(features.matrix[i : i + 1], (), features.unseen[i : i + 1])
        alone = Standings(stands.stage[i : i + 1], stands.months_waited[i : i + 1], stands.months_built[i : i + 1])
        said = forecast(county.model, one, alone, 12)
        for name in ("within", "produced", "ever", "early", "late", "overdue", "remaining"):
            assert getattr(said, name).tobytes() == getattr(together, name)[i : i + 1].tobytes(), name


# Every state and every kind of register


@pytest.mark.parametrize("stage", [s for s in Stage if s not in {Stage.WAITING, Stage.BUILDING}])
def test_of_a_project_that_is_not_on_its_way_nothing_is_said(county, stage):
    said = forecast(county.model, features_of(1), standings_of((stage, 12.0, 3.0)), 12)
    assert said.awaited[0] is None
    assert np.isnan([said.within[0], said.produced[0], said.early[0], said.overdue[0], said.remaining[0]]).all()


def test_a_project_older_than_the_clock_gets_no_figure():
    stands = standings_of((Stage.WAITING, 24.0, np.nan), (Stage.WAITING, 23.0, np.nan))
    said = forecast(model_of(6, landed=Known(np.full(4, -2.0))), features_of(2), stands, 12)
    assert np.isnan(said.within).tolist() == [True, False]
    assert np.isnan(said.late).tolist() == [True, False]
    assert (said.remaining <= 0).tolist() == [True, False]


def test_a_window_that_ends_after_the_time_that_lives_were_followed_takes_the_last_level_on():
    levels = np.array([-1.0, -2.0])
    stands = standings_of((Stage.WAITING, 6.0, np.nan))
    said = forecast(model_of(6, landed=Known(levels), withdrawn=Known(levels - 1)), features_of(1), stands, 18)
    longer = model_of(
        6, landed=Known(np.append(levels, [-2.0] * 2)), withdrawn=Known(np.append(levels, [-2.0] * 2) - 1)
    )
    assert said.within[0] == pytest.approx(forecast(longer, features_of(1), stands, 18).within[0], rel=0.01)
    assert said.remaining[0] == 6.0


def test_a_register_that_knows_no_starts_waits_for_production():
    levels = np.full(8, -2.0)
    model = model_of(6, produced=Known(levels), withdrawn=Known(levels - 1))
    said = forecast(model, features_of(1), standings_of((Stage.WAITING, 6.0, np.nan)), 12)
    assert said.awaited[0] == Clock.PRODUCED
    assert 0 < said.within[0] == said.produced[0] < 1


def test_a_register_that_knows_no_production_says_nothing_after_the_start():
    stands = standings_of((Stage.WAITING, 6.0, np.nan), (Stage.BUILDING, 9.0, 3.0))
    said = forecast(model_of(6, landed=Known(np.full(8, -2.0))), features_of(2), stands, 12)
    assert said.awaited.tolist() == [Clock.LANDED, None]
    assert np.isnan(said.produced).all()
    assert np.isnan(said.within).tolist() == [False, True]


def test_a_register_whose_projects_never_leave_is_conditioned_on_waiting_alone():
    said = forecast(
        model_of(6, landed=Known(np.zeros(2))), features_of(1), standings_of((Stage.WAITING, 6.0, np.nan)), 6
    )
    assert said.within[0] == pytest.approx(0.5)


def test_an_empty_ledger_is_told_nothing(county):
    said = forecast(county.model, features_of(0), Standings(*[np.zeros(0)] * 3), 12)
    assert said.within.shape == (0,)
