import numpy as np
import pytest

from features.catalog import Kind, Known
from features.catalogs.reader import read_catalog
from features.reading.judging import Purpose
from features.tables import open_table
from models.served_columns import columns, example


@pytest.fixture(params=["zhaoshang", "repd"])
def catalog(request):
    return read_catalog(request.param)


def test_what_is_known_only_later_is_never_asked_for(catalog):
    excluding = {exclusion.column for exclusion in catalog.exclusions}
    for column in columns(catalog):
        assert column.attribute.known is Known.REVIEW or column.id in excluding


def test_every_feature_may_be_told(catalog):
    asked = {column.id for column in columns(catalog)}
    assert {a.id for a in catalog.attributes.values() if a.is_feature} <= asked


def test_figures_are_doubles_and_all_else_is_text(catalog):
    for column in columns(catalog):
        assert column.is_figure is (column.attribute.kind in {Kind.NUMBER, Kind.INTEGER, Kind.FLAG})
    for name, cells in example(catalog).items():
        figure = next(column.is_figure for column in columns(catalog) if column.id == name)
        assert (cells.dtype == np.float64) is figure


def test_the_example_is_a_row_that_the_reader_of_files_takes(catalog, tmp_path):
    required = {column.id for column in columns(catalog) if column.is_required}
    assert required <= set(example(catalog).columns)
    example(catalog).to_csv(tmp_path / "example.csv", index=False)
    batch = open_table(tmp_path / "example.csv", catalog, Purpose.SCORE, as_of=np.datetime64("2025-02-01")).read()
    assert (len(batch.rows), batch.problems) == (1, ())
