"""Reading a history file for a command: with progress, and with every row accounted for."""

from collections import Counter
from pathlib import Path

from features.catalog import Catalog
from features.tables import Batch, Purpose, open_table
from features.words import Words
from scoring.terminal import Terminal

EXAMPLES = 5


def read_history(file: Path, catalog: Catalog, terminal: Terminal, asked: str) -> Batch:
    """Return the sound rows of a history file; say how it was read, and what was left out and why.

    ``asked`` is what the user gave as --catalog: a name or a path, to be given again.

    Raises
    ------
    DataError
        If the file cannot be read as a history of this catalogue.
    """
    table = open_table(file, catalog, Purpose.HISTORY, language=terminal.language)
    with terminal.progress(Words("读取台账", "reading the history")):
        batch = table.read()
    terminal.notes(table.layout.notes)
    sound, rejected = len(batch.rows), len(batch.rejects)
    terminal.note(
        Words(
            zh=f"读入 {sound + rejected} 行 = 可用 {sound} + 不用 {rejected}",
            en=f"rows in: {sound + rejected} = {sound} sound + {rejected} left out",
        )
    )
    reasons = Counter(f"{p.column}: {p.message.said(terminal.language)}" for p in batch.problems)
    for reason, times in reasons.most_common(EXAMPLES):
        terminal.note(Words(f"  {times} × {reason}", f"  {times} × {reason}"))
    if len(reasons) > EXAMPLES:
        terminal.note(
            Words(
                zh=f"  ……逐行见 luodi check {file} --catalog {asked} --history",
                en=f"  ... line by line: luodi check {file} --catalog {asked} --history",
            )
        )
    return batch
