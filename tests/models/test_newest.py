import numpy as np
import pytest
from scipy.stats import poisson

from features.catalog import Clock
from features.timeline import person_periods, span, trace
from models.newest import CHALLENGER, CHAMPION, fresh, newest, period_chances, poisson_bounds, since_when
from models.training import asked_model, known_on

AS_OF = np.datetime64("2020-06-30", "D")
SINCE = np.datetime64("2019-06-30", "D")


@pytest.fixture(scope="module")
def rows(orchards):
    return orchards()


@pytest.fixture(scope="module")
def timeline(rows, orchard_catalog):
    return trace(rows, orchard_catalog, as_of=AS_OF, snapshot=AS_OF)


def trained(rows, catalog, quick, day):
    return asked_model(known_on(rows, catalog, as_of=day, snapshot=day, recipe=quick))


@pytest.fixture(scope="module")
def shadow(rows, orchard_catalog, quick):
    return trained(rows, orchard_catalog, quick, SINCE)


@pytest.fixture(scope="module")
def old(rows, orchard_catalog, quick):
    return trained(rows, orchard_catalog, quick, np.datetime64("2016-06-30", "D"))


def test_the_periods_are_those_that_training_on_the_day_leaves_to_the_day_after(rows, timeline, orchard_catalog):
    spec = orchard_catalog.clocks[Clock.LANDED]
    before = person_periods(trace(rows, orchard_catalog, as_of=SINCE, snapshot=SINCE), spec, orchard_catalog)
    now = person_periods(timeline, spec, orchard_catalog)
    new = fresh(timeline, spec, orchard_catalog, SINCE)
    assert len(new.event)
    assert len(before.event) + len(new.event) == len(now.event)
    assert (new.end + span(timeline.lag_months) > SINCE).all()


def test_the_chances_of_the_periods_make_up_the_curve(shadow, rows):
    features = shadow.builder.replay(rows)
    chances = period_chances(shadow, features, Clock.LANDED)
    curve = shadow.curves(features)[Clock.LANDED]
    np.testing.assert_allclose(1 - np.cumprod(1 - chances, axis=1), curve, atol=1e-12)


def test_two_models_are_measured_on_the_same_periods_and_the_gap_is_their_difference(
    rows, timeline, orchard_catalog, shadow, old
):
    found = newest(rows, timeline, {CHALLENGER: shadow, CHAMPION: old}, orchard_catalog, SINCE)[Clock.LANDED]
    loss = {name: figures["log_loss"].value for name, figures in found.figures.items()}
    assert found.gap["log_loss"].value == pytest.approx(loss[CHALLENGER] - loss[CHAMPION])
    assert found.gap["log_loss"].low <= found.gap["log_loss"].value <= found.gap["log_loss"].high
    assert found.figures[CHALLENGER]["auc"].value > 0.6
    assert found.expected[CHALLENGER] == pytest.approx(found.events, rel=0.35)


def test_a_model_beside_itself_has_no_gap(rows, timeline, orchard_catalog, shadow):
    found = newest(rows, timeline, {CHALLENGER: shadow, CHAMPION: shadow}, orchard_catalog, SINCE)[Clock.LANDED]
    assert all((gap.value, gap.low, gap.high) == (0.0, 0.0, 0.0) for gap in found.gap.values())


def test_nothing_new_is_no_finding(rows, timeline, orchard_catalog, shadow):
    assert newest(rows, timeline, {CHALLENGER: shadow}, orchard_catalog, AS_OF) == {}


def test_an_old_champion_is_asked_about_the_last_year_and_a_young_one_about_its_own_time(old, shadow):
    assert since_when(AS_OF, None) == since_when(AS_OF, old) == AS_OF - span(12)
    assert since_when(np.datetime64("2019-12-31"), shadow) == SINCE


@pytest.mark.parametrize("events", [1, 7, 44])
def test_the_bounds_leave_half_a_hundredth_on_either_side(events):
    low, high = poisson_bounds(events)
    assert poisson.sf(events - 1, low) == pytest.approx(0.005)
    assert poisson.cdf(events, high) == pytest.approx(0.005)
