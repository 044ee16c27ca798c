"""Files that people keep: written whole or not at all, and safe to open in a spreadsheet."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.errors import Refused
from features.words import Words

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it Excel reads a UTF-8 file as GBK
SIGNIFICANT_DIGITS = 12
FORMULA = r"^\s*[=+\-@＝＋－＠]|^[\t\r\n]"
NUMBER = r"^\s*[+\-]?[0-9][0-9,]*(\.[0-9]*)?([eE][+\-]?[0-9]+)?\s*%?\s*$"
DASHES = r"^[\s\-－]*$"  # the usual mark of an empty cell
_POWERS = np.array([float(f"1e{k}") for k in range(23)])  # exact in binary, unlike 10.0 ** k


@contextmanager
def published(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Give an unfinished name beside each path; all take their places when the block ends well, else none is left.

    An unfinished file that the block has deleted takes no place.

    Raises
    ------
    Refused
        If a path is a folder or a device, if its folder is missing or closed to us, or if the disk is full.
    """
    targets = [_target(path) for path in paths]
    unfinished = tuple(path.with_name(f".{path.name}.{os.getpid()}.part") for path in targets)
    try:
        for draft, path in zip(unfinished, targets, strict=True):
            _claim(draft, path)
        yield unfinished
        for draft, path in zip(unfinished, targets, strict=True):
            if draft.exists():
                with in_words(path):
                    _settle(draft, path)
    finally:
        for draft in unfinished:
            with suppress(OSError):  # never claimed, or already in its place
                draft.unlink()


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what the operating system says about writing ``path`` into a refusal that names it."""
    try:
        yield
    except OSError as error:
        raise refusal(error, path) from error


def _target(path: Path) -> Path:
    path = Path(os.path.realpath(path))  # a link stays a link: what it points at is replaced
    with in_words(path):
        occupied = path.exists() and not stat.S_ISREG(path.stat().st_mode)
    if occupied:
        raise Refused(
            Words(
                zh=f"无法写入 {path}：输出须是普通文件；实际是文件夹或设备。请换一个文件名。",
                en=f"cannot write {path}: an output must be a plain file; got a folder or a device. Give a file name.",
            )
        )
    return path


def _claim(draft: Path, path: Path) -> None:
    with in_words(path):
        draft.unlink(missing_ok=True)  # left by a killed run that had our process number
        draft.touch(exist_ok=False)  # nor through a link that somebody laid there
        if path.exists():
            draft.chmod(stat.S_IMODE(path.stat().st_mode))  # a file closed to others stays closed
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, "read-only")


def _settle(draft: Path, path: Path) -> None:
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(draft, path)


_REMEDIES = {
    "full": Words(
        zh="磁盘已满或超过限额。请腾出空间，或换一个位置。", en="the disk is full. Make room or write elsewhere."
    ),
    "closed": Words(
        zh="没有写入权限。请换一个文件夹，或关闭正打开它的程序。", en="permission denied. Choose another folder."
    ),
    "absent": Words(zh="文件夹不存在。请先建立它。", en="its folder does not exist. Create it first."),
}
_CAUSES = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EFBIG: "full",
    errno.EACCES: "closed",
    errno.EPERM: "closed",
    errno.EROFS: "closed",
    errno.ENOENT: "absent",
    errno.ENOTDIR: "absent",
}


def refusal(error: OSError, path: Path | str) -> Refused:
    """Return what the operating system said about writing ``path``, in words and with the remedy."""
    cause = _CAUSES.get(error.errno or 0)
    said = error.strerror or str(error)
    told = _REMEDIES[cause] if cause else Words(zh=f"系统报告：{said}", en=said)
    return Refused(Words(zh=f"无法写入 {path}：{told.zh}", en=f"cannot write {path}: {told.en}"))


def significant(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each number to twelve significant digits; whole and missing numbers stay as they are.

    The last digits of a double differ between machines; what is written shall not.

    Examples
    --------
    >>> significant(np.array([0.1 + 0.2, 35000.00000000001, 1e15 + 1, np.nan])).tolist()
    [0.3, 35000.0, 1000000000000001.0, nan]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        magnitude = np.floor(np.log10(np.abs(values)))
        whole = values == np.trunc(values)
    free = ~np.isfinite(values) | whole
    places = np.where(free, 0, np.clip(SIGNIFICANT_DIGITS - 1 - np.where(free, 0, magnitude), 0, len(_POWERS) - 1))
    scale = _POWERS[places.astype(np.intp)]
    with np.errstate(invalid="ignore"):
        rounded = np.rint(values * scale) / scale
    return np.asarray(np.where(free, values, rounded) + 0.0)  # + 0.0: no "-0"


def spreadsheet_safe(cells: pa.Array) -> pa.Array:
    """Return the text cells with an apostrophe before each one that a spreadsheet would take for a formula.

    Examples
    --------
    >>> spreadsheet_safe(pa.array(["=1+1", "-12.5", "-2+3", "-", "甲", None])).to_pylist()
    ["'=1+1", '-12.5', "'-2+3", '-', '甲', None]
    """
    formula = pc.match_substring_regex(cells, FORMULA)
    if not pc.any(formula).as_py():
        return cells
    harmless = pc.or_(pc.match_substring_regex(cells, NUMBER), pc.match_substring_regex(cells, DASHES))
    return pc.if_else(pc.and_not(formula, harmless), _joined("'", cells), cells)


def csv_lines(table: pa.Table) -> bytes:
    """Return the table's rows as CSV in UTF-8, without its header: text safe for spreadsheets, missing cells empty."""
    if not table.num_rows:
        return b""
    with ThreadPoolExecutor() as threads:  # Arrow lets go of Python's lock: the columns are written side by side
        cells = list(threads.map(_written, (column.combine_chunks() for column in table.columns)))
    lines = _joined(pc.binary_join_element_wise(*cells, ",", null_handling="replace"), "\n")
    _, ends, text = lines.buffers()  # the text of an Arrow column lies in one piece: it is the file already
    length = int(np.frombuffer(ends, dtype=np.int32)[len(lines)])
    return bytes(memoryview(text)[:length])


