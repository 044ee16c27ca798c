"""The watch over a model in use: what came since its training against what it expected, and how old all of it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.catalog import Catalog, Clock
from features.inputs import Features
from features.milestones import Days, days
from features.timeline import trace
from models.awaited import Records, awaited, records, unshaken
from models.drift import Drift, drift
from models.model import Model
from models.vigil import Evidence, calendar, vigil

ALPHA = 0.01  # chance that a quiet county ever gets an alarm from one model
_FIRST = 0.9  # of it, the share of the clock that tells first; the others share the rest
_OFF = 0.06  # how far the level of a model of many outcomes may be off, in log rates
Day = np.datetime64


@dataclass(frozen=True)
class Watch:
    """What one clock shows since the training.

    Attributes
    ----------
    expected, came : records since then; ``expected`` is the model's
    alpha : the clock's share of `ALPHA`
    raised : month at whose end the alarm was first raised, None = never
    since, shift : month in which a change most likely began if there was one, and its size in log rates
    delay_months : by which half of all events are on record
    """

    expected: float
    came: int
    evidence: Evidence
    alpha: float
    raised: Day | None
    since: Day | None
    shift: float
    delay_months: int

    @property
    def odds(self) -> float:
        """How strongly what came speaks against the model now: 1 = not at all; the alarm is at 1 / alpha."""
        log_e = self.evidence.log_e
        return float(np.exp(min(log_e[-1], 700.0))) if len(log_e) else 1.0


@dataclass(frozen=True)
class Watching:
    """How a model in use stands on a day.

    Attributes
    ----------
    day, trained : of which the answer speaks, and as of which the model was trained
    outcomes : records since the training, by milestone of the catalogue
    last : day of the last dated record, NaT = none
    drift : of the attributes of those who entered since the training
    """

    day: Day
    trained: Day
    clocks: Mapping[Clock, Watch]
    outcomes: Mapping[str, int]
    last: Day
    drift: Drift

    @property
    def alarms(self) -> tuple[Clock, ...]:
        """The clocks that raise the alarm."""
        return tuple(clock for clock, watch in self.clocks.items() if watch.raised is not None)

    @property
    def seen(self) -> bool:
        """Whether any whole month with records has passed since the training."""
        return any(len(watch.evidence.log_e) for watch in self.clocks.values())


def watching(model: Model, rows: pd.DataFrame, catalog: Catalog, day: Day) -> Watching:
    """Return how a model stands against what was on record by a day.

    Parameters
    ----------
    rows : typed filings with milestones and the days of their records, as the store gives them
    catalog : of the rows, naming those columns
    day : the last day of which anything is known
    """
    trained = _trained(model)
    timeline = trace(rows, catalog, as_of=day, snapshot=day)
    recorded = {name: days(rows, milestone.recorded) for name, milestone in catalog.milestones.items()}
    dated = {name: on[(on <= day) & ~np.isnat(timeline.happened[name])] for name, on in recorded.items()}
    written = np.concatenate(list(dated.values()))
    features = model.features(rows.loc[~timeline.rejected].reset_index(drop=True))
    return Watching(
        day=day,
        trained=trained,
        clocks={
            clock: _clock(model, features, records(timeline, clock, recorded), clock, day) for clock in model.hazards
        },
        outcomes={name: int((on > trained).sum()) for name, on in dated.items()},
        last=written.max() if written.size else Day("NaT"),
        drift=_drift(model, features, timeline.entry[~timeline.rejected], day),
    )


def _trained(model: Model) -> Day:
    card: Any = model.card
    return Day(card["dates"]["as_of"], "D")


def _clock(model: Model, features: Features, of: Records, clock: Clock, day: Day) -> Watch:
    """Return the watch over one clock; all clocks together keep to `ALPHA`."""
    card: Any = model.card
    hazard = model.hazards[clock]
    by = unshaken(hazard, features.matrix)
    found = awaited(of, by, model.catalog.period_months, _trained(model), day)
    events = card["clocks"][clock.value]["events"]
    level_sd = hazard.shock_sd if model.cold else float(np.hypot(_OFF, 1.0 / np.sqrt(max(events, 1))))
    evidence = vigil(found.watched, calendar(found.past, level_sd))
    alpha = ALPHA * _share(list(model.hazards).index(clock), len(model.hazards))
    step = evidence.alarm(alpha)
    return Watch(
        expected=found.expected,
        came=found.came,
        evidence=evidence,
        alpha=alpha,
        raised=None if step is None else Day(int(found.ends[step]) - 1, "M"),
        since=None if evidence.since < 0 else found.month(evidence.since),
        shift=evidence.shift,
        delay_months=found.delay_months,
    )


def _share(place: int, clocks: int) -> float:
    """Return what one of the clocks gets of the chance of a false alarm.

    Examples
    --------
    >>> _share(0, 1), _share(0, 2), round(_share(1, 2), 12)
    (1.0, 0.9, 0.1)
    """
    if clocks == 1:
        return 1.0
    return _FIRST if place == 0 else (1.0 - _FIRST) / (clocks - 1)


def _drift(model: Model, features: Features, entry: Days, day: Day) -> Drift:
    """Return how far those who entered since the training are from those before."""
    trained = _trained(model)
    before, since = entry < trained, (entry >= trained) & (entry <= day)
    was, now = (Features(features.matrix[of], features.columns, features.unseen[of]) for of in (before, since))
    hazard = model.hazards[model.catalog.headline]
    return drift(was, now, (hazard.log_odds(was.matrix), hazard.log_odds(now.matrix)))
