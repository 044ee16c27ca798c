"""How well luodi forecasts: rolling origins on the real register and on a synthetic one, beside its rivals.

    python benchmarks/accuracy.py [--from 2010] [--to 2019] [--projects 6000] [--json FILE]

The real register is read from the folder LUODI_REPD (its file of July 2024): once by event dates, as if every event
were on record the day it happens, and once with the catalogue's reporting lag, which is what an office would have seen.
Unset, that part is left out and said. Exit 1 where a figure misses its bound.
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
from features.synthetic import generate
from features.tables import Purpose, open_table
from features.words import Language, Words
from models.comparison import LUODI
from models.evaluation import Evaluation, Plan, evaluate
from models.findings import Table, as_dict, calibration_table, models_table, origins_table
from models.recipe import read_recipe

REGISTER = "repd-q2-july-2024.csv"
BOUNDS = {Clock.PRODUCED: 0.735, Clock.LANDED: 0.700}
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
    rows = generate(asked.projects, seed=1).history
    found["synthetic"] = _run("synthetic", rows, "zhaoshang", Plan())
    misses += _order_misses(found["synthetic"])
    if asked.json:
        asked.json.write_text(json.dumps({name: as_dict(one) for name, one in found.items()}, ensure_ascii=False))
    print("\n".join(misses) if misses else "\nevery figure within its bounds")
    return 1 if misses else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="first", type=int, default=2010)
    parser.add_argument("--to", dest="last", type=int, default=2019)
    parser.add_argument("--projects", type=int, default=6000)
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
