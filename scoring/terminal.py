"""The terminal: results on standard output, notes and progress on standard error, in one language."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from features.errors import Problem
from features.words import Language, Words

WIDTH_OF_A_PIPE = 100  # where no terminal says how wide it is

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Terminal:
    """Where a command speaks, and in which language."""

    language: Language
    out: Console
    err: Console

    @classmethod
    def opened(cls, language: Language) -> "Terminal":
        """Return the terminal of this process."""
        return cls(language, _console(stderr=False), _console(stderr=True))

    def show(self, what: RenderableType | Words) -> None:
        """Print a result."""
        self.out.print(self._said(what), markup=False, highlight=False, soft_wrap=isinstance(what, Words | str))

    def note(self, what: Words) -> None:
        """Print a remark beside the results."""
        self.err.print(self._said(what), markup=False, highlight=False, soft_wrap=True, style="dim")

    def notes(self, remarks: Iterable[Words]) -> None:
        """Print remarks, one a line."""
        for remark in remarks:
            self.note(remark)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Print problems, one a line."""
        for problem in problems:
            self.out.print(problem.said(self.language), markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def progress(self, what: Words, total: int | None = None) -> Iterator[Advance]:
        """Show that something is under way, and how far; the block is given a function that counts steps."""
        amount = MofNCompleteColumn() if total is not None else TextColumn("{task.completed}")
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), amount, TimeElapsedColumn())
        with Progress(*columns, console=self.err, transient=True, disable=not self.err.is_terminal) as progress:
            task = progress.add_task(what.said(self.language), total=total)
            yield lambda steps: progress.advance(task, steps)

    @contextmanager
    def steps(self, what: Words) -> Iterator[Callable[[int, int, Words], None]]:
        """Show work of many steps; the block is given a function that takes (done, total, what was done)."""
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(
            *columns, TimeElapsedColumn(), console=self.err, transient=True, disable=not self.err.is_terminal
        ) as progress:
            task = progress.add_task(what.said(self.language), total=None)

            def on_step(done: int, total: int, said: Words) -> None:
                progress.update(task, completed=done, total=total, description=said.said(self.language))

            yield on_step

    def _said(self, what: RenderableType | Words) -> RenderableType:
        return what.said(self.language) if isinstance(what, Words) else what


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    told = stream.isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, width=None if told else WIDTH_OF_A_PIPE)
