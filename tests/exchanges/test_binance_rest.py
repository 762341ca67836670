"""Binance's answers, field by field: what is asked, and the exact value of what is understood."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import BadInput, Unreadable
from perps_stats.core.types import (
    FundingKind,
    FundingRate,
    Kline,
    Market,
    MarketStats,
    MarketStatus,
    OpenInterest,
    Orderbook,
    OrderbookLevel,
    Side,
    Ticker,
    Trade,
)
from perps_stats.exchanges.binance import BINANCE, rest
from perps_stats.exchanges.contract import Window

from . import venue
from .answers import Said, asked, body
from .venue import NOON, T0, answer, listed, market, with_

BTC = market()
ALL = {"BTCUSDT": BTC, "ETHUSDT": market("ETHUSDT", "ETH")}
OF_BTC = {"symbol": "BTCUSDT"}
DAY, BEST, PREMIUM = "/fapi/v1/ticker/24hr", "/fapi/v1/ticker/bookTicker", "/fapi/v1/premiumIndex"
OPEN_INTEREST = "/fapi/v1/openInterest"
FUNDING_INFO: Said = ("/fapi/v1/fundingInfo", {}, 1, "funding")
HOUR = timedelta(hours=1)


def at(milliseconds: int) -> datetime:
    """So long after noon."""
    return NOON + timedelta(milliseconds=milliseconds)


def test_markets_are_the_perpetuals() -> None:
    """Dated contracts and those without a type are left out; what does not trade is halted."""
    found, asks = asked(rest.markets(), answer)
    assert asks == [(("/fapi/v1/exchangeInfo", {}, 1, ""), FUNDING_INFO)]
    halted, trading = MarketStatus.HALTED, MarketStatus.TRADING
    assert [(each.native, each.contract, str(each.multiplier), each.status) for each in found] == [
        ("BTCUSDT", "BTC-USDT-PERP", "1", trading),
        ("ETHUSDT", "ETH-USDT-PERP", "1", trading),
        ("BTCUSDC", "BTC-USDC-PERP", "1", trading),
        ("1000PEPEUSDT", "PEPE-USDT-PERP", "1000", trading),
        ("1000CATUSDT", "1000CAT-USDT-PERP", "1", trading),
        ("CATUSDT", "CAT-USDT-PERP", "1", trading),
        ("1INCHUSDT", "1INCH-USDT-PERP", "1", trading),
        ("1000000MOGUSDT", "MOG-USDT-PERP", "1000000", trading),
        ("AAPLUSDT", "AAPL-USDT-PERP", "1", trading),
        ("OLDUSDT", "OLD-USDT-PERP", "1", halted),
        ("ENDUSDT", "END-USDT-PERP", "1", halted),
    ]


def test_a_market_field_by_field() -> None:
    """The tick is the filter's, the scales are the decimals of the wire; 8 h where not adjusted."""
    found, _ = asked(rest.markets(), answer)
    assert found[0] == Market(
        native="BTCUSDT",
        contract="BTC-USDT-PERP",
        base="BTC",
        quote="USDT",
        settle="USDT",
        contract_size=Decimal(1),
        multiplier=Decimal(1),
        price_scale=2,
        quantity_scale=3,
        tick_size=Decimal("0.10"),
        lot_size=Decimal("0.001"),
        min_order_qty=Decimal("0.001"),
        max_order_qty=Decimal(1000),
        min_order_value=Decimal(100),
        funding_interval=Decimal(8),
        status=MarketStatus.TRADING,
    )
    assert found[1].funding_interval == 4
    assert found[9].tick_size is None
    assert found[9].lot_size is None


@pytest.mark.parametrize(
    ("bases", "expected"),
    [
        (["1000PEPE"], [("PEPE", 1000)]),
        (["10000SATS"], [("SATS", 10_000)]),
        (["1000000BOB"], [("BOB", 1_000_000)]),
        (["1000CAT", "CAT"], [("1000CAT", 1), ("CAT", 1)]),
        (["1000SATS", "10000SATS"], [("1000SATS", 1), ("10000SATS", 1)]),
        (
            ["1INCH", "1000X", "100000AI", "1000"],
            [(b, 1) for b in ("1INCH", "1000X")] + [("100000AI", 1), ("1000", 1)],
        ),
    ],
)
def test_a_multiple_is_told_from_a_name(bases: list[str], expected: list[tuple[str, int]]) -> None:
    """A coin that two listed names would mean is two coins; digits alone make no multiple."""
    info = {"symbols": [listed(f"{base}USDT", base) for base in bases]}
    found, _ = asked(rest.markets(), partial(with_, {"/fapi/v1/exchangeInfo": info}))
    assert [(each.base, int(each.multiplier)) for each in found] == expected


