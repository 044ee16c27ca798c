"""Rows the way offices keep them: Chinese headers with units in them, 万元 beside 亿元, 是 and 否, a slash for none."""

from decimal import Decimal

import pandas as pd

from features.catalog import Attribute, Catalog, Kind
from features.synthetic.design import Seeds, Stream

MONEY = "万元"
HUNDRED_MILLION = 10_000  # 万元 in 亿元
WRITTEN = {True: "是", False: "否"}
DAYS = ("{0.year}-{0.month:02d}-{0.day:02d}", "{0.year}年{0.month}月{0.day}日", "{0.year}/{0.month}/{0.day}")
BLANKS = ("/", "", "—")


def as_office_sheet(rows: pd.DataFrame, catalog: Catalog, *, seed: int = 0) -> pd.DataFrame:
    """Return the rows as text, as an office would keep them; every character fits GBK, every value can be read back.

    Parameters
    ----------
    rows : typed rows of shape (n, p)
    catalog : the catalogue of their columns
    seed : which cells are written in which of the usual ways

    Returns
    -------
    DataFrame of shape (n, p), str
        Headers are the Chinese labels, with the unit in full-width brackets; blank cells hold ``/``, ``—`` or nothing.
    """
    sheet = {}
    for name, column in rows.items():
        attribute = catalog.attributes[str(name)]
        way = Seeds(seed).rng(Stream.OFFICE, attribute.id).integers(0, 30, size=len(rows))
        cells = [_cell(value, attribute, int(w)) for value, w in zip(column, way, strict=True)]
        sheet[_header(attribute)] = pd.Series(cells, dtype="str", index=rows.index)
    return pd.DataFrame(sheet)


def _header(attribute: Attribute) -> str:
    return f"{attribute.label.zh}（{attribute.unit}）" if attribute.unit else attribute.label.zh


def _cell(value: object, attribute: Attribute, way: int) -> str:
    """Return one cell, written in one of thirty ways, most of them alike."""
    if pd.isna(value):  # type: ignore[call-overload]
        return BLANKS[way % len(BLANKS)]
    match attribute.kind:
        case Kind.NUMBER | Kind.INTEGER:
            return _figure(float(str(value)), attribute, way)
        case Kind.FLAG:
            return WRITTEN[bool(value)]
        case Kind.DATE:
            return DAYS[way % len(DAYS)].format(pd.Timestamp(str(value)))
    return str(value)


def _figure(value: float, attribute: Attribute, way: int) -> str:
    """Return a figure: plain, with thousands commas, in full-width digits, or a large sum in 亿元.

    >>> from features.catalog import Dimension
    >>> from features.words import Words
    >>> money = Attribute("v", Words("总投资", "investment"), Kind.NUMBER, Dimension.MARKET, unit="万元")
    >>> [_figure(12300.0, money, way) for way in (0, 6, 7, 29)]
    ['1.23亿元', '12,300', '１２３００', '12300']
    """
    exact = Decimal(repr(value)).normalize()
    if attribute.unit == MONEY and value >= HUNDRED_MILLION and way < 6:
        return f"{exact / HUNDRED_MILLION:f}亿元"
    plain = f"{exact:f}"
    if way == 6:
        return f"{exact:,f}"
    return plain.translate(FULL_WIDTH) if way == 7 else plain


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
