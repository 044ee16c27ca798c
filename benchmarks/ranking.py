"""Who stands first in a round: luodi beside a ranker, classifiers and lists by one thing, round by round.

    python benchmarks/ranking.py [--from 2010] [--to 2019] [--registers 3] [--projects 3000] [--quick] [--json FILE]

A round is what entered in one quarter: at least ten projects whose horizon is over, at least one that came and one that
did not. Origins are those of `luodi evaluate`; every list is made from what was known on the origin's day, of the same
columns. Figures are means over rounds; gaps are luodi's less the other's on the same rounds, with 90 % intervals from
drawing rounds again. The invented registers keep every column as it was filed. LambdaRank (LightGBM) learns from mature
projects, grouped by round: its scores order a round and mean nothing beyond it, so it stays in this benchmark. Exit 1
where luodi is not ahead of each on average.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import sklearn
from challengers import lists, quarters
from numpy.typing import NDArray

from features.catalog import Clock
from features.catalogs.reader import read_catalog
from features.synthetic import Design, generate
from features.tables import Purpose, open_table
from models.comparison import LUODI, Forecasts, Measures
from models.evaluation import Plan, evaluate
from models.intervals import Figure, figure
from models.metrics import Floats, Metric, metrics_at
from models.recipe import Recipe, read_recipe
from models.rivals import RIVALS

REGISTER = "repd-q2-july-2024.csv"
K = 10
LEAST = 10  # mature projects in a round
METRICS = ("ndcg_at_k", "precision_at_k", "lift_at_20pct")
BEST = "best"  # the order that knows what came
REFERENCES = ("constant", BEST)  # of nobody's making: luodi is not held above them


@dataclass(frozen=True)
class Comparison:
    """One clock of one register: each list's figures, round by round, and luodi's lead."""

    rounds: int
    figures: Mapping[str, Mapping[str, Floats]]  # metric -> list -> (rounds,)
    lead: Mapping[str, Mapping[str, Figure]]  # metric -> list -> luodi minus it


def rounds_of(forecasts: Iterable[Forecasts], metrics: Mapping[str, Metric]) -> dict[str, dict[str, list[float]]]:
    """Return each list's figures in every round of the forecasts: metric -> list -> one a round."""
    found: dict[str, dict[str, list[float]]] = {id_: {} for id_ in METRICS}
    for one in forecasts:
        quarter = quarters(one.entered)
        for own in (quarter == q for q in np.unique(quarter)):
            labels = one.sample.labels[own]
            if len(labels) < LEAST or labels.min() == labels.max():
                continue
            said = {name: chances[own] for name, chances in one.sample.chances.items()} | {BEST: labels}
            for id_ in METRICS:
                for name, chances in said.items():
                    found[id_].setdefault(name, []).append(float(metrics[id_].of(labels, chances, None)))
    return found


def compared(forecasts: Sequence[Forecasts], draws: int, seed: int = 0) -> Comparison:
    """Return every list's figures by round, and luodi's lead with its interval over rounds drawn again."""
    found = rounds_of(forecasts, metrics_at(K))
    figures = {id_: {name: np.array(values) for name, values in lists_.items()} for id_, lists_ in found.items()}
    count = len(next(iter(figures[METRICS[0]].values()), ()))
    drawn = np.random.default_rng(seed).integers(max(count, 1), size=(draws, count))
    lead = {
        id_: {name: _lead(lists_[LUODI] - values, drawn) for name, values in lists_.items() if name != LUODI}
        for id_, lists_ in figures.items()
    }
    return Comparison(count, figures, lead)


def _lead(gaps: Floats, drawn: NDArray[np.intp]) -> Figure:
    return figure(float(gaps.mean()), gaps[drawn].mean(axis=1))


def misses(name: str, comparison: Comparison) -> list[str]:
    """Return where luodi is not ahead of a list on average."""
    return [
        f"MISSED: {name}: luodi must be ahead of {other} in {id_}; got {gap.value:+.4f}"
        for id_, gaps in comparison.lead.items()
        for other, gap in gaps.items()
        if other not in REFERENCES and gap.value <= 0
    ]


def faults(name: str, comparison: Comparison) -> list[str]:
    """Return what cannot be true of the figures, whatever the models: the benchmark's check of itself."""
    found = [] if comparison.rounds else [f"WRONG: {name}: no round to measure"]
    for id_, figures in comparison.figures.items():
        for other, values in figures.items():
            if not np.isfinite(values).all() or (values < 0).any() or (values > figures[BEST] + 1e-12).any():
                found.append(f"WRONG: {name}: {id_} of {other} is not between 0 and that of the best order")
        if id_ == "ndcg_at_k" and not np.allclose(figures.get(BEST, 1.0), 1.0):
            found.append(f"WRONG: {name}: the best order must have an NDCG of 1")
        if id_ == "lift_at_20pct" and not np.allclose(figures.get("constant", 1.0), 1.0):
            found.append(f"WRONG: {name}: a list in any order must have a lift of 1")
    return found


