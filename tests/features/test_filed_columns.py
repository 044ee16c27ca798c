from dataclasses import replace

import pytest

from features.catalogs.reader import BUILT_IN, read_catalog
from features.filed_columns import absent
from features.inputs import candidates


@pytest.fixture(scope="module")
def zhaoshang():
    return read_catalog("zhaoshang")


def told(catalog, *without, only=None):
    features = [feature for feature in candidates(catalog) if only is None or feature.id in only]
    return [a.id for a in absent(features, set(catalog.attributes) - set(without), catalog)]


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_file_with_every_column_lacks_nothing(name):
    assert told(read_catalog(name)) == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_feature_is_made_of_columns_of_the_catalogue(name):
    catalog = read_catalog(name)
    for feature in candidates(catalog):
        assert told(catalog, *catalog.attributes, only={feature.id}), feature.id


def test_columns_are_told_in_the_order_of_the_catalogue(zhaoshang):
    ids = [a.id for a in zhaoshang.attributes.values() if a.is_feature]
    assert told(zhaoshang, *ids[5:0:-2]) == ids[1:6:2]


def test_only_what_the_model_reads_is_told(zhaoshang):
    one, other = [a.id for a in zhaoshang.attributes.values() if a.is_feature][:2]
    assert told(zhaoshang, one, other, only={other}) == [other]


def test_what_can_be_computed_or_is_filed_is_not_missed(zhaoshang):
    ratio = next(d for d in zhaoshang.derived if d.attribute.id not in zhaoshang.attributes)
    features = [feature for feature in candidates(zhaoshang) if feature.id == ratio.attribute.id]
    ids = set(zhaoshang.attributes)
    assert absent(features, ids, zhaoshang) == ()
    assert absent(features, {ratio.attribute.id}, zhaoshang) == ()
    assert {a.id for a in absent(features, set(), zhaoshang)} == set(ratio.of) - {zhaoshang.entry}


def test_history_is_missed_by_the_column_it_goes_by(zhaoshang):
    family = next(family for family in zhaoshang.histories if family.by == (zhaoshang.investor,))
    alone = replace(zhaoshang, histories=(family,), neighbours=())
    counted = {f.id for f in candidates(alone) if f.id.startswith(f"{zhaoshang.investor}__")}
    assert counted
    assert told(alone, zhaoshang.investor, only=counted) == [zhaoshang.investor]
