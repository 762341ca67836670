"""KuCoin's order books, trades, candles and funding; its refusals, limits and clock."""

from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import BadInput, Unreadable
from perps_stats.core.types import FundingKind, FundingRate, Kline, OrderbookLevel, Side, Trade
from perps_stats.exchanges.contract import Limit, Window
from perps_stats.exchanges.events import BookSnapshot
from perps_stats.exchanges.kucoin import KUCOIN, past, rest

from ..answers import asked, body  # noqa: TID252 (tests are no package that could be named)
from . import venue
from .venue import (
    BTC,
    CLOCK,
    FUNDING,
    HOUR,
    HOUR_MS,
    KLINES,
    NOON,
    OF_XBT,
    SETTLED,
    T0,
    TOKEN,
    TRADES,
    USD,
    WHOLE_BOOK,
    answer,
    at,
    settled,
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


def candle(minute: int, prices: str, volume: str, turnover: str | None, *, closed: bool) -> Kline:
    opened, high, low, close = map(Decimal, prices.split())
    return Kline(
        exchange="kucoin",
        symbol="BTC",
        interval="1m",
        open_time=at(minute * 60_000),
        close_time=at((minute + 1) * 60_000),
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=Decimal(volume),
        turnover=None if turnover is None else Decimal(turnover),
        closed=closed,
    )


def test_candles() -> None:
    """Lots are sixth, turnover seventh if it is told; a minute without trades has none."""
    found, asks = asked(past.klines(BTC, "1m", MINUTES, None), answer)
    query = OF_XBT | {"granularity": "1", "from": str(T0), "to": str(T0 + 239_999)}
    assert asks == [((KLINES, query, 3, ""),)]
    assert found == [
        candle(0, "110100.1 110300 110000.5 110199.5", "1.234", "135985.3", closed=True),
        candle(2, "110199.5 110200 110199 110200", "0.056", None, closed=True),
    ]
    later = Window(NOON, at(240_000))
    assert [each.closed for each in asked(past.klines(BTC, "1m", later, None), answer)[0]] == [
        True,
        True,
        False,
    ]


def test_candles_of_an_inverse_contract() -> None:
    """The lots are its turnover in dollars; at the close they are so much coin."""
    found, _ = asked(past.klines(USD, "1m", MINUTES, 1), answer)
    assert (found[0].volume, found[0].turnover) == (Decimal("0.0111978729486068"), Decimal(1234))


def test_candles_in_pages() -> None:
    """A request never spans more than the 500 candles of a page."""
    _, asks = asked(past.klines(BTC, "4h", Window(NOON, NOON + 4000 * HOUR), None), answer)
    spans = [(int(query["from"]), int(query["to"])) for ((_, query, _, _),) in asks]
    page = 500 * 4 * HOUR_MS
    assert spans == [
        (T0, T0 + page - 1),
        (T0 + page, T0 + 2 * page - 1),
        (T0 + 2 * page, T0 + 2 * page + 4 * HOUR_MS - 1),
    ]
    assert asks[0][0][1]["granularity"] == "240"


def test_the_intervals_are_those_of_the_documents() -> None:
    """Eleven, in minutes."""
    minutes = [1, 5, 15, 30, 60, 120, 240, 480, 720, 1440, 10080]
    assert list(past.GRANULARITIES.values()) == minutes
    names = ["1m", "5m", "15m", "30m", "1h", "2h", "4h", "8h", "12h", "1d", "1w"]
    assert list(KUCOIN.intervals) == names


def test_the_running_funding_rate() -> None:
    """It settles at a time that is told, as are cap, floor and interval; the answer has no time."""
    found, asks = asked(past.funding(BTC), answer)
    assert asks == [((FUNDING, {}, 2, ""),)]
    assert found == FundingRate(
        exchange="kucoin",
        symbol="BTC",
        funding_rate=Decimal("0.000061"),
        predicted_rate=Decimal("0.000109"),
        funding_time=NOON + 4 * HOUR,
        next_funding_time=NOON + 4 * HOUR,
        funding_interval=Decimal(8),
        funding_rate_cap_floor=Decimal("0.003"),
        funding_rate_floor=Decimal("-0.00375"),
        kind=FundingKind.PREDICTED,
        timestamp=None,
    )
    old = {name: venue.RATE[name] for name in ("symbol", "granularity", "timePoint", "value")}
    found, _ = asked(past.funding(BTC), partial(with_, {FUNDING: old | {"predictedValue": None}}))
    unknown = [found.predicted_rate, found.funding_time, found.funding_rate_cap_floor]
    assert unknown == [None] * 3


def test_settled_funding() -> None:
    """Oldest first; the interval is the time since the one before, which lies outside here."""
    window = Window(NOON, NOON + HOUR)
    found, asks = asked(past.funding_history(BTC, window, None), answer)
    first = T0 - 8 * HOUR_MS - 60_000
    paths = [(path, query["from"], query["to"], weight) for ((path, query, weight, _),) in asks]
    assert paths[0] == (SETTLED, str(first), str(T0 + HOUR_MS - 1), 5)
    assert found == [
        FundingRate(
            exchange="kucoin",
            symbol="BTC",
            funding_rate=Decimal("-0.000279"),
            funding_time=NOON,
            funding_interval=Decimal(8),
            kind=FundingKind.SETTLED,
            timestamp=NOON,
        )
    ]


@pytest.mark.parametrize("page", [1, 7, 100])
def test_settled_funding_in_pages(page: int) -> None:
    """However many of the newest rows a page holds, all are found, none twice."""
    rows = settled(-800, 0)

    def cut(request: object) -> bytes:
        query = request.query  # type: ignore[attr-defined]
        wanted = range(int(query["from"]), int(query["to"]) + 1)
        fitting = [row for row in rows if row["timepoint"] in wanted]
        return body({"code": "200000", "data": fitting[:page]})

    window = Window(NOON - 800 * HOUR, NOON + HOUR)
    found, _ = asked(past.funding_history(BTC, window, None), cut)
    assert [each.funding_time for each in found] == [
        NOON + hours * HOUR for hours in range(-800, 1, 8)
    ]
    assert [each.funding_interval for each in found] == [None] + [Decimal(8)] * 100
    assert len(asked(past.funding_history(BTC, window, 5), cut)[0]) == 5


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
