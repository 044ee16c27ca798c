import re

import pytest

from features.catalog import ASKED, LATER, Catalog, Clock
from features.catalogs.reader import parse_catalog
from features.errors import CatalogError
from features.words import Language

SMALL = """
name = "small"
entry = "filed"
key = "ref"
period_months = 6
reporting_lag_months = 0
[attribute]
ref = { kind = "key" }
filed = { kind = "date" }
begun = { kind = "date", known = "later" }
opened = { kind = "date", known = "later" }
left = { kind = "date", known = "later" }
[milestone]
landed = { columns = ["begun"] }
produced = { columns = ["opened"] }
refused = { columns = ["left"], exit = true }
[clock.landed]
horizon_months = 12
curve = [[12, 0.6]]
[clock.produced]
horizon_months = 24
"""
WITHOUT_EXIT = SMALL.replace(", exit = true", "")
OPENINGS = SMALL.replace('landed = { columns = ["begun"] }\n', "").replace("[clock.landed]\nhorizon_months = 12\n", "")
OPENINGS = OPENINGS.replace("curve = [[12, 0.6]]\n", "")
STARTS = SMALL.replace('produced = { columns = ["opened"] }\n', "").replace(
    "[clock.produced]\nhorizon_months = 24\n", ""
)


def parsed(text: str) -> Catalog:
    return parse_catalog(text, "small")


def faults(text: str) -> list[str]:
    with pytest.raises(CatalogError) as caught:
        parsed(text)
    assert all(re.search(r"[\u4e00-\u9fff]", problem.said(Language.ZH)) for problem in caught.value.problems)
    return [str(problem) for problem in caught.value.problems]


def test_every_clock_is_asked_at_the_entry_or_later():
    assert (*ASKED, *LATER) == tuple(Clock)


@pytest.mark.parametrize(
    ("text", "horizons"),
    [
        (SMALL, {Clock.WITHDRAWN: 12, Clock.FINISHED: 24}),
        (WITHOUT_EXIT, {Clock.FINISHED: 24}),
        (OPENINGS, {Clock.WITHDRAWN: 24}),
        (STARTS, {Clock.WITHDRAWN: 12}),
        (STARTS.replace(", exit = true", ""), {}),
        (f"{SMALL}[clock.withdrawn]\nhorizon_months = 18\n", {Clock.WITHDRAWN: 18, Clock.FINISHED: 24}),
        (f"{SMALL}[clock.finished]\nhorizon_months = 6\n", {Clock.WITHDRAWN: 12, Clock.FINISHED: 6}),
    ],
)
def test_clocks_on_the_way_are_there_where_the_milestones_allow(text, horizons):
    catalog = parsed(text)
    assert {clock: spec.horizon_months for clock, spec in catalog.later.items()} == horizons
    assert all(spec.clock is clock for clock, spec in catalog.later.items())
    assert set(catalog.clocks) <= set(ASKED)


def test_finishing_takes_the_horizon_of_landing_where_nobody_asks_for_production():
    text = SMALL.replace("[clock.produced]\nhorizon_months = 24\n", "")
    assert parsed(text).later[Clock.FINISHED].horizon_months == 12


def test_a_table_may_give_the_curve_alone():
    spec = parsed(f"{SMALL}[clock.withdrawn]\ncurve = [[12, 0.1]]\n").later[Clock.WITHDRAWN]
    assert (spec.curve, spec.horizon_months) == (((12, 0.1),), 12)


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        (SMALL, 48),
        (f"{SMALL}[clock.finished]\nhorizon_months = 36\n", 72),
        (f"reach_months = 24\n{SMALL}", 24),
        (f"reach_months = 120\n{SMALL}", 120),
    ],
)
def test_all_clocks_reach_equally_far(text, reach):
    catalog = parsed(text)
    assert {spec.reach_months for spec in (*catalog.clocks.values(), *catalog.later.values())} == {reach}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            f"{WITHOUT_EXIT}[clock.withdrawn]\n",
            "clock.withdrawn: no milestone is an exit; say exit = true in one, or drop [clock.withdrawn]",
        ),
        (
            f"{OPENINGS}[clock.finished]\n",
            "clock.finished: runs from landed to produced; add [milestone.landed] and [milestone.produced], or drop"
            " [clock.finished]",
        ),
        (
            f"{SMALL}[clock.withdrawn]\nhorizon_months = 7\n",
            "clock.withdrawn.horizon_months: must be a multiple of period_months (6); got 7",
        ),
        (
            f"{SMALL}[clock.withdrawn]\ncurve = [[12, 0.5]]\n",
            "clock.withdrawn.curve: no project both lands and withdraws before: landed and withdrawn together cannot"
            " exceed 1; got 0.6 and 0.5 at 12 months",
        ),
        (
            f"{SMALL}[clock.finished]\ncurve = [[12, 0.5], [6, 0.6]]\n",
            "clock.finished.curve: months and probabilities must rise, probabilities between 0 and 1;"
            " got [(12, 0.5), (6, 0.6)]",
        ),
        (
            f"{SMALL}[clock.finished]\nhorizon_month = 12\n",
            "clock.finished.horizon_month: is not a key known here; did you mean horizon_months?",
        ),
        (
            f"reach_months = 18\n{SMALL}",
            "reach_months: must be a multiple of period_months (6), and not below the longest horizon (24 months);"
            " got 18",
        ),
        (
            f"reach_months = 26\n{SMALL}",
            "reach_months: must be a multiple of period_months (6), and not below the longest horizon (24 months);"
            " got 26",
        ),
        (
            SMALL.replace("horizon_months = 12", "horizon_months = 13"),
            "clock.landed.horizon_months: must be a multiple of period_months (6); got 13",
        ),
    ],
)
def test_each_slip_is_told_once_by_place_and_remedy(text, fault):
    assert faults(text) == [fault]


def test_weights_and_directions_are_of_the_clocks_asked_alone():
    size = '[attribute.size]\nkind = "number"\ndimension = "market"\ndirection = { withdrawn = 1 }\n'
    assert faults(SMALL + size) == [
        "attribute.size.direction.withdrawn: is not a key known here; use one of landed, produced"
    ]
    whole = parsed(SMALL + size.replace("{ withdrawn = 1 }", "1")).attributes["size"]
    assert set(whole.directions) == set(whole.weights) == set(ASKED)
