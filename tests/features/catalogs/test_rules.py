import re

import pytest

from features.catalog import Dimension
from features.catalogs.reader import BUILT_IN, read_catalog

READ_BY_MODELS = {
    "entry": ('entry = "filed"', 'entry = "begun"'),
    "derived.ratio.of": ('of = ["size", "depth"]', 'of = ["size", "spent"]'),
    "history[1].by": ('by = "firm"', 'by = "state"'),
    "neighbours[1].x": ('x = "size"', 'x = "spent"'),
    "neighbours[1].y": ('y = "depth"', 'y = "spent"'),
    "neighbours[1].same": ('y = "depth"', 'y = "depth"\nsame = "state"'),
}


@pytest.mark.parametrize("place", READ_BY_MODELS)
def test_a_column_known_later_is_refused_by_name_wherever_a_model_would_read_it(changed, faults, place):
    old, new = READ_BY_MODELS[place]
    name = re.findall(r"begun|spent|state", new)[0]
    assert any(f.startswith(f"{place}: {name} is known later") for f in faults(changed(old, new)))


@pytest.mark.parametrize("dimension", [d for d in Dimension if d not in {Dimension.OUTCOME, Dimension.AUDIT_ONLY}])
def test_a_column_known_later_belongs_to_no_dimension_that_is_read(changed, faults, dimension):
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
def test_gates_and_audit_columns_reach_no_model(changed, faults, old, new):
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
def test_each_rule_is_told_by_place_and_remedy(changed, faults, old, new, fault):
    found = faults(changed(old, new))
    assert any(message.startswith(fault) for message in found), found


def test_a_catalogue_without_a_clock_is_refused(small, faults):
    text = re.sub(r"\[clock\..*?(?=\[\[history)", "", small, flags=re.S)
    assert "clock: is missing; add it" in faults(text)
    assert any(fault.startswith("clock: at least one of") for fault in faults(text + "\n[clock]\n"))


def test_the_same_header_for_two_columns_must_be_declared_ambiguous(changed, faults):
    text = changed('[attribute.depth]\nkind = "number"', '[attribute.depth]\nkind = "number"\naliases = ["ＳＩＺＥ"]')
    (fault,) = faults(text)
    assert fault.startswith("attribute.depth.aliases: a header belongs to one attribute; got 'size' for size, depth")


def test_a_derived_column_has_headers_too(changed, faults):
    text = changed("[derived.ratio]", '[derived.ratio]\nlabel = "Depth"')
    assert any("for depth, ratio" in fault for fault in faults(text))


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_catalogues_keep_every_rule(name):
    assert read_catalog(name).name == name
