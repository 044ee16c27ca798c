"""The catalogue: what a project is in one place, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from features.words import Words

DAYS_PER_MONTH = 365.25 / 12


class Kind(StrEnum):
    """What the cells of a column are."""

    NUMBER = "number"
    INTEGER = "integer"
    FLAG = "flag"
    ORDINAL = "ordinal"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"
    KEY = "key"  # an identity: a firm, an authority, a reference number


class Dimension(StrEnum):
    """Which side of a project an attribute speaks of."""

    CAPITAL_STRENGTH = "capital_strength"
    TECHNOLOGY = "technology"
    MARKET = "market"
    ENVIRONMENT = "environment"
    LOCAL_FIT = "local_fit"
    DELIVERY = "delivery"
    CONTEXT = "context"
    GATE = "gate"  # read by the policy, never a feature
    AUDIT_ONLY = "audit_only"  # reported on, never in a model or a score
    OUTCOME = "outcome"  # milestones and what is known after them


EXPLAINED = tuple(d for d in Dimension if d not in {Dimension.GATE, Dimension.AUDIT_ONLY, Dimension.OUTCOME})


class Clock(StrEnum):
    """A question of time, named after the milestone that answers it."""

    LANDED = "landed"
    PRODUCED = "produced"
    WITHDRAWN = "withdrawn"  # an exit before the start of construction
    FINISHED = "finished"  # production, counted from the start of construction


ASKED = (Clock.LANDED, Clock.PRODUCED)  # at the entry, and explained: these have directions and weights
LATER = (Clock.WITHDRAWN, Clock.FINISHED)  # of projects on their way


class Tier(StrEnum):
    """How much a file may do without a column."""

    KEY = "key"  # a file without the column is refused, and so is a row with the cell blank
    CORE = "core"  # a file to be scored must have the column; cells may be blank
    COMMON = "common"
    OPTIONAL = "optional"


class Known(StrEnum):
    """When the value is known."""

    REVIEW = "review"
    LATER = "later"  # never a feature


@dataclass(frozen=True)
class Attribute:
    """One column of a project sheet."""

    id: str
    label: Words
    kind: Kind
    dimension: Dimension
    aliases: tuple[str, ...] = ()
    unit: str = ""
    units: Mapping[str, float] = field(default_factory=dict)  # accepted unit -> factor to `unit`, which is 1
    minimum: float | np.datetime64 | None = None
    maximum: float | np.datetime64 | None = None
    levels: tuple[str, ...] = ()  # ordinal: from low to high; category: those allowed, empty = any
    levels_en: tuple[str, ...] = ()  # the same levels in English, in the same order
    synonyms: Mapping[str, str] = field(default_factory=dict)  # what files write -> level (flag: yes, no)
    missing: tuple[str, ...] = ()  # words for "not known" in this column, beside the general ones
    directions: Mapping[Clock, int] = field(default_factory=dict)  # -1, 0, +1
    weights: Mapping[Clock, float] = field(default_factory=dict)  # expert log-odds per standard deviation
    typical: tuple[float, float] | None = (
        None  # what a low and a high project have: 10th and 90th percentile, in `unit`
    )
    shares: Mapping[str, float] = field(default_factory=dict)  # level (flag: yes) -> share of ordinary projects
    transform: str = "identity"  # "identity" | "log1p": how a linear card reads the number
    known: Known = Known.REVIEW
    tier: Tier = Tier.OPTIONAL
    volatile: bool = False  # ledgers overwrite it: trains only from dated snapshots of the filing

    @property
    def is_feature(self) -> bool:
        """Whether a model may read the column."""
        return self.known is Known.REVIEW and self.dimension in EXPLAINED and self.kind in FEATURE_KINDS

    @property
    def answers(self) -> tuple[str, ...]:
        """What a cell may say, in the order of the codes: no and yes of a flag, else the levels."""
        return YES_NO if self.kind is Kind.FLAG else self.levels

    @property
    def answer_shares(self) -> tuple[float, ...]:
        """The share of ordinary projects with each answer; those of which nothing is said share the rest evenly.

        Examples
        --------
        >>> levels, shares = ("none", "applied", "granted"), {"applied": 0.5}
        >>> zoning = Words("规划", "zoning")
        >>> Attribute("zoning", zoning, Kind.ORDINAL, Dimension.DELIVERY, levels=levels, shares=shares).answer_shares
        (0.25, 0.5, 0.25)
        """
        rest = max(0.0, 1.0 - sum(self.shares.values())) / max(1, len(self.answers) - len(self.shares))
        return tuple(self.shares.get(answer, rest) for answer in self.answers)


YES_NO = ("no", "yes")
FEATURE_KINDS = frozenset({Kind.NUMBER, Kind.INTEGER, Kind.FLAG, Kind.ORDINAL, Kind.CATEGORY})


@dataclass(frozen=True)
class Milestone:
    """An event in a project's life: the earliest of its columns, and the column of the day it was recorded, if any."""

    id: str
    label: Words
    columns: tuple[str, ...]
    recorded: str | None = None
    is_exit: bool = False  # withdrawn, refused, expired, terminated


