"""Attributes that follow from filed ones: ratios, and years between two days."""

import numpy as np
import pandas as pd

from features.catalog import Catalog, Derived, Formula

SECONDS_PER_YEAR = 365.25 * 86_400


def ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """Return numerator / denominator.

    Parameters
    ----------
    numerator, denominator : float Series of shape (n_projects,)

    Returns
    -------
    float Series of shape (n_projects,)
        Missing where either is missing, or the denominator is not above zero: an unknown is not a large figure.

    Examples
    --------
    >>> ratio(pd.Series([100.0, 100.0]), pd.Series([50.0, 0.0])).tolist()
    [2.0, nan]
    """
    quotient = numerator / denominator.where(denominator > 0)
    return quotient.where(np.isfinite(quotient))


def years_between(first: pd.Series, last: pd.Series) -> pd.Series:
    """Return the years from ``first`` to ``last``.

    Returns
    -------
    float Series of shape (n_projects,), years
        Missing unless ``first`` is strictly before ``last``: what comes on the review date or later is not yet known.

    Examples
    --------
    >>> day = pd.Series(pd.to_datetime(["2020-01-01", "2026-01-01"]))
    >>> years_between(day, pd.Series(pd.to_datetime(["2024-01-01", "2024-01-01"]))).tolist()
    [4.0, nan]
    """
    elapsed: pd.Series[float] = (last - first).dt.total_seconds() / SECONDS_PER_YEAR
    return elapsed.where(elapsed > 0)


FORMULAS = {Formula.RATIO: ratio, Formula.YEARS_BETWEEN: years_between}


def derive(rows: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Return the rows with the catalogue's derived attributes added.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, ...), typed; left as it is

    Returns
    -------
    DataFrame of shape (n_projects, ...)
        A filed value wins over the computed one. Where the file has neither the attribute nor both of its sources, the
        column stays absent.
    """
    computed = {d.attribute.id: _filled(rows, d) for d in catalog.derived if _possible(rows, d)}
    return rows.assign(**computed) if computed else rows


def _possible(rows: pd.DataFrame, derived: Derived) -> bool:
    return all(source in rows for source in derived.of)


def _filled(rows: pd.DataFrame, derived: Derived) -> pd.Series:
    first, last = (rows[source] for source in derived.of)
    value = FORMULAS[derived.formula](first, last) * derived.scale
    return rows[derived.attribute.id].fillna(value) if derived.attribute.id in rows else value
