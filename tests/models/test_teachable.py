from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.catalog import Clock
from features.errors import Refused
from features.timeline import trace
from features.words import Language
from models.teachable import refuse_without_level
from models.training import asked_model, known_on, train

DAY = np.datetime64("2020-06-30")


def without_outcomes(rows):
    return rows.assign(planted=pd.NaT, dropped=pd.NaT)


def published(catalog):
    spec = replace(catalog.clocks[Clock.LANDED], curve=((12, 0.3), (24, 0.5)))
    return replace(catalog, clocks={Clock.LANDED: spec})


def test_neither_an_outcome_nor_a_published_curve_is_refused_with_the_remedy(orchards, orchard_catalog, quick):
    with pytest.raises(Refused, match="neither for landed") as caught:
        train(without_outcomes(orchards(60)), orchard_catalog, as_of=DAY, recipe=quick)
    for remedy in ("--as-of", "[clock.landed]", "--cold"):
        assert all(remedy in caught.value.said(language) for language in Language)
    assert "got" in caught.value.said(Language.EN)


def test_a_published_curve_stands_in_for_outcomes(orchards, orchard_catalog, quick):
    rows = without_outcomes(orchards(60))
    model = train(rows, published(orchard_catalog), as_of=DAY, recipe=quick)
    assert model.explain(rows)[Clock.LANDED].figure.min() > 0.01


def test_an_outcome_on_record_is_enough(orchards, orchard_catalog):
    rows = without_outcomes(orchards(60))
    first = rows["filed"].argmin()
    rows.loc[first, "planted"] = rows.loc[first, "filed"] + pd.Timedelta(days=100)
    refuse_without_level(trace(rows, orchard_catalog, as_of=DAY), orchard_catalog)


def test_outcomes_after_the_day_count_for_nothing(orchards, orchard_catalog, quick):
    rows = orchards(60)
    rows["planted"] = rows["planted"].where(rows["planted"] > pd.Timestamp("2019-01-01"))
    with pytest.raises(Refused, match="by 2017-12-31"):
        train(rows, orchard_catalog, as_of=np.datetime64("2017-12-31"), snapshot=DAY, recipe=quick)


def test_any_asked_clock_without_a_level_is_named(register, zhaoshang):
    bare = {clock: replace(spec, curve=()) for clock, spec in zhaoshang.clocks.items()}
    catalog = replace(zhaoshang, clocks=bare)
    rows = register.history.copy()
    for column in catalog.milestones[Clock.PRODUCED].columns:
        rows[column] = pd.NaT
    timeline = trace(rows, catalog, as_of=register.design.day)
    with pytest.raises(Refused, match=r"neither for produced .*\[clock\.produced\]"):
        refuse_without_level(timeline, catalog)


def test_an_origin_of_an_evaluation_is_fitted_without_a_level(orchards, orchard_catalog, quick):
    known = known_on(without_outcomes(orchards(60)), orchard_catalog, as_of=DAY, recipe=quick)
    assert set(asked_model(known).hazards) == {Clock.LANDED}
