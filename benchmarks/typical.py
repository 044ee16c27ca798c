"""What is typical of a place, counted from its own filings: this needs no outcome."""

from dataclasses import replace

import numpy as np
import pandas as pd

from features.builder import FeatureBuilder
from features.catalog import Attribute, Catalog, Kind
from features.filing import Volatile, as_filed
from models.metrics import Floats

STEPPED = frozenset({Kind.FLAG, Kind.ORDINAL})


def counted(catalog: Catalog, past: pd.DataFrame, *, as_of: np.datetime64) -> Catalog:
    """Return the catalogue with the shares of answers and the 10th and 90th percentiles of numbers as they were filed.

    Cells that were overwritten since the filing are left out: they tell what became of projects.
    """
    filed = FeatureBuilder.cold(catalog, as_of=as_of).transform(as_filed(past, catalog, Volatile.AUTO))
    attributes = dict(catalog.attributes)
    for feature, column in zip(filed.columns, filed.matrix.T, strict=True):
        known = column[~np.isnan(column)]
        if len(known) and feature.id in attributes:
            attributes[feature.id] = _counted(attributes[feature.id], known)
    return replace(catalog, attributes=attributes)


def _counted(attribute: Attribute, known: Floats) -> Attribute:
    if attribute.kind in STEPPED:
        counts = np.bincount(known.astype(int), minlength=len(attribute.answers)) + 0.5  # one never filed is rare
        return replace(attribute, shares=dict(zip(attribute.answers, (counts / counts.sum()).tolist(), strict=True)))
    low, high = (float(limit) for limit in np.quantile(known, [0.1, 0.9]))
    return replace(attribute, typical=(low, high)) if attribute.typical and low < high else attribute
