import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import Clock, Dimension, Kind, Known, Tier
from features.catalogs.reader import BUILT_IN, parse_catalog, read_catalog
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


def faults(text: str) -> list[str]:
    with pytest.raises(CatalogError) as caught:
        parse_catalog(text, "small")
    for problem in caught.value.problems:
        assert re.search(r"[\u4e00-\u9fff]", problem.said(Language.ZH))
    return [str(problem) for problem in caught.value.problems]


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


def test_what_the_file_says_is_what_the_catalogue_holds():
    catalog = parse_catalog(SMALL, "small")
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
    assert catalog.text == SMALL


def test_a_short_catalogue_gets_sensible_defaults():
    catalog = parse_catalog(SMALL, "small")
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


def test_days_are_days():
    text = changed('[attribute.filed]\nkind = "date"', '[attribute.filed]\nkind = "date"\nminimum = 1995-01-01')
    assert parse_catalog(text, "small").attributes["filed"].minimum == np.datetime64("1995-01-01")


def test_what_is_derived_from_a_volatile_column_is_volatile():
    text = changed('dimension = "technology"', 'dimension = "technology"\nvolatile = true')
    assert parse_catalog(text, "small").derived[0].attribute.volatile


def test_a_derived_value_may_fill_a_declared_column():
    text = SMALL.replace('[derived.ratio]\nof = ["size", "depth"]\ndimension = "market"\ntypical = [0.5, 8]', "")
    text += '[attribute.share]\nkind = "number"\ndimension = "market"\n[derived.share]\nof = ["size", "depth"]\n'
    catalog = parse_catalog(text, "small")
    assert catalog.derived[0].attribute == catalog.attributes["share"]


def test_line_ends_do_not_change_the_digest():
    assert parse_catalog(SMALL.replace("\n", "\r\n"), "a").digest == parse_catalog(SMALL, "b").digest


def test_all_faults_are_told_at_once():
    text = SMALL.replace('kind = "flag"', 'kind = "bool"').replace('by = "firm"', 'by = "form"')
    text = text.replace("horizon_months = 24", "horizon_months = 25").replace('key = "ref"', 'key = "ref"\nkee = 1')
    places = [fault.split(":")[0] for fault in faults(text)]
    assert places == ["attribute.red.kind", "kee", "clock.produced.horizon_months", "history[1].by"]


TABLES = ["", "attribute.size", "derived.ratio", "milestone.landed", "clock.landed"]
LISTS = ["history", "neighbours", "exclude"]


@pytest.mark.parametrize("table", [*TABLES, *LISTS, "attribute.size.direction"])
def test_every_table_refuses_an_unknown_key(table):
    if table == "attribute.size.direction":
        text, place = changed("{ landed = -1 }", "{ landed = -1, nonsense = 1 }"), table
    elif not table:
        text, place = f"nonsense = 1\n{SMALL}", ""
    else:
        head = f"[[{table}]]" if table in LISTS else f"[{table}]"
        text, place = changed(head, f"{head}\nnonsense = 1"), f"{table}[1]" if table in LISTS else table
    assert any(fault.startswith(f"{place}.nonsense: is not a key".lstrip(".")) for fault in faults(text))


READ_BY_MODELS = {
    "entry": ('entry = "filed"', 'entry = "begun"'),
    "derived.ratio.of": ('of = ["size", "depth"]', 'of = ["size", "spent"]'),
    "history[1].by": ('by = "firm"', 'by = "state"'),
    "neighbours[1].x": ('x = "size"', 'x = "spent"'),
    "neighbours[1].y": ('y = "depth"', 'y = "spent"'),
    "neighbours[1].same": ('y = "depth"', 'y = "depth"\nsame = "state"'),
}


@pytest.mark.parametrize("place", READ_BY_MODELS)
def test_a_column_known_later_is_refused_by_name_wherever_a_model_would_read_it(place):
    old, new = READ_BY_MODELS[place]
    name = re.findall(r"begun|spent|state", new)[0]
    assert any(f.startswith(f"{place}: {name} is known later") for f in faults(changed(old, new)))


