"""Contributions as a long table: one row per project, clock and attribute, built without a loop over rows."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.catalog import Clock
from features.inputs import Feature
from models.explain import Explained

NAMES = pa.dictionary(pa.int32(), pa.string())

SCHEMA = pa.schema(
    [
        ("key", NAMES),
        ("clock", NAMES),
        ("attribute", NAMES),
        ("dimension", NAMES),
        ("log_odds", pa.float64()),
        ("points", pa.float64()),
    ]
)


def contributions(keys: Sequence[str], columns: Sequence[Feature], clocks: Mapping[Clock, Explained]) -> pa.Table:
    """Return what each attribute gave to each figure, sorted by clock, then project, then attribute.

    Parameters
    ----------
    keys : n names of projects
    columns : p attributes of the model
    clocks : the explained figures of the n projects, per clock

    Returns
    -------
    pyarrow Table of n × clocks × p rows
        Per key and clock, the base and the sum of the points are the figure.
    """
    tables = [_of_clock(keys, columns, clock, explained) for clock, explained in clocks.items()]
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def _of_clock(keys: Sequence[str], columns: Sequence[Feature], clock: Clock, explained: Explained) -> pa.Table:
    n, p = explained.points.shape
    project = np.repeat(np.arange(n, dtype=np.int32), p)
    attribute = np.tile(np.arange(p, dtype=np.int32), n)
    arrays = [
        _named(project, keys),
        _named(np.zeros(n * p, np.int32), [clock.value]),
        _named(attribute, [column.id for column in columns]),
        _named(attribute, [column.dimension.value for column in columns]),
        pa.array(explained.log_odds.ravel()),
        pa.array(explained.points.ravel()),
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _named(indices: NDArray[np.int32], names: Sequence[str]) -> pa.DictionaryArray:
    numbered, distinct = pd.factorize(np.asarray(names, dtype=object))  # a dictionary holds each name once
    return pa.DictionaryArray.from_arrays(numbered.astype(np.int32)[indices], pa.array(distinct, pa.string()))
