"""Entries on their way into the ledger: which are new, which were said before, and which correct what stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from features.errors import Problem
from features.spelling import folded
from features.words import Words
from scoring.review.filings import projects_by
from scoring.review.models import MilestoneEntry, Project, User
from scoring.review.standing import filing_days, spell

_BATCH = 500


@dataclass(frozen=True)
class Entry:
    """One line to be written: a milestone happened on a day, or (None) what was said of it is taken back."""

    project: str  # its number
    milestone: str  # id in the catalogue
    happened: date | None
    recorded_on: date
    source: str
    line: int | None = None
    reason: str = ""


class Told(StrEnum):
    """What an entry was, beside those on file."""

    NEW = "new"
    KNOWN = "known"  # said before, word for word: not written again
    CORRECTION = "correction"


@dataclass
class Entering:
    """Entries on their way into the ledger."""

    by: User
    projects: Mapping[str, Project]  # by folded number
    filings: Mapping[int, Sequence[tuple[date, date]]]  # (entry, recorded on) by project, by entry
    previous: date | None  # the newest record before these
    on: date | None  # the day of the feed: no correction was on record before it
    newest: dict[tuple[int, str], date] = field(default_factory=dict)  # record of each milestone, take-backs included
    standing: dict[tuple[int, str], dict[int, MilestoneEntry]] = field(default_factory=lambda: defaultdict(dict))
    unsaved: list[MilestoneEntry] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    late: list[bool] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, entries: Sequence[Entry], by: User, previous: date | None, on: date | None) -> "Entering":
        """Return the beginning: what is on file of the projects of the entries."""
        projects = projects_by([entry.project for entry in entries])
        numbers = [project.pk for project in projects.values()]
        writing = cls(by, projects, filing_days(numbers), previous, on)
        lines = list(_on_file(numbers))
        corrected = {line.corrects_id for line in lines}
        for line in lines:
            milestone = (line.project_id, line.milestone)
            writing.newest[milestone] = max(line.recorded_on, writing.newest.get(milestone, line.recorded_on))
            if line.happened is not None and line.pk not in corrected:
                place = spell(writing.filings.get(line.project_id, ()), line.happened)
                writing.standing[milestone][place] = line
        return writing

    def take(self, entry: Entry) -> None:
        """Judge one more entry, after those before it."""
        project = self.projects.get(folded(entry.project))
        spells: dict[int, MilestoneEntry] = {} if project is None else self.standing[project.pk, entry.milestone]
        if project is None or (entry.happened is None and not spells):
            self.problems.append(_impossible(entry, is_known=project is not None))
        elif entry.happened is None:
            self._write(entry, project, Told.CORRECTION, spells.pop(max(spells)))
        else:
            place = spell(self.filings.get(project.pk, ()), entry.happened)
            before = spells.get(place)
            if before is not None and before.happened == entry.happened:
                self._tell(Told.KNOWN, late=False)
            else:
                told = Told.NEW if before is None else Told.CORRECTION
                spells[place] = self._write(entry, project, told, before)

    def _write(self, entry: Entry, project: Project, told: Told, corrects: MilestoneEntry | None) -> MilestoneEntry:
        if corrects is not None and corrects.pk is None:
            self.flush()
        recorded_on = self._recorded(entry, project, told)
        made = MilestoneEntry(
            project=project,
            milestone=entry.milestone,
            happened=entry.happened,
            recorded_on=recorded_on,
            entered_by=self.by,
            source=entry.source,
            line=entry.line,
            corrects=corrects,
            reason=entry.reason,
        )
        self.unsaved.append(made)
        self._tell(told, late=told is Told.NEW and self._is_late(entry, project))
        return made

    def _recorded(self, entry: Entry, project: Project, told: Told) -> date:
        """Return the day an entry counts from: what was on record before it stays so for the days before it."""
        milestone = (project.pk, entry.milestone)
        day = max(entry.recorded_on, self.newest.get(milestone, entry.recorded_on))
        if told is Told.CORRECTION and self.on is not None:
            day = max(day, self.on)
        self.newest[milestone] = day
        return day

    def _is_late(self, entry: Entry, project: Project) -> bool:
        """Tell whether the feed before could have had the event: it had happened, and the project was on file."""
        filed = min((recorded for _, recorded in self.filings.get(project.pk, ())), default=None)
        if self.previous is None or filed is None or entry.happened is None:
            return False
        return max(filed, entry.happened) <= self.previous < (self.on or entry.recorded_on)

    def _tell(self, told: Told, *, late: bool) -> None:
        self.told.append(told)
        self.late.append(late)

    def flush(self) -> None:
        """Write what has not been written yet."""
        MilestoneEntry.objects.bulk_create(self.unsaved, batch_size=_BATCH)
        self.unsaved.clear()


def _on_file(projects: Sequence[int]) -> Iterable[MilestoneEntry]:
    for at in range(0, len(projects), _BATCH):
        yield from MilestoneEntry.objects.filter(project_id__in=projects[at : at + _BATCH]).order_by("id")


def _impossible(entry: Entry, *, is_known: bool) -> Problem:
    if is_known:
        rule = Words(
            zh=f"只能撤回已入账的里程碑；{entry.project!r} 没有 {entry.milestone}。请核对",
            en=f"only what is on record can be taken back; {entry.project!r} has no {entry.milestone}. Look there",
        )
    else:
        rule = Words(
            zh=f"项目须已在存储中；没有 {entry.project!r}。请核对编号，或先评分、先导入台账",
            en=f"the project must be on file; there is no {entry.project!r}. Look at the number, or file it first",
        )
    return Problem("project", rule, entry.line)
