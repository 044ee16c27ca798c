"""luodi retrain: outcomes have come in; train a challenger, compare it, and write one report. Nothing is promoted."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoring.commands.options import AsOf, Session, day
from scoring.commands.outputs import outside_models
from scoring.commands.signing import TOKEN, PasswordStdin, SignedBy, TokenFile, signed_in
from scoring.commands.speech import both

if TYPE_CHECKING:
    from scoring.relearning import Relearned
    from scoring.terminal import Terminal

HELP = both(
    "用存储中的结果重新训练，与现用模型比较，写成一份报告；不更换模型。",
    "Retrain on the outcomes in the store, compare with the champion, write one report; nothing is promoted.",
)
EXAMPLE = both(
    "例：luodi retrain\n\n重现过去某天的模型：luodi retrain --as-of 2026-03-31",
    "Example: luodi retrain\n\nThe model of a past day: luodi retrain --as-of 2026-03-31",
)
Named = Annotated[
    str | None,
    typer.Option(
        "--catalog",
        metavar="NAME",
        show_default=False,
        help=both("目录名称；只有一种时不必写。", "Name of the catalogue; not needed where there is one."),
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FOLDER",
        show_default=False,
        help=both("报告文件夹；不写则在 var/reports 下。", "Folder of the report; else one below var/reports."),
    ),
]
RecipeFile = Annotated[
    Path | None,
    typer.Option(
        "--recipe",
        metavar="PATH",
        show_default=False,
        help=both("训练配方 TOML；不写则用内置的。", "Training recipe (TOML); else the built-in one."),
    ),
]


def command(  # noqa: PLR0913 - one parameter an option
    context: typer.Context,
    as_of: AsOf = None,
    catalog: Named = None,
    out: Out = None,
    recipe: RecipeFile = None,
    user: SignedBy = None,
    token_file: TokenFile = None,
    password_stdin: PasswordStdin = False,
) -> int:
    """Retrain; print the advice with its reasons, and where the report lies."""
    # Imported here: LightGBM, Django and pandas would take seconds of --help.
    from features.words import Words
    from models.recipe import read_recipe
    from scoring import store
    from scoring.settings import PATIENCE_SECONDS
    from scoring.terminal import Terminal

    session: Session = context.obj
    outside_models(out and out / "report.html")
    terminal = Terminal.opened(session.language)
    judged = day("--as-of", as_of) or session.today
    chosen = read_recipe(recipe) if recipe else None
    store.require()
    # A timer may retrain without an account, as nothing is promoted; who gives one is put on record.
    named = user is not None or token_file is not None or TOKEN in os.environ
    by = signed_in(user, token_file, password_stdin=password_stdin, language=session.language) if named else None
    from scoring.relearning import Wanted, relearn  # can be loaded only once Django is set up

    with store.exclusive("retrain", PATIENCE_SECONDS), terminal.steps(Words("训练并检验", "training")) as on_step:
        done = relearn(Wanted(judged, catalog, out, chosen), by, session.language, on_step)
    _show(terminal, done)
    return 0


def _show(terminal: "Terminal", done: "Relearned") -> None:
    from features.words import Words
    from scoring.model_words import warnings
    from scoring.report.retraining import VERDICTS

    advice, version = done.found.advice, done.logged.version
    terminal.notes(warnings(done.found.challenger))
    terminal.show(VERDICTS[advice.verdict])
    for _, words in advice.reasons:
        terminal.show(Words(f"  · {words.zh}", f"  - {words.en}"))
    terminal.show(
        Words(f"新模型：第 {version} 版，{done.digest[:12]}", f"new model: version {version}, {done.digest[:12]}")
    )
    terminal.show(Words(f"报告：{done.report / 'report.html'}", f"report: {done.report / 'report.html'}"))
    terminal.note(
        Words(
            f"换用它：luodi models propose {version} --reason 理由，再由另一人 luodi models approve {version}。",
            f"to use it: luodi models propose {version} --reason WHY, then luodi models approve {version} as somebody "
            "else.",
        )
    )
