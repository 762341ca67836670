"""Records as JSON: exact, complete, marked."""

from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from perps_stats.api.records import encoded_lines
from perps_stats.core.figures import Slippage

from .rows import BOOK, LIQUIDITY, SLIPPAGE, TRADE

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(
    lambda value: abs(value.adjusted()) < 60
)


def first(record: msgspec.Struct, *, as_numbers: bool = False) -> dict[str, object]:
    body = encoded_lines([record], {"binance": False}, as_numbers=as_numbers)
    return msgspec.json.decode(body, type=dict[str, object])


@given(DECIMALS)
def test_a_decimal_is_written_out_exactly(value: Decimal) -> None:
    """Digits and trailing zeros as they are, without an exponent."""
    text = first(structs.replace(TRADE, price=value))["price"]
    assert isinstance(text, str)
    assert "E" not in text
    assert Decimal(text) == value
    if value.as_tuple().exponent <= 0:  # type: ignore[operator]  # an int: it is finite
        assert Decimal(text).as_tuple() == value.as_tuple()


@given(DECIMALS)
def test_a_number_keeps_every_digit(value: Decimal) -> None:
    """JSON knows no limit of digits: whoever reads doubles loses them, not we."""
    body = encoded_lines([structs.replace(TRADE, price=value)], {}, as_numbers=True)
    price = msgspec.json.decode(body, type=dict[str, msgspec.Raw])["price"]
    assert Decimal(bytes(price).decode()) == value


def test_floors_are_the_bands_beyond_reach() -> None:
    """A whole book has none."""
    assert first(structs.replace(LIQUIDITY, complete=True))["floors"] == []
    reaching = structs.replace(LIQUIDITY, reach_bid_bps=Decimal(100), reach_ask_bps=Decimal(20))
    assert first(reaching)["floors"] == ["ask_50bps", "ask_100bps"]


def test_the_greatest_amount_of_a_short_book_is_a_floor() -> None:
    """Where deeper levels may exist, ``fillable`` is not known."""
    short: Slippage = structs.replace(SLIPPAGE, fillable=None, max_amount=Decimal(9000))
    assert (first(short)["fillable"], first(short)["floors"]) == (None, ["max_amount"])
    whole = structs.replace(short, fillable=False)
    assert first(whole)["floors"] == []


def test_an_exchange_that_is_not_stored() -> None:
    """Whether it is simulated is not known."""
    assert first(structs.replace(TRADE, exchange="nowhere"))["simulated"] is None
    assert first(TRADE)["simulated"] is False


def test_levels_as_numbers() -> None:
    """The same levels, unquoted."""
    assert first(BOOK, as_numbers=True)["bids"] == [{"price": 61659.7, "quantity": 1e-08}]
