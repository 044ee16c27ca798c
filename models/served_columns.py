"""What a served model takes and gives: its columns, whether they are figures or text, and a row made up for show."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.catalog import Attribute, Catalog, Kind, Tier
from features.reading.headers import readable
from features.reading.judging import Purpose, Request

FIGURES = frozenset({Kind.NUMBER, Kind.INTEGER, Kind.FLAG})
ANSWERS = {  # columns of an answer; whether each is a figure
    "status": False,
    "p_landed": True,
    "p_produced": True,
    "p_low": True,
    "p_high": True,
    "grade": False,
    "flags": False,
    "problems": False,
    "model_hash": False,
}
MADE_UP = "示例"  # the text of every cell whose words are free
A_DAY = np.datetime64("2025-01-15")


@dataclass(frozen=True)
class Column:
    """One column of a request.

    Attributes
    ----------
    is_figure : a number, a count or a flag (1 = yes, 0 = no), as a double; else text, days as 2026-03-01
    is_required : whether a request without it is refused
    """

    attribute: Attribute
    is_figure: bool
    is_required: bool

    @property
    def id(self) -> str:
        """The name of the column: the attribute's own."""
        return self.attribute.id


def columns(catalog: Catalog) -> tuple[Column, ...]:
    """Return the columns of a request: all that a sheet to score may hold, in the order of the catalogue.

    Examples
    --------
    >>> from features.catalogs.reader import read_catalog
    >>> [(column.id, column.is_figure) for column in columns(read_catalog("repd")) if column.is_required][:3]
    [('ref_id', False), ('planning_application_submitted', False), ('operator', False)]
    """
    request = Request(catalog, Purpose.SCORE)
    return tuple(
        Column(attribute, attribute.kind in FIGURES, _is_required(attribute, catalog))
        for attribute in readable(catalog).values()
        if request.reads(attribute) or attribute.id in request.excluding
    )


def _is_required(attribute: Attribute, catalog: Catalog) -> bool:
    """Return whether no sheet is scored without the column, and none is understood without it on the wire."""
    return attribute.id in {catalog.key, catalog.entry} or (
        attribute.id in catalog.attributes
        and attribute.tier in {Tier.KEY, Tier.CORE}
        and Request(catalog, Purpose.SCORE).reads(attribute)
    )


def example(catalog: Catalog) -> pd.DataFrame:
    """Return one row that is nobody's: what the catalogue calls typical, the commonest answers, made-up names.

    Returns
    -------
    DataFrame of shape (1, n_columns)
        Doubles and text, only the columns that the catalogue says enough of to make up a cell.
    """
    return pd.DataFrame(dict(_cells(catalog)))


def _cells(catalog: Catalog) -> Iterator[tuple[str, "pd.Series[float] | pd.Series[str]"]]:
    for column in columns(catalog):
        attribute = column.attribute
        told = attribute.is_feature and (attribute.typical is not None or attribute.levels)
        if not (column.is_required or told):
            continue
        if column.is_figure:
            yield column.id, pd.Series([_figure(attribute)], dtype=np.float64)
        else:
            yield column.id, pd.Series([_text(attribute)], dtype="str")


def _figure(attribute: Attribute) -> float:
    if attribute.kind is Kind.FLAG:
        return 0.0
    middle = 1.0 if attribute.typical is None else sum(attribute.typical) / 2
    return float(round(middle)) if attribute.kind is Kind.INTEGER else middle


def _text(attribute: Attribute) -> str:
    if attribute.kind is Kind.DATE:
        return str(A_DAY)
    shares = attribute.answer_shares
    return attribute.levels[shares.index(max(shares))] if attribute.levels else MADE_UP
