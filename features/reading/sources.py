"""What kind of file a path is: by its first bytes, not its name."""

from collections.abc import Sequence
from pathlib import Path

from features.errors import DataError
from features.reading.columnar import ParquetGrid
from features.reading.delimited import binary, delimited_grids, unreadable
from features.reading.grids import Grid
from features.words import Words

_HEAD = 1 << 16
_OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")
_BINARY = frozenset(range(9)) | frozenset(range(14, 27))  # control characters that no sheet of text holds


def grids(path: Path, encodings: Sequence[str]) -> Sequence[Grid]:
    """Return the tables that the file may hold: a sheet each, or the file under each delimiter.

    Raises
    ------
    DataError
        Where the path is no readable file, or the file is empty, binary, or in no known encoding.
    """
    try:
        if not path.is_file():
            raise _no_file(path)
        with path.open("rb") as file:
            head = file.read(_HEAD)
        return _grids(path, head, encodings)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None


def _grids(path: Path, head: bytes, encodings: Sequence[str]) -> Sequence[Grid]:
    if not head.strip():
        raise DataError(
            Words(
                zh=f"{path.name}：文件必须有表头和数据行；实际为空；请检查导出",
                en=f"{path.name}: must hold a header and rows; got an empty file; export it again",
            )
        )
    if head.startswith(b"PK"):
        from features.reading.workbook import sheet_grids  # half a second of openpyxl that a CSV need not wait for

        return sheet_grids(path)
    if head.startswith(b"PAR1"):
        return [ParquetGrid(path)]
    if head.startswith(_OLD_EXCEL):
        raise DataError(
            Words(
                zh=f"{path.name}：必须是 csv、xlsx 或 parquet；实际为旧版 xls 或加密文件；请去掉密码并另存为 xlsx",
                en=f"{path.name}: must be csv, xlsx or parquet; got an old xls or a file with a password; "
                "remove the password and save it as xlsx",
            )
        )
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")) and not _BINARY.isdisjoint(head):
        raise binary(path.name)
    return delimited_grids(path, encodings)


def _no_file(path: Path) -> DataError:
    got = Words("是文件夹", "a folder") if path.is_dir() else Words("没有", "nothing there")
    return DataError(
        Words(
            zh=f"{path}：必须是已有的文件；实际{got.zh}；请检查文件名和所在文件夹",
            en=f"{path}: must be a file; got {got.en}; look at the path",
        )
    )
