"""CSV as PostgreSQL writes it."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.catalogue import LIQUIDATIONS
from perps_stats.database.files.separated import (
    Line,
    read_lines,
    separated_writer,
    to_lines,
    to_values,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def quoted(value: str | None) -> str:
    """By the rule of its manual: null is nothing, any text may be in quotes, which are doubled."""
    return "" if value is None else '"' + value.replace('"', '""') + '"'


def test_null_is_not_an_empty_text() -> None:
    """Nothing between commas, and two quotes."""
    assert to_values('a,,"",b') == ["a", None, "", "b"]
    assert to_values('"",') == ["", None]


@given(st.lists(st.lists(st.none() | TEXTS, min_size=2, max_size=4), max_size=5))
def test_any_rows_are_read(rows: list[list[str | None]]) -> None:
    """Quotes, commas and line ends inside a text do not break a row."""
    text = "".join(",".join(map(quoted, row)) + "\n" for row in rows)
    assert [line.values for line in to_lines(io.StringIO(text, newline="\n"))] == rows


@given(st.lists(TEXTS, min_size=1))
def test_what_other_programs_write_is_read(values: list[str]) -> None:
    """Where there is no null, as the language's own writer writes it."""
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(values)
    assert [line.values for line in to_lines(io.StringIO(written.getvalue(), newline="\n"))] == [
        values
    ]


def test_a_line_has_the_number_of_its_first_line() -> None:
    """A text may go over several; another system's line ends do not count as text."""
    lines = ['a,"x\n', "y\r\n", 'z"\r\n', "b,c\r\n"]
    assert list(to_lines(lines)) == [
        Line(1, ["a", "x\ny\r\nz"]),
        Line(4, ["b", "c"]),
    ]


@pytest.mark.parametrize("text", ['a,"b\n', 'a,b"c"\n', '"a"b,c\n'])
def test_quotes_that_do_not_match_are_told(text: str) -> None:
    """With the line they are in."""
    with pytest.raises(ValueError, match="line 1: a quote"):
        list(to_lines([text]))


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_begins_with_its_header(tmp_path: Path, *, packed: bool) -> None:
    """Packed, any program unpacks it."""
    path = tmp_path / "rows"
    with separated_writer(path, LIQUIDATIONS, packed=packed) as write:
        write(b"binance,BTC,1,2,buy,3,\n")
    text = path.read_bytes()
    assert (gzip.decompress(text) if packed else text) == (
        b"exchange,symbol,price,quantity,side,timestamp,recv_ts\nbinance,BTC,1,2,buy,3,\n"
    )
    assert [line.number for line in read_lines(path, packed=packed)] == [1, 2]
