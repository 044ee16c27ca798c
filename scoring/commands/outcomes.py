"""luodi outcomes: what became of projects is taken into the store."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoring.commands.entering import entering
from scoring.commands.options import AsOf, CatalogName, Session, day
from scoring.commands.outputs import outside_models, places
from scoring.commands.signing import PasswordStdin, SignedBy, TokenFile
from scoring.commands.speech import both

if TYPE_CHECKING:
    from features.catalog import Catalog
    from scoring.outcomes.taken import Taken
    from scoring.terminal import Terminal

HELP = both("结果：项目后来怎样了。", "Outcomes: what became of projects.")
EXAMPLE = both("例：luodi outcomes add feed.csv --user 王芳", "Example: luodi outcomes add feed.csv --user wang")
ADD = both(
    "登记一批开工、投产、退出；一行一个事件，或一行一个项目的台账。",
    "Take in starts, productions and exits: one event a row, or a ledger with one project a row.",
)
SHOWN = 20

Feed = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help=both(
            "CSV、XLSX 或 Parquet：项目编号（或名称）、事件、日期；或带里程碑日期的台账。",
            "CSV, XLSX or Parquet: project, event, date; or a ledger with the dates of milestones.",
        ),
    ),
]
Recorded = Annotated[
    str | None,
    typer.Option(
        "--recorded",
        metavar="DATE",
        show_default=False,
        help=both(
            "这批结果得知的日期；不写则取台账的更新日期，没有则为今天。",
            "The day these outcomes came to be known; else the ledger's own update day, else today.",
        ),
    ),
]
Rejects = Annotated[
    Path | None,
    typer.Option(
        "--rejects",
        metavar="FILE",
        show_default=False,
        help=both("退回的行和原因；不写则为 文件名.rejects.csv。", "Refused rows and why; else NAME.rejects.csv."),
    ),
]

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def group() -> None:
    """Hold the commands below: with one alone, its name would not be asked for."""


@app.command("add", help=ADD, epilog=EXAMPLE)
def add(  # noqa: PLR0913 - one parameter an option
    context: typer.Context,
    file: Feed,
    catalog: CatalogName = "zhaoshang",
    recorded: Recorded = None,
    as_of: AsOf = None,
    rejects: Rejects = None,
    user: SignedBy = None,
    token_file: TokenFile = None,
    password_stdin: PasswordStdin = False,
) -> int:
    """Take the feed in; print what changed, and what became of every row."""
    # Imported here: help must not wait for Django.
    from features.catalogs.reader import read_catalog
    from scoring.terminal import Terminal

    session: Session = context.obj
    terminal = Terminal.opened(session.language)
    today, known = day("--as-of", as_of) or session.today, day("--recorded", recorded)
    kinds = read_catalog(catalog)
    beside = rejects or Path(f"{file.stem}.rejects.csv")
    _refuse_overwriting(file, beside)
    outside_models(beside)
    by = entering(user, token_file, session.language, password_stdin=password_stdin)

    from scoring.outcomes.taking import take
    from scoring.sinks import CsvFile, arrow
    from scoring.writing import published

    with published(beside) as (draft,):  # before anything is kept: a place that cannot be written is told first
        taken = take(file, kinds, known, by, as_of=today, language=session.language)
        with CsvFile(draft, beside) as sheet:
            sheet.add(arrow(taken.rejects))
        if not (len(taken.rejects) or rejects or beside.exists()):
            draft.unlink()
    _tell(taken, kinds, terminal)
    for words in places(None, beside if len(taken.rejects) else None, "feed"):
        terminal.show(words)
    return 1 if len(taken.problems) else 0


def _refuse_overwriting(file: Path, rejects: Path) -> None:
    from features.errors import Refused
    from features.words import Words

    if file.resolve() == rejects.resolve():
        raise Refused(
            Words(
                zh=f"--rejects {rejects} 就是输入文件。请换一个文件名。",
                en=f"--rejects {rejects} is the feed itself. Give it a name of its own.",
            )
        )


def _tell(taken: "Taken", catalog: "Catalog", terminal: "Terminal") -> None:
    """Print how the feed was read, what it corrects, what was refused, and the sums."""
    from features.words import Words

    terminal.notes(taken.notes)
    for words in taken.corrected(catalog):
        terminal.show(words)
    terminal.problems(islice(taken.problems, SHOWN))
    more = len(taken.problems) - SHOWN
    if more > 0:
        terminal.show(Words(f"  ……另有 {more} 处问题，见退回的文件", f"  ... and {more} more, in the file of rejects"))
    terminal.show(Words(f"记录日 {taken.recorded_on}", f"day of record: {taken.recorded_on}"))
    for words in taken.words():
        terminal.show(words)
