"""luodi demo: an invented county from its ledger to an explained ranking, by the commands that a user would type."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoring.commands import explain, score, train
from scoring.commands.options import Session
from scoring.commands.outputs import outside_models
from scoring.commands.speech import both

if TYPE_CHECKING:
    from scoring.terminal import Terminal

HELP = both(
    "演示：虚构一个县的台账，训练、评分、排名、说明；文件在 var/demo。",
    "A demonstration on an invented county: train, score, rank, explain; files in var/demo.",
)
EXAMPLE = both("例：luodi demo", "Example: luodi demo --lang en")
Folder = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help=both("演示文件放在哪里。", "Where the files go."))
]


def command(context: typer.Context, out: Folder = Path("var/demo")) -> int:
    """Prepare the files, then run train, score and explain on them."""
    # Imported here: pandas and the generator would take a second of --help.
    import pandas as pd

    from features.words import Words
    from scoring.demo import CATALOG, prepare
    from scoring.terminal import Terminal
    from scoring.writing import in_words

    session: Session = context.obj
    outside_models(out / "model")
    terminal = Terminal.opened(session.language)
    with in_words(out):
        out.mkdir(parents=True, exist_ok=True)
    with terminal.progress(Words("虚构一个县", "inventing a county")):
        made = prepare(out)
    day, model, scored = str(made.day), out / "model", out / "scored.csv"
    parts, rejects = out / "contributions.parquet", out / "rejects.csv"

    _step(terminal, f"luodi train {made.history} --catalog {CATALOG} --as-of {day} --out {model}")
    train.command(context, made.history, catalog=CATALOG, out=model, as_of=day)
    _step(terminal, f"luodi score {made.round_} --model {model} --out {scored} --as-of {day} ...")
    score.command(context, made.round_, model, scored, parts, rejects, as_of=day)
    table = pd.read_csv(scored, encoding="utf-8-sig")
    first = str(table.loc[table["rank"] == 1, "project_name"].iloc[0])
    _step(terminal, f"luodi explain {made.round_} --model {model} --id {first} --as-of {day}")
    explain.command(context, made.round_, model, first, as_of=day)
    return 0


def _step(terminal: "Terminal", line: str) -> None:
    terminal.show(f"\n$ {line}")
