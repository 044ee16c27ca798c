"""Words in the two languages of the product: every label and message exists in Chinese and in English."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language the product speaks."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str

    def said(self, language: Language) -> str:
        """Return the text in ``language``."""
        return self.zh if language is Language.ZH else self.en

    def __str__(self) -> str:
        return self.en
