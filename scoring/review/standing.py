"""What stands in the ledger on a day: entries by which no other, recorded by that day, is corrected."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from scoring.review.models import Filing, MilestoneEntry

_BATCH = 500
FilingDays = Sequence[tuple[date, date]]  # (entry, recorded on), by entry


@dataclass(frozen=True)
class Standing:
    """One milestone of one filing, as it was on record."""

    project: int
    milestone: str
    happened: date
    first_recorded: date  # since it was last taken back
    recorded_on: date


def standing_entries(projects: Sequence[int] | None, by_day: date | None = None) -> list[Standing]:
    """Return what was on record by a day, in the order it was written.

    Parameters
    ----------
    projects : ids; None = all
    by_day : None = all that is on record
    """
    lines = sorted(line for some in _lines(projects, by_day) for line in some)
    corrected = {line[5] for line in lines}
    first: dict[int, date] = {}
    found = []
    for number, project, milestone, happened, recorded_on, corrects in lines:
        if happened is None:
            continue
        # What was said before a correction was known since then; after a take-back it begins anew.
        first[number] = min(recorded_on, recorded_on if corrects is None else first.get(corrects, recorded_on))
        if number not in corrected:
            found.append(Standing(project, milestone, happened, first[number], recorded_on))
    return found


def filing_days(projects: Sequence[int]) -> Mapping[int, FilingDays]:
    """Return the filings of projects: the days of entry, and of record, by entry."""
    found: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for at in range(0, len(projects), _BATCH):
        some = Filing.objects.filter(project_id__in=projects[at : at + _BATCH]).order_by("entry")
        for project, entry, recorded_on in some.values_list("project_id", "entry", "recorded_on"):
            found[project].append((entry, recorded_on))
    return found


def spell(filings: FilingDays, happened: date) -> int:
    """Return which filing an event belongs to: the last one entered by its day, else the first.

    Examples
    --------
    >>> twice = [(date(2020, 1, 1), date(2020, 1, 1)), (date(2022, 1, 1), date(2022, 1, 1))]
    >>> [spell(twice, date(year, 6, 1)) for year in (2019, 2020, 2022)]
    [0, 0, 1]
    """
    return max(0, bisect_right([entry for entry, _ in filings], happened) - 1)


_Line = tuple[int, int, str, date | None, date, int | None]


def _lines(projects: Sequence[int] | None, by_day: date | None) -> Iterator[Sequence[_Line]]:
    entries: QuerySet = MilestoneEntry.objects.all()
    if by_day is not None:
        entries = entries.filter(recorded_on__lte=by_day)
    columns = ("id", "project_id", "milestone", "happened", "recorded_on", "corrects_id")
    if projects is None:
        yield entries.values_list(*columns)
        return
    for at in range(0, len(projects), _BATCH):
        yield entries.filter(project_id__in=projects[at : at + _BATCH]).values_list(*columns)
