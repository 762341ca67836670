"""Binance's markets, tickers and statistics, field by field."""

from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import (
    Market,
    MarketStats,
    MarketStatus,
    Ticker,
)
from perps_stats.exchanges.binance import rest

from . import venue
from .answers import asked, body
from .venue import (
    ALL,
    ASK_FUNDING_INFO,
    BEST_PATH,
    BTC,
    DAY_PATH,
    HELD_PATH,
    HOUR,
    NOON,
    OF_BTC,
    PREMIUM_PATH,
    T0,
    answer,
    at,
    listed,
    market,
    with_,
)


def test_markets_are_the_perpetuals() -> None:
    """Dated contracts and those without a type are left out; what does not trade is halted."""
    found, asks = asked(rest.markets(), answer)
    assert asks == [(("/fapi/v1/exchangeInfo", {}, 1, ""), ASK_FUNDING_INFO)]
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
    bodies = {DAY_PATH: [venue.DAY, venue.DAY | {"symbol": "BTCUSDT_260327"}]}
    found, asks = asked(rest.tickers(ALL), partial(with_, bodies))
    assert asks == [((DAY_PATH, {}, 40, ""), (BEST_PATH, {}, 5, ""), (PREMIUM_PATH, {}, 10, ""))]
    assert found == [TICKER]


def test_a_market_that_one_end_point_leaves_out_keeps_its_ticker() -> None:
    """What the other two say is there, what the third would have said is unknown."""
    bests = [venue.BEST, venue.BEST | {"symbol": "ETHUSDT", "time": T0 + 1}]
    found, _ = asked(rest.tickers(ALL), partial(with_, {BEST_PATH: bests}))
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
    found, _ = asked(rest.tickers(ALL), partial(with_, {PREMIUM_PATH: rows}))
    assert found == [TICKER]


def test_one_ticker_with_its_open_interest() -> None:
    """Four requests together; the value is at the mark price that came with it."""
    found, asks = asked(rest.ticker(BTC), answer)
    assert asks == [
        (
            (DAY_PATH, OF_BTC, 1, ""),
            (BEST_PATH, OF_BTC, 2, ""),
            (PREMIUM_PATH, OF_BTC, 1, ""),
            (HELD_PATH, OF_BTC, 1, ""),
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
        DAY_PATH: venue.DAY | nothing,
        BEST_PATH: venue.BEST | empty,
        PREMIUM_PATH: venue.PREMIUM | {"markPrice": "0.00000000", "indexPrice": "0"},
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
        DAY_PATH: venue.DAY | {"closeTime": 0},
        BEST_PATH: venue.BEST | {"time": 0},
        PREMIUM_PATH: venue.PREMIUM | {"time": 0},
    }
    with pytest.raises(Unreadable, match="without a time"):
        asked(rest.ticker(BTC), partial(with_, bodies))
    lists: dict[str, object] = {path: [row] for path, row in bodies.items()}
    assert asked(rest.tickers(ALL), partial(with_, lists))[0] == []


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
        [DAY_PATH, BEST_PATH, PREMIUM_PATH],
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


@pytest.mark.parametrize("field", ["symbol", "lastPrice", "quoteVolume", "closeTime"])
def test_a_missing_field_is_unreadable(field: str) -> None:
    """It is never a zero."""
    day = {name: value for name, value in venue.DAY.items() if name != field}
    with pytest.raises(Unreadable, match=f"missing required field `{field}`"):
        asked(rest.ticker(BTC), partial(with_, {DAY_PATH: day}))
