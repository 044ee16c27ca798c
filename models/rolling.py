"""Two recipes over rolling origins: how the challenger's way of training would have fared, beside the champion's."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features.catalog import Catalog, Clock
from features.errors import DataError
from features.timeline import trace
from features.words import Words
from models.comparison import LUODI, MEASURES, ClockResult, Forecasts, compare
from models.evaluation import Evaluation, Plan, Step, evaluate
from models.intervals import Figure
from models.origins import supported
from models.recipe import Recipe
from models.rivals import RIVALS, Rival

CHAMPION = "champion"
CONSTANT = "constant"
AT_MOST = 5  # origins of the headline, the latest: each is a training run, and old ones hardly speak of today
_LABELS = {LUODI: Words("本次配方", "this recipe"), CHAMPION: Words("现用模型的配方", "the champion's recipe")}


@dataclass(frozen=True)
class Rolling:
    """What rolling origins found of one recipe or two, by clock.

    Attributes
    ----------
    origins : in words, why these
    labels : of the models compared
    twice : whether the champion was made by another recipe, which was evaluated too
    """

    origins: Words
    labels: Mapping[str, Words]
    clocks: Mapping[Clock, ClockResult]
    notes: tuple[Words, ...]
    twice: bool

    def gap(self, clock: Clock, metric: str) -> Figure | None:
        """Return the recipe's figure less that of the champion's recipe; None where there is one recipe."""
        if not self.twice or clock not in self.clocks:
            return None
        return self.clocks[clock].models[CHAMPION].luodi_minus[metric]


def rolling(
    rows: pd.DataFrame,
    catalog: Catalog,
    recipes: tuple[Recipe, Recipe | None],
    as_of: np.datetime64,
    on_step: Step | None = None,
) -> Rolling | Words:
    """Return how the two recipes would have fared, or in words why the register cannot tell yet.

    Parameters
    ----------
    recipes : the challenger's, and the champion's; None = no champion. Equal ones are evaluated once
    as_of : the day to which outcomes are read
    """
    recipe, other = recipes
    try:
        plan = Plan(_first_year(rows, catalog, as_of), snapshot=as_of, rivals=_constant())
        found = evaluate(rows, catalog, recipe, plan, on_step)
        if other is None or other.digest == recipe.digest:
            return _told(found, found.clocks, twice=False)
        beside = evaluate(rows, catalog, other, replace(plan, rivals=()), on_step)
    except DataError as error:  # a young register: nothing is wrong, it only cannot be asked yet
        return error.message
    return _told(found, {clock: _together(found, beside, clock) for clock in found.clocks}, twice=True)


def _first_year(rows: pd.DataFrame, catalog: Catalog, as_of: np.datetime64) -> int:
    whole = trace(rows, catalog, as_of=as_of, snapshot=as_of)
    days = supported(whole, catalog).of(catalog.headline)
    return int(str(days[-AT_MOST:][0])[:4])


def _constant() -> tuple[Rival, ...]:
    return tuple(rival for rival in RIVALS if rival.id == CONSTANT)


def _told(found: Evaluation, clocks: Mapping[Clock, ClockResult], *, twice: bool) -> Rolling:
    names = {*next(iter(clocks.values())).models}
    labels = {name: _LABELS.get(name) or found.labels[name] for name in (LUODI, CHAMPION, CONSTANT) if name in names}
    return Rolling(found.origins.reason, labels, clocks, found.notes, twice)


def _together(found: Evaluation, beside: Evaluation, clock: Clock) -> ClockResult:
    """Return one clock with the forecasts of both recipes for the same projects at the same origins."""
    ours, theirs = found.clocks[clock], beside.clocks[clock]
    forecasts = [_merged(one, other) for one, other in zip(ours.forecasts, theirs.forecasts, strict=True)]
    return compare(clock, ours.horizon_months, forecasts, MEASURES, ours.notes)


def _merged(ours: Forecasts, theirs: Forecasts) -> Forecasts:
    chances = {**ours.sample.chances, CHAMPION: theirs.sample.chances[LUODI]}
    return replace(ours, sample=replace(ours.sample, chances=chances))
