"""luodi catalog check: whether a catalogue keeps the rules, and what it says."""

from typing import Annotated

import typer

from scoring.commands.options import Session
from scoring.commands.speech import both

HELP = both("目录：项目表里有哪些列、哪些里程碑。", "Catalogues: what a project is in one place.")
EXAMPLE = both("例：luodi catalog check my.toml", "Example: luodi catalog check my.toml")
CHECK = both("检查一份目录；列出全部错误。", "Check a catalogue and list every fault.")

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("check", help=CHECK, epilog=EXAMPLE)
def command(
    context: typer.Context,
    path: Annotated[
        str,
        typer.Argument(
            metavar="NAME|PATH",
            show_default=False,
            help=both("内置名称（zhaoshang、repd）或 TOML 文件。", "A built-in name or a TOML file."),
        ),
    ],
) -> int:
    """Check the catalogue and print what it holds."""
    # Imported here: numpy alone would take half the time of --help.
    from features.catalogs.reader import read_catalog
    from features.errors import CatalogError
    from features.terms import CLOCKS
    from features.words import Words
    from scoring.terminal import Terminal

    session: Session = context.obj
    terminal = Terminal.opened(session.language)
    try:
        catalog = read_catalog(path)
    except CatalogError as error:
        if not error.problems:  # not found, not readable
            raise
        terminal.problems(error.problems)
        terminal.note(error.message)
        return 1
    features = sum(attribute.is_feature for attribute in catalog.attributes.values())
    families = len(catalog.histories) + len(catalog.neighbours)
    months = [(CLOCKS[spec.clock], spec.horizon_months) for spec in catalog.clocks.values()]
    zh = "、".join(f"{clock.zh} {horizon} 个月" for clock, horizon in months)
    en = ", ".join(f"{clock.en} {horizon} months" for clock, horizon in months)
    terminal.show(
        Words(
            zh=f"{catalog.label.zh}（{catalog.name} {catalog.version}）没有错误："
            f"{len(catalog.attributes)} 列，其中 {features} 列进入模型，{len(catalog.derived)} 个派生比率，"
            f"{families} 组历史，{len(catalog.milestones)} 个里程碑；期限 {zh}。",
            en=f"{catalog.label.en} ({catalog.name} {catalog.version}) keeps every rule: "
            f"{len(catalog.attributes)} columns, {features} of them features, {len(catalog.derived)} derived, "
            f"{families} history families, {len(catalog.milestones)} milestones; "
            f"horizons: {en}.",
        )
    )
    return 0
