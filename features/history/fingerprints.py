"""Keyed hashes of names: projects of one firm or authority are told together without the name being kept."""

import functools
import hashlib
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import Catalog, Kind
from features.spelling import folded

UNKNOWN = np.uint64(0)  # no name, no fingerprint

_FORMS = re.compile(
    r"\b(?:ltd|limited|plc|llp|llc|group|holdings?|company|co|corp|corporation|inc|gmbh|ag|sa|the)\b"
    r"|股份有限公司|有限责任公司|有限公司|集团"
)
_SEPARATOR = "\x1f"


def firm(name: str) -> str:
    """Return what tells one firm from another in a name: no width, case, blanks, punctuation, or company form.

    Examples
    --------
    >>> firm("Sample Wind Power (UK) Ltd.") == firm("SAMPLE WIND-POWER UK LIMITED")
    True
    >>> firm("示例新能源（甲）股份有限公司") == firm("示例新能源(甲)集团有限公司")
    True
    >>> firm("The Group Ltd")  # nothing but forms: they are the name
    'thegroupltd'
    """
    words = re.sub(r"[^\w]+", " ", re.sub(r"[.'’`]", "", folded(name)))
    return "".join(_FORMS.sub(" ", words).split()) or "".join(words.split())


def fingerprints(rows: pd.DataFrame, by: tuple[str, ...], catalog: Catalog, salt: bytes) -> NDArray[np.uint64]:
    """Return one keyed hash per row for its values of ``by``.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, ...)
    by : columns whose values together are the name; keys compare as firms, all others as folded text
    salt : key of the hash (BLAKE2b, RFC 7693), at most 64 bytes

    Returns
    -------
    uint64 array of shape (n_projects,)
        ``UNKNOWN`` where any of the values is missing, or the file has no such column.
    """
    if not all(column in rows for column in by):
        return np.full(len(rows), UNKNOWN)
    parts = [_comparable(rows[column], catalog.attributes[column].kind) for column in by]
    names = functools.reduce(lambda left, right: left + _SEPARATOR + right, parts)
    codes, unique = pd.factorize(names)  # missing is -1, and takes the last one
    return np.array([*(_hash(name, salt) for name in unique), UNKNOWN], dtype=np.uint64)[codes]


def _comparable(column: pd.Series, kind: Kind) -> pd.Series:
    spelling: Callable[[str], str] = firm if kind is Kind.KEY else folded
    codes, unique = pd.factorize(column)
    spelled = [spelling(str(name)) or None for name in unique]
    return pd.Series(np.array([*spelled, None], dtype=object)[codes], dtype="str")


def _hash(name: str, salt: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8, key=salt).digest(), "big")
