"""Parquet: the types that other programs find in it."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.database.files.test_about import ABOUT

from perps_stats.core.catalogue import ORDERBOOKS
from perps_stats.database.files.about import to_about
from perps_stats.database.files.parquet import (
    parquet_writer,
    read_about,
    read_rows,
    write_columns,
)

BOOK = b'binance,BTC,1.50 1,2 3,"","",0001-01-01T00:00:00.000001Z,9223372036854775807,false,\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two blocks of a book."""
    path = tmp_path / "a.parquet"
    with parquet_writer(path, ORDERBOOKS, ABOUT) as write:
        write(BOOK)
        write(BOOK)
        write(b"")
    return path


def test_other_programs_find_types(path: Path) -> None:
    """Times in UTC, whole numbers, flags, lists; decimals are text, which loses nothing."""
    table = pq.read_table(path)
    assert table.to_pylist() == 2 * [
        {
            "exchange": "binance",
            "symbol": "BTC",
            "bid_prices": ["1.50", "1"],
            "bid_quantities": ["2", "3"],
            "ask_prices": [],
            "ask_quantities": [],
            "timestamp": datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
            "sequence": 2**63 - 1,
            "complete": False,
            "recv_ts": None,
        }
    ]
    assert table.schema.field("timestamp").type == pa.timestamp("us", "UTC")


def test_units_stand_at_their_columns(path: Path) -> None:
    """And what the file is about in its metadata."""
    assert pq.read_schema(path).field("bid_prices").metadata == {b"unit": b"quote/base"}
    assert to_about(read_about(path), "a") == ABOUT


def test_rows_are_read_as_csv_has_them(path: Path) -> None:
    """In chunks; a time may have a space in its middle."""
    names = ("binance", "BTC")
    levels = ("1.50 1", "2 3", "", "")
    row = (*names, *levels, "0001-01-01 00:00:00.000001Z", str(2**63 - 1), "false", None)
    assert list(read_rows(path, ORDERBOOKS, 1)) == [[row], [row]]


def test_columns_keep_their_types(tmp_path: Path) -> None:
    """A column without a value is one of texts."""
    path = tmp_path / "a.parquet"
    columns: dict[str, list[object]] = {
        "a": ["1.50", None],
        "b": [["x"], []],
        "c": [1, 2],
        "d": [None, None],
    }
    write_columns(path, columns, {"a": "quote"}, b"{}")
    table = pq.read_table(path)
    assert table.to_pydict() == columns
    assert table.schema.field("d").type == pa.string()
    assert table.schema.field("a").metadata == {b"unit": b"quote"}
