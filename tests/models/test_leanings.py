import pytest

from features.catalog import Clock, Dimension
from features.inputs import Feature, candidates
from features.words import Words
from models.leanings import direction, expert_weight


def feature(*, categorical=False):
    return Feature(
        "a", Words("甲", "a"), Dimension.MARKET, categorical,
        directions={Clock.LANDED: -1, Clock.PRODUCED: 1}, weights={Clock.LANDED: -0.2, Clock.PRODUCED: 0.5},
    )  # fmt: skip


LEANS = {
    Clock.LANDED: (-1, -0.2),
    Clock.PRODUCED: (1, 0.5),
    Clock.FINISHED: (1, 0.5),  # as production
    Clock.WITHDRAWN: (1, 0.2),  # against landing
}


@pytest.mark.parametrize("clock", list(Clock))
def test_every_clock_leans_as_the_clock_it_is_read_as(clock):
    assert (direction(feature(), clock), expert_weight(feature(), clock)) == LEANS[clock]


@pytest.mark.parametrize("clock", list(Clock))
def test_a_category_leans_nowhere(clock):
    assert direction(feature(categorical=True), clock) == 0
    assert expert_weight(feature(categorical=True), clock) == 0.0


@pytest.mark.parametrize("clock", list(Clock))
def test_what_the_catalogue_does_not_name_leans_nowhere(clock):
    bare = Feature("a", Words("甲", "a"), Dimension.MARKET)
    assert (direction(bare, clock), expert_weight(bare, clock)) == (0, 0.0)


@pytest.mark.parametrize("clock", list(Clock))
def test_in_the_default_catalogue_no_weight_goes_against_its_direction(zhaoshang, clock):
    told = [(direction(c, clock), expert_weight(c, clock)) for c in candidates(zhaoshang)]
    assert any(weight for _, weight in told)
    assert all(sign * weight >= 0 for sign, weight in told)
