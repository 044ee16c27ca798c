"""luodi score: a file of projects becomes a ranked file with explanations."""

from pathlib import Path
from typing import Annotated

import typer

from scoring.commands.options import AsOf, ModelFolder, PolicyName, ProjectsFile, Seats, Session
from scoring.commands.outputs import outside_models, places
from scoring.commands.speech import both

HELP = both("给一批项目评分、排名、说明理由。", "Score, rank and explain a batch of projects.")
EXAMPLE = both(
    "例：luodi score projects.csv --model var/model --out scored.csv",
    "Example: luodi score projects.csv --model var/model --out scored.csv --contributions parts.parquet",
)
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help=both("评分结果 CSV。", "The scored CSV."))]
Contributions = Annotated[
    Path | None,
    typer.Option(
        "--contributions",
        metavar="FILE",
        show_default=False,
        help=both("各属性的贡献，Parquet 文件。", "Each attribute's part in each figure (Parquet)."),
    ),
]
Rejects = Annotated[
    Path | None,
    typer.Option(
        "--rejects",
        metavar="FILE",
        show_default=False,
        help=both("退回的行；不写则放在结果旁边。", "Rejected rows; beside the output if not given."),
    ),
]


def command(  # noqa: PLR0913 - one parameter an option
    context: typer.Context,
    file: ProjectsFile,
    model: ModelFolder,
    out: Out = Path("scored.csv"),
    contributions: Contributions = None,
    rejects: Rejects = None,
    as_of: AsOf = None,
    policy: PolicyName = None,
    seats: Seats = None,
) -> int:
    """Score the file; print the first ranks and what became of every row."""
    # Imported here: LightGBM and pandas would take two seconds of --help.
    from features.words import Words
    from scoring.batch import Outputs, score_table
    from scoring.commands.reading import open_round
    from scoring.listing import ranking, vetoes
    from scoring.model_words import grounds, unfiled
    from scoring.terminal import Terminal

    session: Session = context.obj
    outside_models(out, contributions, rejects)
    terminal = Terminal.opened(session.language)
    scorer, table = open_round(file, model, policy, as_of, session)
    with terminal.progress(Words("评分", "scoring")) as advance:
        scored = score_table(table, scorer, Outputs(out, contributions, rejects), advance, seats=seats)
    terminal.notes((*table.layout.notes, *unfiled(scorer.model, table.layout.columns.values())))
    if len(scored.best):
        terminal.show(ranking(scored.best, scorer.model.catalog, session.language))
    if len(scored.vetoed):
        terminal.show(vetoes(scored.vetoed, scorer.model.catalog, session.language))
    for words in (*grounds(scorer.model), scored.tally.words(), *places(out, scored.rejects, "scored")):
        terminal.show(words)
    return 1 if scored.tally.rejected else 0
