r"""The newest outcomes: what came lately, told by models that could not know it.

The champion was trained as of one day; a *shadow* of the challenger, of the same recipe, is trained as of that day or
twelve months back, whichever is later. Every person-period that went on record after the shadow's day is new to both.
Its chance is what a model's curve says of the projects still waiting,
:math:`[F(k) - F(k-1)] / [1 - F(k-1)]`, so that projects still far from their horizon count with what they have lived.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from features.catalog import Catalog, Clock, ClockSpec
from features.filing import Volatile, as_filed
from features.history.event_index import EventIndex
from features.inputs import Features
from features.timeline import PersonPeriods, Timeline, person_periods, span
from models import intervals
from models.curve import Floats
from models.intervals import Figure, Sample
from models.metrics import Metric, metrics_at
from models.model import Model
from models.training import groups

WINDOW_MONTHS = 12
CHALLENGER, CHAMPION = "challenger", "champion"
METRICS = ("log_loss", "auc", "brier")
DRAWS = 500
_SURELY = (0.005, 0.995)


@dataclass(frozen=True)
class Newest:
    """What one clock's newest person-periods say of the models.

    Attributes
    ----------
    since, until : the days of knowledge between which they went on record
    periods, projects, events : how many were lived, by whom, and how many milestones came in them
    expected : model -> events it expected
    bounds : events that, as a Poisson count, would be no surprise given those that came (99 %)
    figures : model -> metric -> figure with its 90 % interval, investors drawn together
    gap : challenger less champion, on the same draws; empty without a champion
    """

    clock: Clock
    since: np.datetime64
    until: np.datetime64
    periods: int
    projects: int
    events: int
    expected: Mapping[str, float]
    bounds: tuple[float, float]
    figures: Mapping[str, Mapping[str, Figure]]
    gap: Mapping[str, Figure]


def since_when(as_of: np.datetime64, champion: Model | None) -> np.datetime64:
    """Return the day after which outcomes are new to both models: the champion's, or twelve months back if later."""
    floor = as_of - span(WINDOW_MONTHS)
    return floor if champion is None else max(floor, day_of(champion))


def day_of(model: Model) -> np.datetime64:
    """Return the day of which a model speaks."""
    dates = model.card["dates"]
    assert isinstance(dates, Mapping), "a card tells of its dates"
    return np.datetime64(str(dates["as_of"]), "D")


def newest(
    rows: pd.DataFrame, timeline: Timeline, models: Mapping[str, Model], catalog: Catalog, since: np.datetime64
) -> Mapping[Clock, Newest]:
    """Return what models say of the person-periods that went on record after a day; clocks with none are left out.

    Parameters
    ----------
    rows : (n, ...) of the file
    timeline : their lives, as of the day that the periods reach to
    models : by `CHALLENGER` and `CHAMPION`, each trained on what was known on ``since`` or before; all with the
        catalogue's clocks and periods
    """
    index = _index(rows, timeline, catalog, models[CHALLENGER])
    group = groups(rows, catalog)
    found = {}
    for clock, spec in catalog.clocks.items():
        lived = fresh(timeline, spec, catalog, since)
        if len(lived.event):
            chances = {name: _chances(model, rows, lived, clock, index) for name, model in models.items()}
            found[clock] = _measured(lived, Sample(lived.event, chances, group[lived.project]), clock, since, timeline)
    return found


def fresh(timeline: Timeline, spec: ClockSpec, catalog: Catalog, since: np.datetime64) -> PersonPeriods:
    """Return the person-periods, up to the horizon, that no model of the day ``since`` could learn from."""
    lived = person_periods(timeline, spec, catalog)
    new = lived.end + span(timeline.lag_months) > since
    return PersonPeriods(lived.project[new], lived.period[new], lived.event[new], lived.end[new], lived.n_periods)


def period_chances(model: Model, features: Features, clock: Clock) -> Floats:
    """Return the chance that the milestone comes in a period, of a project that still waits: (n, K)."""
    curve = model.curves(features)[clock]
    before = np.column_stack([np.zeros(len(curve)), curve[:, :-1]])
    left = np.maximum(1.0 - before, np.finfo(np.float64).tiny)
    return np.clip((curve - before) / left, 0.0, 1.0)


def _index(rows: pd.DataFrame, timeline: Timeline, catalog: Catalog, model: Model) -> EventIndex:
    """Return all history that is known now; asked strictly before each review, it tells nothing of what came after."""
    filed = as_filed(rows, catalog, Volatile(model.recipe.attributes.volatile))
    return EventIndex.build(filed, timeline, catalog, model.builder.salt)


def _chances(model: Model, rows: pd.DataFrame, lived: PersonPeriods, clock: Clock, index: EventIndex) -> Floats:
    asked, place = np.unique(lived.project, return_inverse=True)
    features = model.builder.replay(rows.iloc[asked].reset_index(drop=True), index)
    return period_chances(model, features, clock)[place, lived.period]


def _measured(lived: PersonPeriods, sample: Sample, clock: Clock, since: np.datetime64, timeline: Timeline) -> Newest:
    table = metrics_at(1)
    found = {id_: _figures(table[id_], sample) for id_ in METRICS}
    events = int(lived.event.sum())
    return Newest(
        clock=clock,
        since=since,
        until=timeline.as_of,
        periods=len(lived.event),
        projects=len(np.unique(lived.project)),
        events=events,
        expected={name: float(chances.sum()) for name, chances in sample.chances.items()},
        bounds=poisson_bounds(events),
        figures={name: {id_: found[id_][0][name] for id_ in METRICS} for name in sample.chances},
        gap={id_: gap for id_ in METRICS if (gap := found[id_][1]) is not None},
    )


def _figures(metric: Metric, sample: Sample) -> tuple[Mapping[str, Figure], Figure | None]:
    """Return a metric of each model, and the challenger's less the champion's on the same draws."""
    draws = intervals.drawn(metric, [sample], DRAWS, 0)
    values = {name: float(metric.of(sample.labels, chances, None)) for name, chances in sample.chances.items()}
    told = {name: intervals.figure(values[name], draws[name]) for name in values}
    if CHAMPION not in values:
        return told, None
    gap = intervals.figure(values[CHALLENGER] - values[CHAMPION], draws[CHALLENGER] - draws[CHAMPION])
    return told, gap


def poisson_bounds(events: int) -> tuple[float, float]:
    """Return the expectations under which a count is no surprise, 99 % (Garwood 1936, doi:10.1093/biomet/28.3-4.437).

    Examples
    --------
    >>> [round(bound, 2) for bound in poisson_bounds(0)], [round(bound, 1) for bound in poisson_bounds(100)]
    ([0.0, 5.3], [76.1, 128.8])
    """
    low = 0.0 if events == 0 else float(chi2.ppf(_SURELY[0], 2 * events) / 2)
    return low, float(chi2.ppf(_SURELY[1], 2 * (events + 1)) / 2)
