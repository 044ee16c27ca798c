"""What a row said on the day it was filed: cells that ledgers overwrite speak only from dated snapshots."""

from enum import StrEnum

import numpy as np
import pandas as pd

from features.catalog import Catalog
from features.milestones import Mask, days


class Volatile(StrEnum):
    """What training does with attributes that ledgers overwrite."""

    AUTO = "auto"  # keep the cells of dated snapshots; without any, leave the attributes out
    DROP = "drop"
    KEEP = "keep"  # the file is known to hold the filings themselves


def volatile_ids(catalog: Catalog) -> tuple[str, ...]:
    """Return the attributes that ledgers overwrite, and those derived from them."""
    filed = {a.id: a.volatile for a in catalog.attributes.values()}
    derived = {d.attribute.id: d.attribute.volatile or any(filed.get(of) for of in d.of) for d in catalog.derived}
    return tuple(name for name, volatile in {**filed, **derived}.items() if volatile)


def dated(rows: pd.DataFrame, catalog: Catalog) -> Mask:
    """Tell which rows are snapshots taken by their entry day; bool array of shape (n_projects,)."""
    filed = days(rows, catalog.filed_on)
    return np.asarray(filed <= days(rows, catalog.entry), dtype=np.bool_)


def as_filed(rows: pd.DataFrame, catalog: Catalog, volatile: Volatile = Volatile.AUTO) -> pd.DataFrame:
    """Return the rows of a ledger with what may have been overwritten since the filing left blank.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, ...), typed; left as it is
    volatile : AUTO blanks volatile cells but of rows whose ``filed_on`` is not after their entry, DROP blanks all of
        them, KEEP none

    Returns
    -------
    DataFrame of the same shape
    """
    present = [c for c in volatile_ids(catalog) if c in rows]
    if volatile is Volatile.KEEP or not present:
        return rows
    kept = dated(rows, catalog) if volatile is Volatile.AUTO else np.zeros(len(rows), dtype=np.bool_)
    return rows.assign(**{c: rows[c].where(kept) for c in present})
