"""Identity codes checked with python-stdnum: a code whose check digit fails is kept and flagged, never refused."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from stdnum.cn import uscc

CHECKED: Mapping[str, Callable[[str], bool]] = MappingProxyType({"uscc": uscc.is_valid})  # by attribute id


def failing(cells: pa.StringArray, attribute_id: str) -> NDArray[np.bool_]:
    """Return which cells (n,) hold a code that fails its check; a missing cell fails nothing.

    Examples
    --------
    >>> failing(pa.array(["91110000600037341L", "91110000600037341X", None]), "uscc").tolist()
    [False, True, False]
    >>> failing(pa.array(["anything"]), "project_name").tolist()
    [False]
    """
    check = CHECKED.get(attribute_id)
    if check is None:
        return np.zeros(len(cells), dtype=bool)
    return np.array([text is not None and not check(text) for text in cells.to_pylist()], dtype=bool)
