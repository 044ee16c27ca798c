"""luodi explain: how one project's figures come about."""

from typing import Annotated

import typer

from scoring.commands.options import AsOf, ModelFolder, PolicyName, ProjectsFile, Session
from scoring.commands.speech import both

HELP = both("说明一个项目的数值：基准 + 各维度 + 各属性。", "One project's figures: base + dimensions + attributes.")
EXAMPLE = both(
    "例：luodi explain projects.csv --model var/model --id 甲项目",
    "Example: luodi explain projects.csv --model var/model --id P-017 --detail --lang en",
)
Id = Annotated[
    str,
    typer.Option(
        "--id",
        metavar="ID",
        show_default=False,
        help=both("项目名称或编号：目录的主键列。", "The project, as its key column names it."),
    ),
]
Detail = Annotated[
    bool,
    typer.Option(
        "--detail",
        metavar="",
        help=both(
            "再列出评分卡与树模型各占多少、权重、总体变动，以及与历史的差异。",
            "Also what card and trees each give, their weights, the shock, and how unlike history it is.",
        ),
    ),
]


def command(  # noqa: PLR0913 - one parameter an option
    context: typer.Context,
    file: ProjectsFile,
    model: ModelFolder,
    project: Id,
    detail: Detail = False,
    as_of: AsOf = None,
    policy: PolicyName = None,
) -> int:
    """Explain the project's figures."""
    # Imported here: LightGBM and pandas would take two seconds of --help.
    from scoring.commands.reading import open_round
    from scoring.detail_listing import detailed_project
    from scoring.explaining import explained_project, found_project
    from scoring.terminal import Terminal

    session: Session = context.obj
    terminal = Terminal.opened(session.language)
    scorer, table = open_round(file, model, policy, as_of, session)
    rows, codes = found_project(table, scorer.model.catalog, project)
    scored = scorer.score(rows, codes)
    for what in explained_project(scored, session.language):
        terminal.show(what)
    if detail:
        for what in detailed_project(scored.assessment, scorer.model, session.language):
            terminal.show(what)
    return 0
