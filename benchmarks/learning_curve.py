"""How much there is to learn from how many projects: luodi beside its rivals on small draws of a register.

    python benchmarks/learning_curve.py [--draws 20] [--few 8] [--workers 2] [--quick] [--json FILE]

A draw is so many projects taken at random from those known on a day: what a place that reviewed no more than these
would have. It is read from the start (history counts the draw alone), every model is given the same of it, and all
are asked about the same new projects. The real register (the folder LUODI_REPD; by event dates) is asked about those of
the year after an origin and answers with what came. An invented county, calendar shocks on, is asked about a new round
and answers with the true chances: its AUC and log loss are those to be expected of outcomes drawn from them.

Luodi is held to the rival that is the best on average over all sizes: at no size may it lie behind by more than 0.01 of
AUC or 2 % of log loss, nor may the upper end of the 90 % interval over the draws; and on average over sizes it must be
the best. With no outcomes at all there is the expert card from the catalogue; it is shown beside constants. Exit 1
where a figure misses its bound.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import lightgbm
import numpy as np
import sklearn
from draws import ALL, CONSTANT, COUNTIES, HELD_TO, LUODI, NEW, Draw, Measured, ground_of, measured, scored
from typical import counted

from features.catalog import Catalog, Clock
from models.cold import cold_model
from models.level import published_hazards
from models.metrics import Floats

YEARS = (2012, 2014, 2016, 2018)
SIZES = (50, 100, 200, 400, 800, 1600)
METRICS = ("auc", "log_loss")
BOUNDS = {"auc": 0.01, "log_loss": 0.02}  # how far behind; of log loss in shares of the rival's
UPPER = 0.95  # the upper end of a 90 % interval
BOOTSTRAPS = 2000


@dataclass(frozen=True)
class Gap:
    """How far luodi lies behind a rival at one size: the mean over draws, and the upper end of its interval."""

    mean: float
    upper: float


@dataclass(frozen=True)
class Curve:
    """One metric of one clock of one register: by size and model the draws, and luodi beside the best rival."""

    register: str
    clock: Clock
    metric: str
    figures: Mapping[int, Mapping[str, Floats]]  # size -> model -> (draws,)

    @property
    def models(self) -> tuple[str, ...]:
        """Every model, luodi first."""
        return (LUODI, *HELD_TO, CONSTANT)

    def average(self, model: str) -> float:
        """Return the mean over sizes of the mean over draws."""
        return float(np.mean([by_model[model].mean() for by_model in self.figures.values()]))

    @property
    def sign(self) -> float:
        """1 where more is worse."""
        return 1.0 if self.metric == "log_loss" else -1.0

    @property
    def best(self) -> str:
        """The rival that is the best on average over the sizes."""
        return min(HELD_TO, key=lambda rival: self.sign * self.average(rival))

    def behind(self, size: int, rival: str) -> Gap:
        """Return how far luodi lies behind a rival at a size; negative = ahead."""
        own, other = self.figures[size][LUODI], self.figures[size][rival]
        drawn = np.random.default_rng(0).integers(len(own), size=(BOOTSTRAPS, len(own)))
        gaps = self.sign * (own[drawn].mean(axis=1) - other[drawn].mean(axis=1))
        mean = self.sign * (own.mean() - other.mean())
        if self.metric == "log_loss":
            gaps, mean = gaps / other[drawn].mean(axis=1), mean / other.mean()
        return Gap(float(mean), float(np.quantile(gaps, UPPER)))

    def misses(self) -> list[str]:
        """Return the bounds that luodi does not keep."""
        where, bound = f"{self.register}, {self.clock}, {self.metric}", BOUNDS[self.metric]
        told = [
            f"MISSED: {where}, {_name(size)} projects: at most {bound} behind {self.best}; got up to {gap.upper:+.4f}"
            for size in self.figures
            if (gap := self.behind(size, self.best)).upper > bound
        ]
        ahead = [rival for rival in HELD_TO if self.sign * (self.average(LUODI) - self.average(rival)) > 0]
        return told + [f"MISSED: {where}: on average luodi must be ahead of {', '.join(ahead)}"] * bool(ahead)

    def faults(self) -> list[str]:
        """Return what cannot be true, whatever the models: the benchmark's check of itself."""
        where = f"{self.register}, {self.clock}, {self.metric}"
        told = []
        for size, by_model in self.figures.items():
            if any(not np.isfinite(figures).all() for figures in by_model.values()):
                told.append(f"WRONG: {where}, {_name(size)} projects: a figure is missing")
            if self.metric == "auc" and not np.allclose(by_model[CONSTANT], 0.5):
                told.append(f"WRONG: {where}, {_name(size)} projects: a constant must have an AUC of one half")
        return told


def _name(size: int) -> str:
    return "all" if size == ALL else str(size)


def curves_of(found: Sequence[Measured]) -> Iterator[Curve]:
    """Yield one curve for each register, clock and metric."""
    for register in sorted({one.draw.register for one in found}):
        own = [one for one in found if one.draw.register == register]
        for clock in own[0].scores:
            for metric in METRICS:
                figures = {
                    size: {
                        model: np.array([one.scores[clock][model][metric] for one in own if one.draw.size == size])
                        for model in own[0].scores[clock]
                    }
                    for size in sorted({one.draw.size for one in own})
                }
                yield Curve(register, clock, metric, figures)


