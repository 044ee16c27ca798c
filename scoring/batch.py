"""A file of projects becomes a ranked file: read, scored and written in pieces, nothing lost on the way."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.errors import Refused
from features.tables import Batch, Table
from features.words import Words
from scoring.ahead import abreast, ahead
from scoring.contributions import SCHEMA
from scoring.engine import Scored, Scorer
from scoring.ranking import ROUND_COLUMNS, Entrants, standings
from scoring.sinks import CsvFile, ParquetFile, Spool, arrow
from scoring.writing import published

CHUNK_ROWS = 10_000
ABREAST = 2  # pieces scored at once: NumPy lets go of Python's lock, and each takes its room
SHOWN = 20
BASE = "luodi.base."  # + clock: the figure of the reference project, in the metadata of a contributions file


class Keeper(Protocol):
    """Who keeps a round besides the files: told of every piece, and of the ranks; what it refuses stops all."""

    def take(self, batch: Batch, scored: Scored) -> None:
        """Take one more piece of the file."""

    def finish(self, placed: pd.DataFrame) -> None:
        """Keep the round, with the columns of `standings` by row."""


@dataclass(frozen=True)
class Outputs:
    """Where a scored round is written.

    Attributes
    ----------
    scored : the ranked CSV
    contributions : the Parquet file of every attribute's part in every figure; None = not wanted
    rejects : the CSV of rows that could not be read; None = beside ``scored``, only where there are some
    keeper : keeps the round before the files appear; None = the files are all
    """

    scored: Path
    contributions: Path | None = None
    rejects: Path | None = None
    keeper: Keeper | None = None

    @property
    def rejects_or_beside(self) -> Path:
        """The rejects file: the one named, else one beside the scored file."""
        return self.rejects or self.scored.with_name(f"{self.scored.stem}.rejects.csv")

    def check(self, source: Path) -> None:
        """Refuse outputs that would overwrite the file they are made from, or one another.

        Raises
        ------
        Refused
            Naming the path that two files would share.
        """
        taken = {source.resolve()}
        for path in (self.scored, self.contributions, self.rejects_or_beside):
            if path is not None and path.resolve() in taken:
                raise Refused(
                    Words(
                        zh=f"输出 {path} 与输入文件或另一个输出是同一个文件。请换一个文件名。",
                        en=f"output {path} is the input file or another output. Give it a name of its own.",
                    )
                )
            if path is not None:
                taken.add(path.resolve())


@dataclass(frozen=True)
class Tally:
    """What became of every row: rows in = scored + vetoed + rejected."""

    read: int = 0
    scored: int = 0
    vetoed: int = 0
    rejected: int = 0

    def after(self, batch: Batch, figured: int) -> "Tally":
        """Return the sum with one more piece of the file, of which so many rows have figures."""
        return Tally(
            read=self.read + len(batch.rows) + len(batch.rejects),
            scored=self.scored + figured,
            vetoed=self.vetoed + len(batch.rows) - figured,
            rejected=self.rejected + len(batch.rejects),
        )

    def words(self) -> Words:
        """Return the sum in words."""
        return Words(
            zh=f"读入 {self.read} 行 = 评分 {self.scored} + 否决 {self.vetoed} + 退回 {self.rejected}",
            en=f"rows in: {self.read} = {self.scored} scored + {self.vetoed} vetoed + {self.rejected} rejected",
        )


@dataclass(frozen=True)
class Round:
    """A scored round: its sum, the rows to show, and where the rejects went.

    Attributes
    ----------
    best : DataFrame of the first twenty projects by rank
    vetoed : DataFrame of the first twenty vetoed projects, in the order of the file
    """

    tally: Tally
    best: pd.DataFrame
    vetoed: pd.DataFrame
    rejects: Path | None


def score_table(
    table: Table,
    scorer: Scorer,
    outputs: Outputs,
    on_rows: Callable[[int], None],
    chunk_rows: int = CHUNK_ROWS,
    seats: int | None = None,
) -> Round:
    """Score a table into files, which appear when all of them are complete.

    Parameters
    ----------
    on_rows : told how many more rows have been dealt with; each row is told twice, when scored and when ranked
    seats : how many projects the round can take, for the chance of a place among them; None = not asked

    Raises
    ------
    Refused
        If an output cannot be written, or is the input; if the keeper refuses.
    DataError
        If the table turns out to be unreadable on the way.
    """
    outputs.check(Path(table.layout.path))
    paths = [outputs.scored, outputs.rejects_or_beside]
    if outputs.contributions is not None:
        paths.append(outputs.contributions)
    with published(*paths) as drafts:
        with ExitStack() as stack:
            spool = stack.enter_context(Spool(outputs.scored))
            scored = _Pass(scorer, spool, stack.enter_context(CsvFile(drafts[1], paths[1])))
            if outputs.contributions is not None:
                scored.parts = stack.enter_context(ParquetFile(drafts[2], paths[2], SCHEMA))
            for batch, made in abreast(scored.score, ahead(table.batches(chunk_rows)), ABREAST):
                scored.take(batch, made)
                if outputs.keeper is not None:
                    outputs.keeper.take(batch, made)
                on_rows(len(batch.rows) + len(batch.rejects))
            scored.finish()
            placed = standings(Entrants.together(scored.entrants), seats, scorer.model.recipe.seed)
            with CsvFile(drafts[0], paths[0]) as file:
                best, vetoed = _ranked(scored, placed, file, on_rows)
            if outputs.keeper is not None:
                outputs.keeper.finish(placed)
        wanted = bool(scored.tally.rejected) or outputs.rejects is not None or paths[1].exists()
        if not wanted:
            drafts[1].unlink()
    return Round(scored.tally, best, vetoed, paths[1] if scored.tally.rejected else None)


@dataclass
class _Pass:
    """The first pass over a table: rows are scored and spooled, what the ranks need of each is remembered."""

    scorer: Scorer
    spool: Spool
    rejects: CsvFile
    parts: ParquetFile | None = None
    tally: Tally = Tally()
    entrants: list[Entrants] = field(default_factory=list)
    bases: dict[str, str] = field(default_factory=dict)

    def score(self, batch: Batch) -> Scored:
        return self.scorer.score(batch.rows, batch.flags)

    def take(self, batch: Batch, scored: Scored) -> None:
        self.rejects.add(arrow(batch.rejects))
        self.spool.add(arrow(scored.frame))
        self.entrants.append(Entrants.of(scored.assessment))
        figured = int(scored.assessment.figured.sum())
        self.tally = self.tally.after(batch, figured)
        if self.parts is not None and figured:
            self._keep_parts(scored)

    def finish(self) -> None:
        if self.parts is not None:
            self.parts.note(self.bases)

    def _keep_parts(self, scored: Scored) -> None:
        assert self.parts is not None
        self.parts.add(scored.contributions())
        for clock, explained in scored.assessment.clocks.items():
            own = explained.base[~explained.overtaken]
            if len(own):
                self.bases[f"{BASE}{clock.value}"] = repr(float(own[0]))


def _ranked(
    scored: _Pass, placed: pd.DataFrame, file: CsvFile, on_rows: Callable[[int], None]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write the spooled rows with the columns of the round; return those to show."""
    columns = arrow(placed[list(ROUND_COLUMNS)])
    best: list[pa.Table] = []
    vetoed: list[pa.Table] = []
    done = 0
    for table in scored.spool.tables():
        for name in ROUND_COLUMNS:
            column = columns[name].slice(done, len(table))
            table = table.set_column(table.column_names.index(name), name, column)
        file.add(table)
        best.append(table.filter(pc.less_equal(table["rank"], SHOWN)))
        vetoed.append(table.filter(pc.equal(table["status"], "vetoed")).slice(0, SHOWN))
        done += len(table)
        on_rows(len(table))
    return _first(best, "rank"), _first(vetoed, None)


def _first(tables: Sequence[pa.Table], by: str | None) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame()
    frame: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    if by is not None:
        frame = frame.sort_values(by, kind="stable")
    return frame.head(SHOWN).reset_index(drop=True)
