"""Binance's order books and trades; its refusals, limits and clock."""

from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import BadInput, Unreadable
from perps_stats.core.types import (
    Orderbook,
    OrderbookLevel,
    Side,
    Trade,
)
from perps_stats.exchanges.binance import BINANCE, past, rest
from perps_stats.exchanges.contract import Window

from . import venue
from .answers import asked, body
from .venue import BTC, HOUR, NOON, OF_BTC, T0, answer, at, with_


@pytest.mark.parametrize(
    ("depth", "limit", "weight"),
    [(1, 5, 2), (5, 5, 2), (7, 10, 2), (50, 50, 2), (51, 100, 5), (101, 500, 10), (1000, 1000, 20)],
)
def test_the_smallest_depth_that_covers(depth: int, limit: int, weight: int) -> None:
    """Of the depths that the exchange offers; each has its weight."""
    _, asks = asked(rest.orderbook(BTC, depth), answer)
    query = OF_BTC | {"limit": str(limit)}
    assert asks == [(("/fapi/v1/depth", query, weight, ""),)]


def test_an_order_book() -> None:
    """At the time of the transaction, not of the answer; fewer levels than asked is the whole."""
    found, _ = asked(rest.orderbook(BTC, 5), answer)
    assert found == Orderbook(
        exchange="binance",
        symbol="BTC",
        bids=[
            OrderbookLevel(Decimal("61659.70"), Decimal("2.507")),
            OrderbookLevel(Decimal("61659.60"), Decimal("0.004")),
        ],
        asks=[
            OrderbookLevel(Decimal("61659.80"), Decimal("1.020")),
            OrderbookLevel(Decimal("61660.00"), Decimal("3.000")),
        ],
        timestamp=at(7),
        sequence=5_123_107_852_948,
        complete=True,
    )
    five = [[f"{price}", "1"] for price in range(5, 0, -1)]
    deep = partial(with_, {"/fapi/v1/depth": venue.DEPTH | {"bids": five}})
    assert not asked(rest.orderbook(BTC, 5), deep)[0].complete


def test_a_crossed_book_is_given_as_it_is() -> None:
    """What it means is for the arithmetic to say: it has no mid."""
    crossed = partial(with_, {"/fapi/v1/depth": venue.DEPTH | {"asks": [["61000.00", "1"]]}})
    found, _ = asked(rest.orderbook(BTC, 5), crossed)
    assert found.asks[0].price < found.bids[0].price


@pytest.mark.parametrize(
    ("count", "limit", "weight"), [(None, 1000, 20), (5, 5, 2), (600, 1000, 20)]
)
def test_what_a_live_book_starts_from(count: int | None, limit: int, weight: int) -> None:
    """Levels as they came; the depth that was asked for tells whether a side is whole."""
    found, asks = asked(rest.book_snapshot(BTC, count), answer)
    assert asks == [(("/fapi/v1/depth", OF_BTC | {"limit": str(limit)}, weight, ""),)]
    assert (found.native, found.ts, found.last) == ("BTCUSDT", (T0 + 7) * 1000, 5_123_107_852_948)
    assert found.depth == limit
    assert bytes(found.bids) == body(venue.DEPTH["bids"])
    assert bytes(found.asks) == body(venue.DEPTH["asks"])


def test_recent_trades() -> None:
    """The buyer who waited was hit by a seller: the side is the taker's."""
    found, asks = asked(rest.trades(BTC, 2), answer)
    assert asks == [(("/fapi/v1/trades", OF_BTC | {"limit": "2"}, 5, ""),)]
    assert found == [
        Trade(
            exchange="binance",
            symbol="BTC",
            id="5266583935",
            price=Decimal("61659.80"),
            quantity=Decimal("0.006"),
            side=Side.BUY,
            timestamp=NOON,
        ),
        Trade(
            exchange="binance",
            symbol="BTC",
            id="5266583936",
            price=Decimal("61659.70"),
            quantity=Decimal("0.199"),
            side=Side.SELL,
            timestamp=at(1),
        ),
    ]


def test_more_trades_than_there_are_is_bad_input() -> None:
    """The limit is named, and nothing is cut down in silence."""
    with pytest.raises(BadInput, match="limit: 1001 is not accepted; at most the last 1000"):
        asked(rest.trades(BTC, 1001), answer)


