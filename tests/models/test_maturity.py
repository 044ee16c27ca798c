import numpy as np
import pandas as pd
import pytest

from features.catalog import Clock
from features.timeline import outcome, trace
from models.maturity import maturity

AS_OF = np.datetime64("2020-06-30", "D")


def cohorts_of(rows, catalog, as_of=AS_OF):
    return maturity(trace(rows, catalog, as_of=as_of, snapshot=as_of), catalog)[Clock.LANDED]


def by_hand(catalog):
    """Four projects of 2019, horizon 24 months, lag 6: planted, dropped, waiting; and one of 2016 that never came."""
    day = lambda *days: np.array(days, dtype="datetime64[s]")  # noqa: E731 - columns of days, four times
    rows = pd.DataFrame(
        {
            "ref": list("abcd"),
            "filed": day("2019-01-01", "2019-02-01", "2019-03-01", "2016-01-01"),
            "grower": list("wxyz"),
            "water": [0.0, 1.0, 2.0, 3.0],
            "fruit": ["pear"] * 4,
            "planted": day("2019-06-01", "NaT", "NaT", "NaT"),
            "dropped": day("NaT", "2019-07-01", "NaT", "NaT"),
        }
    )
    return cohorts_of(rows, catalog)


def test_each_project_is_counted_once_as_what_is_known_of_it(orchard_catalog):
    old, young = by_hand(orchard_catalog)
    assert (old.year, old.projects, old.came, old.left, old.over) == (2016, 1, 0, 0, 1)
    assert (young.year, young.projects, young.came, young.left, young.over) == (2019, 3, 1, 1, 0)
    assert young.observed == pytest.approx(2 / 3)
    assert (old.observed, old.lived) == (1.0, 1.0)
    assert young.lived == pytest.approx(np.mean([364, 333, 305]) / 730, abs=0.01)


def test_cohorts_add_up_to_the_admitted_projects_and_agree_with_the_outcomes(orchards, orchard_catalog):
    rows = orchards()
    timeline = trace(rows, orchard_catalog, as_of=AS_OF, snapshot=AS_OF)
    event, _ = outcome(timeline, orchard_catalog.clocks[Clock.LANDED], orchard_catalog)
    found = cohorts_of(rows, orchard_catalog)
    assert sum(c.projects for c in found) == timeline.admitted.sum()
    assert sum(c.came for c in found) == event[timeline.admitted].sum()
    assert all(c.came + c.left + c.over <= c.projects for c in found)


def test_what_is_observed_never_shrinks_as_time_goes_on(orchards, orchard_catalog):
    rows = orchards().drop(columns="updated")
    days = np.arange("2014-01", "2020-07", 6, dtype="datetime64[M]").astype("datetime64[D]")
    seen = [
        {c.year: c.came + c.left + c.over for c in cohorts_of(rows, orchard_catalog, day)}.get(2013) for day in days
    ]
    assert seen == sorted(seen)
