"""luodi train: a history file becomes a model folder; before there is any history, the catalogue alone does."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoring.commands.options import AsOf, CatalogName, Session, Snapshot, day
from scoring.commands.outputs import outside_models
from scoring.commands.speech import both

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from features.catalog import Catalog
    from scoring.terminal import Terminal

HELP = both(
    "用历史台账训练模型；尚无结果时，用 --cold 只凭目录的专家评分卡。",
    "Train a model on a history file; before any outcome, --cold takes the catalogue's expert card alone.",
)
EXAMPLE = both(
    "例：luodi train history.csv --catalog zhaoshang --out var/model\n\n"
    "尚无结果：luodi train --catalog zhaoshang --cold --out var/cold",
    "Example: luodi train history.csv --catalog zhaoshang --out var/model\n\n"
    "No outcomes yet: luodi train --catalog zhaoshang --cold --out var/cold",
)
History = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help=both(
            "历史台账：项目表加上各里程碑日期；用 --cold 时不写。",
            "History: projects with the dates of their milestones; not with --cold.",
        ),
    ),
]
Cold = Annotated[
    bool,
    typer.Option(
        "--cold",
        metavar="",
        help=both(
            "冷启动：尚无结果可学，用目录公布的专家权重和曲线。",
            "Cold start: no outcomes to learn from; the catalogue's own weights and curves.",
        ),
    ),
]


def command(  # noqa: PLR0913 - one parameter an option
    context: typer.Context,
    file: History = None,
    catalog: CatalogName = "zhaoshang",
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help=both("模型文件夹。", "Folder of the model."))
    ] = Path("var/model"),
    cold: Cold = False,
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
    from features.words import Words
    from models.bundle import save
    from models.cold import cold_model
    from models.recipe import read_recipe
    from models.training import train
    from scoring.commands.reading import read_history
    from scoring.model_words import trained, warnings
    from scoring.terminal import Terminal

    _refuse_unclear(file, snapshot, cold=cold)
    outside_models(out)
    session: Session = context.obj
    terminal = Terminal.opened(session.language)
    judged = np.datetime64(day("--as-of", as_of) or session.today)
    asked = day("--snapshot", snapshot)
    kinds = read_catalog(catalog)
    chosen = read_recipe(recipe) if recipe else None
    if file is None:
        model = cold_model(kinds, as_of=judged, recipe=chosen)
    else:
        rows = read_history(file, kinds, terminal, catalog).rows
        written = _written(rows, kinds, asked, judged, terminal)
        with terminal.progress(Words("训练", "training")):
            model = train(rows, kinds, as_of=judged, snapshot=written, recipe=chosen)
    digest = save(model, out)
    terminal.show(trained(model, out, digest))
    terminal.notes(warnings(model))
    return 0


def _refuse_unclear(file: Path | None, snapshot: str | None, *, cold: bool) -> None:
    """Refuse a history beside --cold, and neither of them."""
    from features.errors import Refused
    from features.words import Words

    if file is None and not cold:
        raise Refused(
            Words(
                zh="luodi train：须给出历史台账 FILE；实际没有。尚无结果时请用 --cold，只凭目录的专家评分卡。",
                en="luodi train: must be given a history FILE; got none. With no outcomes yet, use --cold: the "
                "catalogue's expert card alone.",
            )
        )
    got = [str(given) for given in (file, snapshot and f"--snapshot {snapshot}") if given]
    if cold and got:
        raise Refused(
            Words(
                zh=f"--cold 只凭目录，不读历史台账；实际给出了 {'、'.join(got)}。请删去它；有台账可学时删去 --cold。",
                en=f"--cold takes the catalogue alone and reads no history; got {', '.join(got)}. Leave it out; or, "
                "with a history to learn from, leave out --cold.",
            )
        )


def _written(
    rows: "pd.DataFrame", catalog: "Catalog", asked: date | None, judged: "np.datetime64", terminal: "Terminal"
) -> "np.datetime64 | None":
    """Return the day the file was written; say so where nothing tells it."""
    import numpy as np

    from features.timeline import snapshot_day
    from features.words import Words

    written = np.datetime64(asked) if asked else snapshot_day(rows, catalog)
    if written is None:
        terminal.note(
            Words(
                f"台账没有写明是哪一天的，按 {judged} 计；可用 --snapshot 指明。",
                f"the file does not say when it was written: taken as {judged}; --snapshot would say.",
            )
        )
    return written
