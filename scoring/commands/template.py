"""luodi template: the headers to fill in, and what each of them means."""

from pathlib import Path
from typing import Annotated

import typer

from scoring.commands.options import CatalogName, Session
from scoring.commands.outputs import outside_models
from scoring.commands.speech import both

HELP = both("给出要填的表头；--dictionary 逐列说明含义。", "Headers to fill in; --dictionary says what each means.")
EXAMPLE = both(
    "例：luodi template --catalog zhaoshang --lang zh > projects.csv",
    "Example: luodi template --catalog zhaoshang --lang en > projects.csv",
)

Dictionary = Annotated[
    bool, typer.Option("--dictionary", help=both("写出每一列的含义，一行一列。", "Write what each column means."))
]
History = Annotated[
    bool,
    typer.Option("--history", help=both("也含里程碑日期等事后各列。", "Also what is known later, for training.")),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        show_default=False,
        help=both("写入文件；不写则写到标准输出。", "File to write; else standard output."),
    ),
]


def command(
    context: typer.Context,
    catalog: CatalogName = "zhaoshang",
    dictionary: Dictionary = False,
    history: History = False,
    out: Out = None,
) -> int:
    """Write the headers, or the dictionary, as CSV."""
    # Imported here: pyarrow and numpy would double the time of --help.
    import pyarrow as pa

    from features.catalogs.reader import read_catalog
    from features.catalogs.template import dictionary as entries
    from features.catalogs.template import template
    from scoring.writing import csv_header, csv_lines, in_words, published

    session: Session = context.obj
    outside_models(out)
    kinds = read_catalog(catalog)
    if dictionary:
        table = pa.Table.from_pylist(list(entries(kinds, session.language, history=history)))
        content = csv_header(table.column_names) + csv_lines(table)
    else:
        content = csv_header(template(kinds, session.language, history=history))
    if out is None:
        typer.get_binary_stream("stdout").write(content)
        return 0
    with published(out) as (draft,), in_words(out):
        draft.write_bytes(content)
    return 0