def csv_header(names: Sequence[str]) -> bytes:
    """Return the byte-order mark and the header line."""
    header = pc.binary_join(pa.array([_written(pa.array(names, pa.string())).to_pylist()]), ",")
    return BYTE_ORDER_MARK + f"{header[0].as_py()}\n".encode()


def write_csv(file: BinaryIO, table: pa.Table) -> None:
    """Write a whole table as CSV."""
    file.write(csv_header(table.column_names))
    file.write(csv_lines(table))


def _written(cells: pa.Array) -> pa.Array:
    if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type) or pa.types.is_null(cells.type):
        return _quoted(spreadsheet_safe(cells.cast(pa.string())))
    if pa.types.is_floating(cells.type):
        return _plain(cells)
    if pa.types.is_temporal(cells.type):
        return cells.cast(pa.date32()).cast(pa.string())
    return cells.cast(pa.string())


def _plain(cells: pa.Array) -> pa.Array:
    numbers = significant(cells.to_numpy(zero_copy_only=False))
    missing = np.isnan(numbers)
    text = pa.array(numbers, mask=missing).cast(pa.string())
    # Arrow writes 1.58e+10 where a person wants 15800000000.
    large = (np.abs(numbers) >= 1e10) & (np.abs(numbers) < 1e18) & (numbers == np.trunc(numbers))
    if large.any():
        digits = pa.array(np.where(large, numbers, 0).astype(np.int64)).cast(pa.string())
        text = pc.if_else(pa.array(large), digits, text)
    return text


def _quoted(cells: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(cells, '[",\r\n]|^\\s|\\s$')
    if not pc.any(special).as_py():
        return cells
    return pc.if_else(special, _joined('"', pc.replace_substring(cells, '"', '""'), '"'), cells)


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")
