"""The text format of COPY."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.stored import Row
from perps_stats.database.text import CHUNK, chunks, encoded

VALUES = st.none() | st.text(alphabet=st.sampled_from("ab\\\t\n\rN."), max_size=5)
ROWS = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.tuples(*[VALUES] * width), min_size=1, max_size=6)
)
UNESCAPED = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


def decoded(body: bytes) -> list[Row]:
    """Read as PostgreSQL's manual describes the format, a character at a time."""
    lines = body.decode().removesuffix("\n").split("\n")
    return [tuple(_value(field) for field in line.split("\t")) for line in lines]


def _value(field: str) -> str | None:
    if field == r"\N":
        return None
    plain, letters = "", iter(field)
    for letter in letters:
        plain += UNESCAPED[next(letters)] if letter == "\\" else letter
    return plain


@given(ROWS)
def test_every_text_survives(rows: list[Row]) -> None:
    """Tabs, newlines, backslashes, empty texts and nulls are told apart."""
    assert decoded(encoded(rows)) == rows


def test_plain_rows_are_joined_as_they_are() -> None:
    """The common case needs no escape."""
    assert encoded([("1", "2.50", None), ("3", "", "x")]) == b"1\t2.50\t\\N\n3\t\tx\n"


def test_uneven_rows_are_an_error() -> None:
    """A row with a value too few is never shifted into its neighbour's columns."""
    with pytest.raises(ValueError, match="shorter"):
        encoded([("1", "2"), ("3",)])


def test_chunks_are_the_body() -> None:
    """The body is sent in pieces, in order and whole."""
    body = bytes(range(256)) * (CHUNK // 100)
    assert b"".join(chunks(body)) == body
    assert max(map(len, chunks(body))) == CHUNK
