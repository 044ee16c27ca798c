"""How fast scoring with explanations is, against a plain script with the same LightGBM models; and its memory.

usage: speed.py [--rows 20000 100000] [--repeats 3]

Both read a CSV and write it again with probabilities and the strongest contributions. Luodi reads a project sheet,
checks every cell, derives ratios and history, applies gates and the rubric, ranks, and words its reasons; the plain
script reads the features ready made. Runs alternate, each in a process of its own; the least time of each is compared.
Exits with 1 if Luodi is slower, takes 1 GB or more, or contributes anything else than the plain script.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from features.catalogs.reader import read_catalog
from features.synthetic import Design, generate
from features.words import Language
from models.bundle import load, save
from models.model import Model
from models.training import train
from scoring.loading import load_scorer
from scoring.sinks import arrow
from scoring.writing import csv_header, csv_lines

LUODI = str(Path(sys.executable).with_name("luodi"))
PLAIN = [sys.executable, str(Path(__file__).with_name("plain_script.py"))]
SEED = 20
DESIGN = Design(n_projects=1500, first_year=2013)
DISTINCT = 4000  # projects drawn; larger files repeat them under other names
MEMORY_LIMIT = 1000  # MB
AGREEMENT = 1e-9
ENOUGH = 0.5, 3.0  # seconds for --help and for 20 rows


@dataclass(frozen=True)
class Ran:
    """One process: wall seconds and peak resident memory in MB."""

    seconds: float
    memory: float


def run(command: list[str]) -> Ran:
    begun, peak = time.perf_counter(), 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.01)
    seconds = time.perf_counter() - begun
    if process.returncode not in {0, 1}:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Ran(seconds, peak)


def peak_memory(process: int) -> float:
    """Return the peak so far in MB, as Linux keeps it; ``getrusage`` would count this process's own at the fork."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:  # gone, or no Linux
        return 0.0
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), default=0.0)


def prepared(folder: Path) -> tuple[Model, pd.DataFrame]:
    """Train a model and return it with the distinct projects to score; red lines are taken out so that all score."""
    catalog = read_catalog("zhaoshang")
    register = generate(DESIGN, seed=SEED)
    model = train(register.history, catalog, as_of=DESIGN.day)
    save(model, folder / "model")
    rows = register.new_round(DISTINCT, seed=1).rows
    figured = load_scorer(folder / "model", None, Language.ZH).score(rows).assessment.figured
    return model, rows[figured].reset_index(drop=True)


def files(folder: Path, model: Model, rows: pd.DataFrame, n: int) -> tuple[Path, Path]:
    """Write ``n`` projects as Luodi reads them, and their features as the plain script does."""
    some = rows.iloc[np.arange(n) % len(rows)].reset_index(drop=True)
    for column in ("project_name", "project_uid"):
        some[column] = some[column] + "-" + pd.Series(np.arange(n).astype(str), dtype="str")
    sheet, features = folder / f"projects-{n}.csv", folder / f"features-{n}.csv"
    table = arrow(some)
    sheet.write_bytes(csv_header(table.column_names) + csv_lines(table))
    made = model.features(rows)
    matrix = pd.DataFrame(made.matrix, columns=[column.id for column in made.columns])
    whole = matrix.iloc[np.arange(n) % len(rows)].reset_index(drop=True)
    whole.insert(0, "key", some["project_name"])
    whole.to_csv(features, index=False)
    return sheet, features


def disagreement(model: Model, parts: Path, plain: Path) -> float:
    """Return the largest difference between a contribution of Luodi, and card and plain trees put together.

    The plain script explains the trees; what the card adds is read from the features that it wrote beside them.
    """
    ours = pq.read_table(parts).to_pandas().astype({"key": str, "attribute": str, "clock": str})
    theirs = pd.read_csv(plain)
    worst = 0.0
    for clock, hazard in model.hazards.items():
        names = [column.id for column in model.builder.columns_]
        centre = pd.Series(hazard.trees.centre, index=names)
        card = hazard.card_weight * hazard.card.contributions(theirs[names].to_numpy(dtype=np.float64))
        mine = ours[ours["clock"] == clock.value].set_index(["key", "attribute"])["log_odds"]
        name, part = theirs[f"{clock.value}_reason_1"], theirs[f"{clock.value}_part_1"]
        expected = hazard.tree_weight * (part.to_numpy() - centre[name].to_numpy())
        expected += card[np.arange(len(theirs)), pd.Index(names).get_indexer(name)]
        got = mine.loc[list(zip(theirs["key"], name, strict=True))].to_numpy()
        worst = max(worst, float(np.abs(got - expected).max()))
    return worst


def compare(folder: Path, model: Model, rows: pd.DataFrame, n: int, repeats: int) -> bool:
    sheet, features = files(folder, model, rows, n)
    out, parts, plain = folder / "scored.csv", folder / "parts.parquet", folder / "plain.csv"
    day = ["--as-of", str(DESIGN.day + 60)]
    score = [LUODI, "score", str(sheet), "--model", str(folder / "model"), "--out", str(out), *day]
    commands = {
        "plain script": [*PLAIN, str(features), str(folder / "model"), str(plain)],
        "luodi score": score,
        "luodi score --contributions": [*score, "--contributions", str(parts)],
    }
    ran: dict[str, list[Ran]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            ran[name].append(run(command))
    apart = disagreement(model, parts, plain)
    least = {name: min(r.seconds for r in runs) for name, runs in ran.items()}
    most = {name: max(r.memory for r in runs) for name, runs in ran.items()}
    scored = sum(1 for _ in out.open(encoding="utf-8-sig")) - 1
    print(f"\n{n:,} projects, {scored:,} scored; largest difference of a contribution {apart:.1e}")
    print(f"{'':30}{'seconds':>10}{'rows/s':>10}{'times the plain script':>25}{'peak MB':>10}")
    for name in commands:
        ratio = least[name] / least["plain script"]
        print(f"{name:30}{least[name]:10.2f}{n / least[name]:10.0f}{ratio:25.2f}{most[name]:10.0f}")
    fast = least["luodi score"] <= least["plain script"]
    small = max(memory for name, memory in most.items() if name != "plain script") < MEMORY_LIMIT
    return fast and small and apart < AGREEMENT and scored == n


def start(folder: Path, model: Model, rows: pd.DataFrame, repeats: int) -> bool:
    sheet, _ = files(folder, model, rows, 20)
    help_, few = [LUODI, "--help"], [LUODI, "score", str(sheet), "--model", str(folder / "model")]
    few += ["--out", str(folder / "few.csv"), "--as-of", str(DESIGN.day + 60)]
    seconds = [min(run(command).seconds for _ in range(repeats)) for command in (help_, few)]
    print(f"\nluodi --help {seconds[0]:.2f} s (limit {ENOUGH[0]}), 20 rows {seconds[1]:.2f} s (limit {ENOUGH[1]})")
    return seconds[0] < ENOUGH[0] and seconds[1] < ENOUGH[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("lightgbm", "pandas", "pyarrow", "numpy"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {libraries}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _, rows = prepared(folder)
        model = load(folder / "model")
        well = [start(folder, model, rows, asked.repeats)]
        well += [compare(folder, model, rows, n, asked.repeats) for n in asked.rows]
    print("\nas it must be" if all(well) else "\nNOT as it must be")
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
