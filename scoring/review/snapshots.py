"""A filing as text: what was known at the review as a JSON object, and back again exactly as the reader typed it."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from features.catalog import Attribute, Catalog, Dimension, Kind, Known
from features.reading.headers import readable

_FIGURES = frozenset({Kind.NUMBER, Kind.INTEGER, Kind.FLAG})


def filed_attributes(catalog: Catalog) -> Mapping[str, Attribute]:
    """Return the attributes that a snapshot holds: all but those known only later, which the ledger keeps."""
    return {
        name: attribute
        for name, attribute in readable(catalog).items()
        if attribute.known is not Known.LATER and attribute.dimension is not Dimension.OUTCOME
    }


def written(rows: pd.DataFrame, catalog: Catalog) -> list[str]:
    """Return each row as JSON by attribute id: days as ISO dates, numbers as floats, what is missing left out.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, ...), typed as the reader types them

    Returns
    -------
    list of n_projects texts, keys sorted: the same row is the same text
    """
    columns = [(name, _plain(rows[name], a)) for name, a in filed_attributes(catalog).items() if name in rows]
    columns.sort(key=lambda column: column[0])
    cells = zip(*(values for _, values in columns), strict=True)
    names = [name for name, _ in columns]
    kept = ({n: v for n, v in zip(names, row, strict=True) if v is not None} for row in cells)
    return [json.dumps(one, ensure_ascii=False, separators=(",", ":"), allow_nan=False) for one in kept]


def read(texts: Sequence[str], catalog: Catalog) -> pd.DataFrame:
    """Return snapshots as typed rows, in the columns of the catalogue that any of them has, and in its order.

    A column that the catalogue no longer has is left out; one that has come since is missing.
    """
    cells = [json.loads(text) for text in texts]
    present = {name for one in cells for name in one}
    return pd.DataFrame(
        {
            name: typed([one.get(name) for one in cells], attribute)
            for name, attribute in filed_attributes(catalog).items()
            if name in present
        },
        index=pd.RangeIndex(len(cells)),
    )


def typed(values: Sequence[Any], attribute: Attribute) -> "pd.Series[Any]":
    """Return plain values as a column of the attribute's kind; None is missing."""
    if attribute.kind is Kind.DATE:
        return pd.Series(np.array(["NaT" if v is None else v for v in values], dtype="datetime64[s]"))
    if attribute.kind in _FIGURES:
        return pd.Series(np.array([math.nan if v is None else v for v in values], dtype=np.float64))
    return pd.Series(pd.array(list(values), dtype="str"))


def _plain(column: "pd.Series[Any]", attribute: Attribute) -> list[Any]:
    missing = column.isna().to_numpy()
    if attribute.kind is Kind.DATE:
        values = np.datetime_as_string(column.to_numpy(dtype="datetime64[D]")).tolist()
    elif attribute.kind in _FIGURES:
        values = column.to_numpy(dtype=np.float64).tolist()
    else:
        values = column.tolist()
    return [None if is_missing else value for value, is_missing in zip(values, missing, strict=True)]
