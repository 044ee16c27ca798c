"""luodi forecast: from where each project of a ledger stands, what comes next and when."""

from pathlib import Path
from typing import Annotated

import typer

from scoring.commands.options import AsOf, HistoryFile, ModelFolder, Session, Snapshot, day
from scoring.commands.outputs import outside_models, places
from scoring.commands.speech import both

HELP = both(
    "台账中的项目下一步何时到来：签约未开工、开工未投产，按关注程度列出。",
    "What comes next of each project of a ledger, and when: the waiting and the building, in order of concern.",
)
EXAMPLE = both(
    "例：luodi forecast ledger.csv --model var/model --as-of 2026-03-01 --within 12 --out forecast.csv",
    "Example: luodi forecast ledger.csv --model var/model --as-of 2026-03-01 --within 12 --out forecast.csv",
)
Within = Annotated[
    int,
    typer.Option(
        "--within", metavar="MONTHS", min=1, max=120, help=both("今后多少个月之内。", "How many months ahead.")
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        show_default=False,
        help=both("预测结果 CSV，一行一个项目。", "The forecasts as CSV, one project a row."),
    ),
]


def command(  # noqa: PLR0913 - one parameter an option
    context: typer.Context,
    file: HistoryFile,
    model: ModelFolder,
    within: Within = 12,
    out: Out = None,
    as_of: AsOf = None,
    snapshot: Snapshot = None,
) -> int:
    """Forecast the ledger; print both lists and what became of every row."""
    # Imported here: LightGBM and pandas would take two seconds of --help.
    import numpy as np

    from features.timeline import trace
    from features.words import Words
    from scoring.batch import Outputs
    from scoring.commands.reading import read_history
    from scoring.forecast_listing import lists, stood, tally
    from scoring.forecasting import frame, outlook, written
    from scoring.loading import load_trained
    from scoring.model_words import grounds
    from scoring.terminal import Terminal

    session: Session = context.obj
    outside_models(out)
    terminal, language = Terminal.opened(session.language), session.language
    judged = np.datetime64(day("--as-of", as_of) or session.today)
    asked = day("--snapshot", snapshot)
    outputs = Outputs(out) if out else None
    if outputs:
        outputs.check(file)
    loaded = load_trained(model)
    trained = loaded.model
    batch = read_history(file, trained.catalog, terminal, trained.catalog.name)
    snapped = np.datetime64(asked) if asked else None
    timeline = trace(batch.rows, trained.catalog, as_of=judged, snapshot=snapped, lines=batch.lines)
    terminal.notes(stood(timeline, judged))
    with terminal.progress(Words("预测", "forecasting")):
        found = outlook(trained, batch.rows, timeline, within, (loaded.name, loaded.digest))
        table = frame(found, language)
        rejects = written(table, batch.rejects, outputs) if outputs else None
    for drawn in lists(found, table, language):
        terminal.show(drawn)
    for said in (*grounds(trained), *tally(found, table, language), *places(out, rejects, "forecast")):
        terminal.show(said)
    return 1 if len(batch.rejects) else 0
