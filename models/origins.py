"""The days on which a rolling evaluation stands: asked for by year, or as far as the register supports them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.catalog import Catalog, Clock
from features.errors import DataError
from features.terms import CLOCKS
from features.timeline import Timeline, outcome
from features.words import Words

ENOUGH_EVENTS = 20  # outcomes known on the day, below which a model learns next to nothing
ENOUGH_TESTS = 10  # mature projects in the step, below which no figure means anything


@dataclass(frozen=True)
class Origins:
    """The days to stand on, how far each looks, and in words why these."""

    days: tuple[np.datetime64, ...]
    step_months: int
    reason: Words

    def after(self, day: np.datetime64) -> np.datetime64:
        """Return the first day that no longer belongs to the step after ``day``."""
        return _months_on(day, self.step_months)


def _months_on(day: np.datetime64, months: int) -> np.datetime64:
    return np.datetime64(day.astype("datetime64[M]") + months, "D")


def every(from_year: int, to_year: int, step_months: int) -> tuple[np.datetime64, ...]:
    """Return the first days of the steps from January of one year to December of another.

    Examples
    --------
    >>> [str(day) for day in every(2010, 2011, 12)]
    ['2010-01-01', '2011-01-01']
    >>> len(every(2010, 2011, 3))
    8
    """
    months = np.arange(f"{from_year:04d}-01", f"{to_year + 1:04d}-01", step_months, dtype="datetime64[M]")
    return tuple(months.astype("datetime64[D]"))


def supported(timeline: Timeline, catalog: Catalog, step_months: int = 12) -> Origins:
    """Return the origins between the first and the last that the register supports for its headline.

    Supported: on the day at least `ENOUGH_EVENTS` outcomes were known, and at least `ENOUGH_TESTS` projects of the step
    after it have lived their whole horizon, reporting lag included, in the file.

    Raises
    ------
    DataError
        No day is supported; the message says which of the two is missing.
    """
    years = timeline.entry[timeline.admitted].astype("datetime64[Y]").astype(int) + 1970
    days = every(int(years.min()), int(years.max()), step_months) if years.size else ()
    counts = [_counts(timeline, catalog, day, _months_on(day, step_months)) for day in days]
    sound = [i for i, (events, tests) in enumerate(counts) if events >= ENOUGH_EVENTS and tests >= ENOUGH_TESTS]
    if not sound:
        raise DataError(_unsupported(catalog.headline, counts))
    kept = days[sound[0] : sound[-1] + 1]
    reason = Words(
        zh=f"起点 {kept[0]} 至 {kept[-1]}：此前已知结果不少于 {ENOUGH_EVENTS} 个，其后成熟项目不少于 {ENOUGH_TESTS} 个",
        en=f"origins {kept[0]} to {kept[-1]}: where {ENOUGH_EVENTS} outcomes or more were known before, and "
        f"{ENOUGH_TESTS} projects or more have matured since",
    )
    return Origins(kept, step_months, reason)


def _counts(timeline: Timeline, catalog: Catalog, day: np.datetime64, end: np.datetime64) -> tuple[int, int]:
    """Return how many outcomes of the headline were known before the day, and how many tests matured after it."""
    spec = catalog.clocks[catalog.headline]
    event, mature = outcome(timeline, spec, catalog)
    before = timeline.admitted & (timeline.known[spec.clock] < day) & (event > 0)
    return int(before.sum()), int((mature & entered_in(timeline, day, end)).sum())


def entered_in(timeline: Timeline, day: np.datetime64, end: np.datetime64) -> NDArray[np.bool_]:
    """Return the sound rows, (n,), that entered on ``day`` or later and before ``end``."""
    return ~timeline.rejected & (timeline.entry >= day) & (timeline.entry < end)


def _unsupported(clock: Clock, counts: list[tuple[int, int]]) -> Words:
    events = max((events for events, _ in counts), default=0)
    tests = max((tests for _, tests in counts), default=0)
    return Words(
        zh=f"回溯检验：起点前须有不少于 {ENOUGH_EVENTS} 个已知结果（{CLOCKS[clock].zh}），"
        f"其后须有不少于 {ENOUGH_TESTS} 个项目已过完整期限；"
        f"实际最多分别为 {events} 与 {tests}；请提供更长的历史，或用 --from/--to 指定年份",
        en=f"rolling evaluation: an origin needs {ENOUGH_EVENTS} known outcomes ({clock}) before it and {ENOUGH_TESTS} "
        f"projects after it that lived their whole horizon; got at most {events} and {tests}, and never both; "
        "give a longer history, or name the years with --from and --to",
    )
