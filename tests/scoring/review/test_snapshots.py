import json
import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from features.catalog import Kind
from features.catalogs.reader import read_catalog
from features.tables import Purpose, open_table
from scoring.review.snapshots import filed_attributes, read, typed, written

FIGURE = st.floats(allow_nan=False, allow_infinity=False)
CELLS = {
    Kind.NUMBER: FIGURE,
    Kind.INTEGER: st.integers(-(2**53), 2**53).map(float),
    Kind.FLAG: st.sampled_from([0.0, 1.0]),
    Kind.DATE: st.dates().filter(lambda day: day.year >= 1950).map(str),
}
TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1)


@st.composite
def typed_rows(draw, catalog):
    """Any rows the reader could have made, each column with at least one value."""
    n = draw(st.integers(1, 5))
    columns = {}
    for name, attribute in filed_attributes(catalog).items():
        cells = st.lists(st.none() | CELLS.get(attribute.kind, TEXT), min_size=n, max_size=n)
        found = draw(cells.filter(lambda some: any(cell is not None for cell in some)))
        columns[name] = typed(found, attribute)
    return pd.DataFrame(columns)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_rows_come_back_exactly_as_they_were(kilns, data):
    rows = data.draw(typed_rows(kilns))
    back = read(written(rows, kilns), kilns)
    assert_frame_equal(back, rows, check_exact=True)
    for name in rows.select_dtypes("float"):
        signs = [math.copysign(1, figure) for figure in rows[name].dropna()]
        assert [math.copysign(1, figure) for figure in back[name].dropna()] == signs


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_real_file_comes_back_exactly_as_the_reader_typed_it(demonstration, purpose):
    catalog = read_catalog("zhaoshang")
    file = demonstration.folder / ("round.csv" if purpose is Purpose.SCORE else "history.csv")
    rows = open_table(file, catalog, purpose).read().rows
    kept = [name for name in rows if name in filed_attributes(catalog) and rows[name].notna().any()]
    assert len(kept) > 30
    assert_frame_equal(read(written(rows, catalog), catalog), rows[kept], check_exact=True)


def test_a_snapshot_holds_nothing_that_came_later(kilns, kiln_rows):
    later = typed(["2024-05-01"], kilns.attributes["begun"])
    text = written(kiln_rows(("P1", "2024-01-01"), begun=later), kilns)[0]
    assert json.loads(text) == {"project_uid": "P1", "proposed": "2024-01-01", "site": "site P1"}


def test_the_same_row_is_the_same_text_in_whatever_order_its_columns_came(kilns, kiln_rows):
    rows = kiln_rows(("P1", "2024-01-01"), hands=[12.0])
    assert written(rows[rows.columns[::-1]], kilns) == written(rows, kilns)


def test_columns_that_no_row_has_are_not_there_and_strange_ones_are_left_out(kilns):
    back = read(['{"site":"a","gone":"b"}', "{}"], kilns)
    assert back.columns.tolist() == ["site"]
    assert back["site"].isna().tolist() == [False, True]
