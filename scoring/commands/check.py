"""luodi check: every problem of a table, with its line."""

from typing import Annotated

import typer

from scoring.commands.options import CatalogName, ProjectsFile, Session
from scoring.commands.speech import both

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
    read = rejected = flagged = 0
    try:
        table = open_table(file, kinds, purpose, as_of=np.datetime64(session.today), language=session.language)
        with terminal.progress(Words("检查", "checking")) as advance:
            for batch in table.batches():
                terminal.problems(batch.problems)
                rejected += len(batch.rejects)
                read += len(batch.rows) + len(batch.rejects)
                flagged += int((batch.flags != "").sum())
                advance(len(batch.rows) + len(batch.rejects))
        terminal.notes(table.layout.notes)
    except DataError as error:
        if not file.is_file():
            raise
        terminal.problems(error.problems)
        terminal.show(error.message)
        return 1
    terminal.show(
        Words(
            zh=f"共 {read} 行：可用 {read - rejected} 行（其中 {flagged} 行有提示），不可用 {rejected} 行。",
            en=f"{read} rows: {read - rejected} sound ({flagged} of them flagged), {rejected} rejected.",
        )
    )
    return 1 if rejected else 0
