"""Invented projects as typed rows: the same columns and types as a file that was read under the catalogue."""

from collections.abc import Mapping
from functools import cache
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import Attribute, Catalog, Kind
from features.catalogs.reader import read_catalog
from features.synthetic.investors import Days, credit_code, firm_name
from features.synthetic.ledger import EXIT_REASONS
from features.synthetic.sheet import Pipeline, Values
from features.synthetic.traits import Floats, industries, traits

Column: TypeAlias = "Floats | Days | pd.Series[str]"
Columns: TypeAlias = dict[str, Column]
LEVELLED = frozenset({Kind.ORDINAL, Kind.CATEGORY})


@cache
def county_catalog() -> Catalog:
    """Return the catalogue of the invented county's sheets."""
    return read_catalog("zhaoshang")


def typed_rows(columns: Mapping[str, Column], catalog: Catalog) -> pd.DataFrame:
    """Return the columns in the catalogue's order; those it does not have are left out."""
    return pd.DataFrame({a: _typed(columns[a], catalog.attributes[a]) for a in catalog.attributes if a in columns})


def identity(pipeline: Pipeline, industry: NDArray[np.intp], uid: str) -> Columns:
    """Return the columns that name projects and firms; every name says that it is invented."""
    numbers = [f"{uid}{i:05d}" for i in range(1, len(industry) + 1)]
    firms = {int(k): (firm_name(int(k)), credit_code(int(k))) for k in np.unique(pipeline.investor)}
    trade = [industries()[k] for k in industry]
    return {
        "project_uid": _text(numbers),
        "project_name": _text([f"示例{t.product}项目{n}" for n, t in zip(numbers, trade, strict=True)]),
        "investor_name": _text([firms[int(k)][0] for k in pipeline.investor]),
        "uscc": _text([firms[int(k)][1] for k in pipeline.investor]),
        "industry_code": _text([t.code for t in trade]),
        "review_date": pipeline.reviewed,
        "established_date": pipeline.founded,
    }


def spelled(values: Values, catalog: Catalog) -> Columns:
    """Return the values with codes spelled out as levels, ready to be typed."""
    return {n: _spelled(v, _levels(n)) if catalog.attributes[n].kind in LEVELLED else v for n, v in values.items()}


def _levels(name: str) -> tuple[str, ...]:
    return EXIT_REASONS if name == "exit_reason" else traits()[name].levels


def _spelled(codes: Floats, levels: tuple[str, ...]) -> "pd.Series[str]":
    """Return the level of each code; NaN stays missing.

    >>> _spelled(np.array([1.0, np.nan]), ("low", "high")).tolist()
    ['high', nan]
    """
    missing = np.isnan(codes)
    names = np.array(levels, dtype=object)[np.where(missing, 0, codes).astype(int)]
    return pd.Series(np.where(missing, np.nan, names), dtype="str")


def _text(cells: list[str]) -> "pd.Series[str]":
    return pd.Series(cells, dtype="str")


def _typed(column: Column, attribute: Attribute) -> Column:
    return np.asarray(column).astype("datetime64[s]") if attribute.kind is Kind.DATE else column