def test_a_price_of_a_thousand_coins_stays_that_price() -> None:
    """Price and quantity are the exchange's own; the multiplier says what one unit is."""
    pepe = market("1000PEPEUSDT", "PEPE")
    trades = [venue.TRADES[0] | {"price": "0.0098765", "qty": "1500"}]
    found, _ = asked(rest.trades(pepe, 1), lambda _: body(trades))
    assert (found[0].price, found[0].quantity) == (Decimal("0.0098765"), Decimal(1500))


def test_a_bad_market_does_not_lose_the_others() -> None:
    """The row without a base is reported, with its number and the field."""
    info = {"symbols": [listed("BTCUSDT", "BTC"), {"symbol": "XUSDT"}]}
    bad: list[Unreadable] = []
    found, _ = asked(rest.markets(), partial(with_, {"/fapi/v1/exchangeInfo": info}), bad)
    assert [each.native for each in found] == ["BTCUSDT"]
    assert "row 1: " in str(bad[0])


TICKER = Ticker(
    exchange="binance",
    symbol="BTC",
    last_price=Decimal("61659.80"),
    mark_price=Decimal("61660.01"),
    index_price=Decimal("61690.50"),
    best_bid_price=Decimal("61659.70"),
    best_bid_qty=Decimal("2.507"),
    best_ask_price=Decimal("61659.80"),
    best_ask_qty=Decimal("1.020"),
    volume_24h=Decimal("241367.301"),
    turnover_24h=Decimal("14890000000.55"),
    price_change_24h=Decimal("-94.90"),
    price_change_pct=Decimal("-0.00154"),
    high_price_24h=Decimal("62800.00"),
    low_price_24h=Decimal("60100.10"),
    timestamp=at(5),
)


def test_all_tickers_in_three_requests() -> None:
    """Sent together, joined by name; only the markets that were asked for."""
    bodies = {DAY: [venue.DAY, venue.DAY | {"symbol": "BTCUSDT_260327"}]}
    found, asks = asked(rest.tickers(ALL), partial(with_, bodies))
    assert asks == [((DAY, {}, 40, ""), (BEST, {}, 5, ""), (PREMIUM, {}, 10, ""))]
    assert found == [TICKER]


def test_a_market_that_one_end_point_leaves_out_keeps_its_ticker() -> None:
    """What the other two say is there, what the third would have said is unknown."""
    bests = [venue.BEST, venue.BEST | {"symbol": "ETHUSDT", "time": T0 + 1}]
    found, _ = asked(rest.tickers(ALL), partial(with_, {BEST: bests}))
    assert found[1] == Ticker(
        exchange="binance",
        symbol="ETH",
        best_bid_price=Decimal("61659.70"),
        best_bid_qty=Decimal("2.507"),
        best_ask_price=Decimal("61659.80"),
        best_ask_qty=Decimal("1.020"),
        timestamp=at(1),
    )


def test_a_dated_contract_in_the_list_is_no_fault() -> None:
    """Its empty rate and its times of nothing are readable, and its row is not asked for."""
    dated = {"symbol": "BTCUSDT_260327", "lastFundingRate": "", "nextFundingTime": ""}
    rows = [venue.PREMIUM, venue.PREMIUM | dated, venue.PREMIUM | dated | {"nextFundingTime": 0}]
    found, _ = asked(rest.tickers(ALL), partial(with_, {PREMIUM: rows}))
    assert found == [TICKER]


def test_one_ticker_with_its_open_interest() -> None:
    """Four requests together; the value is at the mark price that came with it."""
    found, asks = asked(rest.ticker(BTC), answer)
    assert asks == [
        (
            (DAY, OF_BTC, 1, ""),
            (BEST, OF_BTC, 2, ""),
            (PREMIUM, OF_BTC, 1, ""),
            (OPEN_INTEREST, OF_BTC, 1, ""),
        )
    ]
    value = Decimal(79_123_456) * 6_166_001 / 100_000
    assert found.open_interest == Decimal("79123.456")
    assert found.open_interest_notional == value == Decimal("4878753088.19456")
    assert (found.last_price, found.timestamp) == (TICKER.last_price, at(5))


