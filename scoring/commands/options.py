"""Options and arguments that several commands share, and how their values are read."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from features.errors import Refused
from features.words import Language, Words
from scoring.commands.speech import ENVIRONMENT, both

ProjectsFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help=both("项目表：CSV、XLSX 或 Parquet，一行一个项目。", "Projects: CSV, XLSX or Parquet, one project a row."),
    ),
]
HistoryFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help=both("历史台账：项目表加上各里程碑日期。", "History: projects with the dates of their milestones."),
    ),
]
CatalogName = Annotated[
    str,
    typer.Option(
        "--catalog",
        metavar="NAME|PATH",
        help=both("目录：内置名称（zhaoshang、repd）或 TOML 文件。", "Catalogue: a built-in name or a TOML file."),
    ),
]
ModelFolder = Annotated[
    Path,
    typer.Option(
        "--model",
        metavar="FOLDER|URI",
        show_default=False,
        help=both(
            "模型文件夹，或登记的模型：models:/luodi@champion。",
            "Model folder, or a registered model: models:/luodi@champion.",
        ),
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        show_default=False,
        help=both("以哪一天为准（2026-03-01）；不写即今天。", "The day to judge by (2026-03-01); today if not given."),
    ),
]
Snapshot = Annotated[
    str | None,
    typer.Option(
        "--snapshot",
        metavar="DATE",
        show_default=False,
        help=both(
            "台账是哪一天的；不写则取表中更新日期，表中没有则同 --as-of。",
            "The day the file was written; else its own update column, else --as-of.",
        ),
    ),
]
PolicyName = Annotated[
    str | None,
    typer.Option(
        "--policy",
        metavar="NAME|PATH",
        show_default=False,
        help=both("政策包：名称或 TOML 文件；不写则取目录指定的。", "Policy pack; else the one its catalogue names."),
    ),
]
Seats = Annotated[
    int | None,
    typer.Option(
        "--seats",
        metavar="K",
        min=1,
        show_default=False,
        help=both(
            "本轮名额；写明后给出每个项目入围的概率。", "Seats in this round; gives each project's chance of one."
        ),
    ),
]
Lang = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar="zh|en",
        show_default=False,
        help=both(f"语言：中文 zh（默认）或英文 en（或设 {ENVIRONMENT}）。", f"zh (default) or en (or {ENVIRONMENT})."),
    ),
]


@dataclass(frozen=True)
class Session:
    """What the process gives every command: its language, and the day it runs on."""

    language: Language
    today: date


def day(option: str, text: str | None) -> date | None:
    """Return the date that an option gives.

    Raises
    ------
    Refused
        If the text is no date written as 2026-03-01.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused(
            Words(
                zh=f"{option} 须写成 2026-03-01 这样的日期；实际是 {text!r}。",
                en=f"{option} must be a date written as 2026-03-01; got {text!r}.",
            )
        ) from error
