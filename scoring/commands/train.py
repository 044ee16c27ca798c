"""luodi train: a history file becomes a model folder."""

from pathlib import Path
from typing import Annotated

import typer

from scoring.commands.options import AsOf, CatalogName, HistoryFile, Session, Snapshot, day
from scoring.commands.speech import both

HELP = both("用历史台账训练模型。", "Train a model on a history file.")
EXAMPLE = both(
    "例：luodi train history.csv --catalog zhaoshang --out var/model",
    "Example: luodi train history.csv --catalog zhaoshang --out var/model",
)


def command(  # noqa: PLR0913 - one parameter an option
    context: typer.Context,
    file: HistoryFile,
    catalog: CatalogName = "zhaoshang",
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help=both("模型文件夹。", "Folder of the model."))
    ] = Path("var/model"),
    snapshot: Snapshot = None,
    as_of: AsOf = None,
    recipe: Annotated[
        Path | None,
        typer.Option(
            "--recipe",
            metavar="PATH",
            show_default=False,
            help=both("训练配方 TOML；不写则用内置的。", "Training recipe (TOML); else the built-in one."),
        ),
    ] = None,
) -> int:
    """Train, save, and print what the model rests on."""
    # Imported here: LightGBM and pandas would take two seconds of --help.
    import numpy as np

    from features.catalogs.reader import read_catalog
    from features.timeline import snapshot_day
    from features.words import Words
    from models.bundle import save
    from models.recipe import read_recipe
    from models.training import train
    from scoring.commands.reading import read_history
    from scoring.model_words import trained, warnings
    from scoring.terminal import Terminal

    session: Session = context.obj
    terminal = Terminal.opened(session.language)
    judged = np.datetime64(day("--as-of", as_of) or session.today)
    asked = day("--snapshot", snapshot)
    kinds = read_catalog(catalog)
    chosen = read_recipe(recipe) if recipe else None
    rows = read_history(file, kinds, terminal, catalog).rows
    written = np.datetime64(asked) if asked else snapshot_day(rows, kinds)
    if written is None:
        terminal.note(
            Words(
                f"台账没有写明是哪一天的，按 {judged} 计；可用 --snapshot 指明。",
                f"the file does not say when it was written: taken as {judged}; --snapshot would say.",
            )
        )
    with terminal.progress(Words("训练", "training")):
        model = train(rows, kinds, as_of=judged, snapshot=written, recipe=chosen)
        digest = save(model, out)
    terminal.show(trained(model, out, digest))
    terminal.notes(warnings(model))
    return 0
