"""Work done one step ahead: the next piece of a file is read while the last one is being scored."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(pieces: Iterable[T]) -> Iterator[T]:
    """Yield the pieces in their order, the next one being made in another thread meanwhile.

    It pays where one side waits for C code that lets Python run: LightGBM, Arrow, the disk. What fails on the other
    side fails here, in its turn.

    Examples
    --------
    >>> list(ahead(x * x for x in range(4)))
    [0, 1, 4, 9]
    """
    source = iter(pieces)
    with ThreadPoolExecutor(max_workers=1) as other:
        upcoming = other.submit(_next, source)
        while piece := upcoming.result():
            upcoming = other.submit(_next, source)
            yield piece[0]


def _next(source: Iterator[T]) -> tuple[()] | tuple[T]:
    for piece in source:
        return (piece,)
    return ()
