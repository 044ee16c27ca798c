"""Whether what is said comes about: chances against the truth, and intervals of what comes of a whole cohort.

    python benchmarks/calibration.py [--registers 20] [--projects 3000] [--workers 2] [--quick] [--json FILE]

Invented counties whose calendar shocks are known: of a new round, the chance said less the true one (the mean over all
shocks that might come), overall and by tenths of what is said, means over the registers. Then the interval that is to
hold 80 % of what may come of the round: under many ways in which the county's own shock may go on from the snapshot,
how often does the number of landings, and of productions, lie inside? The chance that the luck of the projects puts it
there is taken exactly. Twice: with shocks as they are by default, and larger ones.

On the real register (the folder LUODI_REPD; by event dates) every year is one cohort, and its shock came once: what was
said, what came, and whether it lay inside. Exit 1 where a figure misses its bound.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import lightgbm
import numpy as np
import sklearn
from numpy.typing import NDArray
from scipy.special import ndtr

from features.catalog import ASKED, Catalog, Clock
from features.catalogs.reader import read_catalog
from features.synthetic import Design, Register, Round, generate
from features.synthetic.lives import curves
from features.synthetic.shocks import QUARTER, on_project_months, path
from features.tables import Purpose, open_table
from features.timeline import outcome, snapshot_day, trace
from models.cohort import SHARE, cohort_interval
from models.metrics import BINS, Floats, bins_of
from models.model import Model
from models.origins import entered_in
from models.recipe import Recipe, read_recipe
from models.training import asked_model, known_on

REGISTER = "repd-q2-july-2024.csv"
NEW = 600
COHORTS = (60, NEW)  # a small round, and a large year
LARGER = 0.8  # standard deviation of the larger shocks
FUTURES = 100
YEARS = range(2010, 2020)
LEVEL_BOUND, TENTH_BOUND = 0.03, 0.06
COVERAGE = (0.75, 0.90)


@dataclass(frozen=True)
class Job:
    """One register to invent, or one year of the real one where there is no design."""

    seed: int
    design: Design | None
    quick: bool


@dataclass(frozen=True)
class Held:
    """What was said of one cohort, clock by clock, held against what is true.

    Attributes
    ----------
    tenths : (BINS,) said less true by tenths of what is said, the lowest first; NaN = none of the kind
    gap : the mean over all
    inside : by size of the cohort, how often the count is inside its interval
    told : said, came, low, high of the largest cohort
    shock_sd : of the clock
    """

    tenths: Floats
    gap: float
    inside: Mapping[int, float]
    told: tuple[float, float, int, int]
    shock_sd: float


def held(job: Job) -> Mapping[Clock, Held]:
    """Train one model and hold what it says against what is true."""
    return _real(job) if job.design is None else _invented(job, job.design)


def _invented(job: Job, design: Design) -> Mapping[Clock, Held]:
    register, catalog = generate(design, seed=job.seed), read_catalog("zhaoshang")
    model = asked_model(known_on(register.history, catalog, as_of=design.day, recipe=_recipe(job)))
    new = register.new_round(NEW, seed=job.seed)
    features = model.features(new.rows)
    ahead = under_futures(register, new, catalog)
    found = {}
    for clock, told in model.figures(features).items():
        true = new.truth[f"p_{clock}"].to_numpy()
        gap, tenth = told.figure - true, bins_of(told.figure)
        interval = {n: _interval(model, clock, features.matrix[:n]) for n in COHORTS}
        inside = {n: float(within(ahead[clock][:, :n], *interval[n]).mean()) for n in COHORTS}
        summed = (float(told.figure.sum()), float(ahead[clock].sum(axis=1).mean()), *interval[NEW])
        found[clock] = Held(_by_tenth(gap, tenth), float(gap.mean()), inside, summed, model.hazards[clock].shock_sd)
    return found


def _recipe(job: Job) -> Recipe:
    recipe = replace(read_recipe(), threads=1)
    return replace(recipe, trees=replace(recipe.trees, rounds=30)) if job.quick else recipe


def _interval(model: Model, clock: Clock, matrix: Floats) -> tuple[int, int]:
    months, period = model.catalog.clocks[clock].horizon_months, model.catalog.period_months
    return cohort_interval(model.hazards[clock], matrix, -(-months // period))


def _by_tenth(gap: Floats, tenth: NDArray[np.intp]) -> Floats:
    found: Floats = np.full(BINS, np.nan)
    count = np.bincount(tenth, minlength=BINS)
    np.divide(np.bincount(tenth, gap, BINS), count, out=found, where=count > 0)
    return found


def under_futures(register: Register, new: Round, catalog: Catalog) -> Mapping[Clock, Floats]:
    """Return each new project's true chance under each way in which the county's shock may go on, (FUTURES, n)."""
    months = {clock: catalog.clocks[clock].horizon_months for clock in ASKED}
    truth, longest, design = new.truth, max(months.values()), register.design
    reviewed = truth["review_date"].to_numpy().astype("datetime64[D]")
    score = truth["landed_log_odds"].to_numpy(), truth["finished_log_odds"].to_numpy()
    chances: dict[Clock, list[Floats]] = {clock: [] for clock in ASKED}
    for shock in futures(path(register.design, register.seed), design):
        table = curves(*score, on_project_months(shock, reviewed, design.first_year, longest), longest)
        chances[Clock.LANDED].append(table.landed[:, months[Clock.LANDED] - 1])
        chances[Clock.PRODUCED].append(table.produced[:, months[Clock.PRODUCED] - 1])
    return {clock: np.array(told) for clock, told in chances.items()}


def futures(came: Floats, design: Design, count: int = FUTURES) -> Floats:
    """Return shock paths, (count, quarters), that are the county's own until the snapshot and then go on by chance."""
    past = int((design.day.astype("datetime64[M]").astype(int) - 12 * (design.first_year - 1970)) // QUARTER) + 1
    paths = np.tile(came, (count, 1))
    kept, new = design.shock_persistence, np.sqrt(1 - design.shock_persistence**2) * design.shock_sd
    rng = np.random.default_rng(0)
    for quarter in range(past, len(came)):
        paths[:, quarter] = kept * paths[:, quarter - 1] + new * rng.standard_normal(count)
    return paths


def within(chances: Floats, low: int, high: int) -> Floats:
    """Return the chance that a count lies in an interval, (paths,), given each project's chance, (paths, n).

    Examples
    --------
    >>> within(np.full((1, 100), 0.5), 44, 56).round(3).tolist()
    [0.806]
    """
    mean, spread = chances.sum(axis=1), np.sqrt((chances * (1 - chances)).sum(axis=1))
    return np.asarray(ndtr((high + 0.5 - mean) / spread) - ndtr((low - 0.5 - mean) / spread))


def _real(job: Job) -> Mapping[Clock, Held]:
    catalog = read_catalog("repd")
    rows = open_table(Path(os.environ["LUODI_REPD"]) / REGISTER, catalog, Purpose.HISTORY).read().rows
    day, after = (np.datetime64(f"{year}-01-01", "D") for year in (job.seed, job.seed + 1))
    snapshot = snapshot_day(rows, catalog)
    whole = trace(rows, catalog, as_of=snapshot, lag_months=0.0)
    past = rows.iloc[np.flatnonzero(whole.entry < day)].reset_index(drop=True)
    model = asked_model(known_on(past, catalog, as_of=day, snapshot=snapshot, lag_months=0.0, recipe=_recipe(job)))
    asked = np.flatnonzero(entered_in(whole, day, after))
    features = model.builder.replay(rows.iloc[asked].reset_index(drop=True))
    found = {}
    for clock, told in model.figures(features).items():
        came, mature = outcome(whole, catalog.clocks[clock], catalog)
        own = mature[asked]
        said, answer = told.figure[own], came[asked][own]
        low, high = _interval(model, clock, features.matrix[own])
        inside = {len(said): float(low <= answer.sum() <= high)}
        tenths = _by_tenth(said - answer, bins_of(said))
        gap, summed = float((said - answer).mean()), (float(said.sum()), float(answer.sum()), low, high)
        found[clock] = Held(tenths, gap, inside, summed, model.hazards[clock].shock_sd)
    return found


def show(name: str, clock: Clock, found: Sequence[Held]) -> list[str]:
    """Print how invented registers were met on one clock; return where the bounds are missed."""
    gap, tenths = float(np.mean([one.gap for one in found])), np.nanmean([one.tenths for one in found], axis=0)
    spread, worst = float(np.std([one.gap for one in found])), float(np.abs(tenths).max())
    covered = {n: float(np.mean([one.inside[n] for one in found])) for n in COHORTS}
    print(f"\n{name}, {clock}: said less true {gap:+.3f}, from register to register ±{spread:.3f}")
    print(f"  by tenths of what is said: {' '.join(f'{one:+.3f}' for one in tenths)}")
    by_size = ", ".join(f"{share:.0%} of cohorts of {n}" for n, share in covered.items())
    print(f"  intervals for {SHARE:.0%} hold {by_size}; shock {np.mean([one.shock_sd for one in found]):.2f} log-odds")
    told = []
    if abs(gap) > LEVEL_BOUND or worst > TENTH_BOUND:
        bounds = f"within {LEVEL_BOUND} overall and {TENTH_BOUND} by tenths"
        told.append(f"MISSED: {name}, {clock}: {bounds}; got {gap:+.3f}, {worst:.3f}")
    return told + [
        miss for n, share in covered.items() for miss in _coverage(f"{name}, {clock}, cohorts of {n}", share)
    ]


def _coverage(where: str, share: float) -> list[str]:
    low, high = COVERAGE
    if low <= share <= high:
        return []
    return [f"MISSED: {where}: intervals must hold what comes in {low:.0%} to {high:.0%}; got {share:.0%}"]


def show_real(clock: Clock, found: Mapping[int, Held]) -> list[str]:
    """Print the real register's years; return the miss, if too few or all of its counts lay inside."""
    print(f"\nrepd, {clock}: each year's projects, those whose horizon is over by the snapshot")
    print("year  projects  said    came    80 % interval  inside  shock  said less came, by tenths of what is said")
    sizes = {year: next(iter(one.inside)) for year, one in found.items()}
    for year, one in found.items():
        said, came, low, high = one.told
        tenths = " ".join(f"{gap:+.2f}" for gap in one.tenths)
        inside = "yes" if one.inside[sizes[year]] else "no"
        counts = f"{sizes[year]:<8}  {said:<6.0f}  {came:<6.0f}  {f'{low}-{high}':<13}"
        print(f"{year}  {counts}  {inside:<6}  {one.shock_sd:.2f}   {tenths}")
    weight = np.array([sizes[year] for year in found], dtype=np.float64)
    gap = float(np.average([one.gap for one in found.values()], weights=weight))
    share = float(np.mean([one.inside[sizes[year]] for year, one in found.items()]))
    print(f"all   {weight.sum():<8.0f}  said less came {gap:+.3f}; inside in {share:.0%} of the years")
    return _coverage(f"repd, {clock}, years", share)


def faults(found: Sequence[Mapping[Clock, Held]]) -> list[str]:
    """Return what cannot be true, whatever the model: the benchmark's check of itself."""
    told = []
    for one in (one for by_clock in found for one in by_clock.values()):
        _, came, low, high = one.told
        n = max(one.inside)
        if not 0 <= low <= high <= n or not 0 <= came <= n or not np.isfinite(one.gap):
            told.append(f"WRONG: counts must lie between 0 and {n}; got {low} to {high}, and {came:g}")
        if any(not 0 <= share <= 1 for share in one.inside.values()):
            told.append(f"WRONG: a share must lie between 0 and 1; got {one.inside}")
    return told


def main() -> int:
    asked = _arguments()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", end="; ")
    print(f"lightgbm {lightgbm.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}")
    usual = Design(n_projects=asked.projects)
    names = {"shocks by default": usual, f"shocks of {LARGER}": replace(usual, shock_sd=LARGER)}
    jobs = [Job(seed, design, asked.quick) for design in names.values() for seed in range(60, 60 + asked.registers)]
    years = (YEARS[-1:] if asked.quick else YEARS) if "LUODI_REPD" in os.environ else ()
    jobs += [Job(year, None, asked.quick) for year in years]
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by each worker: a core each
    begun = time.perf_counter()
    with ProcessPoolExecutor(asked.workers, get_context("spawn")) as pool:
        found = list(pool.map(held, jobs))
    told, missed = faults(found), []
    for i, (name, design) in enumerate(names.items()):
        own = found[i * asked.registers : (i + 1) * asked.registers]
        invented = f"{asked.registers} registers of {asked.projects}, rounds of {NEW}"
        print(f"\n# synthetic, {name} ({design.shock_sd}): {invented}")
        missed += [miss for clock in ASKED for miss in show(name, clock, [one[clock] for one in own])]
    if years:
        real = dict(zip(years, found[len(names) * asked.registers :], strict=True))
        missed += [miss for clock in ASKED for miss in show_real(clock, {y: one[clock] for y, one in real.items()})]
    else:
        print("\nLUODI_REPD is not set: the real register is left out")
    print(f"\n{len(jobs)} models in {time.perf_counter() - begun:.0f} s")
    if asked.json:
        asked.json.write_text(json.dumps([_plain(job, one) for job, one in zip(jobs, found, strict=True)]))
    if asked.quick:
        print("quick: too small to hold luodi to its bounds")
    told += [] if asked.quick else missed
    print("\n".join(told) if told else "\nevery figure within its bounds")
    return 1 if told else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registers", type=int, default=20, help="with each size of the shocks")
    parser.add_argument("--projects", type=int, default=3000, help="in each of them")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--quick", action="store_true", help="small registers and one year, to try it out")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if asked.quick:
        asked.registers, asked.projects = 1, 300
    return asked


def _plain(job: Job, found: Mapping[Clock, Held]) -> dict[str, object]:
    shock = None if job.design is None else job.design.shock_sd
    clocks = {
        clock.value: {"gap": one.gap, "tenths": one.tenths.tolist(), "inside": one.inside, "told": one.told}
        for clock, one in found.items()
    }
    return {"seed_or_year": job.seed, "shock_sd": shock, **clocks}


if __name__ == "__main__":
    sys.exit(main())
