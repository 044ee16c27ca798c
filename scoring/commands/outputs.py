"""Where a command writes: never into a model folder, which one file more would make unreadable."""

from collections.abc import Iterator
from pathlib import Path

from features.errors import Refused
from features.words import Words


def outside_models(*paths: Path | None) -> None:
    """Refuse, before the work, an output that would lie in a model folder, at whatever depth.

    Raises
    ------
    Refused
        Naming the output and the model.
    """
    # Imported here: help must not wait for what reads models.
    from models.sealed import is_sealed

    for path in paths:
        inside = next((folder for folder in path.resolve().parents if is_sealed(folder)), None) if path else None
        if inside is not None:
            raise Refused(
                Words(
                    zh=f"输出 {path} 不得写进模型文件夹 {inside}：多一个文件，模型就不能再读取。请换一个位置。",
                    en=f"output {path} must lie outside every model folder; got a place in {inside}, which "
                    "could not be read any more with one file more. Name another place.",
                )
            )


def places(out: Path | None, rejects: Path | None, what: str) -> Iterator[Words]:
    """Yield where the results lie, and the rows that were sent back; nothing for what was not written.

    Parameters
    ----------
    what : what became of the projects, in English
    """
    if out is not None:
        yield Words(f"结果：{out}", f"{what}: {out}")
    if rejects is not None:
        yield Words(f"退回的行和原因：{rejects}", f"rejected rows and why: {rejects}")
