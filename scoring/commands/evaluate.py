"""luodi evaluate: how well the model would have forecast this register, against its rivals."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scoring.commands.options import CatalogName, HistoryFile, Session, day
from scoring.commands.outputs import outside_models
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
Plots = Annotated[
    Path | None,
    typer.Option(
        "--plots",
        metavar="FOLDER",
        show_default=False,
        help=both(
            "每个时钟画一张校准图（PNG），写入此文件夹。", "Draw a reliability plot per clock (PNG) into this folder."
        ),
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
    plots: Plots = None,
) -> int:
    """Evaluate, and print the models, the origins and the calibration of each clock."""
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
    outside_models(json_file, plots and plots / "plot")
    terminal = Terminal.opened(session.language)
    if plots is not None:
        _prepare(plots)
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
    if plots is not None:
        _draw(terminal, evaluation, plots)
    return 0


def _show(terminal: "Terminal", evaluation: Any) -> None:
    from features.terms import CLOCKS
    from features.words import Words
    from models.findings import MEANS, calibration_table, models_table, origins_table
    from scoring.listing import as_rich

    for clock, result in evaluation.clocks.items():
        days, name = [origin.origin for origin in result.origins], CLOCKS[clock]
        terminal.note(
            Words(
                f"{name.zh}：{len(days)} 个时点，{days[0]} 至 {days[-1]}",
                f"{name.en}: {len(days)} origins, {days[0]} to {days[-1]}",
            )
        )
    terminal.notes(evaluation.notes)
    for result in evaluation.clocks.values():
        terminal.show(as_rich(models_table(evaluation, result), terminal.language))
        terminal.show(MEANS)
        for table in (origins_table(evaluation, result), calibration_table(result)):
            terminal.show(as_rich(table, terminal.language))


def _prepare(folder: Path) -> None:
    """Refuse, before the long work, what could not be drawn or kept."""
    from features.errors import Refused
    from features.words import Words
    from scoring.writing import in_words

    if find_spec("matplotlib") is None:
        raise Refused(
            Words(
                zh="--plots 须用 matplotlib；实际未安装；请安装附加依赖：pip install 'luodi[plots]'",
                en="--plots needs matplotlib; got none installed; install the extra: pip install 'luodi[plots]'",
            )
        )
    if folder.exists() and not folder.is_dir():
        raise Refused(
            Words(
                zh=f"--plots 须是文件夹；{folder} 实际是文件；请换一个名称",
                en=f"--plots must be a folder; got the file {folder}; give another name",
            )
        )
    with in_words(folder):
        folder.mkdir(parents=True, exist_ok=True)


def _draw(terminal: "Terminal", evaluation: Any, folder: Path) -> None:
    from features.words import Words
    from scoring.reliability import language_drawn, reliability
    from scoring.writing import in_words, published

    language = language_drawn(terminal.language)
    if language is not terminal.language:
        terminal.note(
            Words(
                "未找到中文字体，图中文字为英文；可安装 fonts-wqy-microhei 或 Noto Sans CJK",
                "no Chinese font found: the plots are in English",
            )
        )
    for clock, result in evaluation.clocks.items():
        path = folder / f"reliability_{clock.value}.png"
        with published(path) as (draft,), in_words(path):
            draft.write_bytes(reliability(result, language))
        terminal.note(Words(f"校准图：{path}", f"reliability plot: {path}"))
