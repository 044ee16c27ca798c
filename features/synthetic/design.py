"""What register to invent: its size, its years, what clouds the view of it; and the seeded streams it draws from."""

import zlib
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

QUARTER = 3  # months


@dataclass(frozen=True)
class Design:
    """A register to invent. Each cloud can be switched off without moving what the others draw.

    Attributes
    ----------
    n_projects : projects reviewed in the years given
    first_year, years : reviews run from January of the first year to December of the last
    growth : how much larger each year's pipeline is than the last, 0.08 = 8 %
    snapshot : the day the ledger is looked at; None = the last day of the last year
    shock_sd : standard deviation of the calendar shock in log-odds; 0 = none
    shock_persistence : correlation of the shock from one quarter to the next
    frailty_sd : what nobody can see of an investor, in log-odds, the same in all of its projects
    reporting_delay : mean months from the day an event happens to the day it is recorded; 0 = at once
    missingness : share of blank cells of a common attribute; core ones have half, optional ones half as much again
    heaping : share of starts and productions within two months of a December that the ledger dates into it
    fakes : share of projects that are fakes
    overwrite : True = the ledger's volatile attributes show the state at the snapshot, not at the filing
    turn_on : first day of a quarter from which all is different for good; None = it never is
    turn : by how much the shock changes on that day, in log-odds; -log 2 halves the odds of starting in any month
    """

    n_projects: int = 3000
    first_year: int = 2012
    years: int = 12
    growth: float = 0.08
    snapshot: np.datetime64 | None = None
    shock_sd: float = 0.3
    shock_persistence: float = 0.85
    frailty_sd: float = 0.3
    reporting_delay: float = 5.0
    missingness: float = 0.08
    heaping: float = 0.3
    fakes: float = 0.015
    overwrite: bool = False
    turn_on: np.datetime64 | None = None
    turn: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a turn on a day on which the shock does not change."""
        if self.turn_on is None:
            return
        month = self.turn_on.astype("datetime64[M]")
        if self.turn_on != month or month.astype(int) % QUARTER:
            raise ValueError(f"turn_on must be the first day of a quarter; got {self.turn_on}")

    @property
    def day(self) -> np.datetime64:
        """Return the day the ledger is looked at."""
        if self.snapshot is not None:
            day: np.datetime64 = self.snapshot.astype("datetime64[D]")
            return day
        return np.datetime64(f"{self.first_year + self.years - 1}-12-31", "D")


class Stream(StrEnum):
    """A concern that draws from a stream of its own, so that switching one off leaves the others' draws alone."""

    PIPELINE = "pipeline"
    INVESTORS = "investors"
    LATENTS = "latents"
    SHEET = "sheet"
    FAKES = "fakes"
    SHOCKS = "shocks"
    LIVES = "lives"
    PAPERS = "papers"
    DELAY = "delay"
    HEAPING = "heaping"
    PROGRESS = "progress"
    GAPS = "gaps"
    OFFICE = "office"


@dataclass(frozen=True)
class Seeds:
    """The streams of one drawing: of the register itself (``branch`` 0) or of a round drawn from the same county."""

    seed: int
    branch: int = 0

    def rng(self, stream: Stream, of: str = "") -> np.random.Generator:
        """Return a fresh generator for a concern, or for one attribute of it."""
        return np.random.default_rng([self.seed, self.branch, zlib.crc32(f"{stream}/{of}".encode())])
