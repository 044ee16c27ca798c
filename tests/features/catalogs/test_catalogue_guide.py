import html
import re
from pathlib import Path

import pytest

from features.catalog import Clock
from features.catalogs.reader import parse_catalog
from features.errors import CatalogError

GUIDE = (Path(__file__).parents[3] / "docs" / "catalogue.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", GUIDE, re.S)[0]
MISTAKES = re.findall(r"^\| `(.*?)` \| `(.*?)` \| (.*?) \|$", GUIDE.split("## Common mistakes")[1], re.M)


def test_the_example_of_the_guide_keeps_every_rule():
    catalog = parse_catalog(EXAMPLE, "hotels")
    assert set(catalog.milestones) == {"landed", "produced"}
    assert catalog.day_first
    assert catalog.period_months == 12
    assert catalog.clocks[Clock.PRODUCED].horizon_months == 60


@pytest.mark.parametrize(("right", "wrong", "message"), MISTAKES, ids=[wrong for _, wrong, _ in MISTAKES])
def test_each_mistake_of_the_guide_gives_the_message_it_prints(right, wrong, message):
    assert right in EXAMPLE
    with pytest.raises(CatalogError) as caught:
        parse_catalog(EXAMPLE.replace(right, wrong, 1), "hotels")
    assert html.unescape(message) in [str(problem) for problem in caught.value.problems]


def test_the_guide_has_mistakes_to_learn_from():
    assert len(MISTAKES) >= 12


TABLES = {"": "", "attribute": "[attribute.rooms]", "derived": "[derived.area_per_room]", "clock": "[clock.landed]"}
TABLES |= {"milestone": "[milestone.landed]", "history": "[[history]]"}
LISTS = {
    "neighbours": 'radius_km = 1\nx = "site_area"\ny = "rooms"\nmeasures = ["count"]\n',
    "exclude": 'column = "municipality"\nvalues = ["x"]\nreason = "y"\n',
}


@pytest.mark.parametrize("table", [*TABLES, *LISTS])
def test_the_guide_names_every_key_that_the_reader_takes(table):
    if table in LISTS:
        text = f"{EXAMPLE}\n[[{table}]]\n{LISTS[table]}\nqqqq = 1\n"
    else:
        text = EXAMPLE.replace(TABLES[table], f"{TABLES[table]}\nqqqq = 1\n", 1) if table else f"qqqq = 1\n{EXAMPLE}"
    with pytest.raises(CatalogError) as caught:
        parse_catalog(text, "hotels")
    told = next(str(p) for p in caught.value.problems if "qqqq" in str(p))
    keys = told.split("use one of ")[1].split(", ")
    section = GUIDE.split(f"\n## {table or 'The file itself'}\n")[1].split("\n## ")[0]
    tables = {"attribute", "derived", "milestone", "clock", "history", "neighbours", "exclude", "ambiguous"}
    for key in set(keys) - tables:
        assert f"`{key}`" in section, key
    assert all(f"\n## {name}\n" in GUIDE for name in tables)