@pytest.mark.parametrize("dimension", [d for d in Dimension if d not in {Dimension.OUTCOME, Dimension.AUDIT_ONLY}])
def test_a_column_known_later_belongs_to_no_dimension_that_is_read(dimension):
    text = changed(
        '[attribute.spent]\nkind = "number"', f'[attribute.spent]\nkind = "number"\ndimension = "{dimension}"'
    )
    assert any(f.startswith("attribute.spent.known: spent is known later") for f in faults(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('of = ["size", "depth"]', 'of = ["size", "secret"]'),
        ('by = "firm"', 'by = "red"'),
        ('x = "size"', 'x = "secret"'),
    ],
)
def test_gates_and_audit_columns_reach_no_model(old, new):
    assert any("which no model may read" in fault for fault in faults(changed(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[attribute.depth]", "[attribute.De_pth]", "attribute.De_pth: an id is lower-case ASCII"),
        ("[attribute.depth]", "[attribute.a__b]", "attribute.a__b: an id is lower-case ASCII"),
        ("[attribute.depth]", "[attribute.rank]", "attribute.rank: 'rank' is a column of the scored file"),
        ("[attribute.depth]", "[attribute.unlike]", "attribute.unlike: 'unlike' is a column of the scored file"),
        ("[attribute.depth]", "[attribute.line]", "attribute.line: 'line' is a column of the file of rejected rows"),
        ("[attribute.depth]", "[attribute.problems]", "attribute.problems: 'problems' is a column of the file of"),
        ("[attribute.depth]", "[attribute.p_land]", "attribute.p_land: 'p_land' is a column of the scored file"),
        ('name = "small"', "", "name: is missing"),
        ("period_months = 6", "period_months = 0", "period_months: must be a whole number of at least 1; got 0"),
        ("period_months = 6", "period_months = true", "period_months: must be a whole number"),
        ("maximum = 100", "maximum = nan", "attribute.size.maximum: must be a number or a date"),
        ("maximum = 100", "maximum = 2020-01-01", "attribute.size.maximum: numbers have numbers as limits"),
        ("maximum = 100", "maximum = 0", "attribute.size.minimum: must be below maximum; got 0.0 and 0.0"),
        ("kW = 0.001", "kW = -1", "attribute.size.units.kW: a factor to MW must be positive; got -1"),
        ('unit = "MW"', "", "attribute.size.units: conversions need a unit"),
        ("minimum = 0", "", "attribute.size.transform: log1p is for numbers that are never negative"),
        ("{ landed = -1 }", "0.5", "attribute.size.direction: must be -1, 0 or 1; got 0.5"),
        ("weight = -0.3", "weight = 0.3", "attribute.size.weight: must have the sign of direction"),
        ("weight = -0.3", "weight = -30", "attribute.size.weight: must have the sign of direction and a size up to 3"),
        ("[0.5, 8]", "[8, 0.5]", "derived.ratio.typical: the low value must be below the high one"),
        ('["Low", "High"]', '["Low"]', "attribute.stage.levels_en: must match levels one by one; got 1 for 2"),
        ('levels = ["low", "high"]', 'levels = ["low", "LOW"]', "attribute.stage.levels: levels must differ"),
        ('levels = ["low", "high"]', "", "attribute.stage.levels: an ordinal needs two levels or more"),
        ('"top" = "high"', '"top" = "hihg"', "attribute.stage.synonyms.top: must point to a level (low, high)"),
        ('"top" = "high"', '"LOW" = "high"', "attribute.stage.synonyms.LOW: is itself the name of a level"),
        ('["not asked"]', '["low"]', "attribute.stage.missing: a word cannot be a level and mean missing"),
        ("volatile = true", "direction = 2", "attribute.stage.direction: must be -1, 0 or 1; got 2"),
        ('kind = "flag"', 'kind = "flag"\ndirection = 1', "attribute.red.direction: only number, integer, flag"),
        ('kind = "flag"', 'kind = "flag"\nlevels = ["a"]', "attribute.red.levels: only ordinal and category"),
        ('dimension = "outcome"', 'dimension = "outcome"\nknown = "review"', "attribute.opened.known: what belongs"),
        ('dimension = "outcome"', 'dimension = "outcome"\ntier = "core"', "attribute.opened.tier: a file to be scored"),
        ('dimension = "outcome"', 'dimension = "outcome"\nvolatile = true', "attribute.opened.volatile: only a column"),
        ('key = "ref"', 'key = "size"', "key: size must be of kind key, text; got number"),
        ('investor = "firm"', 'investor = "frim"', "investor: is no attribute of this catalogue: 'frim'; did you mean"),
        (
            'columns = ["begun"]',
            'columns = ["filed"]',
            "milestone.landed.columns: the day of a milestone is known later",
        ),
        ('columns = ["begun"]', "columns = []", "milestone.landed.columns: is missing"),
        ('columns = ["begun"]', 'columns = ["spent"]', "milestone.landed.columns: spent must be of kind date"),
        ('recorded = "begun_noted"', 'recorded = "filed"', "milestone.landed.recorded: the day of a milestone"),
        ("[milestone.produced]", "[milestone.open_rate]", "milestone.open_rate: a milestone is not called count"),
        ("[milestone.produced]", "[milestone.opening]", "clock.produced: its milestone is not there"),
        ('columns = ["opened"]', 'columns = ["opened"]\nexit = true', "milestone.produced.exit: a clock cannot run"),
        ("[clock.produced]", "[clock.opened]", "clock.opened: is not a key known here"),
        ("[24, 0.5]", "[24, 0.3]", "clock.landed.curve: months and probabilities must rise"),
        ("[24, 0.5]", "[24, 1.5]", "clock.landed.curve: months and probabilities must rise"),
        ("[24, 0.5]", '[24, "half"]', "clock.landed.curve: must be a list of [months, probability]"),
        (
            "horizon_months = 24",
            "horizon_months = 24\ncurve = [[12, 0.4]]",
            "clock.produced.curve: cannot be above the curve of landed; got 0.4 against 0.3 at 12 months",
        ),
        ('of = ["size", "depth"]', 'of = ["size"]', "derived.ratio.of: must name two attributes"),
        ('of = ["size", "depth"]', 'of = ["size", "firm"]', "derived.ratio.of: firm must be of kind integer, number"),
        (
            '\ndimension = "market"\ntypical = [0.5, 8]',
            '\ndimension = "gate"',
            "derived.ratio.dimension: what a model reads",
        ),
        ('by = "firm"', 'by = "size"', "history[1].by: size must be of kind category, flag, key, ordinal; got number"),
        ('"landed_rate"', '"landed_vs_landed"', "history[1].measures: a measure is count"),
        ('"landed_rate"', '"count"', "history[1].measures: the same measure of the same family stands twice: count"),
        ("radius_km = 10", "radius_km = 0", "neighbours[1].radius_km: must be positive; got 0"),
        ('column = "state"', 'column = "begun"', "exclude[1].column: begun must be of kind"),
        ('"amount" = ["size", "depth"]', '"amount" = ["size"]', "ambiguous.amount: an ambiguous header has two"),
        ('"amount"', '"Depth"', "attribute.depth.aliases: a header belongs to one attribute"),
        ('kind = "flag"', 'kind = "flag"\nunit = "m"', "attribute.red.unit: only number and integer have units"),
        ('of = ["size", "depth"]', 'of = ["size", "depth"]\nscale = 0', "derived.ratio.scale: must be positive; got 0"),
        ("[derived.ratio]", "[derived.stage]", "derived.stage: what is derived is a number; got kind = ordinal"),
        ('known = "later"\n\n[derived', 'known = "later"\nlevels = ["on"]\n\n[derived', "exclude[1].values: must be a"),
        ('["size", "depth"]\n', '["size", "spend"]\n', "derived.ratio.of: is no attribute of this catalogue: 'spend'"),
        ('"amount" = ["size"', '"amount" = ["sise"', "ambiguous.amount: is no attribute of this catalogue: 'sise'"),
        ('\nmeasures = ["count"]', '\nmeasures = ["landed_rate"]', "neighbours[1].measures: a measure is count"),
        ('key = "ref"', 'key = "ref"\nsnapshot_column = "size"', "snapshot_column: size must be of kind date"),
        ('key = "ref"', 'key = "ref"\nfiled_on = "begun"', "filed_on: begun is known later"),
        ('investor = "firm"', 'investor = "begun"', "investor: begun must be of kind key; got date"),
        ('key = "ref"', 'key = "ref"\nencodings = ["utf-9"]', "encodings: is no text encoding: 'utf-9'"),
        ('key = "ref"', 'key = "ref"\nencodings = ["base64"]', "encodings: is no text encoding: 'base64'"),
    ],
)
def test_each_rule_is_told_by_place_and_remedy(old, new, fault):
    found = faults(changed(old, new))
    assert any(message.startswith(fault) for message in found), found


def test_a_catalogue_without_a_clock_is_refused():
    text = re.sub(r"\[clock\..*?(?=\[\[history)", "", SMALL, flags=re.S)
    assert "clock: is missing; add it" in faults(text)
    assert any(fault.startswith("clock: at least one of") for fault in faults(text + "\n[clock]\n"))


def test_the_same_header_for_two_columns_must_be_declared_ambiguous():
    text = changed('[attribute.depth]\nkind = "number"', '[attribute.depth]\nkind = "number"\naliases = ["ＳＩＺＥ"]')
    (fault,) = faults(text)
    assert fault.startswith("attribute.depth.aliases: a header belongs to one attribute; got 'size' for size, depth")


def test_a_derived_column_has_headers_too():
    text = changed("[derived.ratio]", '[derived.ratio]\nlabel = "Depth"')
    assert any("for depth, ratio" in fault for fault in faults(text))


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_catalogues_keep_every_rule(name):
    assert read_catalog(name).name == name


def test_a_catalogue_can_be_read_from_a_file_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert read_catalog(path) == parse_catalog(SMALL, "small")


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
def test_no_slip_of_the_pen_ends_in_anything_but_words(data):
    lines = SMALL.strip().split("\n")
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
