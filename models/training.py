"""Training: a history file, as known on a day, becomes a model with its card."""

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from features.builder import FeatureBuilder
from features.catalog import Catalog, Clock, ClockSpec, Kind
from features.history.fingerprints import firm
from features.inputs import Features
from features.spelling import folded
from features.timeline import PROJECT_UID, PersonPeriods, Timeline, outcome, person_periods, span, trace
from models.bag import Bag, fit_bag
from models.blend import fit_hazard
from models.card import Evidence, card_of
from models.curve import Floats
from models.followed import FINISHING, giving_up, months_to_start, with_start
from models.hazard import Hazard
from models.lesson import lesson_of
from models.likeness import Likeness
from models.lives import Lives
from models.model import Model
from models.recipe import Recipe, read_recipe
from models.teachable import refuse_unlived, refuse_without_level

_TIE = "\0tie"  # no column of a catalogue is called so

__all__ = ["Known", "Model", "asked_model", "groups", "known_on", "train"]


@dataclass(frozen=True)
class Known:
    """All that is known on a day of the projects of a file, ready to learn from.

    Attributes
    ----------
    rows : (n, ...) by entry and name
    features : of the n rows
    group : (n,) projects of one investor share a number
    """

    rows: pd.DataFrame
    catalog: Catalog
    recipe: Recipe
    timeline: Timeline
    builder: FeatureBuilder
    features: Features
    group: NDArray[np.intp]

    def periods(self, spec: ClockSpec, months: int) -> PersonPeriods:
        """Return the person-periods of a clock up to so many months."""
        return person_periods(self.timeline, spec, self.catalog, horizon_months=months)

    def lives(self, spec: ClockSpec) -> Lives:
        """Return what a clock learns from."""
        features = self.features
        if spec.clock in FINISHING:
            features = with_start(features, months_to_start(self.timeline))
        periods = self.periods(spec, spec.reach_months)
        return Lives(features, periods, self.group, self.timeline.entry, span(self.timeline.lag_months))

    def hazard(self, spec: ClockSpec) -> Hazard:
        """Return the fitted hazard of a clock."""
        with _one_thread():
            return fit_hazard(self.lives(spec), spec, self.catalog.period_months, self.recipe)

    def asked(self) -> Mapping[Clock, Hazard]:
        """Return the fitted hazards of the clocks that are asked at the entry."""
        return {clock: self.hazard(spec) for clock, spec in self.catalog.clocks.items()}

    def later(self) -> Mapping[Clock, Hazard]:
        """Return the fitted hazards of projects on their way, of clocks that anybody has lived."""
        lived = {c: s for c, s in self.catalog.later.items() if len(self.periods(s, s.reach_months).event)}
        return {clock: self.hazard(spec) for clock, spec in lived.items()}

    def giving_up(self) -> Floats:
        """Return the share of projects under construction that gives up in each period; empty without such a clock."""
        if Clock.FINISHED not in self.catalog.later:
            return np.zeros(0)
        period = self.catalog.period_months
        return giving_up(self.timeline, period, -(-self.catalog.later[Clock.FINISHED].reach_months // period))

    def bag(self, hazard: Hazard) -> Bag | None:
        """Return refits of a hazard; None where the recipe asks for none."""
        if not self.recipe.bag.members:
            return None
        spec = self.catalog.clocks[hazard.clock]
        with _one_thread():
            return fit_bag(lesson_of(self.lives(spec), spec, self.catalog.period_months, self.recipe)[0], hazard)

    def likeness(self) -> Likeness:
        """Return the measure of how far a project is from those with a known outcome."""
        spec = self.catalog.clocks[self.catalog.headline]
        _, mature = outcome(self.timeline, spec, self.catalog)
        ended = ~np.isnat(self.timeline.came(spec.clock)) | ~np.isnat(self.timeline.exited)
        return Likeness.fit(self.features, self.timeline.admitted & (mature | ended), self.recipe.seed)


def _one_thread() -> AbstractContextManager[object]:
    """Hold the BLAS to one thread: its sums here are small, and another number of threads gives other last digits."""
    limits: AbstractContextManager[object] = threadpool_limits(1, "blas")
    return limits


def known_on(
    rows: pd.DataFrame,
    catalog: Catalog,
    *,
    as_of: np.datetime64,
    snapshot: np.datetime64 | None = None,
    lag_months: float | None = None,
    recipe: Recipe | None = None,
) -> Known:
    """Return what was known on a day, as `train` reads it.

    Raises
    ------
    Refused
        No project of the file has lived one whole period by the day.
    """
    chosen = read_recipe() if recipe is None else recipe
    rows = _in_order(rows, catalog)
    timeline = trace(rows, catalog, as_of=as_of, snapshot=snapshot, lag_months=lag_months)
    refuse_unlived(timeline, catalog)
    salt = _salt(rows, timeline, catalog, chosen.seed)
    builder = FeatureBuilder(catalog, volatile=chosen.attributes.volatile, salt=salt)
    features = builder.fit_transform(rows, timeline)
    group = np.zeros(len(rows), dtype=np.intp)  # who enters later must not move the folds: the admitted are numbered
    group[timeline.admitted] = groups(rows.loc[timeline.admitted], catalog)
    return Known(rows, catalog, chosen, timeline, builder, features, group)


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
        No project of the file has lived one whole period by the day; or a clock has neither an outcome on record nor a
        published curve, and so no level.
    """
    known = known_on(rows, catalog, as_of=as_of, snapshot=snapshot, lag_months=lag_months, recipe=recipe)
    refuse_without_level(known.timeline, catalog)
    model = asked_model(known)
    bag = known.bag(model.hazards[catalog.headline])
    return replace(model, later=known.later(), giving_up=known.giving_up(), bag=bag, likeness=known.likeness())


def asked_model(known: Known) -> Model:
    """Return the model for what is asked at the entry alone: no clocks of running projects, no bag, no likeness."""
    catalog, hazards = known.catalog, known.asked()
    periods = {clock: known.periods(spec, spec.horizon_months) for clock, spec in catalog.clocks.items()}
    left_out = known.builder.warnings_
    evidence = Evidence(catalog, known.recipe, known.timeline, periods, known.features, left_out, hazards)
    return Model(
        catalog=catalog,
        recipe=known.recipe,
        builder=known.builder,
        hazards=hazards,
        later={},
        giving_up=np.zeros(0),
        bag=None,
        likeness=None,
        medians=_medians(known.rows, known.timeline, catalog),
        card=card_of(evidence),
    )


def groups(rows: pd.DataFrame, catalog: Catalog) -> NDArray[np.intp]:
    """Return who belongs together, (n,): projects of one investor, spelled as history compares firms, share a number.

    So do the filings of one project, whatever names they give; what has neither stands alone.

    Examples
    --------
    >>> from features.catalogs.reader import read_catalog
    >>> rows = pd.DataFrame({"investor_name": ["示例有限公司", None, "示例集团", None]})
    >>> groups(rows, read_catalog("zhaoshang")).tolist()
    [0, 1, 0, 2]
    """
    alone = np.arange(len(rows), dtype=np.intp)
    bonds = [(alone, alone)]
    for column, spelling in ((PROJECT_UID, folded), (catalog.investor, firm)):
        if column is not None and column in rows:
            named = np.flatnonzero(rows[column].notna().to_numpy())
            codes, _ = pd.factorize(rows[column].iloc[named].map(spelling))
            first = named[np.unique(codes, return_index=True)[1]]
            bonds.append((named, first[codes]))
    one, other = (np.concatenate(ends) for ends in zip(*bonds, strict=True))
    bonded = csr_array((np.ones(len(one)), (one, other)), shape=(len(rows), len(rows)))
    return np.asarray(connected_components(bonded, directed=False)[1], dtype=np.intp)


def _in_order(rows: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Return the rows by entry, name and attributes, so that folds and bags do not hang on the order of the file.

    What came after the entry, or was overwritten since, takes no part: it must not move the folds.
    """
    by = [column for column in (catalog.entry, catalog.key) if column in rows]
    filed = [a.id for a in catalog.attributes.values() if a.is_feature and not a.volatile and a.id in rows]
    told = pd.util.hash_pandas_object(rows[filed].astype(str), index=False)
    return rows.assign(**{_TIE: told}).sort_values([*by, _TIE], ignore_index=True).drop(columns=_TIE)


def _salt(rows: pd.DataFrame, timeline: Timeline, catalog: Catalog, seed: int) -> bytes:
    """Return the key of the event index: the same for the same projects, another for those of another place.

    It reads what a project was called and when it entered, and nothing that came later.
    """
    named = [column for column in (catalog.key, catalog.entry) if column in rows]
    told = pd.util.hash_pandas_object(rows.loc[timeline.admitted, named], index=False).to_numpy()
    return hashlib.blake2b(np.sort(told).tobytes(), key=str(seed).encode(), digest_size=32).digest()


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
