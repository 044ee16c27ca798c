"""What grows batch by batch while a round is scored: a spool of figures, a CSV file, a Parquet file."""

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scoring.writing import csv_header, csv_lines, in_words


def arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as an Arrow table whose types depend on the columns' kinds alone, not on the cells they hold.

    Examples
    --------
    >>> arrow(pd.DataFrame({"a": [1.5], "b": [None]})).schema.types
    [DataType(double), DataType(string)]
    """
    columns = {
        str(name): pa.array(frame[name], type=_type(frame[name].dtype), from_pandas=True) for name in frame.columns
    }
    return pa.table(columns)


def _type(dtype: Any) -> pa.DataType:
    if pd.api.types.is_integer_dtype(dtype):
        return pa.int64()
    if pd.api.types.is_float_dtype(dtype):
        return pa.float64()
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return pa.timestamp("s")
    return pa.string()


class _Closing(ABC):
    """Something that is closed at the end of its block."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Give back what is held."""


class Spool(_Closing):
    """Tables kept on disk without a name, near the file they will become: nothing is left of them, even by a kill."""

    def __init__(self, path: Path) -> None:
        """Begin a spool in the folder of ``path``."""
        self._path = path
        with in_words(path):
            self._file: IO[bytes] = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115
        self._writer: Any = None

    def add(self, table: pa.Table) -> None:
        """Keep one more table; all have one schema."""
        with in_words(self._path):
            if self._writer is None:
                self._writer = pa.ipc.new_stream(self._file, table.schema)
            self._writer.write_table(table)

    def tables(self) -> Iterator[pa.Table]:
        """Return the tables in the order they came, an empty one before them."""
        if self._writer is None:
            return
        with in_words(self._path):
            self._writer.close()
            self._file.flush()
        self._file.seek(0)
        reader = pa.ipc.open_stream(self._file)
        yield reader.schema.empty_table()  # so that a file of no rows has its header
        for batch in reader:
            yield pa.Table.from_batches([batch])

    def close(self) -> None:
        """Let the disk have its room back."""
        with in_words(self._path):  # what is still held back may not fit
            self._file.close()


class CsvFile(_Closing):
    """A CSV file that grows table by table; its header is that of the first."""

    def __init__(self, draft: Path, path: Path) -> None:
        """Begin the file under the name ``draft``; messages call it ``path``."""
        self._path = path
        with in_words(path):
            self._file = draft.open("wb")
        self._begun = False

    def add(self, table: pa.Table) -> None:
        """Write one more table."""
        with in_words(self._path):
            if not self._begun:
                self._file.write(csv_header(table.column_names))
                self._begun = True
            self._file.write(csv_lines(table))

    def close(self) -> None:
        """Write what is still held back."""
        with in_words(self._path):
            self._file.close()


class ParquetFile(_Closing):
    """A Parquet file that grows table by table, with notes about the whole of it at its end."""

    def __init__(self, draft: Path, path: Path, schema: pa.Schema) -> None:
        """Begin the file under the name ``draft``; messages call it ``path``."""
        self._path = path
        with in_words(path):
            self._file = draft.open("wb")
            self._writer = pq.ParquetWriter(self._file, schema, compression="zstd")

    def add(self, table: pa.Table) -> None:
        """Write one more table."""
        with in_words(self._path):
            self._writer.write_table(table)

    def note(self, notes: Mapping[str, str]) -> None:
        """Keep notes in the file's own metadata."""
        self._writer.add_key_value_metadata(dict(notes))

    def close(self) -> None:
        """Write the end of the file."""
        with in_words(self._path):
            self._writer.close()
            self._file.close()
