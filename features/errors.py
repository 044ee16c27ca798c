"""What can go wrong, told in words: one small tree of errors, each with its data inside."""

from collections.abc import Sequence
from dataclasses import dataclass

from features.words import Language, Words


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a table or a catalogue: where it is, the rule, what was got, and the remedy."""

    column: str
    message: Words
    line: int | None = None  # 1-based line of the file, header included; None = the whole column or file

    def said(self, language: Language) -> str:
        """Return the problem as one sentence in ``language``, its place first."""
        colon = "：" if language is Language.ZH else ": "
        return f"{self._place(language)}{colon}{self.message.said(language)}"

    def _place(self, language: Language) -> str:
        if self.line is None:
            return self.column
        line = f"第 {self.line} 行" if language is Language.ZH else f"line {self.line}"
        separator = "，" if language is Language.ZH else ", "
        return f"{line}{separator}{self.column}" if self.column else line

    def __str__(self) -> str:
        return self.said(Language.EN)


class DiligenceError(Exception):
    """Anything Luodi refuses to do, with the reason in words and every problem behind it."""

    def __init__(self, message: Words, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message.en)
        self.message = message
        self.problems = tuple(problems)

    def said(self, language: Language) -> str:
        """Return the message and its problems, one a line, in ``language``."""
        return "\n".join([self.message.said(language), *(f"  {p.said(language)}" for p in self.problems)])

    def __str__(self) -> str:
        return self.said(Language.EN)


class DataError(DiligenceError):
    """A table that cannot be used."""


class CatalogError(DiligenceError):
    """A catalogue, policy or recipe that breaks its own rules."""


class BundleError(DiligenceError):
    """A model folder that is missing, changed, or made for something else."""


class Refused(DiligenceError):
    """A request that is understood and not granted."""
