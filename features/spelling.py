"""When two spellings are one name: width, case and blanks do not tell headers or levels apart."""

import difflib
import re
import unicodedata
from collections.abc import Iterable

# What shows nothing (soft hyphens, marks of no width) or turns the direction of what follows; what steers a terminal.
UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
CONTROLS = "\x01-\x1f\x7f-\x9f"
_UNSEEN = re.compile(f"[{UNSEEN}]")
_CONTROLS = re.compile(f"[{CONTROLS}\x00]")


def unseen_dropped(text: str) -> str:
    """Return ``text`` without the characters that take no room."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def on_one_line(text: str) -> str:
    """Return ``text`` as it may be printed: on one line, nothing in it that hides or that steers a terminal.

    Examples
    --------
    >>> on_one_line("mill\\n\\x1b[31mone\\u202e")
    'mill [31mone'
    """
    return " ".join(_CONTROLS.sub(" ", unseen_dropped(text)).split())


def folded(text: str) -> str:
    """Return ``text`` as names are compared: NFKC (full width = half width), blanks collapsed, case folded.

    Examples
    --------
    >>> folded(" Planning Permission  GRANTED ")
    'planning permission granted'
    >>> folded("投资额（万元）") == folded("投资额(万元)")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known spelling that ``word`` most likely meant, or None.

    Examples
    --------
    >>> nearest("dimention", ["label", "dimension"])
    'dimension'
    >>> nearest("colour", ["label", "dimension"]) is None
    True
    """
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.7)
    return found[0] if found else None
