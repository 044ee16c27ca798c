"""A round and its seats: every project of a file by rank, with the verdict on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from features.catalog import Catalog
from features.errors import Problem
from features.tables import Batch, Table
from features.words import Language, Words
from models.ranks import Verdict
from scoring.ahead import ahead
from scoring.batch import CHUNK_ROWS, Outputs, Tally
from scoring.engine import Scorer, interval_columns
from scoring.ranking import ROUND_COLUMNS, Entrants, standings
from scoring.sinks import CsvFile, arrow
from scoring.writing import published

VERDICTS = {
    Verdict.IN: Words("入选", "in"),
    Verdict.DISCUSS: Words("讨论", "discuss"),
    Verdict.OUT: Words("落选", "out"),
}


@dataclass(frozen=True)
class Seating:
    """A round by rank, those without a figure last.

    Attributes
    ----------
    frame : (n, ...) status, rank, rank_low, rank_high, the project's key, its headline figure and the interval of it,
        p_top_k, verdict (of `Verdict`, empty where there is none), gates, flags, model, model_hash
    seats : how many projects the round can take
    tally, problems : what became of every row, and what was wrong in those rejected
    """

    frame: pd.DataFrame
    seats: int
    tally: Tally
    problems: tuple[Problem, ...]

    def of(self, verdict: Verdict) -> pd.DataFrame:
        """Return the projects of one verdict, by rank."""
        return self.frame[self.frame["verdict"] == verdict.value]

    @property
    def told(self) -> bool:
        """Whether the model has refits that say how sure a rank is."""
        return bool((self.frame["verdict"] != "").any())


def seat(table: Table, scorer: Scorer, seats: int, on_rows: Callable[[int], None]) -> Seating:
    """Return the projects of a table by rank, with the verdict on each.

    Parameters
    ----------
    on_rows : told how many more rows have been dealt with
    """
    round_ = _Round(scorer)
    for batch in ahead(table.batches(CHUNK_ROWS)):
        round_.take(batch)
        on_rows(len(batch.rows) + len(batch.rejects))
    placed = standings(Entrants.together(round_.entrants), seats, scorer.model.recipe.seed)
    scored = pd.concat(round_.frames, ignore_index=True).drop(columns=list(ROUND_COLUMNS))
    frame = pd.concat([scored, placed], axis=1)[_columns(scorer.model.catalog)]
    return Seating(
        frame.sort_values("rank", kind="stable", na_position="last", ignore_index=True),
        seats,
        round_.tally,
        tuple(round_.problems),
    )


def write_seating(seating: Seating, path: Path, source: Path, language: Language) -> None:
    """Write a round by rank as a CSV that a spreadsheet opens safely, verdicts in words.

    Raises
    ------
    Refused
        If the file cannot be written, or is the input.
    """
    Outputs(path).check(source)
    words = {verdict.value: said.said(language) for verdict, said in VERDICTS.items()}
    frame = seating.frame.assign(verdict=seating.frame["verdict"].map(lambda verdict: words.get(verdict, "")))
    with published(path) as (draft,), CsvFile(draft, path) as file:
        file.add(arrow(frame))


def headline(catalog: Catalog) -> str:
    """Return the column of the figure that ranks."""
    return f"p_{catalog.headline.value}"


def _columns(catalog: Catalog) -> list[str]:
    chance = [headline(catalog), *interval_columns(catalog), "p_top_k"]
    ranks = ["rank", "rank_low", "rank_high"]
    return ["status", *ranks, catalog.key, *chance, "verdict", "gates", "flags", "unlike", "model", "model_hash"]


@dataclass
class _Round:
    """The pieces of a round while it is read."""

    scorer: Scorer
    frames: list[pd.DataFrame] = field(default_factory=list)
    entrants: list[Entrants] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def take(self, batch: Batch) -> None:
        scored = self.scorer.score(batch.rows, batch.flags)
        kept = {*_columns(self.scorer.model.catalog)}
        self.frames.append(scored.frame[[name for name in scored.frame if name in kept]])
        self.entrants.append(Entrants.of(scored.assessment))
        self.problems.extend(batch.problems)
        self.tally = self.tally.after(batch, int(scored.assessment.figured.sum()))
