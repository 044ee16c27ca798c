"""The days on which a rolling evaluation stands: asked for by year, or as far as the register supports them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """The days to stand on, how far each looks, and in words why these.

    Attributes
    ----------
    days : of all clocks together
    last : the last day of a clock that has one of its own: with a shorter horizon, later projects can be judged
    """

    days: tuple[np.datetime64, ...]
    step_months: int
    reason: Words
    last: Mapping[Clock, np.datetime64] = field(default_factory=dict)

    def of(self, clock: Clock) -> tuple[np.datetime64, ...]:
        """Return the days of one clock."""
        return tuple(day for day in self.days if clock not in self.last or day <= self.last[clock])

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
    """Return the origins from the first that the register supports for its headline to the last of each clock.

    Supported: on the day at least `ENOUGH_EVENTS` outcomes were known, and at least `ENOUGH_TESTS` projects of the step
    after it have lived their whole horizon, reporting lag included, in the file. All clocks begin with the headline's
    first; each ends with its own last, so that one with a shorter horizon is judged on later projects too. The
    headline's own origins are those it would have alone. A clock without a supported day of its own ends with
    the headline.

    Raises
    ------
    DataError
        No day is supported for the headline; the message says which of the two is missing.
    """
    years = timeline.entry[timeline.admitted].astype("datetime64[Y]").astype(int) + 1970
    days = every(int(years.min()), int(years.max()), step_months) if years.size else ()
    counts = {
        clock: [_counts(timeline, catalog, clock, day, _months_on(day, step_months)) for day in days]
        for clock in catalog.clocks
    }
    sound = {clock: [days[i] for i, count in enumerate(told) if _enough(count)] for clock, told in counts.items()}
    headline = sound[catalog.headline]
    if not headline:
        raise DataError(_unsupported(catalog.headline, counts[catalog.headline]))
    later = {clock: [day for day in own if day >= headline[0]] for clock, own in sound.items()}
    last = {clock: max(own, default=headline[-1]) for clock, own in later.items()}
    kept = tuple(day for day in days if headline[0] <= day <= max(last.values()))
    return Origins(kept, step_months, _reason(headline[0], last), last)


def _enough(count: tuple[int, int]) -> bool:
    return count[0] >= ENOUGH_EVENTS and count[1] >= ENOUGH_TESTS


def _reason(first: np.datetime64, last: Mapping[Clock, np.datetime64]) -> Words:
    ends = sorted(set(last.values()))
    if len(ends) == 1:
        zh = en = str(ends[0])
    else:
        zh = "、".join(f"{day}（{CLOCKS[clock].zh}）" for clock, day in last.items())
        en = ", ".join(f"{day} ({CLOCKS[clock].en})" for clock, day in last.items())
    return Words(
        zh=f"起点 {first} 至 {zh}：此前已知结果不少于 {ENOUGH_EVENTS} 个，其后成熟项目不少于 {ENOUGH_TESTS} 个",
        en=f"origins {first} to {en}: where {ENOUGH_EVENTS} outcomes or more were known before, and {ENOUGH_TESTS} "
        "projects or more have matured since",
    )


def _counts(
    timeline: Timeline, catalog: Catalog, clock: Clock, day: np.datetime64, end: np.datetime64
) -> tuple[int, int]:
    """Return how many outcomes of a clock were known before the day, and how many tests matured after it."""
    event, mature = outcome(timeline, catalog.clocks[clock], catalog)
    before = timeline.admitted & (timeline.known[clock] < day) & (event > 0)
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
