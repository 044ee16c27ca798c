"""How soon `luodi status` tells that the odds of landing have halved, and how often it cries wolf in quiet years.

    python benchmarks/alarm.py [--registers 20] [--first 100] [--per-year 400] [--out found.json]

Each register is a county of 400 projects a year with its own delays and heaped dates. A model is trained on its first
eight years and watched for five, once as it is, and once with the odds of every month halved a year after the training.
Calendar shocks off: the alarm is to come within three quarters in 16 of 20 registers, and in at most 1 of 20 quiet
histories of five years. Shocks by default, the level itself wanders by 0.3 log-odds: false alarms are held to the same
bound, how many are caught is told. Exit 1 where a figure misses its bound.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from features.catalogs.reader import read_catalog
from features.synthetic import Design, Register, generate
from models.model import Model
from models.recipe import Bag, read_recipe
from models.training import train
from scoring.watching import ALPHA, watching

RECIPE = replace(read_recipe(), bag=Bag(0))  # no rank is asked for here
BEFORE, AFTER = 8, 5  # years of history, and of watch
FIRST_YEAR = 2012
TRAINED = np.datetime64(f"{FIRST_YEAR + BEFORE}-01-01")
TURN = np.datetime64(f"{FIRST_YEAR + BEFORE + 1}-01-01")
WITHIN = 9  # months
CAUGHT, FALSE = 16 / 20, 1 / 20
MONTHS_AFTER = 18  # how long a turned county is followed


@dataclass(frozen=True)
class Found:
    """What one register showed: months from the turn to the alarm; None = none came in time.

    Attributes
    ----------
    alarm : in the turned county; below 0 = before the turn
    false : month of the quiet history at whose end an alarm was raised
    level : records that came in the quiet years, over those expected
    """

    shock_sd: float
    seed: int
    alarm: int | None
    false: str | None
    level: float


def main() -> int:
    asked = _arguments()
    print(f"{asked.per_year} projects a year, {BEFORE} years of history, {AFTER} watched, alpha {ALPHA}")
    found, misses = [], []
    for shock_sd in (0.0, Design().shock_sd):
        begun = time.perf_counter()
        one = list(_registers(shock_sd, range(asked.first, asked.first + asked.registers), asked.per_year))
        print(f"\n# shocks of {shock_sd}: {len(one)} registers, {time.perf_counter() - begun:.0f} s")
        misses += told(one, bound=shock_sd == 0.0)
        found += one
    if asked.out:
        asked.out.write_text(json.dumps([asdict(one) for one in found], indent=1), encoding="utf-8")
    print("\n" + ("\n".join(misses) if misses else "every figure within its bounds"))
    return 1 if misses else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registers", type=int, default=20)
    parser.add_argument("--first", type=int, default=100)
    parser.add_argument("--per-year", type=int, default=400)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def _registers(shock_sd: float, seeds: Sequence[int], per_year: int) -> Iterator[Found]:
    catalog, years = read_catalog("zhaoshang"), BEFORE + AFTER
    design = Design(n_projects=per_year * years, first_year=FIRST_YEAR, years=years, growth=0.0, shock_sd=shock_sd)
    for seed in seeds:
        quiet = generate(design, seed=seed)
        model = train(quiet.history, catalog, as_of=TRAINED, snapshot=TRAINED, recipe=RECIPE)
        false, level = watched(model, quiet, TRAINED + np.timedelta64(365 * AFTER + 1, "D"))
        turned = generate(replace(design, turn_on=TURN, turn=-np.log(2.0)), seed=seed)
        until = (TURN.astype("datetime64[M]") + MONTHS_AFTER).astype("datetime64[D]") - 1
        raised, _ = watched(model, turned, until)
        alarm = None if raised is None else int((raised - TURN.astype("datetime64[M]")).astype(int)) + 1
        found = Found(shock_sd, seed, alarm, None if false is None else str(false), level)
        print(f"  seed {seed}: {_said(found)}", flush=True)
        yield found


def watched(model: Model, register: Register, day: np.datetime64) -> tuple[np.datetime64 | None, float]:
    """Return the month at whose end any clock first raised the alarm, and how much landed of what was expected.

    One look on the last day is as good as one on every day before it: an alarm stands, and none is taken back.
    """
    clocks = watching(model, register.history, read_catalog("zhaoshang"), day).clocks
    raised = [watch.raised for watch in clocks.values() if watch.raised is not None]
    landed = next(iter(clocks.values()))
    return (min(raised) if raised else None), landed.came / landed.expected


def _said(found: Found) -> str:
    alarm = "no alarm" if found.alarm is None else f"alarm {found.alarm} months after the turn"
    false = "quiet" if found.false is None else f"FALSE alarm in {found.false}"
    return f"{alarm}; five quiet years: {false}, {found.level:.2f} of what was expected"


def told(found: Sequence[Found], *, bound: bool) -> list[str]:
    """Print how many were caught, and how many cried wolf; return what misses its bound."""
    n = len(found)
    early = sum(one.alarm is not None and one.alarm <= 0 for one in found)
    caught = {within: sum(one.alarm is not None and 0 < one.alarm <= within for one in found) for within in (9, 12, 18)}
    false = sum(one.false is not None for one in found)
    print(
        f"alarm within 9, 12, 18 months: {', '.join(f'{k} of {n}' for k in caught.values())}; before the turn {early}"
    )
    print(f"false alarms in five quiet years: {false} of {n}")
    misses = []
    if bound and caught[WITHIN] < CAUGHT * n:
        misses.append(f"MISSED: an alarm within {WITHIN} months in {CAUGHT * n:g} of {n}; got {caught[WITHIN]}")
    if false > max(FALSE * n, 1):
        misses.append(f"MISSED: at most {max(FALSE * n, 1):g} false alarms in {n}; got {false} ({found[0].shock_sd})")
    return misses


if __name__ == "__main__":
    sys.exit(main())
