"""Whether ranks are as sure as they say: chances of a seat, rank intervals and verdicts, against the true order.

    python benchmarks/ranks.py [--registers 20] [--rounds 10] [--workers 2] [--quick] [--json FILE]

Invented counties of 300 to 1,500 projects, as small as registers are: rounds of 60 new projects with 12 seats, ranked
as `luodi rank` does, against the order of their true chances of production. Of the projects told a chance of a seat
between 10 and 30 %, say, as many should be among the true first 12; 80 % of the rank intervals should hold the true
rank; nearly all that are told in should be in. Beside it the same against the order as far as attributes can tell it:
what nobody can see of an investor is in the true chance and in no model.

On the real register (the folder LUODI_REPD; by event dates) the true order is unknown. Two things can be shown, of the
projects of a year, each quarter a round with seats for a third. What came of those told in, to discuss, and out: that
proves that the verdicts mean something, and not that the chances are right. And how two models that learned from one
half of the investors each differ, set against what their refits say (1 = as much): that proves that refits vary as
models of other investors do; what all models have wrong together it cannot show.

Exit 1 where a figure misses its bound.
"""

import argparse
import os
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import sklearn
from numpy.typing import NDArray

from features.catalog import Catalog
from features.catalogs.reader import read_catalog
from features.inputs import Features
from features.synthetic import Design, Register, generate
from features.synthetic.shocks import averaged
from features.synthetic.truth import horizons
from features.tables import Purpose, open_table
from features.timeline import outcome, snapshot_day, trace
from models.bag import Bag
from models.curve import incidence
from models.hazard import Hazard
from models.metrics import Floats
from models.origins import entered_in
from models.ranks import COVERAGE, Verdict, unseen_of
from models.recipe import read_recipe
from models.training import Known, groups, known_on
from scoring.ranking import Entrants, standings

REGISTER = "repd-q2-july-2024.csv"
PROJECTS = (300, 600, 1000, 1500)  # registers take turns
ROUND, SEATS = 60, 12
SHARE = 1 / 3  # seats of a round of the real register
LEAST = 10  # projects in it
YEARS = range(2012, 2019)
EDGES = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98)
ENOUGH = 200  # projects told so, from which a bin is held to its bound
BIN_BOUND, MEAN_BOUND = 0.10, 0.05  # told less true, in a bin and over all
INTERVALS = (0.75, 0.90)
RIGHT = 0.85  # of those told in, and out, that are


@dataclass(frozen=True)
class Job:
    """A county of so many projects by its seed, or a year of the real register (projects 0)."""

    seed: int
    projects: int
    rounds: int
    quick: bool


