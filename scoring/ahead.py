"""Work done ahead and abreast: the next piece of a file is read while others are being scored."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
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


def abreast(work: Callable[[S], T], pieces: Iterable[S], many: int) -> Iterator[tuple[S, T]]:
    """Yield the pieces in their order, each with what was made of it, as ``many`` being worked on at once.

    What fails fails here, in its turn; what has begun by then is finished first.

    Examples
    --------
    >>> list(abreast(lambda x: x * x, range(4), 2))
    [(0, 0), (1, 1), (2, 4), (3, 9)]
    """
    with ThreadPoolExecutor(max_workers=many) as others:
        begun: deque[tuple[S, Future[T]]] = deque()
        for piece in pieces:
            begun.append((piece, others.submit(work, piece)))
            if len(begun) == many:
                first, made = begun.popleft()
                yield first, made.result()
        for piece, made in begun:
            yield piece, made.result()


def _next(source: Iterator[T]) -> tuple[()] | tuple[T]:
    for piece in source:
        return (piece,)
    return ()
