"""Parquet files as grids: each column as text, row n of the table on line n + 1."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.errors import DataError
from features.reading.grids import FileKind, Row, figure_text
from features.words import Words

_ROWS = 8192


@dataclass(frozen=True)
class ParquetGrid:
    """A Parquet file."""

    path: Path
    kind: FileKind = FileKind.PARQUET
    encoding: str = ""
    delimiter: str = ""

    @property
    def told(self) -> tuple[Words, ...]:
        """What was taken, for people."""
        return (Words(zh="按 Parquet 读取", en="read as Parquet"),)

    def rows(self) -> Iterator[Row]:
        """Yield the names of the columns as line 1, then every row."""
        try:
            with pq.ParquetFile(self.path) as file:
                yield 1, [str(name) for name in file.schema_arrow.names]
                line = 1
                for batch in file.iter_batches(batch_size=_ROWS):
                    for cells in zip(*(_texts(column) for column in batch.columns), strict=True):
                        line += 1
                        yield line, list(cells)
        except (pa.ArrowException, ArithmeticError, LookupError, MemoryError, OSError, TypeError, ValueError):
            raise _damaged(self.path) from None


def _damaged(path: Path) -> DataError:
    return DataError(
        Words(
            zh=f"{path.name}：必须是完好的 Parquet 文件；实际无法读取；请重新导出",
            en=f"{path.name}: must be a sound Parquet file; got one that does not read; export it again",
        )
    )


def _texts(column: pa.Array) -> list[str]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = pc.local_timestamp(column)  # midnight in Beijing is the day before in UTC
    if pa.types.is_floating(column.type):
        # In a column of floats NaN is how frames write "missing".
        return ["" if value is None or value != value else figure_text(value) for value in column.to_pylist()]
    if pa.types.is_nested(column.type) or _is_bytes(column.type):
        return ["" if value is None else str(value).replace("\0", "") for value in column.to_pylist()]
    texts = pc.fill_null(pc.cast(column, pa.string()), "")
    return [text.replace("\0", "") for text in texts.to_pylist()]


def _is_bytes(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(test(kind) for test in tests)
