"""luodi evaluate: how well the model would have forecast this register, against its rivals."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scoring.commands.options import CatalogName, HistoryFile, Session, day
from scoring.commands.speech import both

if TYPE_CHECKING:
    from scoring.terminal import Terminal

HELP = both(
    "滚动检验：站在过去的每个时点训练，看后来的结果，并与其他做法比较。",
    "Rolling origins: train as of each past day, see what came, beside rival models.",
)
EXAMPLE = both(
    "例：luodi evaluate history.csv --catalog zhaoshang --from 2018 --to 2022 --json result.json",
    "Example: luodi evaluate history.csv --catalog repd --from 2010 --to 2019 --json result.json",
)
FromYear = Annotated[
    int | None,
    typer.Option(
        "--from", metavar="YEAR", show_default=False, help=both("第一个时点的年份。", "Year of the first origin.")
    ),
]
ToYear = Annotated[
    int | None,
    typer.Option("--to", metavar="YEAR", show_default=False, help=both("最后时点的年份。", "Year of the last origin.")),
]
Lag = Annotated[
    float | None,
    typer.Option(
        "--reporting-lag",
        metavar="MONTHS",
        min=0,
        show_default=False,
        help=both(
            "填报滞后的月数；不写则取目录的，0 为按发生日。", "Reporting lag; else the catalogue's; 0: by event dates."
        ),
    ),
]
Written = Annotated[
    str | None,
    typer.Option(
        "--snapshot",
        metavar="DATE",
        show_default=False,
        help=both(
            "台账是哪一天的（2026-03-01）；不写则取表中更新日期。",
            "The day the file was written (2026-03-01); else its own update column.",
        ),
    ),
]
Json = Annotated[
    Path | None,
    typer.Option(
        "--json", metavar="FILE", show_default=False, help=both("把全部结果写成 JSON。", "Write all findings as JSON.")
    ),
]


def command(  # noqa: PLR0913 - one parameter an option
    context: typer.Context,
    file: HistoryFile,
    catalog: CatalogName = "zhaoshang",
    from_year: FromYear = None,
    to_year: ToYear = None,
    reporting_lag: Lag = None,
    snapshot: Written = None,
    json_file: Json = None,
) -> int:
    """Evaluate, and print one table per clock."""
    # Imported here: LightGBM and scikit-learn would take three seconds of --help.
    import json

    import numpy as np

    from features.catalogs.reader import read_catalog
    from features.words import Words
    from models.evaluation import Plan, evaluate
    from models.findings import as_dict
    from models.recipe import read_recipe
    from scoring.commands.reading import read_history
    from scoring.terminal import Terminal
    from scoring.writing import in_words, published

    session: Session = context.obj
    terminal = Terminal.opened(session.language)
    asked = day("--snapshot", snapshot)
    plan = Plan(from_year, to_year, lag_months=reporting_lag, snapshot=np.datetime64(asked) if asked else None)
    kinds = read_catalog(catalog)
    rows = read_history(file, kinds, terminal, catalog).rows
    with terminal.steps(Words("滚动检验", "evaluating")) as on_step:
        evaluation = evaluate(rows, kinds, read_recipe(), plan, on_step)
    _show(terminal, evaluation)
    if json_file is not None:
        with published(json_file) as (draft,), in_words(json_file):
            draft.write_text(json.dumps(as_dict(evaluation), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def _show(terminal: "Terminal", evaluation: Any) -> None:
    from features.words import Words
    from models.findings import models_table
    from scoring.listing import as_rich

    days = evaluation.origins.days
    terminal.note(
        Words(f"{len(days)} 个时点：{days[0]} 至 {days[-1]}", f"origins: {len(days)}, from {days[0]} to {days[-1]}")
    )
    terminal.notes(evaluation.notes)
    for result in evaluation.clocks.values():
        terminal.show(as_rich(models_table(evaluation, result), terminal.language))
