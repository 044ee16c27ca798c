"""Training: a history file, as known on a day, becomes a model with its card."""

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.builder import FeatureBuilder
from features.catalog import Catalog, Clock, Kind
from features.errors import Refused
from features.history.fingerprints import firm
from features.inputs import Features
from features.spelling import folded
from features.timeline import PROJECT_UID, PersonPeriods, Timeline, person_periods, trace
from features.words import Words
from models.card import Evidence, card_of
from models.hazard import Hazard, Lives, fit_hazard
from models.model import Model
from models.recipe import Recipe, read_recipe

__all__ = ["Model", "groups", "train"]


def train(
    rows: pd.DataFrame,
    catalog: Catalog,
    *,
    as_of: np.datetime64,
    snapshot: np.datetime64 | None = None,
    lag_months: float | None = None,
    recipe: Recipe | None = None,
) -> Model:
    """Return a model trained on what was known on a day.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, ...), typed
    as_of : the day of which the model speaks; person-periods not wholly lived, and on record, by then do not train
    snapshot : the day the file was written; None = its "last updated" column, or ``as_of``
    lag_months : reporting lag; None = the catalogue's
    recipe : None = the default one, which holds the seed too

    Raises
    ------
    Refused
        No project of the file has lived one whole period by the day.
    """
    chosen = read_recipe() if recipe is None else recipe
    rows = _in_order(rows, catalog)
    timeline = trace(rows, catalog, as_of=as_of, snapshot=snapshot, lag_months=lag_months)
    periods = {clock: person_periods(timeline, spec, catalog) for clock, spec in catalog.clocks.items()}
    if not any(len(lived.event) for lived in periods.values()):
        raise Refused(_nobody(timeline, catalog))
    salt = _salt(rows, timeline, catalog, chosen.seed)
    builder = FeatureBuilder(catalog, volatile=chosen.attributes.volatile, salt=salt)
    features = builder.fit_transform(rows, timeline)
    group = np.zeros(len(rows), dtype=np.intp)  # who enters later must not move the folds: the admitted are numbered
    group[timeline.admitted] = groups(rows.loc[timeline.admitted], catalog)
    hazards = _hazards(features, periods, group, catalog, chosen)
    evidence = Evidence(catalog, chosen, timeline, periods, features, builder.warnings_, hazards)
    return Model(catalog, chosen, builder, hazards, _medians(rows, timeline, catalog), card_of(evidence))


def groups(rows: pd.DataFrame, catalog: Catalog) -> NDArray[np.intp]:
    """Return who belongs together, (n,): projects of one investor, spelled as history compares firms, share a number.

    Without a name the filings of one project do; what has neither stands alone.

    Examples
    --------
    >>> from features.catalogs.reader import read_catalog
    >>> rows = pd.DataFrame({"investor_name": ["示例有限公司", None, "示例集团", None]})
    >>> groups(rows, read_catalog("zhaoshang")).tolist()
    [4, 1, 4, 3]
    """
    number = np.arange(len(rows), dtype=np.intp)
    for column, spelling in ((PROJECT_UID, folded), (catalog.investor, firm)):
        if column is not None and column in rows:
            named = rows[column].notna().to_numpy()
            codes, _ = pd.factorize(rows.loc[named, column].map(spelling))
            number[named] = number.max(initial=-1) + 1 + codes
    return number


def _in_order(rows: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Return the rows by entry and name, so that folds and bags do not hang on the order of the file."""
    by = [column for column in (catalog.entry, catalog.key) if column in rows]
    return rows.sort_values(by, kind="stable", ignore_index=True) if by else rows


def _salt(rows: pd.DataFrame, timeline: Timeline, catalog: Catalog, seed: int) -> bytes:
    """Return the key of the event index: the same for the same projects, another for those of another place.

    It reads what a project was called and when it entered, and nothing that came later.
    """
    named = [column for column in (catalog.key, catalog.entry) if column in rows]
    told = pd.util.hash_pandas_object(rows.loc[timeline.admitted, named], index=False).to_numpy()
    return hashlib.blake2b(np.sort(told).tobytes(), key=str(seed).encode(), digest_size=32).digest()


def _hazards(
    features: Features,
    periods: Mapping[Clock, PersonPeriods],
    group: NDArray[np.intp],
    catalog: Catalog,
    recipe: Recipe,
) -> Mapping[Clock, Hazard]:
    return {
        clock: fit_hazard(Lives(features, lived, group), catalog.clocks[clock], catalog.period_months, recipe)
        for clock, lived in periods.items()
    }


def _medians(rows: pd.DataFrame, timeline: Timeline, catalog: Catalog) -> Mapping[str, float]:
    """Return the median size of each number of the admitted projects, where it is above 0."""
    found = {}
    for column in (a.id for a in catalog.attributes.values() if a.kind in {Kind.NUMBER, Kind.INTEGER} and a.is_feature):
        if column in rows:
            size = np.abs(rows.loc[timeline.admitted, column].to_numpy(dtype=np.float64))
            size = size[np.isfinite(size) & (size > 0)]
            if size.size:
                found[column] = float(np.median(size))
    return found


def _nobody(timeline: Timeline, catalog: Catalog) -> Words:
    admitted, period, lag = int(timeline.admitted.sum()), catalog.period_months, timeline.lag_months
    return Words(
        zh=f"训练：至少须有一个项目在 {timeline.as_of} 前走完一个周期（{period} 个月，另加填报滞后 {lag:g} 个月）；"
        f"实际有 {admitted} 个可用项目，无一走完。请给出更早的项目，或更晚的 --as-of。",
        en=f"training: at least one project must have lived a whole period ({period} months, and {lag:g} of reporting "
        f"lag) by {timeline.as_of}; got {admitted} usable projects, none of which has. "
        "Give earlier projects, or a later --as-of.",
    )
