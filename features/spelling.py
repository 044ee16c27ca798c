"""When two spellings are one name: width, case and blanks do not tell headers or levels apart."""

import difflib
import unicodedata
from collections.abc import Iterable


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
