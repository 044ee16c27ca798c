"""What is new in the data since a model was trained: projects, outcomes, attributes, values never met."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.catalog import Catalog
from features.inputs import Feature, Features
from features.timeline import Timeline
from features.words import Words


@dataclass(frozen=True)
class News:
    """What came since a day.

    Attributes
    ----------
    since : the champion's day; None = there is none, and everything is new
    projects : admitted ones that entered on that day or later
    outcomes : milestone -> how many went on record after it
    gained, lost : attributes that the challenger reads and the champion does not, and the other way round
    unmet : attribute -> new projects with a value that the champion never met; fewer than one are left out
    rejected, repaired : rows that could not be used, and rows of which an impossible date was left out
    """

    since: np.datetime64 | None
    projects: int
    outcomes: Mapping[str, int]
    gained: tuple[Words, ...]
    lost: tuple[Words, ...]
    unmet: Mapping[str, int]
    rejected: int
    repaired: int


def recorded_since(timeline: Timeline, catalog: Catalog, since: np.datetime64 | None) -> Mapping[str, int]:
    """Return how many of each milestone went on record after a day, and by the timeline's own; None = ever.

    A milestone without a day of record counts by the day it happened and the reporting lag, as training does.
    """
    floor = np.datetime64("0001-01-01", "D") if since is None else since
    counts = {}
    for name in catalog.milestones:
        happened, known = timeline.happened[name], timeline.known[name]
        counts[name] = int((timeline.admitted & ~np.isnat(happened) & (known > floor)).sum())
    return counts


def news(
    timeline: Timeline,
    catalog: Catalog,
    columns: tuple[tuple[Feature, ...], tuple[Feature, ...] | None],
    recent: Features | None,
    since: np.datetime64 | None,
) -> News:
    """Return what is new.

    Parameters
    ----------
    columns : what the challenger reads, and what the champion does; None = no champion
    recent : the projects since, as the champion reads them; None = no champion, or no such project
    """
    ours, theirs = columns
    known = ours if theirs is None else theirs
    new = timeline.admitted if since is None else timeline.admitted & (timeline.entry >= since)
    return News(
        since=since,
        projects=int(new.sum()),
        outcomes=recorded_since(timeline, catalog, since),
        gained=_beyond(ours, known),
        lost=_beyond(known, ours),
        unmet={} if recent is None else _unmet(recent),
        rejected=int(timeline.rejected.sum()),
        repaired=int((timeline.repaired & ~timeline.rejected).sum()),
    )


def _beyond(ours: tuple[Feature, ...], theirs: tuple[Feature, ...]) -> tuple[Words, ...]:
    known = {feature.id for feature in theirs}
    return tuple(feature.label for feature in ours if feature.id not in known)


def _unmet(features: Features) -> Mapping[str, int]:
    counts = features.unseen.sum(axis=0)
    return {column.id: int(n) for column, n in zip(features.columns, counts, strict=True) if n}
