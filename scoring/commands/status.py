"""luodi status: whether the model in use still holds, in words first."""

from pathlib import Path
from typing import Annotated

import typer

from scoring.commands.options import AsOf, Session, day
from scoring.commands.speech import both

HELP = both(
    "现用模型还可靠吗：训练以来的结果与预计相比如何，台账和模型有多旧。",
    "Does the model in use still hold: what came since its training against what it expected, and how old all is.",
)
EXAMPLE = both("例：luodi status", "Example: luodi status --lang en")
CHAMPION = Path("models:/luodi@champion")
Watched = Annotated[
    Path,
    typer.Option(
        "--model",
        metavar="FOLDER|URI",
        show_default=False,
        help=both("看哪个模型；不写则为批准使用的那个。", "The model to watch; else the one approved for use."),
    ),
]
Named = Annotated[
    str | None,
    typer.Option(
        "--catalog",
        metavar="NAME",
        show_default=False,
        help=both("看哪种目录的项目；不写则为模型的目录。", "Whose projects; else those of the model's catalogue."),
    ),
]


def command(context: typer.Context, model: Watched = CHAMPION, as_of: AsOf = None, catalog: Named = None) -> int:
    """Say whether the model holds; 1 where an alarm is raised."""
    # Imported here: help must not wait for LightGBM, pandas and Django.
    import numpy as np

    from features.words import Words
    from scoring.loading import load_trained
    from scoring.store import require
    from scoring.terminal import Terminal
    from scoring.watch_words import figures, verdict
    from scoring.watching import watching

    session: Session = context.obj
    terminal = Terminal.opened(session.language)
    judged = day("--as-of", as_of) or session.today
    require()
    from scoring.review.history import rows_recorded_by  # can be loaded only once Django is set up

    trained = load_trained(model)
    with terminal.progress(Words("核对结果", "comparing")):
        recorded = rows_recorded_by(judged, catalog or trained.model.catalog.name)
        found = watching(trained.model, recorded.rows, recorded.catalog, np.datetime64(judged))
    terminal.show(verdict(found))
    for line in figures(found, recorded.catalog):
        terminal.show(line)
    return 1 if found.alarms else 0
