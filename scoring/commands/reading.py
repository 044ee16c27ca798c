"""Reading a file for a command: a round beside its model, a history with every row accounted for."""

from collections import Counter
from pathlib import Path

import numpy as np

from features.catalog import Catalog
from features.tables import Batch, Purpose, Table, open_table
from features.words import Words
from scoring.commands.options import Session, day
from scoring.engine import Scorer
from scoring.loading import load_scorer
from scoring.terminal import Terminal

EXAMPLES = 5


def open_round(
    file: Path, model: Path, policy: str | None, as_of: str | None, session: Session
) -> tuple[Scorer, Table]:
    """Return the scorer of a model, and a file of projects opened for it as of a day, else today.

    Raises
    ------
    DiligenceError
        If the day is none, the folder no model, or the file no sheet of the model's catalogue.
    """
    judged = np.datetime64(day("--as-of", as_of) or session.today)
    scorer = load_scorer(model, policy, session.language)
    catalog, language = scorer.model.catalog, session.language
    return scorer, open_table(file, catalog, Purpose.SCORE, as_of=judged, language=language)


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
