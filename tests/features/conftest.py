"""A small made-up register whose lives are quick to draw and easy to check by hand."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from features.catalog import Catalog, Kind
from features.catalogs.reader import parse_catalog

MILLS = """
name = "mills"
entry = "proposed"
key = "site"
investor = "firm"
filed_on = "filed"
snapshot_column = "updated"
period_months = 6
reporting_lag_months = 3
label = "磨坊"
label_en = "Mills"

[attribute]
site = { kind = "text" }
firm = { kind = "key", dimension = "capital_strength" }
proposed = { kind = "date" }
filed = { kind = "date" }
founded = { kind = "date" }
updated = { kind = "date", known = "later" }
project_uid = { kind = "key" }
trade = { kind = "category", dimension = "technology" }
river = { kind = "category", dimension = "local_fit" }
x = { kind = "number", dimension = "local_fit" }
y = { kind = "number", dimension = "local_fit" }
capital = { kind = "number", dimension = "capital_strength" }
ready = { kind = "ordinal", dimension = "delivery", levels = ["无", "部分", "齐备"], direction = 1, volatile = true }
leased = { kind = "flag", dimension = "local_fit" }
friend = { kind = "flag", dimension = "audit_only" }
red_line = { kind = "flag", dimension = "gate" }
begun = { kind = "date", known = "later" }
milling = { kind = "date", known = "later" }
milling_seen = { kind = "date", known = "later" }
left = { kind = "date", known = "later" }
stage = { kind = "category", known = "later" }

[attribute.cost]
kind = "number"
dimension = "capital_strength"
direction = -1
weight = -0.3
minimum = 0
transform = "log1p"
typical = [5, 80]

[derived.cover]
dimension = "capital_strength"
of = ["cost", "capital"]

[derived.age]
dimension = "capital_strength"
formula = "years_between"
of = ["founded", "proposed"]

[milestone]
landed = { columns = ["begun"] }
produced = { columns = ["milling"], recorded = "milling_seen" }
withdrawn = { columns = ["left"], exit = true }

[clock]
landed = { horizon_months = 24 }
produced = { horizon_months = 36 }

[[history]]
by = "firm"
dimension = "capital_strength"
measures = ["count", "landed_count", "landed_rate", "produced_rate", "withdrawn_rate", "produced_vs_withdrawn"]

[[history]]
by = ["trade", "river"]
dimension = "local_fit"
measures = ["count", "landed_rate", "produced_count", "landed_vs_withdrawn"]
window_months = 24

[[neighbours]]
radius_km = 10
x = "x"
y = "y"
dimension = "local_fit"
measures = ["count", "produced_count"]

[[neighbours]]
radius_km = 2.5
x = "x"
y = "y"
same = "trade"
dimension = "local_fit"
measures = ["landed_count"]
"""

Draw = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def mills() -> Catalog:
    return parse_catalog(MILLS, "mills")


@pytest.fixture(scope="session")
def draw(mills: Catalog) -> Draw:
    """Draw ``n`` typed rows under a seed: few firms, few places, every cell missing now and then, some dates wrong."""

    def drawn(n: int, seed: int, first: str = "2010-01-01", days: int = 3000) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        proposed = np.datetime64(first) + rng.integers(0, days, n)

        def later(low: int, high: int, share: float) -> np.ndarray:
            happened = proposed + rng.integers(low, high, n)
            return np.where(rng.random(n) < share, happened, np.datetime64("NaT"))

        milling = later(-60, 1500, 0.5)
        cells = {
            "site": [f"site {i}" for i in range(n)],
            "firm": rng.choice(["Test Mill A Ltd", "TEST MILL A", "Test Mill B", "示例磨坊有限公司", None], n),
            "proposed": proposed,
            "filed": proposed + rng.integers(-20, 20, n),
            "founded": proposed - rng.integers(-100, 9000, n),
            "updated": np.full(n, np.datetime64("2020-06-30")),
            "project_uid": np.where(rng.random(n) < 0.3, rng.choice(["u1", "u2", "u3"], n), None),
            "trade": rng.choice(["flour", "Paper", "oil", None], n),
            "river": rng.choice(["east", "west"], n),
            "x": np.where(rng.random(n) < 0.9, rng.integers(0, 12, n) * 1000.0, np.nan),
            "y": rng.integers(0, 12, n) * 1000.0,
            "cost": rng.lognormal(3, 1, n),
            "capital": rng.choice([0.0, 1.0, 5.0, np.nan], n),
            "ready": rng.choice(["无", "部分", "齐备", None], n),
            "leased": rng.choice([0.0, 1.0, np.nan], n),
            "friend": rng.choice([0.0, 1.0], n),
            "red_line": rng.choice([0.0, 1.0], n),
            "begun": later(-30, 900, 0.6),
            "milling": milling,
            "milling_seen": np.where(rng.random(n) < 0.5, milling + rng.integers(0, 400, n), np.datetime64("NaT")),
            "left": later(0, 900, 0.3),
            "stage": rng.choice(["open", "done"], n),
        }
        return typed(pd.DataFrame(cells), mills)

    return drawn


def typed(table: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Give each column the dtype that its kind has in typed rows."""
    dtypes = {Kind.DATE: "datetime64[s]", Kind.NUMBER: "float64", Kind.INTEGER: "float64", Kind.FLAG: "float64"}
    kinds = {str(name): dtypes.get(catalog.attributes[str(name)].kind, "str") for name in table}
    return table.astype(kinds)