@dataclass(frozen=True)
class Ranker:
    """What ranks: the headline's hazard and its refits, of what was known on a day."""

    known: Known
    hazard: Hazard
    bag: Bag

    @classmethod
    def of(cls, known: Known) -> "Ranker":
        """Return what ranks, fitted to what was known."""
        hazard = known.hazard(known.catalog.clocks[known.catalog.headline])
        bag = known.bag(hazard)
        assert bag is not None, "the default recipe asks for refits"
        return cls(known, hazard, bag)

    def features(self, rows: pd.DataFrame) -> Features:
        """Return the attributes of new projects."""
        return self.known.builder.replay(rows)

    def entrants(self, features: Features) -> Entrants:
        """Return a round as `luodi rank` sees it."""
        catalog, hazard = self.known.catalog, self.hazard
        n_periods = -(-catalog.clocks[catalog.headline].horizon_months // catalog.period_months)
        score = hazard.log_odds(features.matrix)
        figure = incidence(hazard.baseline, score, n_periods, hazard.spread_sd)
        deviations = self.bag.deviations(hazard, features.matrix).astype(np.float32)
        return Entrants(figure, score, deviations, unseen_of(hazard.level.frailty_sd))


def known_of(rows: pd.DataFrame, catalog: Catalog, as_of: np.datetime64, job: Job) -> Known:
    """Return what was known of a register on a day: the real one by event dates, an invented one with its lag."""
    recipe = replace(read_recipe(), threads=1)
    recipe = replace(recipe, trees=replace(recipe.trees, rounds=30)) if job.quick else recipe
    return known_on(rows, catalog, as_of=as_of, lag_months=None if job.projects else 0.0, recipe=recipe)


def told(job: Job) -> pd.DataFrame:
    """Train one model and return what it tells of each project of its rounds, with what is true."""
    return _invented(job) if job.projects else _real(job)


def _invented(job: Job) -> pd.DataFrame:
    catalog, register = read_catalog("zhaoshang"), generate(Design(n_projects=job.projects), seed=job.seed)
    ranker = Ranker.of(known_of(register.history, catalog, register.design.day, job))
    return pd.concat([_round(ranker, register, seed) for seed in range(job.rounds)], ignore_index=True)


def _round(ranker: Ranker, register: Register, seed: int) -> pd.DataFrame:
    new = register.new_round(ROUND, seed=seed)
    table = standings(ranker.entrants(ranker.features(new.rows)), SEATS, seed)
    seen = [(new.truth[f"{name}_log_odds"] - new.truth[f"{name}_unseen"]).to_numpy() for name in ("landed", "finished")]
    reviewed = new.truth["review_date"].to_numpy().astype("datetime64[D]")
    visible = averaged(*seen, reviewed, register.design, horizons(ranker.known.catalog)).produced
    truth = new.truth["p_produced"].to_numpy()
    return table.assign(truth=truth, visible=visible, register=register.seed, round=seed)


def _real(job: Job) -> pd.DataFrame:
    catalog = read_catalog("repd")
    rows = open_table(Path(os.environ["LUODI_REPD"]) / REGISTER, catalog, Purpose.HISTORY).read().rows
    day, after = (np.datetime64(f"{year}-01-01", "D") for year in (job.seed, job.seed + 1))
    snapshot = snapshot_day(rows, catalog)
    whole = trace(rows, catalog, as_of=snapshot, lag_months=0.0)
    came, mature = outcome(whole, catalog.clocks[catalog.headline], catalog)
    asked = np.flatnonzero(entered_in(whole, day, after) & mature)
    new = rows.iloc[asked].reset_index(drop=True)
    past = rows.iloc[np.flatnonzero(whole.entry < day)].reset_index(drop=True)
    ranker = Ranker.of(known_of(past, catalog, day, job))
    entrants, quarter = (
        ranker.entrants(ranker.features(new)),
        whole.entry[asked].astype("datetime64[M]").astype(int) // 3,
    )
    tables = [_seated(entrants, np.flatnonzero(quarter == one), came[asked]) for one in np.unique(quarter)]
    own = pd.concat([pd.DataFrame(), *tables]).assign(register=job.seed)
    return own.assign(apart=_apart(past, new, catalog, day, job))


def _seated(entrants: Entrants, own: NDArray[np.intp], came: Floats) -> pd.DataFrame:
    if len(own) < LEAST:
        return pd.DataFrame()
    some = Entrants(entrants.figure[own], entrants.score[own], entrants.deviations[:, own], entrants.unseen_sd)
    return standings(some, round(SHARE * len(own)), 0).assign(came=came[own])


def _apart(past: pd.DataFrame, new: pd.DataFrame, catalog: Catalog, day: np.datetime64, job: Job) -> float:
    """Return by how much two models of half the investors each differ, over what their refits say: 1 = as much."""
    _, investor = np.unique(groups(past, catalog), return_inverse=True)
    side = np.random.default_rng(job.seed).integers(2, size=len(past))[investor]
    found = []
    for half in (0, 1):
        rows = past.iloc[np.flatnonzero(side == half)].reset_index(drop=True)
        ranker = Ranker.of(known_of(rows, catalog, day, job))
        entrants = ranker.entrants(ranker.features(new))
        spread = entrants.deviations - entrants.deviations.mean(axis=0)
        found.append((entrants.score - entrants.score.mean(), (spread**2).sum(axis=0) / (len(spread) - 1)))
    (one, varies), (other, also) = found
    return float(np.sqrt(((one - other) ** 2).mean() / (varies + also).mean()))


# What is printed


def bins(table: pd.DataFrame) -> pd.DataFrame:
    """Return by bins of the chance told: how many projects, what was told, and the share that is truly seated."""
    edge = np.searchsorted(EDGES, table["p_top_k"], side="right") - 1
    by = pd.DataFrame({"told": table["p_top_k"], "true": table["seated"] * 1.0}).groupby(edge)
    return by.mean().assign(projects=by.size(), low=np.array(EDGES)[list(by.groups)])


def against_truth(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the table with the true rank by one of its columns, and whether that is a seat."""
    rank = table.groupby(["register", "round"])[by].rank(ascending=False, method="min")
    return table.assign(true_rank=rank, seated=rank <= SEATS)


def show(name: str, table: pd.DataFrame) -> list[str]:
    """Print how invented rounds were met; return where the bounds are missed."""
    found = bins(table)
    print(f"\n{name}\nchance told    projects  told   true")
    for high, (_, row) in zip([*found["low"][1:], 1.0], found.iterrows(), strict=True):
        label = f"{row['low']:.0%} to {high:.0%}"
        print(f"{label:<13}  {row['projects']:>8.0f}  {row['told']:.3f}  {row['true']:.3f}")
    gap = (found["told"] - found["true"]).abs()
    mean, worst = float(np.average(gap, weights=found["projects"])), float(gap[found["projects"] >= ENOUGH].max())
    inside = float(table["true_rank"].between(table["rank_low"], table["rank_high"]).mean())
    width = float((table["rank_high"] - table["rank_low"]).mean())
    print(f"told less true: {mean:.3f} on average over projects, {worst:.3f} in the worst bin of {ENOUGH} and more")
    print(f"intervals for {COVERAGE:.0%}: {inside:.0%} of true ranks inside, {width:.0f} ranks wide")
    missed = [f"MISSED: {name}: told less true at most {MEAN_BOUND} on average; got {mean:.3f}"] * (mean > MEAN_BOUND)
    missed += [f"MISSED: {name}: told less true at most {BIN_BOUND} in a bin; got {worst:.3f}"] * (worst > BIN_BOUND)
    if not INTERVALS[0] <= inside <= INTERVALS[1]:
        bounds = f"{INTERVALS[0]:.0%} to {INTERVALS[1]:.0%}"
        missed.append(f"MISSED: {name}: intervals must hold {bounds} of true ranks; got {inside:.0%}")
    return missed + _verdicts(name, table)


def _verdicts(name: str, table: pd.DataFrame) -> list[str]:
    missed = []
    for verdict in Verdict:
        own = table.loc[table["verdict"] == verdict.value, "seated"]
        seated, told_in = float(own.mean()) if len(own) else np.nan, verdict is Verdict.IN
        print(f"told {verdict.value:<8} {len(own):>6} projects, truly seated {seated:.0%}")
        right = seated if told_in else 1 - seated
        if verdict is not Verdict.DISCUSS and len(own) >= ENOUGH and right < RIGHT:
            missed.append(f"MISSED: {name}: of those told {verdict.value} {RIGHT:.0%} must be right; got {right:.0%}")
    return missed


def show_real(table: pd.DataFrame) -> list[str]:
    """Print what came of the verdicts on the real register, and how far models of halves differ."""
    print("\n# repd: quarters as rounds, seats for a third\nyear  projects  produced of: in    discuss  out    differ")
    for year, own in [*table.groupby("register"), ("all", table)]:
        cells = [_share(own.loc[own["verdict"] == verdict.value, "came"]) for verdict in Verdict]
        apart = own.groupby("register")["apart"].first().mean()
        print(f"{year}  {len(own):<8}  {'':<11} {cells[0]:<6}{cells[1]:<9}{cells[2]:<7}{apart:.2f}")
    shares = [float(table.loc[table["verdict"] == verdict.value, "came"].mean()) for verdict in Verdict]
    if shares[0] > shares[1] > shares[2]:
        return []
    return [f"MISSED: repd: in must produce more often than discuss, and that than out; got {np.round(shares, 3)}"]


def _share(came: "pd.Series[float]") -> str:
    return f"{came.mean():.0%}" if len(came) else "-"


def faults(table: pd.DataFrame) -> list[str]:
    """Return what cannot be true, whatever the models: the benchmark's check of itself."""
    told = []
    if not table["p_top_k"].between(0, 1).all():
        told.append("WRONG: a chance of a seat must lie between 0 and 1")
    if not (table["rank_low"] <= table["rank"]).all() or not (table["rank"] <= table["rank_high"]).all():
        told.append("WRONG: the rank shown must lie in its interval")
    if "round" in table and not np.allclose(table.groupby(["register", "round"])["p_top_k"].sum(), SEATS):
        told.append(f"WRONG: chances of a seat must add up to {SEATS}")
    return told


def main() -> int:
    asked = _arguments()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", end="; ")
    print(f"lightgbm {lightgbm.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}")
    sizes = [PROJECTS[i % len(PROJECTS)] for i in range(asked.registers)]
    jobs = [Job(80 + i, size, asked.rounds, asked.quick) for i, size in enumerate(sizes)]
    years = (YEARS[-1:] if asked.quick else YEARS) if "LUODI_REPD" in os.environ else ()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by each worker: a core each
    begun = time.perf_counter()
    with ProcessPoolExecutor(asked.workers, get_context("spawn")) as pool:
        found = list(pool.map(told, [*jobs, *(Job(year, 0, 0, asked.quick) for year in years)]))
    table = pd.concat(found[: len(jobs)], ignore_index=True)
    missed, wrong = [], faults(table)
    print(f"\n# synthetic: {len(jobs)} registers, {len(table) // ROUND} rounds of {ROUND} with {SEATS} seats")
    missed += show("by the true chance", against_truth(table, "truth"))
    show("by what attributes can tell of it (for comparison)", against_truth(table, "visible"))
    if years:
        real = pd.concat(found[len(jobs) :], ignore_index=True)
        wrong, missed = wrong + faults(real), missed + show_real(real)
    else:
        print("\nLUODI_REPD is not set: the real register is left out")
    print(f"\n{len(found)} models in {time.perf_counter() - begun:.0f} s")
    if asked.json:
        asked.json.write_text(bins(against_truth(table, "truth")).to_json(orient="records"))
    if asked.quick:
        print("quick: too small to hold luodi to its bounds")
    lines = wrong + ([] if asked.quick else missed)
    print("\n".join(lines) if lines else "\nevery figure within its bounds")
    return 1 if lines else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registers", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=10, help="of each register")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--quick", action="store_true", help="one small register and one year, to try it out")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if asked.quick:
        asked.registers, asked.rounds = 1, 3
    return asked


if __name__ == "__main__":
    sys.exit(main())
