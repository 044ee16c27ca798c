"""The command line: its commands, its language, and the rim where every failure becomes one message in words."""

import os
import sys
import traceback
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from features.errors import DiligenceError
from features.words import Language, Words
from scoring.commands import (
    catalog,
    check,
    demo,
    evaluate,
    explain,
    forecast,
    models,
    outcomes,
    rank,
    retrain,
    score,
    status,
    store,
    template,
    train,
    user,
)
from scoring.commands.options import Lang, Session
from scoring.commands.speech import ENVIRONMENT, both, language_of, speak, taken_out, usage_words

REFUSED = 2
UNEXPECTED = 3
INTERRUPTED = 130
DEBUG = "LUODI_DEBUG"
DEBUG_OPTION = "--debug"
STOPPED = Words("已中断；没有留下不完整的文件。", "interrupted; no unfinished file is left.")
COMMANDS = {
    "demo": demo,
    "template": template,
    "check": check,
    "train": train,
    "evaluate": evaluate,
    "score": score,
    "rank": rank,
    "explain": explain,
    "forecast": forecast,
    "retrain": retrain,
    "status": status,
}

Debug = Annotated[
    bool,
    typer.Option(
        DEBUG_OPTION,
        metavar="",
        help=both(
            f"意外错误时显示调用过程（或设 {DEBUG}=1）。", f"Show the trace of an unexpected error (or {DEBUG}=1)."
        ),
    ),
]


def application(language: Language) -> Any:
    """Return the command tree with its help in ``language``."""
    app = typer.Typer(
        name="luodi",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback(
        help=both(
            "落地：哪些投资项目会真正落地投产，为什么，有多大把握。辅助参考，不替代集体决策。",
            "Luodi: which investment projects will really land and produce, why, and how sure that is. "
            "An aid to the committee, not its decision.",
        ),
        epilog=both("例：luodi demo", "Example: luodi demo --lang en"),
    )(_settings)
    for name, module in COMMANDS.items():
        app.command(name, help=module.HELP, epilog=module.EXAMPLE)(module.command)
    app.add_typer(catalog.app, name="catalog", help=catalog.HELP, epilog=catalog.EXAMPLE)
    app.add_typer(store.app, name="store", help=store.HELP, epilog=store.EXAMPLE)
    app.add_typer(outcomes.app, name="outcomes", help=outcomes.HELP, epilog=outcomes.EXAMPLE)
    app.add_typer(models.app, name="models", help=models.HELP, epilog=models.EXAMPLE)
    app.add_typer(user.app, name="user", help=user.HELP, epilog=user.EXAMPLE)
    tree = typer.main.get_command(app)
    speak(tree, typer.Context(tree), language)
    return tree


def _settings(lang: Lang = "zh", debug: Debug = False) -> None:
    # Both are taken from the arguments before anything runs, wherever they stand; here they are explained.
    del lang, debug


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 well, 1 problems found, 2 refused, 3 unexpected, 130 interrupted."""
    said, others = taken_out(arguments, os.environ.get(ENVIRONMENT))
    language = language_of(said)
    if language is None:
        return _told(Words(f"--lang 须为 zh 或 en；实际是 {said!r}。", f"--lang: zh | en; got {said!r}"), REFUSED)
    debug = DEBUG_OPTION in others or bool(os.environ.get(DEBUG))
    others = [argument for argument in others if argument != DEBUG_OPTION]
    try:
        code = _command(others, language)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except (BrokenPipeError, SystemExit):  # the reader of a pipe has gone (typer then exits): nobody is left to tell
        _abandon_output()
        return 0
    except Exception as error:  # noqa: BLE001 - the rim: a person is told in words what no one foresaw
        if debug:
            traceback.print_exception(error)
        words, code = _answer(error, others)
        return _told(words, code, language)
    return _told(STOPPED, code, language) if code == INTERRUPTED else code


def _answer(error: Exception, arguments: Sequence[str]) -> tuple[DiligenceError | Words, int]:
    """Return what to say of a failure, and the exit code."""
    match error:
        case DiligenceError():
            return error, REFUSED
        case TyperException():
            return _usage(error, arguments), REFUSED
        case OSError():  # of a file of the user's; those of our own outputs are worded where they are written
            _abandon_output()
            return _unwritten(error), REFUSED
        case _:
            return _unforeseen(error, arguments), UNEXPECTED


def _command(arguments: list[str], language: Language) -> int:
    session = Session(language, datetime.now().astimezone().date())  # the one place that reads the clock
    code = application(language).main(arguments, prog_name="luodi", standalone_mode=False, obj=session)
    sys.stdout.flush()  # a full disk behind a redirection shows here at the latest
    return int(code or 0)


def main() -> None:
    """Run the command line of this process."""
    # Read when LightGBM is first loaded: threads that wait shall not spin where other programs need the cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    # Read when NumPy is first loaded: the sums of a fit are small, threads cost five times what they bring, and how
    # many there are would show in the last bits, and so in the hash of a model.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(run(sys.argv[1:]))


def _usage(error: TyperException, arguments: Sequence[str]) -> Words:
    message = error.format_message()
    if not arguments:  # the help itself
        return Words(message, message)
    said = usage_words(message)
    command = " ".join(["luodi", *(a for a in arguments[:1] if a in COMMANDS)])
    return Words(f"{said.zh}用法见 {command} --help", f"{said.en} See {command} --help")


def _unwritten(error: OSError) -> Words:
    from scoring.writing import refusal  # loads numpy and Arrow, which help must not wait for

    return refusal(error, error.filename or "stdout").message


def _abandon_output() -> None:
    """Let what is still held back for standard output go nowhere, instead of failing once more at the exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def _unforeseen(error: Exception, arguments: Sequence[str]) -> Words:
    doing = " ".join(["luodi", *arguments])
    # The error's own text may quote a cell of the file, and so a person: only its kind and place are told.
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind = f"{type(error).__name__}, {os.path.basename(place.filename)}:{place.lineno}"
    return Words(
        zh=f"执行 {doing} 时出现意外错误（{kind}）。请加 {DEBUG_OPTION} 再运行一次，把所示内容报告给 Luodi 的维护者。",
        en=f"unexpected error while running {doing} ({kind}). Run it again with {DEBUG_OPTION} and report the trace.",
    )


def _told(said: DiligenceError | Words, code: int, language: Language = Language.ZH) -> int:
    sys.stderr.write(f"{said.said(language)}\n")
    return code