def show(name: str, comparison: Comparison, labels: Mapping[str, str]) -> None:
    metrics = metrics_at(K)
    print(f"\n{name}: {comparison.rounds} rounds")
    header = ("list", *(cell for id_ in METRICS for cell in (metrics[id_].label.en, "luodi minus it, 90 %")))
    rows = [header, *(_row(other, comparison, labels) for other in comparison.figures[METRICS[0]])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(other: str, comparison: Comparison, labels: Mapping[str, str]) -> tuple[str, ...]:
    cells = [labels.get(other, "best possible order (reference)")]
    for id_ in METRICS:
        gap = comparison.lead[id_].get(other)
        between = f"{gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]" if gap else ""
        cells += [f"{comparison.figures[id_][other].mean():.3f}", between]
    return tuple(cells)


def main() -> int:
    asked = _arguments()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", end="; ")
    print(f"lightgbm {lgb.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}")
    if "expert_card" not in {rival.id for rival in RIVALS}:
        print("the expert card is not among the rivals: left out")
    found: dict[str, Comparison] = {}
    if folder := os.environ.get("LUODI_REPD"):
        found |= _real(Path(folder) / REGISTER, asked)
    else:
        print("LUODI_REPD is not set: the real register is left out")
    if asked.registers:
        found |= _invented(asked)
    told = [fault for name, one in found.items() for fault in faults(name, one)]
    if asked.quick:
        print("\nquick: too small to hold luodi to its bounds")
    else:
        told += [miss for name, one in found.items() for miss in misses(name, one)]
    if asked.json:
        asked.json.write_text(json.dumps({name: _plain(one) for name, one in found.items()}))
    print("\n".join(told) if told else "\nevery figure within its bounds")
    return 1 if told else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="first", type=int)
    parser.add_argument("--to", dest="last", type=int)
    parser.add_argument("--reporting-lag", type=float, default=0.0, help="of the real register; 0: by event dates")
    parser.add_argument("--registers", type=int, help="how many to invent")
    parser.add_argument("--projects", type=int, help="in each of them")
    parser.add_argument("--quick", action="store_true", help="one small register and one year, to try it out")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    usual = {"first": 2010, "last": 2019, "registers": 3, "projects": 3000}
    quick = {"first": 2016, "last": 2016, "registers": 1, "projects": 900}
    for name, value in (quick if asked.quick else usual).items():
        if getattr(asked, name) is None:
            setattr(asked, name, value)
    asked.draws = 200 if asked.quick else 2000
    return asked


def _real(file: Path, asked: argparse.Namespace) -> dict[str, Comparison]:
    rows = open_table(file, read_catalog("repd"), Purpose.HISTORY).read().rows
    plan = Plan(asked.first, asked.last, lag_months=asked.reporting_lag)
    print("repd declares no attribute of delivery: no list by readiness")
    return _measured("repd", [_forecasts(rows, "repd", plan, _recipe(asked))], asked.draws)


def _invented(asked: argparse.Namespace) -> dict[str, Comparison]:
    recipe = _recipe(asked)
    kept = replace(recipe, attributes=replace(recipe.attributes, volatile="keep"))  # as filed: nothing is overwritten
    years = Plan(from_year=2018, to_year=2018) if asked.quick else Plan()
    runs = []
    for seed in range(1, 1 + asked.registers):
        register = generate(Design(n_projects=asked.projects), seed=seed)
        plan = replace(years, snapshot=register.design.day)
        runs.append(_forecasts(register.history, "zhaoshang", plan, kept, f"register {seed}"))
    return _measured("synthetic", runs, asked.draws)


def _recipe(asked: argparse.Namespace) -> Recipe:
    recipe = read_recipe()
    return replace(recipe, trees=replace(recipe.trees, rounds=30)) if asked.quick else recipe


def _forecasts(
    rows: Any, catalog: str, plan: Plan, recipe: Recipe, name: str = ""
) -> tuple[Mapping[Clock, Sequence[Forecasts]], Mapping[str, str]]:
    """Return every forecast of a rolling evaluation, luodi trained once an origin, and what the models are called."""
    plan = replace(plan, rivals=lists(catalog), measures=Measures(k=K, draws=1))
    evaluation = evaluate(rows, read_catalog(catalog), recipe, plan)
    print(f"{name or catalog}: {len(rows)} rows; {evaluation.origins.reason}; {len(evaluation.notes)} left out")
    labels = {id_: words.en for id_, words in evaluation.labels.items()}
    return {clock: result.forecasts for clock, result in evaluation.clocks.items()}, labels


def _measured(
    name: str, runs: Sequence[tuple[Mapping[Clock, Sequence[Forecasts]], Mapping[str, str]]], draws: int
) -> dict[str, Comparison]:
    found = {}
    for clock in runs[0][0]:
        comparison = compared([one for by_clock, _ in runs for one in by_clock.get(clock, ())], draws)
        found[f"{name}, {clock.value}"] = comparison
        show(f"{name}, {clock.value}", comparison, runs[0][1])
    return found


def _plain(one: Comparison) -> dict[str, Any]:
    return {
        "rounds": one.rounds,
        "means": {id_: {name: float(v.mean()) for name, v in lists_.items()} for id_, lists_ in one.figures.items()},
        "luodi_minus": {
            id_: {name: [gap.value, gap.low, gap.high] for name, gap in gaps.items()} for id_, gaps in one.lead.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