def test_zero_for_a_price_means_that_there_is_none() -> None:
    """A market that was never traded, with an empty book, has no prices and a volume of zero."""
    nothing = dict.fromkeys(("lastPrice", "highPrice", "lowPrice", "volume"), "0.00")
    empty = dict.fromkeys(("bidPrice", "bidQty", "askPrice", "askQty"), "0.00")
    bodies: dict[str, object] = {
        DAY: venue.DAY | nothing,
        BEST: venue.BEST | empty,
        PREMIUM: venue.PREMIUM | {"markPrice": "0.00000000", "indexPrice": "0"},
    }
    found, _ = asked(rest.ticker(BTC), partial(with_, bodies))
    prices = (found.last_price, found.best_bid_price, found.best_ask_price, found.mark_price)
    assert prices == (None, None, None, None)
    assert (found.best_bid_qty, found.best_ask_qty, found.index_price) == (None, None, None)
    assert (found.high_price_24h, found.low_price_24h) == (None, None)
    assert found.volume_24h == 0
    assert found.open_interest_notional is None


def test_a_ticker_without_any_time_is_unreadable() -> None:
    """No time is made up; in the list of all, the market is simply not known yet."""
    bodies: dict[str, object] = {
        DAY: venue.DAY | {"closeTime": 0},
        BEST: venue.BEST | {"time": 0},
        PREMIUM: venue.PREMIUM | {"time": 0},
    }
    with pytest.raises(Unreadable, match="without a time"):
        asked(rest.ticker(BTC), partial(with_, bodies))
    lists: dict[str, object] = {path: [row] for path, row in bodies.items()}
    assert asked(rest.tickers(ALL), partial(with_, lists))[0] == []


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
    flow = rest.aggregated_trades(BTC, Window(NOON - 2 * HOUR, NOON), 500)
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


def test_candles() -> None:
    """Half-open in time; the last one of the page may still change."""
    flow = rest.klines(BTC, "1m", Window(NOON, NOON + HOUR), None)
    found, asks = asked(flow, answer)
    query = OF_BTC | {"interval": "1m", "startTime": str(T0), "endTime": str(T0 + 3_659_999)}
    assert asks == [(("/fapi/v1/klines", query | {"limit": "61"}, 1, ""),)]
    assert found[0] == Kline(
        exchange="binance",
        symbol="BTC",
        interval="1m",
        open_time=NOON,
        close_time=at(60_000),
        open=Decimal("61650.10"),
        high=Decimal("61700.00"),
        low=Decimal("61600.00"),
        close=Decimal("61659.80"),
        volume=Decimal("12.345"),
        turnover=Decimal("761199.12"),
        trades=308,
        closed=True,
    )
    assert [each.closed for each in found] == [True, True, False]


@pytest.mark.parametrize(
    ("rows", "limit", "weight"),
    [(98, 99, 1), (99, 100, 2), (498, 499, 2), (499, 500, 5), (999, 1000, 5), (5000, 1000, 5)],
)
def test_the_weight_of_candles(rows: int, limit: int, weight: int) -> None:
    """One more is asked for than is wanted; a thousand weigh the least for their number."""
    flow = rest.klines(BTC, "1m", Window(NOON, NOON + 5000 * HOUR), rows)
    _, asks = asked(flow, answer)
    assert (asks[0][0][1]["limit"], asks[0][0][2]) == (str(limit), weight)


RATE = FundingRate(
    exchange="binance",
    symbol="BTC",
    funding_rate=Decimal("0.0001"),
    predicted_rate=Decimal("0.0001"),
    funding_time=NOON + 4 * HOUR,
    next_funding_time=NOON + 4 * HOUR,
    funding_interval=Decimal(8),
    kind=FundingKind.PREDICTED,
    timestamp=at(3),
)


def test_funding_now_of_a_market_with_the_default_terms() -> None:
    """A running estimate; cap and floor are not told."""
    found, asks = asked(rest.funding(BTC), answer)
    assert asks == [((PREMIUM, OF_BTC, 1, ""), FUNDING_INFO)]
    assert found == RATE


