"""How many events were to be expected of projects as old as these: exposure times an age-specific baseline."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

GRAIN = 2.0**32


@dataclass(frozen=True)
class Exposure:
    """The time n projects spend waiting for one event, in days since 1970.

    Parameters
    ----------
    entry : int64 array of shape (n,), rising
    stop : int64 array of shape (n,)
        The day the event became known, or the day the waiting is no longer counted. Withdrawn projects wait on, as a
        committee that counts what came of its approvals would have it.
    event : bool array of shape (n,), whether ``stop`` is an event
    edges : int64 array of shape (n_bins + 1,), ages in days between which the hazard is taken as constant
    """

    entry: Integers
    stop: Integers
    event: NDArray[np.bool_]
    edges: Integers

    def expected(self, until: int, since: int | None = None) -> Floats:
        """Return the events expected of each project that entered before a day, up to that day.

        Parameters
        ----------
        until : nothing of this day or later is looked at
        since : count from this day on; None = from entry on

        Returns
        -------
        float64 array of shape (m,), m = number of projects that entered before ``until``
            Multiples of 2**-32: sums of them are exact, and so the same in any order and company.
        """
        m = int(np.searchsorted(self.entry, until, side="left"))
        entry, stop = self.entry[:m], np.minimum(self.stop[:m], until)
        hazard = self._hazard(stop - entry, self.event[:m] & (self.stop[:m] < until))
        total = self._cumulative(stop - entry, hazard)
        if since is not None:
            total = total - self._cumulative(np.maximum(np.minimum(stop, since) - entry, 0), hazard)
        return np.round(total * GRAIN) / GRAIN

    def _hazard(self, age: Integers, event: NDArray[np.bool_]) -> Floats:
        """Return events per day lived in each age bin (Nelson-Aalen by bins; no time lived, no hazard)."""
        width = np.diff(self.edges)
        place = self._bin(age)
        stopped = np.bincount(place, minlength=width.size)
        lived = np.bincount(place, weights=age - self.edges[place], minlength=width.size)
        lived += width * (age.size - np.cumsum(stopped))
        came = np.bincount(place[event], minlength=width.size)
        return np.divide(came, lived, out=np.zeros(width.size), where=lived > 0)

    def _cumulative(self, age: Integers, hazard: Floats) -> Floats:
        place = self._bin(age)
        before = np.concatenate([[0.0], np.cumsum(hazard * np.diff(self.edges))])
        return before[place] + hazard[place] * (age - self.edges[place])

    def _bin(self, age: Integers) -> NDArray[np.intp]:
        return np.minimum(np.searchsorted(self.edges, age, side="right") - 1, self.edges.size - 2)
