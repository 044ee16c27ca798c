"""How well luodi forecasts projects that are on their way, held against the truth by age, and against the register.

    python benchmarks/standing.py [--projects 3000] [--registers 3] [--from 2012] [--to 2019]

Synthetic: of new projects of an invented county, imagined waiting at 0, 6, ... months, the forecast against the exact
chance of those that wait as long (nobody who withdrew among them), calendar shocks off and on, each project counting as
much as it is likely to be waiting by then. The real register is read from the folder LUODI_REPD: on the first day of
each quarter the projects that wait and are 12 (24) months old, by a model of the first day of the year, against what
came within 24 months, beside the curve at entry without conditioning and the base rate by age. Unset, that part is left
out and said. Exit 1 where a figure misses its bound.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from features.catalog import Catalog, Clock
from features.catalogs.reader import read_catalog
from features.inputs import Features
from features.standing import Stage, Standings, standing
from features.synthetic import Design, generate
from features.synthetic.lives import AGAINST, FINISH, GIVE_UP, START, WITHDRAW, baseline, hazard
from features.tables import Purpose, open_table
from features.timeline import Timeline, span, trace
from models.curve import Floats
from models.forecast import forecast
from models.metrics import log_loss
from models.model import Model
from models.origins import every
from models.recipe import Bag, read_recipe
from models.training import train

REGISTER = "repd-q2-july-2024.csv"
RECIPE = replace(read_recipe(), bag=Bag(0))  # no rank is asked for here
AGES = (0, 6, 12, 24, 36)
WINDOW = 24
BOUND = 0.04
NEW = 600  # projects of the county that the truth is asked about
PATHS = 50  # shocks that the truth is averaged over, and as many turned round
BUILT = (0, 6, 12, 24)  # months under construction
TO_START = 8.0  # months such a project took to its start
DRAWS = 2000


def main() -> int:
    asked = _arguments()
    misses = []
    for shock_sd in (0.0, Design().shock_sd):
        misses += _synthetic(shock_sd, asked.projects, asked.registers)
    if folder := os.environ.get("LUODI_REPD"):
        catalog = read_catalog("repd")
        rows = open_table(Path(folder) / REGISTER, catalog, Purpose.HISTORY).read().rows
        misses += _real(rows, catalog, asked.first, asked.last)
    else:
        print("\nLUODI_REPD is not set: the real register is left out")
    print("\n" + ("\n".join(misses) if misses else "every figure within its bounds"))
    return 1 if misses else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=3000)
    parser.add_argument("--registers", type=int, default=3)
    parser.add_argument("--from", dest="first", type=int, default=2012)
    parser.add_argument("--to", dest="last", type=int, default=2019)
    return parser.parse_args()


# Synthetic


def _synthetic(shock_sd: float, n_projects: int, registers: int) -> list[str]:
    print(f"\n# synthetic, shock sd {shock_sd}: said less true chance within {WINDOW} months, {registers} registers")
    gaps: dict[str, list[tuple[float, float]]] = {}
    for seed in range(registers):
        register = generate(Design(n_projects=n_projects, shock_sd=shock_sd), seed=40 + seed)
        model = train(register.history, read_catalog("zhaoshang"), as_of=register.design.day, recipe=RECIPE)
        new = register.new_round(NEW, seed=seed)
        features, truth = model.features(new.rows), _Truth.of(new.truth, register.design)
        for name, said, true, weight in _held(model, features, truth):
            mean = float(np.average(said - true, weights=weight))
            spread = float(np.average(np.abs(said - true), weights=weight))
            gaps.setdefault(name, []).append((mean, spread))
    print(f"{'who':<34}mean error, register by register    mean    mean |error|")
    return [miss for name, found in gaps.items() for miss in _told(name, np.array(found))]


def _told(name: str, found: Floats) -> list[str]:
    mean, spread = found.mean(axis=0)
    print(f"{name:<34}{' '.join(f'{gap:+.3f}' for gap in found[:, 0]):<35} {mean:+.3f}  {spread:.3f}")
    bound = name.startswith("waiting")
    return [f"MISSED: {name}: within {BOUND}; got {mean:+.3f}"] if bound and abs(mean) > BOUND else []


class _Truth:
    """Exact lives of projects by month, under each of some shocks: arrays of shape (paths, n, months)."""

    def __init__(self, landed: Floats, finished: Floats, shocks: Floats) -> None:
        months = shocks.shape[1]
        shock = shocks[:, None, :]
        start = hazard(baseline(START, months) + landed[:, None] + shock)
        leave = (1 - start) * hazard(baseline(WITHDRAW, months) - AGAINST * (landed[:, None] + shock))
        self.here = np.concatenate([np.ones((*start.shape[:2], 1)), np.cumprod(1 - start - leave, axis=2)], axis=2)
        self.started = self.here[..., :-1] * start
        finish = hazard(baseline(FINISH, months) + finished[:, None] + shock)
        quits = (1 - finish) * hazard(baseline(GIVE_UP, months) - AGAINST * (finished[:, None] + shock))
        self.building = np.concatenate(
            [np.ones((*finish.shape[:2], 1)), np.cumprod(1 - finish - quits, axis=2)], axis=2
        )
        self.finished = self.building[..., :-1] * finish

    @classmethod
    def of(cls, truth: pd.DataFrame, design: Design) -> "_Truth":
        months = max(AGES) + WINDOW
        quarters = -(-months // 3)
        normal = np.random.default_rng(0).standard_normal((PATHS, quarters))
        for quarter in range(1, quarters):
            kept = design.shock_persistence
            normal[:, quarter] = kept * normal[:, quarter - 1] + np.sqrt(1 - kept**2) * normal[:, quarter]
        shocks = design.shock_sd * np.concatenate([normal, -normal])
        shocks = shocks if design.shock_sd else np.zeros((1, quarters))
        by_month = np.repeat(shocks, 3, axis=1)[:, :months]
        return cls(truth["landed_log_odds"].to_numpy(), truth["finished_log_odds"].to_numpy(), by_month)

    def lands(self, age: int) -> tuple[Floats, Floats]:
        """Return the chance of those that wait at an age, and how likely a project is to be one of them."""
        return _given(self.started[..., age : age + WINDOW].sum(axis=2), self.here[..., age])

    def produces(self, age: int) -> tuple[Floats, Floats]:
        """Return the same for producing within the window, by way of a start in it; the shock begins anew with it."""
        done = np.cumsum(self.finished, axis=2)
        chance = sum(self.started[..., age + month] * done[..., WINDOW - month - 2] for month in range(WINDOW - 1))
        return _given(np.asarray(chance), self.here[..., age])

    def finishes(self, built: int) -> tuple[Floats, Floats]:
        """Return the chance of those that are under construction for so long, and how likely one is to be there."""
        began = self.started[..., int(TO_START)]  # those who get there are not just anybody
        return _given(began * self.finished[..., built : built + WINDOW].sum(axis=2), began * self.building[..., built])


def _given(chance: Floats, here: Floats) -> tuple[Floats, Floats]:
    return chance.mean(axis=0) / here.mean(axis=0), here.mean(axis=0)


def _held(model: Model, features: Features, truth: _Truth) -> Iterator[tuple[str, Floats, Floats, Floats]]:
    """Yield who is asked about, what is said of them, what is true, and how likely they are to be there."""
    n = len(features.matrix)
    for age in AGES:
        said = forecast(model, features, _all(Stage.WAITING, n, float(age), np.nan), WINDOW)
        yield f"waiting {age} months: lands", said.within, *truth.lands(age)
        yield f"  waiting {age} months: produces", said.produced, *truth.produces(age)
    for built in BUILT:
        said = forecast(model, features, _all(Stage.BUILDING, n, TO_START + built, float(built)), WINDOW)
        yield f"  building {built} months: produces", said.within, *truth.finishes(built)


def _all(stage: Stage, n: int, waited: float, built: float) -> Standings:
    return Standings(np.array([stage] * n, dtype=object), np.full(n, waited), np.full(n, built))


# The real register


def _real(rows: pd.DataFrame, catalog: Catalog, first: int, last: int) -> list[str]:
    whole = trace(rows, catalog, as_of=np.datetime64("2100-01-01"), lag_months=0)
    found = pd.concat(
        [met for day in every(first, last, 12) for met in _year(rows, catalog, whole, day)], ignore_index=True
    )
    print(f"\n# repd, {first}-{last}: landed within {WINDOW} months, of projects that wait at an age")
    print("age  projects  said   came (95 %: projects; years)                log loss: forecast, at entry, base rate")
    return [miss for age, met in found.groupby("age") for miss in _age_told(int(age), met)]


def _year(rows: pd.DataFrame, catalog: Catalog, whole: Timeline, day: np.datetime64) -> Iterator[pd.DataFrame]:
    """Yield what a model of one day says of those who come to an age in the year after it, and what came of them."""
    model = train(rows, catalog, as_of=day, lag_months=0, recipe=RECIPE)
    rates = {age: _base_rate(trace(rows, catalog, as_of=day, lag_months=0), age) for age in (12, 24)}
    for quarter in range(4):
        on = np.datetime64(day.astype("datetime64[M]") + 3 * quarter, "D")
        stands = standing(trace(rows, catalog, as_of=on, lag_months=0))
        for age, rate in rates.items():
            met = np.flatnonzero((stands.stage == Stage.WAITING) & (np.abs(stands.months_waited - age) < 1.5))
            features = model.features(rows.iloc[met].reset_index(drop=True))
            some = Standings(stands.stage[met], stands.months_waited[met], stands.months_built[met])
            said = forecast(model, features, some, WINDOW)
            at_entry = _all(Stage.WAITING, len(met), 0.0, np.nan)
            later, sooner = (forecast(model, features, at_entry, months).within for months in (age + WINDOW, age))
            came = whole.happened[Clock.LANDED][met] < on + span(WINDOW)
            yield pd.DataFrame(
                {"age": age, "year": day, "said": said.within, "entry": later - sooner, "rate": rate, "came": came}
            )


def _base_rate(timeline: Timeline, age: int) -> float:
    """Return the share that landed within the window, of the projects that waited at an age and lived through it."""
    start = timeline.entry + span(age)
    landed, left = timeline.happened[Clock.LANDED], timeline.exited
    there = timeline.admitted & ~(landed <= start) & ~(left <= start) & (start + span(WINDOW) <= timeline.as_of)
    return float((landed[there] < start[there] + span(WINDOW)).mean())


def _age_told(age: int, met: pd.DataFrame) -> list[str]:
    came, said = met["came"].to_numpy(dtype=np.float64), met["said"].to_numpy()
    plain = _interval(came, np.arange(len(came)))
    by_year = _interval(came, pd.factorize(met["year"])[0])
    losses = [float(log_loss(came, met[name].to_numpy())) for name in ("said", "entry", "rate")]
    print(
        f"{age:<4} {len(met):<9} {said.mean():.3f}  {came.mean():.3f} ({plain[0]:.3f}-{plain[1]:.3f}; "
        f"{by_year[0]:.3f}-{by_year[1]:.3f})          {' '.join(f'{loss:.4f}' for loss in losses)}"
    )
    for year, some in met.groupby("year"):
        print(f"       {year:%Y}  {len(some):>4}  {some['said'].mean():.3f}  {some['came'].mean():.3f}")
    misses = []
    if not by_year[0] <= said.mean() <= by_year[1]:
        misses.append(f"MISSED: repd at {age} months: said {said.mean():.3f} is outside what came, {by_year}")
    if losses[0] >= min(losses[1:]):
        misses.append(
            f"MISSED: repd at {age} months: log loss must be below {min(losses[1:]):.4f}; got {losses[0]:.4f}"
        )
    return misses


def _interval(came: Floats, cluster: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a share, clusters drawn again and again with all their projects."""
    events, size = np.bincount(cluster, weights=came), np.bincount(cluster)
    drawn = np.random.default_rng(0).integers(len(size), size=(DRAWS, len(size)))
    shares = events[drawn].sum(axis=1) / size[drawn].sum(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975])
    return round(float(low), 3), round(float(high), 3)


if __name__ == "__main__":
    sys.exit(main())
