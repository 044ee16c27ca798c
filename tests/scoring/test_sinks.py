import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import Refused
from scoring.ahead import ahead
from scoring.sinks import CsvFile, ParquetFile, Spool, arrow

ONE = pa.table({"a": [1.0, 2.0], "b": ["x", None]})
TWO = pa.table({"a": [3.0], "b": ["y"]})


def test_a_spool_gives_back_what_it_took_and_leaves_nothing(tmp_path):
    with Spool(tmp_path / "scored.csv") as spool:
        spool.add(ONE)
        spool.add(TWO)
        assert pa.concat_tables(spool.tables()) == pa.concat_tables([ONE, TWO])
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_spool_of_no_rows_still_knows_its_columns(tmp_path):
    with Spool(tmp_path / "scored.csv") as spool:
        spool.add(ONE.slice(0, 0))
        assert [table.column_names for table in spool.tables()] == [["a", "b"]]


def test_a_csv_file_has_one_header_however_often_it_grows(tmp_path):
    with CsvFile(tmp_path / "draft", tmp_path / "a.csv") as file:
        file.add(ONE)
        file.add(TWO)
    assert (tmp_path / "draft").read_text(encoding="utf-8-sig") == "a,b\n1,x\n2,\n3,y\n"


def test_a_parquet_file_keeps_its_notes(tmp_path):
    with ParquetFile(tmp_path / "draft", tmp_path / "a.parquet", ONE.schema) as file:
        file.add(ONE)
        file.add(TWO)
        file.note({"luodi.base.landed": "0.25"})
    assert pq.read_table(tmp_path / "draft") == pa.concat_tables([ONE, TWO])
    assert pq.read_metadata(tmp_path / "draft").metadata[b"luodi.base.landed"] == b"0.25"


def test_a_place_that_cannot_be_written_is_refused_by_its_final_name(tmp_path):
    with pytest.raises(Refused, match=r"a\.csv"):
        CsvFile(tmp_path / "absent" / "draft", tmp_path / "absent" / "a.csv")


def test_the_types_of_a_table_do_not_hang_on_the_cells_of_a_batch():
    full = pd.DataFrame(
        {
            "number": [1.5],
            "text": pd.Series(["x"], dtype="str"),
            "said": np.array(["y"], dtype=object),
            "day": pd.Series(["2026-03-01"], dtype="datetime64[s]"),
            "rank": pd.array([1], dtype="Int64"),
        }
    )
    blank = full.copy()
    blank.loc[0] = [np.nan, None, None, pd.NaT, pd.NA]
    blank["said"] = np.array([None], dtype=object)
    assert arrow(full).schema == arrow(blank.astype(full.dtypes)).schema == arrow(full.iloc[:0]).schema


def test_what_fails_ahead_fails_in_its_turn():
    def pieces():
        yield 1
        yield 2
        raise ValueError("third")

    taken = []

    def take_all():
        for piece in ahead(pieces()):
            taken.append(piece)

    with pytest.raises(ValueError, match="third"):
        take_all()
    assert taken == [1, 2]


def test_pieces_come_in_their_order_and_all_of_them():
    assert list(ahead(range(100))) == list(range(100))
    assert list(ahead([])) == []
    assert list(ahead([0, None, ""])) == [0, None, ""]
