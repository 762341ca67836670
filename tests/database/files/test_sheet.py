"""Workbooks, read back as the zipped XML they are."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.database.files.test_about import ABOUT
from tests.database.files.workbook import sheets

from perps_stats.core.catalogue import TRADES
from perps_stats.core.errors import BadInput
from perps_stats.database.files.sheet import sheet_writer, workbook


def test_a_number_is_text_with_every_digit(tmp_path: Path) -> None:
    """Null is a cell that is not there; an empty text is one."""
    path = tmp_path / "a.xlsx"
    digits = "123456789012345678901234567890.10"
    with workbook(path, ("a", "b", "c"), {"a": "quote"}, ["a note"]) as append:
        append([digits, None, ""])
        append(["=1+1", "http://a", "ü"])
    assert sheets(path) == {
        "rows": [
            {"A": "a", "B": "b", "C": "c"},
            {"A": digits, "C": ""},
            {"A": "=1+1", "B": "http://a", "C": "ü"},
        ],
        "units": [{"A": "field", "B": "unit"}, {"A": "a", "B": "quote"}, {"A": "a note"}],
    }


def test_rows_of_a_data_set_say_where_they_come_from(tmp_path: Path) -> None:
    """Their header, units, span, and that they are simulated."""
    path = tmp_path / "a.xlsx"
    with sheet_writer(path, TRADES, replace(ABOUT, start="2026-01-01")) as write:
        write('binance,BTC,"a\u2028b\n""c",1.50,2,buy,t,true,\n'.encode())
    found = sheets(path)
    assert list(found["rows"][0].values()) == [
        *("exchange", "symbol", "id", "price", "quantity", "side", "timestamp", "liquidation"),
        "recv_ts",
    ]
    assert found["rows"][1]["C"] == 'a\u2028b\n"c'
    notes = [row["A"] for row in found["units"]]
    assert notes[1:] == [
        "price",
        "trades: public trades",
        "rows from 2026-01-01 to before the end",
        "written 2026-03-01T00:00:00.000000Z by perps-stats 1, for reading, not for import",
        "simulated data: binance",
    ]


def test_text_that_no_cell_holds_is_refused(tmp_path: Path) -> None:
    """It would be cut off without a word; nothing is left of the attempt."""
    path = tmp_path / "a.xlsx"

    def write(length: int) -> None:
        with workbook(path, ("a", "b"), {}, []) as append:
            append(["1", "x" * length])

    with pytest.raises(BadInput, match=r"row 1, b: 'x+…' .* a cell does not hold so much text"):
        write(32_768)
    assert list(tmp_path.iterdir()) == []
    write(32_767)
    assert len(sheets(path)["rows"][1]["B"]) == 32_767
