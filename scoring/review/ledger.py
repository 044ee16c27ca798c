"""The ledger of milestones: what was said to have happened, when it was said, and what has been corrected since."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from features.errors import Refused
from features.spelling import folded
from features.words import Words
from scoring.review.audit import note
from scoring.review.entering import Entering, Entry, Told
from scoring.review.filings import projects_by
from scoring.review.models import Filing, MilestoneEntry, User
from scoring.review.standing import standing_entries
from scoring.store import settled

__all__ = ["Appended", "Entry", "Known", "Told", "append", "known_of", "last_recorded"]


@dataclass(frozen=True)
class Appended:
    """What came of n entries.

    Attributes
    ----------
    told : (n,)
    late : (n,) True of new events that had happened by the day of the feed before, and were not in it
    """

    told: tuple[Told, ...]
    late: tuple[bool, ...]

    def count(self, told: Told) -> int:
        """Return how many entries were so."""
        return self.told.count(told)


@dataclass(frozen=True)
class Known:
    """What is on record of one milestone: the day, and when it was first and last said."""

    happened: date
    first_recorded: date
    last_recorded: date


def known_of(uids: Sequence[str], by_day: date | None = None) -> Mapping[str, Mapping[str, Known]]:
    """Return what was on record of projects by a day.

    Parameters
    ----------
    uids : numbers of projects, in any spelling
    by_day : None = all that is on record

    Returns
    -------
    mapping from each number, as it was given, to its milestones; of one that came under several filings the last
    """
    projects = projects_by(uids)
    found: dict[int, dict[str, Known]] = defaultdict(dict)
    for entry in standing_entries([p.pk for p in projects.values()], by_day):
        before = found[entry.project].get(entry.milestone)
        if before is None or before.happened < entry.happened:
            known = Known(entry.happened, entry.first_recorded, entry.recorded_on)
            found[entry.project][entry.milestone] = known
    return {uid: found[projects[folded(uid)].pk] if folded(uid) in projects else {} for uid in uids}


def last_recorded() -> date | None:
    """Return the day of the newest record, of filings or milestones; None = there is none."""
    newest = [
        rows.order_by("-recorded_on").values_list("recorded_on", flat=True).first()
        for rows in (Filing.objects, MilestoneEntry.objects)
    ]
    return max((day for day in newest if day is not None), default=None)


def append(entries: Sequence[Entry], by: User, on: date | None = None) -> Appended:
    """Write entries into the ledger, all of them or none; what is on file already is not written again.

    An entry corrects the one that stands for the same milestone of the same filing, and both stay on record. Entries
    of one call may correct one another, in their order. No entry counts from before the one it corrects.

    Parameters
    ----------
    on : the day of the feed that brings them: corrections count from it at the earliest, whatever day of record the
        feed gives, since the days before knew what is corrected; None = the days of record of the entries

    Raises
    ------
    Refused
        A project is not on file, or there is nothing to take back; every such line.
    """
    with settled(alone=True):
        writing = Entering.of(entries, by, last_recorded(), on)
        for entry in entries:
            writing.take(entry)
        if writing.problems:
            raise Refused(Words("以下各行不能入账：", "these lines cannot go into the ledger:"), writing.problems)
        writing.flush()
        appended = Appended(tuple(writing.told), tuple(writing.late))
        counts = {told.value: appended.count(told) for told in Told}
        for source in sorted({entry.source for entry in entries}):
            note(by, "ledger.append", source, **counts, late=sum(appended.late))
    return appended
