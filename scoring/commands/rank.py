"""luodi rank: a round of projects against its seats, and whom to discuss."""

from pathlib import Path
from typing import Annotated

import typer

from scoring.commands.options import AsOf, ModelFolder, PolicyName, ProjectsFile, Session
from scoring.commands.outputs import outside_models, places
from scoring.commands.speech import both

HELP = both(
    "按名额排名：名次区间、入选的可能，以及该讨论哪些项目。",
    "Rank a round against its seats: how sure each rank is, and whom to discuss.",
)
EXAMPLE = both(
    "例：luodi rank projects.csv --model var/model --seats 12",
    "Example: luodi rank projects.csv --model var/model --seats 12 --out ranked.csv",
)
Places = Annotated[
    int,
    typer.Option("--seats", metavar="K", min=1, show_default=False, help=both("本轮名额。", "Seats in this round.")),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", show_default=False, help=both("把排名写成 CSV。", "Write the ranking as a CSV.")
    ),
]


def command(  # noqa: PLR0913 - one parameter an option
    context: typer.Context,
    file: ProjectsFile,
    model: ModelFolder,
    seats: Places,
    out: Out = None,
    as_of: AsOf = None,
    policy: PolicyName = None,
) -> int:
    """Rank the file; print the round with its cut line, and the projects that are tied with it."""
    # Imported here: LightGBM and pandas would take two seconds of --help.
    from features.words import Language, Words
    from scoring.commands.reading import open_round
    from scoring.model_words import grounds, unfiled
    from scoring.seating import seat, write_seating
    from scoring.seating_listing import seats_table, seats_words, verdict_rule
    from scoring.terminal import Terminal

    session: Session = context.obj
    outside_models(out)
    terminal = Terminal.opened(session.language)
    scorer, table = open_round(file, model, policy, as_of, session)
    catalog = scorer.model.catalog
    with terminal.progress(Words("排名", "ranking")) as advance:
        seating = seat(table, scorer, seats, advance)
    if out is not None:
        write_seating(seating, out, file, session.language)
    terminal.notes((*table.layout.notes, *unfiled(scorer.model, table.layout.columns.values())))
    terminal.notes(Words(p.said(Language.ZH), p.said(Language.EN)) for p in seating.problems)
    if seating.tally.scored:
        terminal.show(seats_table(seating, catalog, session.language))
        for words in seats_words(seating, catalog):
            terminal.show(words)
        terminal.show(verdict_rule(seats))
    for words in (*grounds(scorer.model), seating.tally.words(), *places(out, None, "ranked")):
        terminal.show(words)
    return 1 if seating.tally.rejected else 0
