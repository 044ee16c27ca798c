"""What a feed changes: events that are new, late, corrected, known already, and those that cannot be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from features.catalog import Catalog
from features.errors import Problem
from features.reading import sayings
from features.words import Words
from scoring.outcomes.feed import Event
from scoring.outcomes.rules import RULES, Circumstances, Rule

Recorded = Mapping[str, date]  # milestone -> the day on record
Life = tuple[str, int]  # a filing of a project: its number, and which of its filings

NOTHING_TO_TAKE_BACK = Words(
    zh="撤销的必须是已有的记录；实际没有这条记录；请核对项目和事件",
    en="what is taken back must be on record; got an event that is not; look at project and event",
)


@dataclass(frozen=True)
class Situation:
    """What is known before a feed.

    Attributes
    ----------
    recorded_on : the day of record of the feed
    previous : that of the feed before it, None = there was none
    records : what is on record of each filing that has any
    entries : the entry of each filing that the feed speaks of
    repeating : whether several rows may tell the same of one project: each of its filings in a ledger does
    """

    catalog: Catalog
    recorded_on: date
    previous: date | None
    records: Mapping[Life, Recorded]
    entries: Mapping[Life, date]
    repeating: bool = False


@dataclass(frozen=True)
class Change:
    """A record that a feed corrects: the event, and the day that stood before."""

    event: Event
    before: date


@dataclass(frozen=True)
class Verdict:
    """What becomes of the events of a feed: told = new + late + corrections + known + refused.

    Attributes
    ----------
    new : not on record, in time, or of a first feed; ``recorded`` is the day of record that counts
    late : not on record, and happened before the day of record of the feed before, which did not tell of it
    known : how many tell what is on record
    """

    told: int
    new: tuple[Event, ...]
    late: tuple[Event, ...]
    corrections: tuple[Change, ...]
    known: int
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> int:
        """How many events cannot be."""
        return len(self.problems)


def judged(events: Iterable[Event], situation: Situation) -> Verdict:
    """Judge the events of a feed against one another, against the record and against the rules."""
    weighed = _Scales(situation)
    for event in events:
        weighed.put(event)
    for rule in RULES:
        weighed.apply(rule)
    return weighed.verdict()


@dataclass
class _Scales:
    """The events of a feed while they are judged; a refused one no longer counts against others."""

    situation: Situation
    told: int = 0
    known: int = 0
    live: dict[tuple[Life, str], Event] = field(default_factory=dict)  # by milestone
    first: dict[tuple[Life, str], Event] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def put(self, event: Event) -> None:
        """Take one more event, unless it repeats one, is known, or takes back what never was."""
        self.told += 1
        key = (event.life, event.milestone)
        first = self.first.setdefault(key, event)
        record = self.situation.records.get(event.life, {})
        if first is not event:
            self._repeat(event, first)
        elif event.happened is not None and record.get(event.milestone) == event.happened:
            self.known += 1
        elif event.happened is None and event.milestone not in record:
            self._refuse(event, NOTHING_TO_TAKE_BACK)
        else:
            self.live[key] = event

    def apply(self, rule: Rule) -> None:
        """Refuse the events that break a rule."""
        lives = self._lives()
        for key, event in list(self.live.items()):
            around = self._around(event.life, lives[event.life])
            other = rule.breach(event.happened, event, around) if event.happened else None
            if other is not None:
                del self.live[key]
                self._refuse(event, rule.words(event, other))

    def verdict(self) -> Verdict:
        """Return what became of the events."""
        records, previous = self.situation.records, self.situation.previous
        corrections: list[Change] = []
        late: list[Event] = []
        new: list[Event] = []
        for event in map(self._dated, self.live.values()):
            record = records.get(event.life, {})
            if event.milestone in record:
                # A ledger goes on giving the day of the first record: what it says otherwise now, it says now.
                today = replace(event, recorded=self.situation.recorded_on)
                corrections.append(Change(today, record[event.milestone]))
            elif previous is not None and event.happened is not None and event.happened < previous:
                late.append(event)
            else:
                new.append(event)
        problems = sorted(self.problems, key=lambda problem: problem.line or 0)
        return Verdict(self.told, tuple(new), tuple(late), tuple(corrections), self.known, tuple(problems))

    def _repeat(self, event: Event, first: Event) -> None:
        if self.situation.repeating and event.happened == first.happened:
            self.known += 1
        else:
            self._refuse(event, sayings.duplicate(f"{event.uid} {event.milestone} {event.happened}", first.line))

    def _refuse(self, event: Event, words: Words) -> None:
        self.problems.append(Problem(event.column, words, event.line))

    def _lives(self) -> dict[Life, dict[str, date]]:
        """Return what would be on record of each filing with the live events."""
        lives: dict[Life, dict[str, date]] = {}
        for (life, milestone), event in self.live.items():
            if life not in lives:
                lives[life] = dict(self.situation.records.get(life, {}))
            if event.happened is None:
                lives[life].pop(milestone, None)
            else:
                lives[life][milestone] = event.happened
        return lives

    def _around(self, life: Life, stands: Mapping[str, date]) -> Circumstances:
        situation = self.situation
        before = situation.records.get(life, {})
        return Circumstances(situation.catalog, situation.entries[life], situation.recorded_on, before, stands)

    def _dated(self, event: Event) -> Event:
        """Return the event with the day of record that counts.

        The feed's own, unless the row gives an earlier one that no feed has passed yet: what was known on a past day
        stays what it was.
        """
        own, day = event.recorded, self.situation.recorded_on
        if own is None or (self.situation.previous is not None and own <= self.situation.previous):
            return replace(event, recorded=day)
        return replace(event, recorded=own if event.happened is None else max(own, event.happened))


def delays(events: Sequence[Event]) -> list[int]:
    """Return how many days after it happened each event was recorded."""
    return [(e.recorded - e.happened).days for e in events if e.recorded is not None and e.happened is not None]
