"""luodi score: a file of projects becomes a ranked file with explanations."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from scoring.commands.entering import entering
from scoring.commands.options import AsOf, ModelFolder, PolicyName, ProjectsFile, Seats, Session, day
from scoring.commands.outputs import outside_models, places
from scoring.commands.signing import PasswordStdin, SignedBy, TokenFile
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
RoundName = Annotated[
    str | None,
    typer.Option(
        "--round",
        metavar="NAME",
        show_default=False,
        help=both(
            "把这一批的申报和评分存入存储，以此为名（须登录）。",
            "Keep the filings and scores of this round in the store, under this name (takes a sign-in).",
        ),
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
    round_name: RoundName = None,
    user: SignedBy = None,
    token_file: TokenFile = None,
    password_stdin: PasswordStdin = False,
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
    by = None
    if round_name is not None:
        by = entering(user, token_file, session.language, password_stdin=password_stdin)
    scorer, table = open_round(file, model, policy, as_of, session)
    outputs = Outputs(out, contributions, rejects)
    if round_name is not None and by is not None:
        from scoring.keeping import RoundKeeper  # Django, which other rounds need not wait for

        known_on = day("--as-of", as_of) or session.today
        outputs = replace(outputs, keeper=RoundKeeper(round_name, scorer, known_on, file.name, by))
    with terminal.progress(Words("评分", "scoring")) as advance:
        scored = score_table(table, scorer, outputs, advance, seats=seats)
    terminal.notes((*table.layout.notes, *unfiled(scorer.model, table.layout.columns.values())))
    if len(scored.best):
        terminal.show(ranking(scored.best, scorer.model.catalog, session.language))
    if len(scored.vetoed):
        terminal.show(vetoes(scored.vetoed, scorer.model.catalog, session.language))
    for words in (*grounds(scorer.model), scored.tally.words(), *places(out, scored.rejects, "scored")):
        terminal.show(words)
    if round_name is not None:
        terminal.show(Words(f"已存入存储：{round_name}", f"kept in the store as: {round_name}"))
    return 1 if scored.tally.rejected else 0
