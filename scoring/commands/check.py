"""luodi check: every problem of a table, with its line."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from scoring.commands.options import CatalogName, ProjectsFile, Session
from scoring.commands.speech import both

if TYPE_CHECKING:
    from features.catalog import Catalog
    from features.tables import Batch
    from features.words import Language, Words

HELP = both("检查一份项目表，列出每一处问题和它的行号。", "Check a table: every problem with its line.")
EXAMPLE = both("例：luodi check projects.csv --catalog zhaoshang", "Example: luodi check projects.csv --lang en")

History = Annotated[
    bool,
    typer.Option("--history", help=both("按历史台账检查（用于训练）。", "Check as a history file, for training.")),
]


def command(
    context: typer.Context, file: ProjectsFile, catalog: CatalogName = "zhaoshang", history: History = False
) -> int:
    """Check the table and print its problems."""
    # Imported here: pandas and the readers would take a second of --help.
    import numpy as np

    from features.catalogs.reader import read_catalog
    from features.errors import DataError
    from features.tables import Purpose, open_table
    from features.words import Words
    from scoring.terminal import Terminal

    session: Session = context.obj
    terminal = Terminal.opened(session.language)
    kinds = read_catalog(catalog)
    purpose = Purpose.HISTORY if history else Purpose.SCORE
    found = _Sum()
    try:
        table = open_table(file, kinds, purpose, as_of=np.datetime64(session.today), language=session.language)
        with terminal.progress(Words("检查", "checking")) as advance:
            for batch in table.batches():
                terminal.problems(batch.problems)
                found.take(batch)
                advance(len(batch.rows) + len(batch.rejects))
        terminal.notes(table.layout.notes)
    except DataError as error:
        if not file.is_file():
            raise
        terminal.problems(error.problems)
        terminal.show(error.message)
        return 1
    terminal.show(found.words())
    for reason in found.reasons(kinds, session.language):
        terminal.show(reason)
    return 1 if found.rejected else 0


@dataclass
class _Sum:
    """What became of the rows, and how often each flag was raised."""

    sound: int = 0
    rejected: int = 0
    flagged: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    def take(self, batch: "Batch") -> None:
        told = batch.flags[batch.flags != ""]
        self.sound += len(batch.rows)
        self.rejected += len(batch.rejects)
        self.flagged += len(told)
        self.codes.update(code.strip() for cell in told for code in cell.split(";"))

    def words(self) -> "Words":
        """Return the sum in words."""
        from features.words import Words

        read = self.sound + self.rejected
        return Words(
            zh=f"共 {read} 行：可用 {self.sound} 行（其中 {self.flagged} 行有提示），不可用 {self.rejected} 行。",
            en=f"{read} rows: {self.sound} sound ({self.flagged} of them flagged), {self.rejected} rejected.",
        )

    def reasons(self, catalog: "Catalog", language: "Language") -> Iterator["Words"]:
        """Yield the flags in words, the most frequent first."""
        import pandas as pd

        from features.words import Words
        from scoring.flags import from_reader

        pairs = self.codes.most_common()
        said = from_reader(pd.Series([code for code, _ in pairs], dtype=str), catalog, language)
        for (_, times), reason in zip(pairs, said, strict=True):
            yield Words(*[f"  {times} × {reason}"] * 2)