def test_aggregated_trades_by_the_hour_then_by_number() -> None:
    """The first hour is empty; after the first find, numbers lead on until the window ends."""
    later = venue.AGGREGATED[0] | {"a": 26_130, "T": T0 - 5}
    beyond = venue.AGGREGATED[0] | {"a": 26_131, "T": T0}
    pages = iter([[], venue.AGGREGATED, [later, beyond]])
    flow = past.aggregated_trades(BTC, Window(NOON - 2 * HOUR, NOON), 500)
    found, asks = asked(flow, lambda _: body(next(pages)))
    first = T0 - 7_200_000
    assert [said[0][1:3] for said in asks] == [
        (
            OF_BTC | {"startTime": str(start), "endTime": str(start + 3_599_999), "limit": "500"},
            20,
        )
        for start in (first, first + 3_600_000)
    ] + [(OF_BTC | {"fromId": "26130", "limit": "499"}, 20)]
    assert [(each.id, each.side, each.timestamp) for each in found] == [
        ("a26129", Side.SELL, NOON - HOUR / 2),
        ("a26130", Side.SELL, at(-5)),
    ]


def test_the_clock_is_the_exchanges() -> None:
    """Milliseconds since 1970."""
    assert asked(rest.clock(), answer) == (NOON, [(("/fapi/v1/time", {}, 1, ""),)])


@pytest.mark.parametrize(
    ("path", "row", "message"),
    [
        ("trades", {"price": "-1"}, "price cannot be -1"),
        ("trades", {"price": "0.00"}, "price cannot be zero"),
        ("trades", {"qty": "-0.1"}, "quantity cannot be -0.1"),
        ("trades", {"qty": "NaN"}, "quantity cannot be NaN"),
        ("trades", {"price": "Infinity"}, "price cannot be Infinity"),
        ("trades", {"price": None}, "Expected `decimal`, got `null` - at `$.price`"),
        ("trades", {"time": 0}, "- at `$.time`"),
        ("trades", {"isBuyerMaker": "maybe"}, "- at `$.isBuyerMaker`"),
    ],
)
def test_an_impossible_row_is_reported(path: str, row: dict[str, object], message: str) -> None:
    """Its number and the field are named; the row beside it is returned."""
    changed = {f"/fapi/v1/{path}": [venue.TRADES[0] | row, venue.TRADES[1]]}
    bad: list[Unreadable] = []
    found, _ = asked(rest.trades(BTC, 2), partial(with_, changed), bad)
    assert [each.id for each in found] == ["5266583936"]
    assert message in str(bad[0])
    assert "row 0: " in str(bad[0])


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ([["-61659.70", "1"]], "price cannot be -61659.70 - at `$.bids[0]`"),
        ([["1", "1"], ["1", "-1"]], "quantity cannot be -1 - at `$.bids[1]`"),
        ([["1"]], "- at `$.bids[0]`"),
        ("none", "- at `$.bids`"),
    ],
)
def test_an_impossible_level_makes_the_book_unreadable(levels: object, message: str) -> None:
    """A book with a wrong level is no book; the path leads to it."""
    bodies: dict[str, object] = {"/fapi/v1/depth": venue.DEPTH | {"bids": levels}}
    with pytest.raises(Unreadable) as caught:
        asked(rest.orderbook(BTC, 5), partial(with_, bodies))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("status", "answer_body", "expected"),
    [
        (
            400,
            b'{"code": -1121, "msg": "Invalid symbol."}',
            "refused: Invalid symbol. (code -1121)",
        ),
        (418, b'{"code": -1003, "msg": "banned"}', "refused: banned (code -1003)"),
        (403, b"<html>forbidden</html>", None),
        (503, b'{"code": -1008, "msg": "Server is currently overloaded."}', None),
        (200, b'{"code": 200, "msg": "success"}', None),
    ],
)
def test_refusals(status: int, answer_body: bytes, expected: str | None) -> None:
    """Only a 4xx with a code: HTML is no reason, and a 5xx is worth another try."""
    refused = BINANCE.rest.refusal(status, answer_body)
    assert (refused and str(refused)) == expected


def test_limits_are_the_documented_ones() -> None:
    """Weight a minute, and apart from it the funding end points."""
    limits = BINANCE.rest.limits
    default = limits[""]
    assert (default.weight, default.seconds) == (2400, 60)
    assert default.used_header == "X-MBX-USED-WEIGHT-1M"
    assert (limits["funding"].weight, limits["funding"].seconds) == (500, 300)
