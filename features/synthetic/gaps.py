"""Blank cells: offices leave attributes out, and leave out more of what is harder to know."""

import numpy as np

from features.catalog import Catalog, Dimension, Known, Tier
from features.synthetic.design import Design, Seeds, Stream
from features.synthetic.sheet import Values

RATE_OF_TIER = {Tier.KEY: 0.0, Tier.CORE: 0.5, Tier.COMMON: 1.0, Tier.OPTIONAL: 1.5}  # times the design's missingness
RATE_OF_GATE = 0.5  # times that: what can veto is asked for


def with_gaps(values: Values, catalog: Catalog, design: Design, seeds: Seeds) -> Values:
    """Return the values with some blank (NaN), by a stream for each attribute: the same cells whatever they hold."""
    blanked = {}
    for name, value in values.items():
        attribute = catalog.attributes[name]
        rate = design.missingness * RATE_OF_TIER[attribute.tier]
        rate *= RATE_OF_GATE if attribute.dimension is Dimension.GATE else 1.0
        blank = seeds.rng(Stream.GAPS, name).uniform(size=len(value)) < rate
        blanked[name] = np.where(blank & (attribute.known is Known.REVIEW), np.nan, value)
    return blanked