@dataclass(frozen=True)
class ClockSpec:
    """How one clock is read: its horizon, the curve published for it, if any, and how far lives are followed.

    Months run from the entry; those of the clock FINISHED from the start of construction.
    """

    clock: Clock
    horizon_months: int  # the headline: the probability of the milestone within so many months of entry
    curve: tuple[tuple[int, float], ...] = ()  # published (months from entry, probability), rising
    reach_months: int = 0  # how far running projects are followed for forecasts; never below the horizon

    def __post_init__(self) -> None:
        """Follow projects to the horizon at least."""
        object.__setattr__(self, "reach_months", max(self.reach_months, self.horizon_months))


class Formula(StrEnum):
    """How a derived attribute follows from filed ones."""

    RATIO = "ratio"  # of[0] / of[1]
    YEARS_BETWEEN = "years_between"  # from date of[0] to date of[1]


@dataclass(frozen=True)
class Derived:
    """An attribute computed from filed ones; where a column of the same id is filed, the filed value wins."""

    attribute: Attribute
    formula: Formula
    of: tuple[str, str]
    scale: float = 1.0


@dataclass(frozen=True)
class History:
    """As-of history of earlier projects that share ``by``, strictly before the review date."""

    by: tuple[str, ...]
    label: Words
    dimension: Dimension
    measures: tuple[str, ...]  # "count", "<milestone>_count", "<milestone>_rate", "<milestone>_vs_<milestone>"
    window_months: int | None = None  # only what happened in so many months before the review


@dataclass(frozen=True)
class Neighbours:
    """Earlier projects within a radius, strictly before the review date."""

    radius_km: float
    label: Words
    dimension: Dimension
    measures: tuple[str, ...]  # "count", "<milestone>_count"
    x: str
    y: str
    same: str | None = None
    degrees: bool = False  # True: x, y are longitude and latitude; False: metres on a plane


@dataclass(frozen=True)
class Exclusion:
    """Rows that are no projects to learn from or to score, and why."""

    column: str
    values: tuple[str, ...]
    reason: Words


@dataclass(frozen=True)
class Catalog:
    """What a project is in one place: columns, milestones, time, and history families."""

    name: str
    version: str
    label: Words
    attributes: Mapping[str, Attribute]  # in the order of the file
    derived: tuple[Derived, ...]
    entry: str  # id of the date on which a project enters: the review date
    key: str  # id of the column that names a row to people
    investor: str | None  # id of the key column that says which projects belong together
    milestones: Mapping[str, Milestone]
    clocks: Mapping[Clock, ClockSpec]  # those of ASKED
    histories: tuple[History, ...]
    neighbours: tuple[Neighbours, ...]
    exclusions: tuple[Exclusion, ...]
    period_months: int
    reporting_lag_months: int
    snapshot_column: str | None  # its latest day is the day the file was written
    filed_on: str | None  # day as of which the volatile attributes of the row were taken
    day_first: bool
    encodings: tuple[str, ...]
    policy: str
    text: str  # the file itself, for the bundle
    digest: str  # SHA-256 of the text
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # header -> ids it may mean: ask
    later: Mapping[Clock, ClockSpec] = field(default_factory=dict)  # those of LATER that the milestones allow

    @property
    def headline(self) -> Clock:
        """The clock that ranks: production where it is known, else landing."""
        return Clock.PRODUCED if Clock.PRODUCED in self.clocks else Clock.LANDED
