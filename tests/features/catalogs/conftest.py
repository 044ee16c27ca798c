"""What the tests of catalogues share: a small one with every table in it, and ways to spoil it."""

import re
from collections.abc import Callable

import pytest

from features.catalogs.reader import parse_catalog
from features.errors import CatalogError
from features.words import Language

SMALL = """
name = "small"
entry = "filed"
key = "ref"
investor = "firm"
period_months = 6
reporting_lag_months = 6

[attribute.ref]
kind = "key"
[attribute.filed]
kind = "date"
[attribute.firm]
kind = "key"
[attribute.size]
kind = "number"
dimension = "market"
unit = "MW"
units = { kW = 0.001 }
minimum = 0
maximum = 100
direction = { landed = -1 }
weight = -0.3
transform = "log1p"
typical = [2, 40]
[attribute.depth]
kind = "number"
dimension = "technology"
[attribute.stage]
kind = "ordinal"
dimension = "delivery"
levels = ["low", "high"]
levels_en = ["Low", "High"]
synonyms = { "top" = "high" }
missing = ["not asked"]
volatile = true
[attribute.secret]
kind = "number"
dimension = "audit_only"
[attribute.red]
kind = "flag"
dimension = "gate"
[attribute.begun]
kind = "date"
known = "later"
[attribute.begun_noted]
kind = "date"
known = "later"
[attribute.opened]
kind = "date"
dimension = "outcome"
[attribute.spent]
kind = "number"
known = "later"
[attribute.state]
kind = "category"
known = "later"

[derived.ratio]
of = ["size", "depth"]
dimension = "market"
typical = [0.5, 8]

[milestone.landed]
columns = ["begun"]
recorded = "begun_noted"
[milestone.produced]
columns = ["opened"]

[clock.landed]
horizon_months = 12
curve = [[12, 0.3], [24, 0.5]]
[clock.produced]
horizon_months = 24

[[history]]
by = "firm"
measures = ["count", "landed_rate"]
[[neighbours]]
radius_km = 10
x = "size"
y = "depth"
measures = ["count"]
[[exclude]]
column = "state"
values = ["replaced"]
reason = "replaced later"
[ambiguous]
"amount" = ["size", "depth"]
"""


@pytest.fixture(scope="session")
def small() -> str:
    """A small catalogue."""
    return SMALL


@pytest.fixture(scope="session")
def changed() -> Callable[[str, str], str]:
    """The small catalogue with one passage replaced."""

    def call(old: str, new: str) -> str:
        assert old in SMALL
        return SMALL.replace(old, new, 1)

    return call


@pytest.fixture(scope="session")
def faults() -> Callable[[str], list[str]]:
    """The faults that a catalogue is refused for, each said in both languages."""

    def call(text: str) -> list[str]:
        with pytest.raises(CatalogError) as caught:
            parse_catalog(text, "small")
        for problem in caught.value.problems:
            assert re.search(r"[\u4e00-\u9fff]", problem.said(Language.ZH))
        return [str(problem) for problem in caught.value.problems]

    return call
