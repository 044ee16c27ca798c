"""Outcomes as they really arrived: eleven vintages of the real register, fed in order as a county would.

    python benchmarks/arrivals.py

Each vintage goes through ``luodi outcomes add`` into a store of its own; then a model is trained as of that day, and
says what will become of the applications of the next period. What became of them is read from the last vintage, for
the champion (the newest model there was) and for the model of March 2021, never retrained: per half-year lived, the
chance that the milestone comes in it; AUC ranks applications of one age. Late reports are counted apart from
corrections, and the delay from an event to its record is held against the catalogue's lag. The register is read from
the folder LUODI_REPD; unset, nothing is run. Exit 1 beyond ten minutes, or where a count does not add up.
"""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.catalog import Catalog, Clock
from features.catalogs.reader import read_catalog
from features.timeline import PersonPeriods, person_periods, span, trace
from models import intervals
from models.intervals import Sample
from models.metrics import metrics_at
from models.model import Model
from models.newest import period_chances
from models.training import asked_model, groups, known_on

VINTAGES = (
    "renewable-energy-planning-database-q1-march-2021.csv",
    "renewable-energy-planning-database-q3-september-2021.csv",
    "renewable-energy-planning-database-q4-december-2021.csv",
    "renewable-energy-planning-database-q1-april-2022.csv",
    "repd-july-2022-corrected.csv",
    "repd-october-2022.csv",
    "repd-january-2023.csv",
    "repd-july-2023.csv",
    "repd-january-2024.csv",
    "repd-q1-2024.csv",
    "repd-q2-july-2024.csv",
)
SECONDS = 600.0
FOLLOWED_MONTHS = 24  # an event this long ago would be on record by now, were the delay no longer
WITHIN = (3, 6, 12, 18, 24)  # months
DRAWS = 500
CHAMPION, NEVER = "champion", "never retrained"


@dataclass(frozen=True)
class Vintage:
    """One feed: its day, what became of it, and the model trained after it."""

    day: np.datetime64
    taken: Any
    model: Model


def main() -> int:
    folder = os.environ.get("LUODI_REPD")
    if not folder:
        print("LUODI_REPD is not set: nothing to feed")
        return 0
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}")
    begun, catalog = time.perf_counter(), read_catalog("repd")
    with tempfile.TemporaryDirectory() as var:
        os.environ["LUODI_VAR"] = var
        os.environ.pop("DATABASE_URL", None)
        vintages, rows, dated = _fed(Path(folder), catalog, begun)
    misses = [words for vintage in vintages for words in miscounted(vintage.taken)]
    _delays(vintages, catalog)
    for lag in (None, 0.0):
        _judged(vintages, rows, dated, lag)
    seconds = time.perf_counter() - begun
    if seconds > SECONDS:
        misses.append(f"took {seconds:.0f} s, more than {SECONDS:.0f}")
    print(f"\n{seconds:.0f} s; " + ("; ".join(misses) if misses else "every count adds up"))
    return 1 if misses else 0


def miscounted(taken: Any) -> list[str]:
    """Return which sums of a feed do not add up, in words."""
    rows, misses = taken.rows, []
    if taken.read != rows.new_projects + rows.refiled + rows.known + taken.refused_rows:
        misses.append(f"{taken.source}: rows do not add up")
    if taken.told != taken.new + taken.late + taken.corrections + taken.known + taken.refused:
        misses.append(f"{taken.source}: events do not add up")
    return misses


def _fed(folder: Path, catalog: Catalog, begun: float) -> tuple[list[Vintage], pd.DataFrame, Catalog]:
    """Feed every vintage, train after each; return them, and the history as the last one leaves it."""
    from scoring import store  # here: Django reads where the store lies when it is first loaded

    store.initialise()
    from scoring.outcomes.taking import take
    from scoring.review.history import rows_recorded_by
    from scoring.review.models import User

    analyst, vintages = User.objects.create(name="analyst"), []
    print(f"\n{'vintage':12}{'rows':>7}{'new':>7}{'known':>7}{'left out':>9}  events:{'new':>6}{'late':>6}"
          f"{'corrected':>10}{'known':>8}{'refused':>8}{'seconds':>9}")  # fmt: skip
    for name in VINTAGES:
        taken = take(folder / name, catalog, None, analyst)
        day = np.datetime64(taken.recorded_on, "D")
        recorded = rows_recorded_by(taken.recorded_on)
        model = asked_model(known_on(recorded.rows, recorded.catalog, as_of=day, snapshot=day))
        vintages.append(Vintage(day, taken, model))
        print(_line(taken), f"{time.perf_counter() - begun:8.0f}", flush=True)
    return vintages, recorded.rows, recorded.catalog


def _line(taken: Any) -> str:
    rows = taken.rows
    return (
        f"{taken.recorded_on!s:12}{taken.read:7}{rows.new_projects:7}{rows.known:7}{taken.refused_rows:9}  "
        f"{'':7}{taken.new:6}{taken.late:6}{taken.corrections:10}{taken.known:8}{taken.refused:8}"
    )


