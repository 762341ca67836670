"""Lighter's order books and trades; its refusals, limits and clock."""

from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import BadInput, Refused, Unreadable
from perps_stats.core.types import Orderbook, OrderbookLevel, Side, Trade
from perps_stats.exchanges.lighter import LIGHTER, rest

from ..answers import asked, body  # noqa: TID252 (tests are no package that could be named)
from .venue import (
    BOOK,
    BTC,
    ETH,
    NOON,
    OF_ETH,
    ORDERS,
    TRADES,
    Json,
    answer,
    at,
    order,
    trade,
    with_,
)


def level(price: str, quantity: str) -> OrderbookLevel:
    return OrderbookLevel(Decimal(price), Decimal(quantity))


def test_an_order_book() -> None:
    """Orders at one price are one level; all orders came, so the book is whole."""
    found, asks = asked(rest.orderbook(ETH, 5), answer)
    assert asks == [((ORDERS, OF_ETH | {"limit": "250"}, 1, ""),)]
    assert found == Orderbook(
        exchange="lighter",
        symbol="ETH",
        bids=[level("1914.22", "0.19"), level("1914.18", "8.55")],
        asks=[level("1914.28", "0.3021"), level("1914.42", "4.5605"), level("1914.5", "1")],
        timestamp=None,
        complete=True,
    )


def test_the_last_level_of_a_side_that_was_cut_off_is_left_out() -> None:
    """The order that was left out may rest at it; of the other side nothing is missing."""
    found, _ = asked(rest.orderbook(ETH, 5), partial(with_, {ORDERS: BOOK | {"total_asks": 5}}))
    assert [each.price for each in found.asks] == [Decimal("1914.28"), Decimal("1914.42")]
    assert len(found.bids) == 2
    assert not found.complete


def test_the_only_level_of_a_side_stays() -> None:
    """At least so much rests at it; an empty side may be null."""
    changed: Json = {
        "total_bids": 9,
        "bids": [order("1914.22", "0.1")],
        "total_asks": 0,
        "asks": None,
    }
    found, _ = asked(rest.orderbook(ETH, 5), partial(with_, {ORDERS: BOOK | changed}))
    assert (found.bids, found.asks) == ([level("1914.22", "0.1")], [])
    assert not found.complete


def test_an_order_that_cannot_be_read_spoils_the_book() -> None:
    """A level without it would be wrong and look right."""
    changed: Json = {"asks": [order("1914.28", "1"), {"price": "1914.28"}]}
    with pytest.raises(Unreadable, match="remaining_base_amount"):
        asked(rest.orderbook(ETH, 5), partial(with_, {ORDERS: BOOK | changed}))


def test_trades_oldest_first() -> None:
    """Whatever order they come in; positions that were closed without an order are no trades."""
    found, asks = asked(rest.trades(ETH, 5), answer)
    assert asks == [((TRADES, OF_ETH | {"limit": "5"}, 1, ""),)]
    first, forced, last = found
    assert first == Trade(
        exchange="lighter",
        symbol="ETH",
        id="26280867773",
        price=Decimal("1913.99"),
        quantity=Decimal("0.0008"),
        side=Side.BUY,
        timestamp=NOON,
        liquidation=False,
    )
    assert (forced.price, forced.liquidation, forced.timestamp) == (Decimal("1913.5"), True, at(1))
    assert (last.id, last.side, last.timestamp) == ("26280867775", Side.SELL, at(2))


@pytest.mark.parametrize("nothing", [{"trades": None}, {}, {"trades": []}])
def test_no_trades(nothing: Json) -> None:
    """The list may be null or absent."""
    found, _ = asked(rest.trades(BTC, 5), partial(with_, {TRADES: {"code": 200} | nothing}))
    assert found == []


def test_no_more_trades_than_there_can_be() -> None:
    """Of 101 nothing is asked."""
    with pytest.raises(BadInput, match="at most the last 100"):
        asked(rest.trades(ETH, 101), answer)


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [({"price": "0"}, "price"), ({"size": "-1"}, "quantity"), ({"timestamp": 0}, "timestamp")],
)
def test_an_impossible_trade_is_reported(spoilt: Json, reason: str) -> None:
    """The others are kept."""
    bad: list[Unreadable] = []
    changed = {TRADES: {"code": 200, "trades": [trade(1), trade(2) | spoilt]}}
    found, _ = asked(rest.trades(ETH, 5), partial(with_, changed), bad)
    assert [each.id for each in found] == ["1"]
    assert reason in str(bad[0])


@pytest.mark.parametrize(
    ("status", "told", "code", "too_fast"),
    [
        (400, {"code": 21_102, "message": "invalid market index"}, "21102", False),
        (200, {"code": 20_001, "message": "invalid param"}, "20001", False),
        (429, {"code": 23_000, "message": "Too Many Requests!"}, "23000", True),
        (400, {"code": 23_999, "message": "slow down"}, "23999", True),
        (400, {"code": 24_000, "message": "other"}, "24000", False),
    ],
)
def test_refusals(status: int, told: Json, code: str, too_fast: bool) -> None:  # noqa: FBT001
    """A code other than 200 is an error, whatever HTTP says; 23000 to 23999 say: slow down."""
    refused = rest.refusal(status, body(told))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.too_fast) == (code, too_fast)
    assert str(told["message"]) in str(refused)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (200, b'{"code":200,"trades":null}'),
        (200, b'{"status":1,"network_id":304,"timestamp":1769860800}'),
        (500, b'{"code":20500,"message":"internal"}'),
        (403, b"<html>"),
        (200, b"[1]"),
    ],
)
def test_what_is_no_refusal(status: int, told: bytes) -> None:
    """An answer; a fault of the server, which another try may mend; what is not of its making."""
    assert rest.refusal(status, told) is None


def test_the_clock() -> None:
    """In seconds, outside the versioned paths."""
    found, asks = asked(rest.clock(), answer)
    assert (found, asks) == (NOON, [(("/", {}, 1, ""),)])


def test_sixty_requests_a_minute() -> None:
    """Each weighs one; no header tells how many were counted."""
    (limit,) = LIGHTER.rest.limits.values()
    assert (limit.weight, limit.seconds, limit.used_header, limit.left_header) == (
        60,
        60,
        None,
        None,
    )
