"""What a column takes, and what is told of the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.errors import BadInput
from perps_stats.database.files.layout import Column, Kind
from perps_stats.database.files.values import to_sql


def column(kind: Kind, *, nullable: bool = False, words: frozenset[str] = frozenset()) -> Column:
    return Column(name="it", sql="it", kind=kind, nullable=nullable, words=words)


def place_of(row: int) -> str:
    return f"a.csv line {row + 2}"


GOOD = [
    (Kind.TEXT, ["", "null", "a\tb"]),
    (Kind.NUMBER, ["0", "-0.0", "61659.70", "1" * 40 + "." + "0" * 400]),
    (Kind.WHOLE, ["0", str(-(2**63)), str(2**63 - 1)]),
    (Kind.FLAG, ["true", "false"]),
    (Kind.TIME, ["0001-01-01T00:00:00.000000Z", "9999-12-31 23:59:59.999999Z"]),
]
BAD = [
    (Kind.TEXT, "a\0"),
    *[
        (Kind.NUMBER, text)
        for text in ("", "NaN", "Infinity", "1,5", "1e5", " 1", "1.", ".5", "\u0661")
    ],
    *[(Kind.WHOLE, text) for text in ("", "1.0", str(2**63), "1_0")],
    *[(Kind.FLAG, text) for text in ("", "t", "True", "1")],
    *[
        (Kind.TIME, text)
        for text in (
            "",
            "2026-02-31T00:00:00.000000Z",
            "2026-02-01T24:00:00.000000Z",
            "2026-02-01T00:00:00Z",
            "2026-02-01T00:00:00.000000",
            "2026-02-01T00:00:00.000000+02:00",
            "infinity",
        )
    ],
    *[(Kind.NUMBERS, text) for text in ("1,2", "1  2", " 1", "1 x")],
]


@pytest.mark.parametrize(("kind", "texts"), GOOD)
def test_what_was_exported_is_taken_as_it_is(kind: Kind, texts: list[str]) -> None:
    """No digit and no character is changed."""
    assert list(to_sql(column(kind), texts, place_of)) == texts


def test_a_list_is_taken_as_an_array() -> None:
    """An empty text is an empty list."""
    assert list(to_sql(column(Kind.NUMBERS), ["1.50 -2", "", "7"], place_of)) == [
        "{1.50,-2}",
        "{}",
        "{7}",
    ]


@pytest.mark.parametrize(("kind", "text"), BAD)
def test_what_is_none_is_told_with_its_place(kind: Kind, text: str) -> None:
    """File, line, column and value: there is a good row before it."""
    good = dict(GOOD).get(kind, ["1"])[0]
    with pytest.raises(BadInput) as told:
        to_sql(column(kind), [good, text], place_of)
    assert (told.value.field, told.value.value) == ("a.csv line 3, it", text)


def test_unknown_is_taken_only_where_it_may_be() -> None:
    """Null is told as well."""
    assert list(to_sql(column(Kind.WHOLE, nullable=True), ["1", None], place_of)) == ["1", None]
    with pytest.raises(BadInput, match=r"a\.csv line 3, it: None .* cannot be unknown"):
        to_sql(column(Kind.WHOLE), ["1", None], place_of)


def test_a_word_is_one_of_the_list() -> None:
    """The remedy lists them."""
    side = column(Kind.TEXT, words=frozenset({"buy", "sell"}))
    assert list(to_sql(side, ["buy"], place_of)) == ["buy"]
    with pytest.raises(BadInput, match="line 2, it: 'long' is not accepted; use buy or sell"):
        to_sql(side, ["long"], place_of)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_decimal_without_exponent_is_a_number(number: object) -> None:
    """As PostgreSQL writes a ``numeric``."""
    text = f"{number:f}"
    assert list(to_sql(column(Kind.NUMBER), [text], place_of)) == [text]