def _delays(vintages: Sequence[Vintage], catalog: Catalog) -> None:
    """Print how long events took to be on record, of those old enough for a long delay to have shown."""
    first, last = vintages[0].day, vintages[-1].day
    print(f"\ndelay from event to record; catalogue's reporting_lag: {catalog.reporting_lag_months} months")
    print(f"events of {first} to {last - span(FOLLOWED_MONTHS)}, which have been followed for {FOLLOWED_MONTHS} months")
    for clock in catalog.clocks:
        late = np.concatenate([_observed(v, clock, first, last - span(FOLLOWED_MONTHS)) for v in vintages[1:]])
        if late.size:
            shares = ", ".join(f"{m} months {(late <= m * 365.25 / 12).mean():.0%}" for m in WITHIN)
            print(f"  {clock.value}: {late.size} events, median {np.median(late) / 30.44:.1f} months; within {shares}")


def _observed(vintage: Vintage, clock: Clock, first: np.datetime64, last: np.datetime64) -> np.ndarray:
    days = np.asarray(vintage.taken.delays)[np.asarray(vintage.taken.milestones) == clock.value]
    happened = vintage.day - days.astype("timedelta64[D]")
    return days[(happened >= first) & (happened < last)]


def _judged(vintages: Sequence[Vintage], rows: pd.DataFrame, catalog: Catalog, lag: float | None) -> None:
    """Print what the models said of the applications after their day, beside what the last vintage reveals."""
    last = vintages[-1].day
    timeline = trace(rows, catalog, as_of=last, snapshot=last, lag_months=lag)
    said = (
        "half-years that ended before the reporting lag" if lag is None else "all half-years lived, late reports or not"
    )
    print(f"\napplications after each model's day, by what the vintage of {last} reveals: {said}")
    for clock, spec in catalog.clocks.items():
        lived, chances = person_periods(timeline, spec, catalog), _said(vintages, rows, timeline.entry, clock)
        asked = np.isfinite(chances[NEVER][lived.project, 0])
        _print(clock, vintages, timeline.entry, _only(lived, asked), chances, groups(rows, catalog))


def _said(vintages: Sequence[Vintage], rows: pd.DataFrame, entry: np.ndarray, clock: Clock) -> Mapping[str, np.ndarray]:
    """Return the chance of each period, (n, K), by the champion of the day and by the first model; NaN = not asked."""
    spec = vintages[0].model.catalog.clocks[clock]
    shape = (len(rows), -(-spec.horizon_months // vintages[0].model.catalog.period_months))
    chances = {CHAMPION: np.full(shape, np.nan), NEVER: np.full(shape, np.nan)}
    for vintage, after in pairwise(vintages):
        own = np.flatnonzero((entry > vintage.day) & (entry <= after.day))
        asked = rows.iloc[own].reset_index(drop=True)
        for name, model in ((CHAMPION, vintage.model), (NEVER, vintages[0].model)):
            chances[name][own] = period_chances(model, model.features(asked), clock)
    return chances


def _only(lived: PersonPeriods, mask: np.ndarray) -> PersonPeriods:
    return replace(
        lived, project=lived.project[mask], period=lived.period[mask], event=lived.event[mask], end=lived.end[mask]
    )


def _print(
    clock: Clock,
    vintages: Sequence[Vintage],
    entry: np.ndarray,
    lived: PersonPeriods,
    chances: Mapping[str, np.ndarray],
    group: np.ndarray,
) -> None:
    told = {name: chance[lived.project, lived.period] for name, chance in chances.items()}
    print(f"  {clock.value}: {len(np.unique(lived.project))} applications, {len(lived.event)} half-years, "
          f"{lived.event.sum():.0f} came")  # fmt: skip
    for vintage, after in pairwise(vintages):
        own = (entry[lived.project] > vintage.day) & (entry[lived.project] <= after.day)
        if own.any():
            expected = ", ".join(f"{name} {chance[own].sum():.0f}" for name, chance in told.items())
            losses = "; ".join(f"{name} {_loss(lived.event[own], chance[own])}" for name, chance in told.items())
            print(f"    {vintage.day}  {own.sum():6} half-years, came {lived.event[own].sum():3.0f}, "
                  f"expected {expected}; log loss {losses}")  # fmt: skip
    by_age = samples(lived, told, group)
    sizes = np.array([len(sample.labels) for sample in by_age], dtype=np.float64)
    for name in ("log_loss", "auc"):
        metric = metrics_at(1)[name]
        values = {
            n: float(intervals.mean_over([metric.of(s.labels, s.chances[n], None) for s in by_age], sizes))
            for n in told
        }
        drawn = intervals.drawn(metric, by_age, DRAWS, 0)
        gap = intervals.figure(values[CHAMPION] - values[NEVER], drawn[CHAMPION] - drawn[NEVER])
        print(f"    {metric.label.en:9} champion {values[CHAMPION]:.4f}, never retrained {values[NEVER]:.4f}, "
              f"gap {gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]")  # fmt: skip
    expected = ", ".join(f"{n} {chance.sum():.0f}" for n, chance in told.items())
    print(f"    expected  {expected}; came {lived.event.sum():.0f}")


def samples(lived: PersonPeriods, told: Mapping[str, np.ndarray], group: np.ndarray) -> list[Sample]:
    """Return the half-years as one sample for each half-year of life: projects are ranked among those of one age."""
    found = []
    for period in np.unique(lived.period):
        own = lived.period == period
        chances = {name: chance[own] for name, chance in told.items()}
        found.append(Sample(lived.event[own], chances, group[lived.project[own]]))
    return found


def _loss(labels: np.ndarray, chances: np.ndarray) -> str:
    return f"{float(metrics_at(1)['log_loss'].of(labels, chances, None)):.3f}"


if __name__ == "__main__":
    sys.exit(main())
