"""What the county's ledger shows of the lives at the snapshot: papers, late records, dates heaped in December."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.catalog import DAYS_PER_MONTH
from features.synthetic.design import Design, Seeds, Stream
from features.synthetic.investors import Days
from features.synthetic.lives import NEVER, Lives, Months
from features.synthetic.traits import Floats, significant

Mask = NDArray[np.bool_]
NAT = np.datetime64("NaT", "D")
DELAY_SHAPE = 3.0  # of the gamma distribution of reporting delays
EXIT_REASONS = (
    "资金不足",
    "市场变化",
    "用地未落实",
    "环评能评未过",
    "合作分歧",
    "转投他地",
    "政策变化",
    "主体失信",
    "其他",
)
EXIT_SHARES = (0.22, 0.16, 0.2, 0.09, 0.1, 0.1, 0.05, 0.02, 0.06)


@dataclass(frozen=True)
class Events:
    """Days of the three events that count, shape (n,) each; NaT where one did not happen, or is not shown."""

    started: Days
    produced: Days
    exited: Days

    def until(self, day: np.datetime64) -> "Events":
        """Return the events that came by ``day``."""
        return Events(*(np.where(d <= day, d, NAT) for d in (self.started, self.produced, self.exited)))


def real_events(reviewed: Days, lives: Lives) -> Events:
    """Return the days on which the events really happen."""
    return Events(*(_on(reviewed, days) for days in (lives.started, lives.produced, lives.exited)))


def dated(real: Events, reviewed: Days, design: Design, seeds: Seeds) -> Events:
    """Return the events as the ledger dates them: some of those within two months of a December are put into it.

    A date is left alone where moving it would break the order of review, start and production.
    """
    rng = seeds.rng(Stream.HEAPING)
    pick, day = rng.uniform(size=(2, 2, len(reviewed)))
    end = np.fmin(real.produced, real.exited)
    started = _heap(real.started, pick[0] < design.heaping, day[0])
    keep = (started > reviewed) & ~(started >= end)
    started = np.where(keep, started, real.started)
    produced = _heap(real.produced, pick[1] < design.heaping, day[1])
    produced = np.where(produced > started, produced, real.produced)
    return Events(started, produced, real.exited)


def recorded(real: Events, shown: Events, design: Design, seeds: Seeds) -> Events:
    """Return the day on which each event is written down: some months late, a start no later than the production."""
    rng = seeds.rng(Stream.DELAY)
    late = rng.gamma(DELAY_SHAPE, design.reporting_delay / DELAY_SHAPE, size=(3, len(real.started)))
    days = np.round(late * DAYS_PER_MONTH).astype("timedelta64[D]")
    written = [
        np.maximum(happened + delay, date)
        for happened, date, delay in zip(
            (real.started, real.produced, real.exited), (shown.started, shown.produced, shown.exited), days, strict=True
        )
    ]
    return Events(np.fmin(written[0], written[1]), written[1], written[2])


def milestones(
    shown: Events, written: Events, reviewed: Days, design: Design, seeds: Seeds
) -> tuple[dict[str, Days], Events]:
    """Return the date columns of the ledger at the snapshot, and the events that it shows."""
    day = design.day
    seen = Events(
        np.where(written.started <= day, shown.started, NAT),
        np.where(written.produced <= day, shown.produced, NAT),
        np.where(written.exited <= day, shown.exited, NAT),
    )
    columns = _papers(shown, reviewed, seeds)
    columns = {name: np.where(dates <= day, dates, NAT) for name, dates in columns.items()}
    for name in ("full_capacity_date", "above_scale_date"):
        columns[name] = np.where(np.isnat(seen.produced), NAT, columns[name])
    columns |= {"start_date": seen.started, "production_date": seen.produced, "exit_date": seen.exited}
    columns |= {
        "start_recorded": np.where(np.isnat(seen.started), NAT, written.started),
        "production_recorded": np.where(np.isnat(seen.produced), NAT, written.produced),
        "exit_recorded": np.where(np.isnat(seen.exited), NAT, written.exited),
    }
    return columns, seen


def aftermath(seen: Events, signed: Days, investment: Floats, seeds: Seeds) -> dict[str, Floats]:
    """Return the money in place (万元) at the stage shown, and the code of the reason why a project left."""
    rng = seeds.rng(Stream.PAPERS, "aftermath")
    share, reason = rng.uniform(size=(2, len(investment)))
    in_place = np.select(
        [~np.isnat(seen.produced), ~np.isnat(seen.started), ~np.isnat(signed)],
        [0.8 + 0.25 * share, 0.15 + 0.45 * share, 0.12 * share],
        default=np.nan,
    )
    why = np.searchsorted(np.cumsum(EXIT_SHARES)[:-1], reason).astype(float)
    return {
        "funds_in_place": significant(investment * in_place, 3),
        "exit_reason": np.where(np.isnat(seen.exited), np.nan, why),
    }


def _papers(shown: Events, reviewed: Days, seeds: Seeds) -> dict[str, Days]:
    """Return the papers before the start and the steps around production, whether or not the snapshot sees them.

    Signing comes a median of two months after the review, before any start; who leaves before signing never signs.
    A project that never starts still gets some of its papers, later.
    """
    rng = seeds.rng(Stream.PAPERS)
    n = len(reviewed)
    waits = DAYS_PER_MONTH * np.exp(np.log([[2.0], [40.0]]) + 0.6 * rng.standard_normal((2, n)))
    marks = rng.uniform(size=(6, n))
    starts = ~np.isnat(shown.started)
    start = np.where(starts, shown.started, reviewed + _days(waits[1]))
    wait = (start - reviewed).astype(float)
    signed = reviewed + _days(np.minimum(waits[0], (0.3 + 0.4 * marks[0]) * wait))
    gap = (start - signed).astype(float)
    paper = {
        "signed_date": signed,
        "registered_date": signed + _days(gap * (0.05 + 0.3 * marks[1])),
        "land_granted_date": signed + _days(gap * (0.4 + 0.3 * marks[2])),
        "permit_date": signed + _days(gap * (0.75 + 0.25 * marks[3])),
    }
    gone = np.where(np.isnat(shown.exited), np.datetime64("9999-12-31"), shown.exited)
    paper = {name: np.where(starts | (dates < gone), dates, NAT) for name, dates in paper.items()}
    building = np.where(np.isnat(shown.produced), 0, (shown.produced - start).astype(float))
    return paper | {
        "completed_date": np.asarray(shown.produced - _days(building * 0.3 * marks[4])),
        "above_scale_date": np.asarray(shown.produced + _days(90 + 300 * marks[5])),
        "full_capacity_date": np.asarray(shown.produced + _days(180 + 500 * marks[4])),
    }


def _heap(dates: Days, chosen: Mask, where: Floats) -> Days:
    """Return the dates, those chosen of October, November, January and February moved into the nearest December."""
    month = dates.astype("datetime64[M]")
    of_year = np.where(np.isnat(dates), 0, month.astype(np.int64) % 12)  # January = 0; NaT is masked below
    step = np.select([of_year == 9, of_year == 10, of_year == 0, of_year == 1], [2, 1, -1, -2], default=0)
    december = (month + step).astype("datetime64[D]") + _days(31 * np.sqrt(where))
    return np.where(chosen & (step != 0) & ~np.isnat(dates), december, dates)


def _on(reviewed: Days, days: Months) -> Days:
    return np.where(days == NEVER, NAT, reviewed + days.astype("timedelta64[D]"))


def _days(number: Floats) -> NDArray[np.timedelta64]:
    return np.floor(number).astype("timedelta64[D]")
