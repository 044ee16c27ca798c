import json

import numpy as np
import pytest

from features.builder import FeatureBuilder
from features.catalog import Catalog, Kind
from features.catalogs.reader import BUILT_IN, read_catalog
from features.history.event_index import EventIndex
from features.inputs import candidates
from features.synthetic.design import Design
from features.synthetic.register import generate
from features.timeline import trace

DAY = np.datetime64("2018-09-14")


def cold(catalog: Catalog) -> FeatureBuilder:
    return FeatureBuilder.cold(catalog, as_of=DAY)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_cold_builder_reads_every_filed_and_derived_feature_and_no_history(name):
    catalog = read_catalog(name)
    ids = [feature.id for feature in cold(catalog).columns_]
    derived = {derived.attribute.id for derived in catalog.derived}
    assert ids == [f.id for f in candidates(catalog) if f.id in catalog.attributes or f.id in derived]
    assert set(ids) == {a.id for a in catalog.attributes.values() if a.is_feature} | derived


def test_a_cold_builder_reads_as_one_that_kept_all_cells_of_a_history(mills, draw):
    rows, asked = draw(200, 1), draw(40, 2)
    warm = FeatureBuilder(mills, volatile="keep").fit(rows, trace(rows, mills, as_of=DAY))
    told, known = cold(mills).transform(asked), warm.transform(asked)
    column = {feature.id: j for j, feature in enumerate(known.columns)}
    numeric = [(j, f.id) for j, f in enumerate(told.columns) if not f.categorical]
    assert {"ready", "cover", "age", "cost"} <= {name for _, name in numeric}
    for j, name in numeric:
        np.testing.assert_array_equal(told.matrix[:, j], known.matrix[:, column[name]], err_msg=name)


def test_levels_are_those_of_the_catalogue_and_any_other_was_never_met(mills, draw):
    zhaoshang = read_catalog("zhaoshang")
    levels = {f.id: f.levels for f in cold(zhaoshang).columns_ if f.categorical}
    declared = {a.id: set(a.levels) for a in zhaoshang.attributes.values() if a.kind is Kind.CATEGORY and a.is_feature}
    assert {name: set(listed) for name, listed in levels.items()} == declared
    rows = draw(20, 1)
    trade = [f.id for f in cold(mills).columns_].index("trade")
    told = cold(mills).transform(rows)
    assert np.isnan(told.matrix[:, trade]).all()
    np.testing.assert_array_equal(told.unseen[:, trade], rows["trade"].notna())


def test_what_ledgers_overwrite_is_kept_where_nothing_was_overwritten(mills, draw):
    rows = draw(30, 3).drop(columns="filed")
    builder = cold(mills)
    ready = [f.id for f in builder.columns_].index("ready")
    np.testing.assert_array_equal(~np.isnan(builder.replay(rows).matrix[:, ready]), rows["ready"].notna())
    assert builder.warnings_ == ()


@pytest.mark.parametrize("rows", [0, 1, 25])
def test_a_cold_builder_reads_the_same_after_a_round_trip(mills, draw, rows):
    builder, asked = cold(mills), draw(25, 4).iloc[:rows]
    index = EventIndex.from_table(builder.index_.to_table())
    again = FeatureBuilder.from_dict(json.loads(json.dumps(builder.to_dict())), mills, index)
    one, two = builder.transform(asked), again.transform(asked)
    assert one.columns == two.columns
    assert one.matrix.shape == (rows, len(one.columns))
    np.testing.assert_array_equal(one.matrix, two.matrix)
    np.testing.assert_array_equal(one.unseen, two.unseen)
    assert (index.as_of, index.entry.size) == (DAY, 0)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_catalogues_start_cold(name):
    catalog = read_catalog(name)
    rows = generate(Design(n_projects=40), seed=1).history
    told = cold(catalog).transform(rows)
    assert told.matrix.shape == (len(rows), len(told.columns))
    assert np.isfinite(told.matrix).any() == (name == "zhaoshang")
