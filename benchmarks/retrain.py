"""How long a retraining with its evaluation takes on a large register, and how much memory.

    python benchmarks/retrain.py [--projects 20000]

A synthetic register; a champion of a year before its last day is trained first and not counted. Counted are the
challenger with its refits, rolling origins, the newest outcomes, drift, label maturity, and a pipeline of 200 projects.
Exits with 1 beyond 8 minutes or 4 GB, with fewer than 8 quarters lived by a project, or if a second training gives
another model.
"""

import argparse
import os
import platform
import resource
import sys
import time

import numpy as np

from features.catalogs.reader import read_catalog
from features.synthetic import Design, Register, generate
from features.words import Words
from models.bundle import model_hash
from models.model import Model
from models.retraining import Retraining, retrain
from models.rolling import Rolling
from models.training import asked_model, known_on, train

SECONDS, MEGABYTES, QUARTERS = 480.0, 4000.0, 8
PIPELINE = 200
YEAR = np.timedelta64(365, "D")


def main() -> int:
    projects = _arguments().projects
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}")
    register = generate(Design(n_projects=projects), seed=5)
    champion = _champion(register)
    begun, busy = time.perf_counter(), time.process_time()
    found = _retrained(register, champion, begun)
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    lived = _lived(found)
    print(f"{projects} projects, {lived:.1f} quarters a project; {_origins(found)} origins; {found.advice.verdict}")
    print(f"retrain with evaluation: {seconds:.0f} s ({busy:.0f} s of processor), peak {memory:.0f} MB")
    misses = judged(seconds, memory, lived)
    again = train(register.history, found.challenger.catalog, as_of=found.as_of, snapshot=found.as_of)
    if model_hash(again) != model_hash(found.challenger):
        misses.append("a second training gave another model")
    print("\n".join(misses) if misses else f"within {SECONDS:.0f} s and {MEGABYTES:.0f} MB; trained again: same hash")
    return 1 if misses else 0


def judged(seconds: float, memory: float, lived: float) -> list[str]:
    """Return what misses its bound, in words."""
    misses = []
    if seconds > SECONDS:
        misses.append(f"took {seconds:.0f} s, more than {SECONDS:.0f}")
    if memory > MEGABYTES:
        misses.append(f"took {memory:.0f} MB, more than {MEGABYTES:.0f}")
    if lived < QUARTERS:
        misses.append(f"only {lived:.1f} quarters a project, fewer than {QUARTERS}")
    return misses


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=20_000)
    return parser.parse_args()


def _champion(register: Register) -> Model:
    day = register.design.day - YEAR
    return asked_model(known_on(register.history, read_catalog("zhaoshang"), as_of=day, snapshot=day))


def _retrained(register: Register, champion: Model, begun: float) -> Retraining:
    def on_step(done: int, total: int, what: Words) -> None:
        print(f"  {time.perf_counter() - begun:5.0f} s  {done}/{total} {what.en}", file=sys.stderr)

    return retrain(
        register.history,
        read_catalog("zhaoshang"),
        as_of=register.design.day,
        champion=champion,
        pipeline=register.new_round(PIPELINE, seed=1).rows,
        on_step=on_step,
    )


def _lived(found: Retraining) -> float:
    """Return the quarters that a project of the challenger's training lived on average, on its longest clock."""
    clocks = found.challenger.card["clocks"]
    assert isinstance(clocks, dict)
    return max(clock["person_periods"] / clock["projects"] for clock in clocks.values())


def _origins(found: Retraining) -> int:
    if not isinstance(found.rolling, Rolling):
        return 0
    return max(len(result.origins) for result in found.rolling.clocks.values())


if __name__ == "__main__":
    sys.exit(main())
