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
    codes = cells.dictionary_encode()  # an investor comes again and again: each code is checked once
    fails = np.array([*(not check(code) for code in codes.dictionary.to_pylist()), False])
    return np.asarray(fails[codes.indices.fill_null(len(codes.dictionary)).to_numpy()])