def show(curve: Curve) -> None:
    """Print a curve as a table: sizes down, models across."""
    unit = "log loss, shares of it" if curve.metric == "log_loss" else "AUC"
    print(f"\n{curve.register}, {curve.clock}: {unit}; the best rival on average is {curve.best}")
    header = ("projects", "draws", *curve.models, "behind the best [up to]", "")
    rows = [header]
    for size, by_model in curve.figures.items():
        gap = curve.behind(size, curve.best)
        verdict = "PASS" if gap.upper <= BOUNDS[curve.metric] else "MISS"
        figures = (f"{by_model[model].mean():.4f}" for model in curve.models)
        rows.append((_name(size), str(len(by_model[LUODI])), *figures, f"{gap.mean:+.4f} [{gap.upper:+.4f}]", verdict))
    rows.append(("average", "", *(f"{curve.average(model):.4f}" for model in curve.models), "", ""))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def cold_start(counties: Sequence[int], *, quick: bool) -> list[str]:
    """Print what the catalogue's card says before any outcome, beside constants; return its faults."""
    found: dict[tuple[Clock, str], list[Mapping[str, float]]] = {}
    for seed in counties:
        ground = ground_of("synthetic", seed, quick=quick)
        model = cold_model(ground.catalog, as_of=ground.as_of)
        informed = cold_model(counted(ground.catalog, ground.past, as_of=ground.as_of), as_of=ground.as_of)
        known_place = informed.explain(ground.asked)
        for clock, told in model.explain(ground.asked).items():
            true, spec = ground.answers[clock], ground.catalog.clocks[clock]
            hazards = published_hazards(spec, ground.catalog.period_months, horizon(ground.catalog, clock))
            assert hazards is not None, "a cold model has a published curve"
            published = float(1 - np.prod(1 - hazards))
            for name, said in (
                ("expert card", told.figure),
                ("expert card, typical counted from filings", known_place[clock].figure),
                ("published curve, the same for all", np.full(len(true), published)),
                ("constant that knows the round (reference)", np.full(len(true), true.mean())),
                ("true chances (reference)", true),
            ):
                found.setdefault((clock, name), []).append(scored(true, said) | {"mean": float(said.mean())})
    print(f"\nsynthetic, no outcomes at all: {len(counties)} rounds of {NEW}")
    print(f"{'clock':<10}{'what is said':<44}{'mean':<8}{'AUC':<8}log loss")
    for (clock, name), figures in found.items():
        mean, order, loss = (np.mean([one[metric] for one in figures]) for metric in ("mean", *METRICS))
        print(f"{clock:<10}{name:<44}{mean:<8.3f}{order:<8.4f}{loss:.4f}")
    return [
        f"WRONG: {clock}: nothing can be better than the true chances"
        for (clock, name), figures in found.items()
        for one, true in zip(figures, found[clock, "true chances (reference)"], strict=True)
        if one["auc"] > true["auc"] + 1e-9 or one["log_loss"] < true["log_loss"] - 1e-9
    ]


def horizon(catalog: Catalog, clock: Clock) -> int:
    """Return the periods up to a clock's horizon."""
    return -(-catalog.clocks[clock].horizon_months // catalog.period_months)


def draws_of(asked: argparse.Namespace) -> list[Draw]:
    """Return every draw that is to be made, the longest first."""
    grounds = {"synthetic": tuple(range(1, 2 if asked.quick else 1 + len(COUNTIES)))}
    if "LUODI_REPD" in os.environ:
        grounds["repd"] = YEARS[-1:] if asked.quick else YEARS
    draws = []
    for register, places in grounds.items():
        for size in (50, 200) if asked.quick else (*SIZES, ALL):
            count = len(places) if size == ALL else asked.few if size == SIZES[-1] else asked.draws
            for number in range(count):
                draws.append(Draw(register, places[number % len(places)], size, number, asked.quick))
    return sorted(draws, key=lambda draw: -draw.size)


def main() -> int:
    asked = _arguments()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", end="; ")
    print(f"lightgbm {lightgbm.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}")
    if "LUODI_REPD" not in os.environ:
        print("LUODI_REPD is not set: the real register is left out")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by each worker: a core each
    begun, draws = time.perf_counter(), draws_of(asked)
    with ProcessPoolExecutor(asked.workers, get_context("spawn")) as pool:
        found = [_told(i, len(draws), one) for i, one in enumerate(pool.map(measured, draws), 1)]
    took: dict[str, float] = {}
    for one in found:
        for model, seconds in one.seconds.items():
            took[model] = took.get(model, 0.0) + seconds
    told = []
    for curve in curves_of(found):
        show(curve)
        told += curve.faults() + ([] if asked.quick else curve.misses())
    told += cold_start(range(1, 2 if asked.quick else 1 + len(COUNTIES)), quick=asked.quick)
    print(f"\n{len(draws)} draws in {time.perf_counter() - begun:.0f} s; seconds in each model: ", end="")
    print(", ".join(f"{model} {seconds:.0f}" for model, seconds in took.items()))
    if asked.json:
        asked.json.write_text(json.dumps([_plain(one) for one in found]))
    if asked.quick:
        print("quick: too small to hold luodi to its bounds")
    print("\n".join(told) if told else "\nevery figure within its bounds")
    return 1 if told else 0


def _told(done: int, total: int, one: Measured) -> Measured:
    if sys.stderr.isatty():
        print(f"\r{done}/{total} draws", end="" if done < total else "\n", file=sys.stderr, flush=True)
    return one


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=20, help="of each register at each size")
    parser.add_argument("--few", type=int, default=8, help=f"the same at {SIZES[-1]} projects, which take longest")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--quick", action="store_true", help="two sizes of one register each, to try it out")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    asked.draws = 2 if asked.quick else asked.draws
    return asked


def _plain(one: Measured) -> dict[str, object]:
    draw = one.draw
    named = {"register": draw.register, "where": draw.where, "size": _name(draw.size), "draw": draw.number}
    return {**named, "scores": one.scores, "seconds": one.seconds}


if __name__ == "__main__":
    sys.exit(main())
