"""Which columns of a sheet the features of a model are made of, and which of them a file does not have."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from features.catalog import Attribute, Catalog
from features.history.measures import history_columns, neighbour_columns
from features.inputs import Feature


def absent(features: Sequence[Feature], filed: Collection[str], catalog: Catalog) -> tuple[Attribute, ...]:
    """Return the attributes that the features are made of and a file has no column for, in the catalogue's order.

    The entry is not among them: the day of scoring stands for it. What is derived is missed only where it can neither
    be read nor computed, and it is then the columns it is computed from that are told.

    Parameters
    ----------
    filed : ids of the attributes that the file has a column for
    """
    made_of = _made_of(catalog, filed)
    needed = {column for feature in features for column in made_of.get(feature.id, (feature.id,))}
    missing = needed - {*filed, catalog.entry}
    return tuple(attribute for attribute in catalog.attributes.values() if attribute.id in missing)


def _made_of(catalog: Catalog, filed: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the columns behind each feature that is not simply one of them."""
    derived = {d.attribute.id: d.of for d in catalog.derived if d.attribute.id not in filed}
    return {**derived, **dict(_families(catalog))}


def _families(catalog: Catalog) -> Iterator[tuple[str, tuple[str, ...]]]:
    for shared in history_columns(catalog):
        yield shared.id, shared.family.by
    for near in neighbour_columns(catalog):
        family = near.family
        yield near.id, tuple(filter(None, (family.x, family.y, family.same)))
