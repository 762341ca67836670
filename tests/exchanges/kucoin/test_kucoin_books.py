"""KuCoin's order books and trades; its refusals, limits, clock and handshake."""

from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import BadInput, Unreadable
from perps_stats.core.types import OrderbookLevel, Side, Trade
from perps_stats.exchanges.contract import Limit, Window
from perps_stats.exchanges.events import BookSnapshot
from perps_stats.exchanges.kucoin import KUCOIN, rest

from ..answers import asked, body  # noqa: TID252 (tests are no package that could be named)
from . import venue
from .venue import (
    BTC,
    CLOCK,
    NOON,
    OF_XBT,
    T0,
    TOKEN,
    TRADES,
    USD,
    WHOLE_BOOK,
    answer,
    at,
    with_,
)

MINUTES = Window(NOON, at(180_000))


def level(price: str, quantity: str) -> OrderbookLevel:
    return OrderbookLevel(Decimal(price), Decimal(quantity))


@pytest.mark.parametrize(
    ("depth", "path", "weight"),
    [
        (1, "/api/v1/level2/depth20", 5),
        (20, "/api/v1/level2/depth20", 5),
        (21, "/api/v1/level2/depth100", 5),
        (100, "/api/v1/level2/depth100", 5),
        (101, WHOLE_BOOK, 3),
        (1_000_000, WHOLE_BOOK, 3),
    ],
)
def test_the_smallest_book_that_covers(depth: int, path: str, weight: int) -> None:
    """Of the three that the exchange offers; a depth of 50 does not exist."""
    _, asks = asked(rest.orderbook(BTC, depth), answer)
    assert asks == [((path, OF_XBT, weight, ""),)]


def test_an_order_book() -> None:
    """Lots are told as numbers; a book shorter than what was asked for is the whole."""
    found, _ = asked(rest.orderbook(BTC, 20), answer)
    assert found.bids == [
        level("110199.4", "0.176"),
        level("110131", "0.640"),
        level("0.1", "15602.000"),
    ]
    assert found.asks == [level("110199.5", "0.001"), level("110275.0", "0.612")]
    assert (found.timestamp, found.sequence, found.complete) == (at(7), 1_697_895_963_339, True)
    twenty = [[price, 1] for price in range(20, 0, -1)]
    book = {"/api/v1/level2/depth20": venue.BOOK | {"bids": twenty}}
    assert not asked(rest.orderbook(BTC, 20), partial(with_, book))[0].complete


def test_the_order_book_of_an_inverse_contract() -> None:
    """Dollars over the price of their level, to 15 digits."""
    found, _ = asked(rest.orderbook(USD, 20), answer)
    assert found.bids[0] == level("110199.4", "0.00159710488441861")
    assert str(found.bids[2].quantity) == "156020000"


def test_what_a_live_book_starts_from() -> None:
    """The whole book, whatever depth would do: prices and base coin as text."""
    for count in (None, 20):
        found, asks = asked(rest.book_snapshot(BTC, count), answer)
        assert asks == [((WHOLE_BOOK, OF_XBT, 3, ""),)]
        assert found == BookSnapshot(
            native="XBTUSDTM",
            ts=(T0 + 7) * 1000,
            last=1_697_895_963_339,
            bids=found.bids,
            asks=found.asks,
            depth=None,
        )
        assert bytes(found.bids) == b'[["110199.4","0.176"],["110131","0.640"],["0.1","15602.000"]]'
        assert bytes(found.asks) == b'[["110199.5","0.001"],["110275.0","0.612"]]'


def test_recent_trades() -> None:
    """The newest of those told, the oldest first; the time is in nanoseconds, to a microsecond."""
    found, asks = asked(rest.trades(BTC, 2), answer)
    assert asks == [((TRADES, OF_XBT, 5, ""),)]
    assert found == [
        Trade(
            exchange="kucoin",
            symbol="BTC",
            id=id_,
            price=Decimal(price),
            quantity=Decimal(quantity),
            side=side,
            timestamp=at(milliseconds).replace(microsecond=1000 * (milliseconds % 1000) + 123),
        )
        for id_, price, quantity, side, milliseconds in (
            ("1697915257908", "110198.5", "0.018", Side.BUY, -1),
            ("1697915257909", "110199.5", "0.017", Side.SELL, 0),
        )
    ]
    assert len(asked(rest.trades(BTC, 100), answer)[0]) == 3
    assert asked(rest.trades(USD, 1), answer)[0][0].quantity == Decimal("0.000154265672711764")


def test_more_trades_than_there_are() -> None:
    """The exchange gives the last hundred, and no page before."""
    with pytest.raises(BadInput, match="100"):
        asked(rest.trades(BTC, 101), answer)


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (200, {"code": "200003", "msg": "Invalid symbol."}, ("200003", False)),
        (200, {"code": "404000", "msg": "The contract ... does not exist."}, ("404000", False)),
        (200, {"code": "415000", "msg": "mark price is not supported"}, ("415000", False)),
        (404, {"code": "404", "msg": "not exist"}, ("404", False)),
        (
            404,
            {"code": "404", "msg": "Not Found", "retry": False, "success": False},
            ("404", False),
        ),
        (429, {"code": "429000", "msg": "Too Many Requests"}, ("429000", True)),
        (200, {"code": 429000, "msg": "Too Many Requests"}, ("429000", True)),
        (200, {"code": "200000", "data": []}, None),
        (500, {"code": "500000", "msg": "internal"}, None),
        (200, [], None),
    ],
)
def test_refusals(status: int, said: object, expected: tuple[str, bool] | None) -> None:
    """An error can come with HTTP 200: the code tells it, and whether it only says "slow down"."""
    refused = KUCOIN.rest.refusal(status, body(said))
    assert (refused and (refused.code, refused.too_fast)) == expected


def test_what_is_no_json_is_no_refusal() -> None:
    """A page of a proxy says nothing about the question."""
    assert KUCOIN.rest.refusal(200, b"<html>") is None


def test_an_answer_without_data_is_unreadable() -> None:
    """The envelope is opened, its path told."""
    with pytest.raises(Unreadable, match="data"):
        asked(rest.clock(), lambda _: body({"code": "200000"}))


def test_the_limits() -> None:
    """One pool of 2000 in 30 seconds; the exchange says what is left, and when it begins anew."""
    assert KUCOIN.rest.limits == {
        "": Limit(2000, 30, left_header="gw-ratelimit-remaining", reset_header="gw-ratelimit-reset")
    }


def test_the_clock() -> None:
    """In milliseconds."""
    assert asked(rest.clock(), answer) == (at(5), [((CLOCK, {}, 2, ""),)])


def test_the_handshake_of_the_stream() -> None:
    """A token is asked for; the address bears it, and our id."""
    found, asks = asked(rest.handshake("ours"), answer)
    assert asks == [((TOKEN, {}, 10, ""),)]
    assert found == (
        "wss://ws-api-futures.kucoin.com/?token=2neAiuYvAU61ZDXANAGAsiL4-iAExhsBXZxf==."
        "sb29ayXiBOmPXNoHkkMaUA==&connectId=ours"
    )
    nowhere = {TOKEN: venue.TICKET | {"instanceServers": []}}
    with pytest.raises(Unreadable, match="no server"):
        asked(rest.handshake("ours"), partial(with_, nowhere))