def test_funding_now_of_a_market_with_terms_of_its_own() -> None:
    """Its interval, cap and floor are those of fundingInfo."""
    found, _ = asked(rest.funding(ALL["ETHUSDT"]), answer)
    assert (found.funding_interval, found.funding_rate_cap_floor, found.funding_rate_floor) == (
        Decimal(4),
        Decimal("0.02"),
        Decimal("-0.015"),
    )


def test_a_perpetual_without_a_rate_is_unreadable() -> None:
    """An empty rate is not a rate of zero."""
    empty: dict[str, object] = {PREMIUM: venue.PREMIUM | {"lastFundingRate": ""}}
    with pytest.raises(Unreadable, match="without a funding rate"):
        asked(rest.funding(BTC), partial(with_, empty))


def test_funding_history() -> None:
    """Looks back 8 h for the first interval; an empty mark price of old rows is no fault."""
    flow = rest.funding_history(BTC, Window(NOON - 5 * HOUR, NOON + 5 * HOUR), None)
    found, asks = asked(flow, answer)
    start = T0 - 13 * 3_600_000 - 60_000
    query = {"startTime": str(start), "endTime": str(T0 + 5 * 3_600_000 - 1), "limit": "1000"}
    assert asks == [(("/fapi/v1/fundingRate", OF_BTC | query, 1, "funding"),)]
    first, second = found
    assert (first.funding_rate, first.funding_interval) == (Decimal("0.0001"), None)
    time = NOON + 4 * HOUR + timedelta(milliseconds=2)
    assert second == FundingRate(
        exchange="binance",
        symbol="BTC",
        funding_rate=Decimal("-0.0000375"),
        funding_time=time,
        funding_interval=Decimal(8),
        kind=FundingKind.SETTLED,
        timestamp=time,
    )


def test_open_interest_and_its_value() -> None:
    """Base units times the mark price of the same moment."""
    found, asks = asked(rest.open_interest(BTC), answer)
    assert asks == [((OPEN_INTEREST, OF_BTC, 1, ""), (PREMIUM, OF_BTC, 1, ""))]
    assert found == OpenInterest(
        exchange="binance",
        symbol="BTC",
        open_interest=Decimal("79123.456"),
        open_value=Decimal("4878753088.19456"),
        timestamp=at(2),
    )


STATS = MarketStats(
    exchange="binance",
    symbol="BTC",
    volume_24h=Decimal("241367.301"),
    turnover_24h=Decimal("14890000000.55"),
    funding_rate=Decimal("0.0001"),
    funding_interval=Decimal(8),
    next_funding_time=NOON + 4 * HOUR,
    last_price=Decimal("61659.80"),
    mark_price=Decimal("61660.01"),
    index_price=Decimal("61690.50"),
    best_bid_price=Decimal("61659.70"),
    best_ask_price=Decimal("61659.80"),
    price_change_24h=Decimal("-94.90"),
    price_change_pct=Decimal("-0.00154"),
    high_price_24h=Decimal("62800.00"),
    low_price_24h=Decimal("60100.10"),
    timestamp=at(5),
)


def test_statistics_of_all_markets() -> None:
    """Ticker and funding in one row; open interest has no form for all, so it is unknown."""
    found, asks = asked(rest.all_stats(ALL), answer)
    assert [[said[0] for said in together] for together in asks] == [
        [DAY, BEST, PREMIUM],
        ["/fapi/v1/fundingInfo"],
    ]
    assert found == [STATS]


def test_statistics_of_one_market() -> None:
    """The same row, with open interest and its value."""
    found, _ = asked(rest.stats(BTC), answer)
    assert (found.open_interest, found.open_value) == (
        Decimal("79123.456"),
        Decimal("4878753088.19456"),
    )
    assert (found.turnover_24h, found.funding_rate) == (STATS.turnover_24h, STATS.funding_rate)
    assert (found.next_funding_time, found.timestamp) == (STATS.next_funding_time, at(5))


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


@pytest.mark.parametrize("field", ["symbol", "lastPrice", "quoteVolume", "closeTime"])
def test_a_missing_field_is_unreadable(field: str) -> None:
    """It is never a zero."""
    day = {name: value for name, value in venue.DAY.items() if name != field}
    with pytest.raises(Unreadable, match=f"missing required field `{field}`"):
        asked(rest.ticker(BTC), partial(with_, {DAY: day}))


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
