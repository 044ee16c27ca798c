"""What the tests of feeds share: a county's ledger of four projects in a store, and feeds of events to take in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from features.catalog import Catalog
from features.catalogs.reader import read_catalog
from scoring.store import prepare

prepare()  # before any test imports what Django keeps for itself

LOADED = date(2024, 1, 31)
FED = date(2024, 3, 31)
LEDGER = """项目编号,项目名称,评审日期,投资方名称,开工日期,投产日期,退出/终止日期
P-1,一号项目,2023-01-10,甲公司,2023-06-01,,
P-2,二号项目,2023-02-10,乙公司,,,
P-3,三号项目,2023-03-10,丙公司,2023-09-01,2024-01-05,
P-4,四号项目,2023-04-10,丁公司,,,2023-12-01
"""


@pytest.fixture(scope="session")
def zhaoshang() -> Catalog:
    return read_catalog("zhaoshang")


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write a feed: ``written(text)``, or the rows of events below their header."""

    def write(text: str, *rows: str, name: str = "feed.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes("".join([text, *(f"{row}\n" for row in rows)]).encode(encoding))
        return path

    return write


@dataclass(frozen=True)
class County:
    """A store with the ledger of the county in it."""

    catalog: Catalog
    by: object
    written: Callable[..., Path]

    def take(self, *rows: str, header: str = "项目编号,事件,日期,原因", on: date = FED, text: str = ""):
        """Take in a feed of events, or one of other text."""
        from scoring.outcomes import take

        path = self.written(text or f"{header}\n", *rows)
        return take(path, self.catalog, on, self.by, as_of=max(on, FED))

    def record(self) -> dict[str, dict[str, date]]:
        """Return what is on record of every project."""
        from scoring.review.ledger import known_of

        found = known_of(["P-1", "P-2", "P-3", "P-4"])
        return {uid: {name: known.happened for name, known in own.items()} for uid, own in found.items()}


@pytest.fixture
def make_county(person, written, zhaoshang) -> Callable[[], County]:
    def make() -> County:
        county = County(zhaoshang, person("wang", "secretary"), written)
        taken = county.take(text=LEDGER, on=LOADED)
        assert (taken.rows.new_projects, taken.new, taken.problems) == (4, 4, ())
        return county

    return make


@pytest.fixture
def county(store, make_county) -> County:
    """The county's store, in a file."""
    return make_county()
