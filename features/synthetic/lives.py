"""Lives of projects: monthly hazards of starting, withdrawing and finishing; their exact sums, and draws from them.

A project waits from its review. In month k = 0, 1, ... it starts with probability h(k), else it withdraws with w(k).
A started one, from the month after its start, finishes with h'(j) in its j-th month, else it gives up with w'(j).
Hazards are additive in log-odds between the month, the project's score and the calendar shock; withdrawing moves
against the score.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.catalog import DAYS_PER_MONTH
from features.synthetic.traits import Floats

Months = NDArray[np.int64]

LIFE = 180  # months a project is followed in each of the two states; nothing happens later
NEVER = -1
LUCK = 6  # uniform draws that decide a life
AGAINST = 0.5  # withdrawing takes minus so much of the score

KNOTS = (0, 2, 6, 12, 24, 36, 60, LIFE)
START = (-5.8, -4.4, -3.42, -3.42, -3.66, -3.38, -3.45, -4.15)
WITHDRAW = (-6.9, -6.0, -5.4, -5.4, -5.4, -5.4, -5.4, -5.4)
FINISH = (-4.55, -3.6, -2.98, -3.3, -2.2, -2.35, -2.75, -3.55)
GIVE_UP = (-7.0, -6.5, -6.0, -5.8, -5.6, -5.6, -5.6, -5.6)


@dataclass(frozen=True)
class Curves:
    """True probabilities by the end of month 1, 2, ... after the review: arrays of shape (n, months)."""

    landed: Floats
    produced: Floats
    withdrawn: Floats  # before it started, or after


def baseline(log_odds: tuple[float, ...], months: int) -> Floats:
    """Return a baseline hazard's log-odds by month, shape (months,): straight lines between the knots."""
    return np.interp(np.arange(months), KNOTS, log_odds)


def hazard(log_odds: Floats) -> Floats:
    """Return the probability of log-odds.

    >>> hazard(np.array([0.0])).tolist()
    [0.5]
    """
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def curves(landed: Floats, finished: Floats, shock: Floats, months: int) -> Curves:
    """Return the exact curves of projects with these scores, by convolution over the months: no draw, no error.

    Parameters
    ----------
    landed, finished : scores of shape (n,), log-odds
    shock : the calendar shock in each month after the review, shape (n, >= months) or broadcastable, log-odds
    months : how far the curves reach
    """
    shock = np.broadcast_to(shock[:, :months], (len(landed), months))
    start = hazard(baseline(START, months) + landed[:, None] + shock)
    leave = (1 - start) * hazard(baseline(WITHDRAW, months) - AGAINST * (landed[:, None] + shock))
    waiting = np.cumprod(1 - start - leave, axis=1)
    before = np.column_stack([np.ones(len(landed)), waiting[:, :-1]])
    started = before * start
    produced, given_up = _building(started, finished, shock)
    return Curves(started.cumsum(axis=1), produced.cumsum(axis=1), (before * leave + given_up).cumsum(axis=1))


def _building(started: Floats, finished: Floats, shock: Floats) -> tuple[Floats, Floats]:
    """Return the chance of producing, and of giving up, in each month, from that of starting in each month."""
    n, months = started.shape
    ease, burden = np.exp(baseline(FINISH, months)), np.exp(baseline(GIVE_UP, months))
    odds = np.exp(finished[:, None] + shock)  # of the project in a calendar month, before its age counts
    building = np.zeros((n, months))  # chance of being j + 1 months into building
    produced, given_up = np.zeros((n, months)), np.zeros((n, months))
    for month in range(1, months):
        building[:, 1:month] = building[:, : month - 1]
        building[:, 0] = started[:, month - 1]
        alive = building[:, :month]
        finish = odds[:, month, None] * ease[:month]
        done = alive * (finish / (1 + finish))
        leave = burden[:month] / odds[:, month, None] ** AGAINST
        left = (alive - done) * (leave / (1 + leave))
        produced[:, month], given_up[:, month] = done.sum(axis=1), left.sum(axis=1)
        alive -= done + left
    return produced, given_up


@dataclass(frozen=True)
class Lives:
    """What became of each project: days after the review, shape (n,); ``NEVER`` where it did not come about."""

    started: Months
    produced: Months
    exited: Months


def live(landed: Floats, finished: Floats, shock: Floats, luck: Floats) -> Lives:
    """Return the life that each project's luck makes of the same hazards that ``curves`` sums.

    Parameters
    ----------
    landed, finished : scores of shape (n,), log-odds
    shock : the calendar shock in each month after the review, shape (n, 2 * LIFE) or (n, 1), log-odds
    luck : uniform draws of shape (LUCK, n)
    """
    when, which, day, when_built, which_built, day_built = luck
    start = hazard(baseline(START, LIFE) + landed[:, None] + shock[:, :LIFE])
    leave = hazard(baseline(WITHDRAW, LIFE) - AGAINST * (landed[:, None] + shock[:, :LIFE]))
    month, first = _first_of_two(start, leave, when, which)
    began = np.where(first, month, NEVER)
    later = _after(shock, np.maximum(began, 0))
    finish = hazard(baseline(FINISH, LIFE) + finished[:, None] + later)
    quit_ = hazard(baseline(GIVE_UP, LIFE) - AGAINST * (finished[:, None] + later))
    built, done = _first_of_two(finish, quit_, when_built, which_built)
    ended = np.where((began != NEVER) & (built != NEVER), began + 1 + built, NEVER)
    exit_waiting = day_in(np.where(first, NEVER, month), day)
    exit_building = day_in(np.where(done, NEVER, ended), day_built)
    return Lives(
        day_in(began, day), day_in(np.where(done, ended, NEVER), day_built), np.maximum(exit_waiting, exit_building)
    )


def day_in(month: Months, within: Floats) -> Months:
    """Return a day of each month after the review, the first at the earliest; ``NEVER`` stays.

    Month k holds the days from round(k * DAYS_PER_MONTH) to the next month's first, as person-periods cut them.

    >>> day_in(np.array([0, 1, NEVER]), np.array([0.0, 0.999, 0.5])).tolist()
    [1, 60, -1]
    """
    first, end = np.round(month * DAYS_PER_MONTH), np.round((month + 1) * DAYS_PER_MONTH)
    day = np.maximum(first + np.floor(within * (end - first)), 1)
    return np.where(month == NEVER, NEVER, day).astype(np.int64)


def _first_of_two(one: Floats, other: Floats, when: Floats, which: Floats) -> tuple[Months, NDArray[np.bool_]]:
    """Return the month in which the first of two events comes (NEVER: neither), and whether it is ``one``."""
    total = one + (1 - one) * other
    staying = np.cumprod(1 - total, axis=1)
    month = (staying > 1 - when[:, None]).sum(axis=1)
    at = np.minimum(month, one.shape[1] - 1)
    rows = np.arange(len(when))
    first = which < one[rows, at] / total[rows, at]
    never = month == one.shape[1]
    return np.where(never, NEVER, month), first & ~never


def _after(shock: Floats, began: Months) -> Floats:
    """Return the shock in the months after each start, shape (n, LIFE)."""
    if shock.shape[1] == 1:
        return shock
    return np.take_along_axis(shock, began[:, None] + 1 + np.arange(LIFE), axis=1)
