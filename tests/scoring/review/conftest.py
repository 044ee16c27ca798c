"""What the tests of the store share: a small catalogue, sheets of it, and a store with a row in every table."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.catalog import Catalog
from features.catalogs.reader import parse_catalog
from scoring.store import prepare

prepare()  # before any test imports what Django keeps for itself

KILNS = """
name = "kilns"
entry = "proposed"
key = "site"
filed_on = "taken"
period_months = 6
reporting_lag_months = 3
label = "砖窑"
label_en = "Kilns"

[attribute]
site = { kind = "text" }
project_uid = { kind = "key" }
proposed = { kind = "date" }
taken = { kind = "date" }
trade = { kind = "category", dimension = "technology" }
ready = { kind = "ordinal", dimension = "delivery", levels = ["无", "部分", "齐备"], volatile = true }
leased = { kind = "flag", dimension = "local_fit" }
hands = { kind = "integer", dimension = "market" }
cost = { kind = "number", dimension = "capital_strength" }
friend = { kind = "flag", dimension = "audit_only" }
begun = { kind = "date", known = "later" }
begun_seen = { kind = "date", known = "later" }
fired = { kind = "date", known = "later" }
left = { kind = "date", known = "later" }

[milestone.landed]
columns = ["begun"]
recorded = "begun_seen"

[milestone.produced]
columns = ["fired"]

[milestone.withdrawn]
columns = ["left"]
exit = true

[clock.landed]
horizon_months = 12

[clock.produced]
horizon_months = 24
"""


@pytest.fixture(scope="session")
def kilns() -> Catalog:
    return parse_catalog(KILNS, "kilns.toml")


@pytest.fixture
def kiln_rows() -> Callable[..., pd.DataFrame]:
    """Rows of the catalogue, each given as (uid, day of entry), and columns of their own."""

    def made(*filings: tuple[str | None, str], **columns: object) -> pd.DataFrame:
        uids = [uid for uid, _ in filings]
        return pd.DataFrame(
            {
                "site": pd.array([f"site {uid}" for uid in uids], dtype="str"),
                "project_uid": pd.array(uids, dtype="str"),
                "proposed": np.array([day for _, day in filings], dtype="datetime64[s]"),
                **columns,
            }
        )

    return made


@pytest.fixture
def sheet(kilns, kiln_rows):
    """A sheet of kilns: ``sheet(("P1", "2024-01-01"), recorded="2024-01-01")``."""
    from scoring.review.filings import Sheet

    def made(*filings, recorded="2024-01-01", source="kilns.csv", **columns):
        rows = kiln_rows(*filings, **columns)
        return Sheet(rows, kilns, date.fromisoformat(recorded), source, range(2, 2 + len(rows)))

    return made


@pytest.fixture
def entry():
    """A line of the ledger: ``entry("P1", "landed", "2024-05-01", recorded="2024-06-01")``."""
    from scoring.review.ledger import Entry

    def made(uid, milestone, happened, recorded="2024-06-01", line=2):
        day = None if happened is None else date.fromisoformat(happened)
        return Entry(uid, milestone, day, date.fromisoformat(recorded), "feed.csv", line)

    return made


def bundle(name: str) -> str:
    """Return the hash of a bundle that is not there."""
    return hashlib.sha256(name.encode()).hexdigest()


@pytest.fixture
def bundle_hash() -> Callable[[str], str]:
    return bundle


def fill(table: Callable[[str], type]) -> None:
    """Put a row into every table that is append-only; ``table`` gives a model by name, of today or of a migration."""
    first, second = (table("User").objects.create(name=name, password="!") for name in ("one", "two"))
    catalog = table("CatalogText").objects.create(digest="c" * 64, name="kilns", version="1", text=KILNS)
    policy = table("PolicyText").objects.create(digest="d" * 64, name="plain", version="1", text="")
    project = table("Project").objects.create(uid="P1", folded="p1", name="site")
    day = date(2024, 1, 1)
    filing = table("Filing").objects.create(
        project=project, catalog=catalog, entry=day, attributes='{"site":"site"}', recorded_on=day, source="a.csv"
    )
    opened = table("Round").objects.create(
        name="r", model_hash=bundle("m"), catalog=catalog, policy=policy, opened_by=first
    )
    table("Score").objects.create(
        filing=filing, round=opened, model_hash=bundle("m"), figures={"p": 0.1 + 0.2}, explanation={}
    )
    table("MilestoneEntry").objects.create(
        project=project, milestone="landed", happened=day, recorded_on=day, entered_by=first, source="a.csv"
    )
    table("Training").objects.create(
        bundle_hash=bundle("m"), version=1, as_of=day, run_id="run", catalog=catalog, by=first
    )
    proposal = table("Proposal").objects.create(bundle_hash=bundle("m"), version=1, proposer=first, reason="good")
    approval = table("Approval").objects.create(
        proposal=proposal, bundle_hash=bundle("m"), proposer=first, approver=second, reason="yes"
    )
    table("Reign").objects.create(
        bundle_hash=bundle("m"), version=1, approval=approval, kind="promote", by=second, reason="yes"
    )


@pytest.fixture
def filler() -> Callable[[Callable[[str], type]], None]:
    return fill


@pytest.fixture
def filled(stores) -> Iterator[None]:
    """A store of each kind with a row in every table."""
    from scoring.review import models
    from scoring.review.audit import note

    fill(lambda name: getattr(models, name))
    note(None, "test", "filled")
    return
