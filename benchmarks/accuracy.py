"""How well luodi forecasts: rolling origins on the real register and on a synthetic one, beside its rivals.

    python benchmarks/accuracy.py [--from 2010] [--to 2019] [--projects 3000] [--json FILE]

The real register is read from the folder LUODI_REPD (its file of July 2024): once by event dates, as if every event
were on record the day it happens, and once with the catalogue's reporting lag, which is what an office would have seen.
Unset, that part is left out and said. The synthetic register has a known truth: new projects of the same county are
held against it, calendar shocks off. Exit 1 where a figure misses its bound.
"""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import sklearn

from features.catalog import Clock
from features.catalog_reader import read_catalog
from features.synthetic import Design, generate
from features.tables import Purpose, open_table
from features.words import Language, Words
from models.comparison import LUODI
from models.evaluation import Evaluation, Plan, evaluate
from models.findings import Table, as_dict, calibration_table, models_table, origins_table
from models.metrics import bins_of
from models.recipe import read_recipe
from models.training import train

REGISTER = "repd-q2-july-2024.csv"
BOUNDS = {Clock.PRODUCED: 0.735, Clock.LANDED: 0.700}
LEVEL_BOUND, TENTH_BOUND = 0.02, 0.05
CLASSIFIERS = ("classifier_current", "classifier_mature")


def main() -> int:
    asked = _arguments()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", end="; ")
    print(f"lightgbm {lightgbm.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}")
    found, misses = {}, []
    if folder := os.environ.get("LUODI_REPD"):
        rows = open_table(Path(folder) / REGISTER, read_catalog("repd"), Purpose.HISTORY).read().rows
        years = {"from_year": asked.first, "to_year": asked.last}
        found["repd, by event dates"] = _run("repd, by event dates", rows, "repd", Plan(lag_months=0, **years))
        found["repd, reporting lag"] = _run("repd, reporting lag", rows, "repd", Plan(**years))
        misses += _repd_misses(found["repd, by event dates"])
    else:
        print("LUODI_REPD is not set: the real register is left out")
    register = generate(Design(n_projects=asked.projects), seed=1)
    plan = Plan(snapshot=register.design.day)
    found["synthetic"] = _run("synthetic", register.history, "zhaoshang", plan)
    misses += _order_misses(found["synthetic"]) + _against_truth(asked.projects)
    if asked.json:
        asked.json.write_text(json.dumps({name: as_dict(one) for name, one in found.items()}, ensure_ascii=False))
    print("\n".join(misses) if misses else "\nevery figure within its bounds")
    return 1 if misses else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="first", type=int, default=2010)
    parser.add_argument("--to", dest="last", type=int, default=2019)
    parser.add_argument("--projects", type=int, default=3000)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _run(name: str, rows: pd.DataFrame, catalog: str, plan: Plan) -> Evaluation:
    start = time.perf_counter()
    evaluation = evaluate(rows, read_catalog(catalog), read_recipe(), plan, _tell)
    took = time.perf_counter() - start
    print(
        f"\n# {name}: {len(rows)} rows, lag {evaluation.lag_months:g} months, {took:.0f} s; {evaluation.origins.reason}"
    )
    for result in evaluation.clocks.values():
        for table in (models_table(evaluation, result), origins_table(evaluation, result), calibration_table(result)):
            _print(table)
    for note in evaluation.notes:
        print(note)
    return evaluation


def _tell(done: int, total: int, what: Words) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{total} {what.en:<60}", end="" if done < total else "\n", file=sys.stderr)


def _print(table: Table) -> None:
    lines = [[cell.said(Language.EN) for cell in line] for line in (table.header, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    print(f"\n{table.title}")
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _repd_misses(evaluation: Evaluation) -> list[str]:
    misses = []
    for clock, bound in BOUNDS.items():
        auc = evaluation.clocks[clock].models[LUODI].figures["auc"].value
        if auc < bound:
            misses.append(f"MISSED: {clock} by event dates: AUC must reach {bound}; got {auc:.4f}")
    return misses + _order_misses(evaluation)


def _against_truth(n_projects: int) -> list[str]:
    """Hold what is said of new synthetic projects against their true chances, overall and by tenths."""
    register = generate(Design(n_projects=n_projects, shock_sd=0.0), seed=2)
    model = train(register.history, read_catalog("zhaoshang"), as_of=register.design.day, snapshot=register.design.day)
    new = register.new_round(5000, seed=3)
    print("\n# synthetic, shocks off: said against true chances of 5000 new projects")
    print("\nclock     said   true   worst tenth  corr.")
    misses = []
    for clock, told in model.explain(new.rows).items():
        true = new.truth[f"p_{clock}"].to_numpy()
        gap = float(told.figure.mean() - true.mean())
        tenth = bins_of(told.figure)
        by_tenth = np.bincount(tenth, weights=told.figure - true) / np.bincount(tenth)
        worst = float(np.abs(by_tenth).max())
        corr = np.corrcoef(told.log_odds.sum(axis=1), np.log(true / (1 - true)))[0, 1]
        print(f"{clock:<9} {told.figure.mean():.3f}  {true.mean():.3f}  {worst:.3f}        {corr:.3f}")
        if abs(gap) > LEVEL_BOUND or worst > TENTH_BOUND:
            misses.append(
                f"MISSED: {clock}: within {LEVEL_BOUND} overall, {TENTH_BOUND} by tenths; got {gap:+.3f}, {worst:.3f}"
            )
    return misses


def _order_misses(evaluation: Evaluation) -> list[str]:
    """Hold luodi above the classifiers that most people write."""
    return [
        f"MISSED: {clock}: luodi must order better than {rival}; got {gap:+.4f} AUC"
        for clock, result in evaluation.clocks.items()
        for rival in CLASSIFIERS
        if (gap := result.models[rival].luodi_minus["auc"].value) <= 0
    ]


if __name__ == "__main__":
    sys.exit(main())
