r"""Chances of projects that have lived a while: a clock's curve, given that the milestone has not come yet.

A curve F says what share of projects has the milestone by each month. Of a project that has lived ``age`` months and
neither has it nor has left, it says :math:`[F(age + w) - F(age)] / [1 - F(age) - F_W(age)]`, F_W the curve of leaving.
Both F come averaged over the shock: the average is taken above and below the line, and the division comes after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.curve import Floats

LEFT_FREELY, LEFT_AT_MOST = 0.6, 0.8  # shares of those without the milestone in the end, as `leaving` tells
NOBODY_LEFT = 1e-9  # a smaller share still waiting is rounding, and what comes of it is not known


@dataclass(frozen=True)
class Course:
    """The curve of one clock for n projects, rising evenly within a period and not at all beyond the last.

    Attributes
    ----------
    by : (n, K) probability of the milestone by the end of each period
    period_months : length of a period
    """

    by: Floats
    period_months: int

    @property
    def reach(self) -> int:
        """The months that the curve covers."""
        return int(self.by.shape[1]) * self.period_months

    def at(self, months: Floats | float) -> Floats:
        """Return the probability by so many months, (n,); ``months`` is one number or (n,).

        Examples
        --------
        >>> Course(np.array([[0.2, 0.6]]), period_months=6).at(9.0).tolist()
        [0.4]
        """
        place = np.clip(np.asarray(months) / self.period_months, 0, self.by.shape[1])
        full = np.minimum(place.astype(np.intp), self.by.shape[1] - 1)
        rows = np.arange(len(self.by))
        edges = np.column_stack([np.zeros(len(self.by)), self.by])
        return np.asarray(edges[rows, full] + (place - full) * (edges[rows, full + 1] - edges[rows, full]))

    def month(self, level: Floats) -> Floats:
        """Return the month by which the probability is ``level``, (n,); missing where it is never reached.

        Examples
        --------
        >>> Course(np.array([[0.2, 0.6], [0.1, 0.2]]), period_months=6).month(np.array([0.4, 0.4])).tolist()
        [9.0, nan]
        """
        edges = np.column_stack([np.zeros(len(self.by)), self.by])
        after = np.argmax(edges >= level[:, None], axis=1)  # 0: at once, or never
        rows = np.arange(len(self.by))
        low, high = edges[rows, np.maximum(after - 1, 0)], edges[rows, after]
        share = np.divide(level - low, high - low, out=np.ones(len(level)), where=high > low)
        month = (np.maximum(after - 1, 0) + np.where(after > 0, share, 0.0)) * self.period_months
        return np.where(level <= edges[:, -1], month, np.nan)


def leaving(awaited: Course, left: Course | None, followed: int) -> Course:
    """Return the curve of leaving that goes with the curve of what is awaited: together never above one.

    The two clocks are separate models, so that their sum may pass one for a project that is likely to do either. What
    is awaited stands as it is, as it does in every other figure, and leaving gives way, by one factor in all months.
    What counts is the share that leaves of those without the milestone by the month to which lives were followed: it
    stands up to `LEFT_FREELY`; above, it is drawn in smoothly to less than `LEFT_AT_MOST`. Were nobody left over, an
    old project that is still there would be told that it is sure to come. ``None`` = nobody leaves.

    Examples
    --------
    >>> start, left = Course(np.array([[0.3, 0.6]] * 2), 6), Course(np.array([[0.1, 0.2], [0.4, 0.8]]), 6)
    >>> leaving(start, left, followed=12).by.round(3).tolist()
    [[0.1, 0.2], [0.155, 0.31]]
    """
    if left is None:
        return Course(np.zeros_like(awaited.by), awaited.period_months)
    room, gone = 1.0 - awaited.at(followed), left.at(followed)
    share = np.divide(gone, room, out=np.full(len(room), np.inf), where=room > 0)
    width = LEFT_AT_MOST - LEFT_FREELY
    further = np.maximum(share - LEFT_FREELY, 0.0)
    taken = LEFT_AT_MOST - width**2 / (width + further)  # at LEFT_FREELY it rises as the share does
    scale = np.divide(room * taken, gone, out=np.ones(len(room)), where=further > 0)
    return Course(left.by * scale[:, None], left.period_months)


def competing(awaited: Course, leaves: Floats) -> tuple[Course, Course]:
    """Return the curves of the milestone and of leaving, whichever is first.

    Parameters
    ----------
    awaited : the curve of the milestone were nobody to leave before it
    leaves : (K,) share of those still there that leaves in each period, after the milestones of the period

    Examples
    --------
    >>> first, left = competing(Course(np.array([[0.5, 0.75]]), 6), np.array([0.2, 0.0]))
    >>> first.by.round(12).tolist(), left.by.round(12).tolist()
    ([[0.5, 0.7]], [[0.1, 0.1]])
    """
    stay = np.cumprod(1.0 - leaves)
    steps = np.diff(awaited.by, axis=1, prepend=0.0)
    first = np.cumsum(steps * np.append(1.0, stay[:-1]), axis=1)
    left = np.maximum(1.0 - first - (1.0 - awaited.by) * stay, 0.0)
    return Course(first, awaited.period_months), Course(left, awaited.period_months)


@dataclass(frozen=True)
class Waiting:
    """n projects of which each has lived ``age`` months without the milestone and without leaving.

    Attributes
    ----------
    awaited : the curve of the milestone, from the clock's start
    left : the curve of leaving first, as `leaving` gives it
    age : (n,) months since the clock's start
    followed : months to which lives were followed; curves may be drawn further, for the window of an old project
    """

    awaited: Course
    left: Course
    age: Floats
    followed: int

    @property
    def beyond(self) -> NDArray[np.bool_]:
        """Whether a project is older than any that was followed, (n,): nothing is known of its like."""
        return np.asarray(self.age >= self.followed)

    @property
    def ever(self) -> Floats:
        """Return the chance of the milestone while lives were followed, (n,)."""
        return self._given(self._in_the_end - self.awaited.at(self.age))

    @property
    def _in_the_end(self) -> Floats:
        return self.awaited.at(self.followed)

    def within(self, months: Floats | float) -> Floats:
        """Return the chance of the milestone within so many months from now, (n,); missing for the too old.

        What would come after the end of the curve is not counted.

        Examples
        --------
        Of a hundred, ten started and ten left within the first half-year; twenty more start in the second.

        >>> start, left = Course(np.array([[0.1, 0.3]]), 6), Course(np.array([[0.1, 0.1]]), 6)
        >>> Waiting(start, left, np.array([6.0]), followed=12).within(6.0).round(12).tolist()
        [0.25]
        """
        return self._given(self.awaited.at(self.age + months) - self.awaited.at(self.age))

    def expected(self, share: float) -> Floats:
        """Return the months from now by which so large a share of those has it that will while followed, (n,)."""
        before, to_come = self.awaited.at(self.age), self._in_the_end - self.awaited.at(self.age)
        month = self.awaited.month(before + share * to_come)
        return np.where(self.beyond | (to_come <= 0), np.nan, np.maximum(month - self.age, 0.0))

    def overdue(self) -> Floats:
        """Return the months by which a project is older than half of its like were, (n,); 0 = not yet that old.

        Its like: projects with the same curve that had the milestone while they were followed.
        """
        usual = self.awaited.month(0.5 * self._in_the_end)
        return np.where(self._in_the_end > 0, np.maximum(self.age - usual, 0.0), np.nan)

    def then(self, months: int, after: Sequence[Course]) -> Floats:
        """Return the chance of this milestone and of the one after it within so many months from now, (n,).

        Month by month, the chance of this milestone times that of the one after it in the time that then remains,
        counted from the middle of the month.

        Parameters
        ----------
        after : curves of that one, from this one on, of projects that have this one now, ..., after
            ``months`` more; evenly apart, two or more
        """
        chance = np.zeros(len(self.age))
        before = self.awaited.at(self.age)
        for month in range(1, months + 1):
            reached = self.awaited.at(self.age + month)
            remaining = months - month + 0.5
            chance += (reached - before) * _between(after, (month - 0.5) / months, remaining)
            before = reached
        return self._given(chance)

    def _given(self, chance: Floats) -> Floats:
        """Return the chance given that a project is still here."""
        here = 1.0 - self.awaited.at(self.age) - self.left.at(self.age)
        known = ~self.beyond & (here > NOBODY_LEFT)
        share = np.divide(chance, here, out=np.full(len(here), np.nan), where=known)
        return np.asarray(np.clip(share, 0.0, 1.0))


def _between(courses: Sequence[Course], place: float, months: float) -> Floats:
    """Return the probability by ``months`` on the curve at ``place``, 0 the first of the courses and 1 the last."""
    position = place * (len(courses) - 1)
    first = min(int(position), len(courses) - 2)
    share = position - first
    return np.asarray((1 - share) * courses[first].at(months) + share * courses[first + 1].at(months))
