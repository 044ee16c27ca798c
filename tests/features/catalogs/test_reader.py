from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import Clock, Dimension, Kind, Known, Tier
from features.catalogs.reader import BUILT_IN, parse_catalog, read_catalog
from features.errors import CatalogError
from features.words import Language


def test_what_the_file_says_is_what_the_catalogue_holds(small):
    catalog = parse_catalog(small, "small")
    size, stage = catalog.attributes["size"], catalog.attributes["stage"]
    assert (size.kind, size.dimension, size.unit, dict(size.units)) == (
        Kind.NUMBER,
        Dimension.MARKET,
        "MW",
        {"MW": 1.0, "kW": 0.001},
    )
    assert size.directions == {Clock.LANDED: -1, Clock.PRODUCED: 0}
    assert size.weights == {Clock.LANDED: -0.3, Clock.PRODUCED: -0.3}
    assert (size.minimum, size.maximum, size.transform, size.typical) == (0.0, 100.0, "log1p", (2.0, 40.0))
    assert (catalog.derived[0].attribute.typical, catalog.attributes["depth"].typical) == ((0.5, 8.0), None)
    assert (stage.levels, stage.levels_en, dict(stage.synonyms)) == (("low", "high"), ("Low", "High"), {"top": "high"})
    assert catalog.clocks[Clock.LANDED].curve == ((12, 0.3), (24, 0.5))
    assert catalog.milestones["landed"].recorded == "begun_noted"
    assert catalog.derived[0].of == ("size", "depth")
    assert catalog.histories[0].by == ("firm",)
    assert catalog.ambiguous == {"amount": ("size", "depth")}
    assert catalog.text == small


def test_a_short_catalogue_gets_sensible_defaults(small):
    catalog = parse_catalog(small, "small")
    assert catalog.attributes["filed"].tier is Tier.KEY
    assert catalog.attributes["ref"].tier is Tier.KEY
    assert catalog.attributes["size"].tier is Tier.OPTIONAL
    assert str(catalog.attributes["begun_noted"].label) == "begun noted"
    assert catalog.attributes["begun"].dimension is Dimension.OUTCOME
    assert catalog.attributes["opened"].known is Known.LATER
    assert catalog.attributes["depth"].directions == {Clock.LANDED: 0, Clock.PRODUCED: 0}
    assert catalog.histories[0].label.en == "Earlier projects of the same firm"
    assert catalog.policy == "plain"
    assert not catalog.day_first


def test_days_are_days(changed):
    text = changed('[attribute.filed]\nkind = "date"', '[attribute.filed]\nkind = "date"\nminimum = 1995-01-01')
    assert parse_catalog(text, "small").attributes["filed"].minimum == np.datetime64("1995-01-01")


def test_what_is_derived_from_a_volatile_column_is_volatile(changed):
    text = changed('dimension = "technology"', 'dimension = "technology"\nvolatile = true')
    assert parse_catalog(text, "small").derived[0].attribute.volatile


def test_a_derived_value_may_fill_a_declared_column(small):
    text = small.replace('[derived.ratio]\nof = ["size", "depth"]\ndimension = "market"\ntypical = [0.5, 8]', "")
    text += '[attribute.share]\nkind = "number"\ndimension = "market"\n[derived.share]\nof = ["size", "depth"]\n'
    catalog = parse_catalog(text, "small")
    assert catalog.derived[0].attribute == catalog.attributes["share"]


def test_line_ends_do_not_change_the_digest(small):
    assert parse_catalog(small.replace("\n", "\r\n"), "a").digest == parse_catalog(small, "b").digest


def test_all_faults_are_told_at_once(small, faults):
    text = small.replace('kind = "flag"', 'kind = "bool"').replace('by = "firm"', 'by = "form"')
    text = text.replace("horizon_months = 24", "horizon_months = 25").replace('key = "ref"', 'key = "ref"\nkee = 1')
    places = [fault.split(":")[0] for fault in faults(text)]
    assert places == ["attribute.red.kind", "kee", "clock.produced.horizon_months", "history[1].by"]


TABLES = ["", "attribute.size", "derived.ratio", "milestone.landed", "clock.landed"]
LISTS = ["history", "neighbours", "exclude"]


@pytest.mark.parametrize("table", [*TABLES, *LISTS, "attribute.size.direction"])
def test_every_table_refuses_an_unknown_key(small, changed, faults, table):
    if table == "attribute.size.direction":
        text, place = changed("{ landed = -1 }", "{ landed = -1, nonsense = 1 }"), table
    elif not table:
        text, place = f"nonsense = 1\n{small}", ""
    else:
        head = f"[[{table}]]" if table in LISTS else f"[{table}]"
        text, place = changed(head, f"{head}\nnonsense = 1"), f"{table}[1]" if table in LISTS else table
    assert any(fault.startswith(f"{place}.nonsense: is not a key".lstrip(".")) for fault in faults(text))


def test_a_catalogue_can_be_read_from_a_file_with_a_byte_order_mark(small, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + small.encode())
    assert read_catalog(path) == parse_catalog(small, "small")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "is not UTF-8 text; save it as UTF-8"),
        (b"name = ", "is not valid TOML"),
        (b"", "name: is missing"),
    ],
)
def test_a_file_that_is_no_catalogue_says_why(tmp_path, content, said):
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(CatalogError, match=said):
        read_catalog(path)


@pytest.mark.parametrize("name", ["zhaoshan", "nowhere/else.toml", "", ".", "a\0b"])
def test_an_unknown_catalogue_names_the_built_in_ones(name):
    with pytest.raises(CatalogError, match=r"no such catalogue: give a built-in name \(zhaoshang, repd\)"):
        read_catalog(name)


def test_a_near_miss_is_answered_with_the_name_meant():
    with pytest.raises(CatalogError, match="did you mean zhaoshang"):
        read_catalog("zhaoshan")


VALUES = ["0", "-1", "1.5", "inf", "true", '""', '"x"', "[]", '["x"]', "[1]", "{}", "{ a = 1 }", "2020-01-01", "[[1]]"]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_slip_of_the_pen_ends_in_anything_but_words(small, data):
    lines = small.strip().split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key = lines[at].split("=")[0] if "=" in lines[at] else "name "
        lines[at] = data.draw(st.sampled_from(["", "junk = 1", *(f"{key}= {value}" for value in VALUES)]))
    try:
        said = parse_catalog("\n".join(lines), "slip").label.zh
    except CatalogError as error:
        said = error.said(Language.ZH)
    assert said


def test_the_reader_is_where_the_wheel_puts_the_catalogues():
    folder = Path(__file__).parents[3] / "features" / "catalogs"
    assert {path.stem for path in folder.glob("*.toml")} == set(BUILT_IN)
