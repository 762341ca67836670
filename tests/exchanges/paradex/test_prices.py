"""Paradex's markets, prices, books and trades, field by field."""

from decimal import Decimal

import pytest

from perps_stats.core.errors import Refused, Unreadable
from perps_stats.core.types import (
    FundingKind,
    FundingRate,
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
from perps_stats.exchanges.contract import Request
from perps_stats.exchanges.paradex import PARADEX, rest

from ..answers import asked, body  # noqa: TID252 a folder an exchange
from .venue import ALL, BOOK, BTC, MARKETS, NOON, SUMMARY, TRADES, Json, answer, at, listed

OF_BTC = {"market": "BTC-USD-PERP"}
VALUE = Decimal("1523.75") * Decimal("61660.01234567")
TICKER = Ticker(
    exchange="paradex",
    symbol="BTC",
    last_price=Decimal("61659.8"),
    mark_price=Decimal("61660.01234567"),
    index_price=Decimal("61690.5"),
    best_bid_price=Decimal("61659.7"),
    best_bid_qty=Decimal("2.507"),
    best_ask_price=Decimal("61659.9"),
    best_ask_qty=Decimal("1.02"),
    turnover_24h=Decimal("14890000.550000001"),
    open_interest=Decimal("1523.75"),
    open_interest_notional=VALUE,
    price_change_pct=Decimal("-0.0154"),
    timestamp=at(5),
)
STATS = MarketStats(
    exchange="paradex",
    symbol="BTC",
    last_price=Decimal("61659.8"),
    mark_price=Decimal("61660.01234567"),
    index_price=Decimal("61690.5"),
    best_bid_price=Decimal("61659.7"),
    best_ask_price=Decimal("61659.9"),
    turnover_24h=Decimal("14890000.550000001"),
    open_interest=Decimal("1523.75"),
    open_value=VALUE,
    price_change_pct=Decimal("-0.0154"),
    funding_rate=Decimal("-0.00003750123456"),
    funding_interval=Decimal(8),
    timestamp=at(5),
)


def summary(**changed: object) -> bytes:
    return body({"results": [SUMMARY | changed]})


def book(**changed: object) -> bytes:
    return body(BOOK | changed)


def test_markets_are_the_perpetuals() -> None:
    """Options, dated and spot markets are left out; ``k`` means a thousand, ``K`` nothing."""
    found, asks = asked(rest.markets(), answer)
    assert asks == [(("/v1/markets", {}, 1, ""),)]
    trading, halted = MarketStatus.TRADING, MarketStatus.HALTED
    assert [(each.native, each.contract, str(each.multiplier), each.status) for each in found] == [
        ("BTC-USD-PERP", "BTC-USD-PERP", "1", trading),
        ("ETH-USD-PERP", "ETH-USD-PERP", "1", trading),
        ("kBONK-USD-PERP", "BONK-USD-PERP", "1000", trading),
        ("KAVA-USD-PERP", "KAVA-USD-PERP", "1", trading),
        ("OLD-USD-PERP", "OLD-USD-PERP", "1", trading),
        ("WTI-USD-PERP", "WTI-USD-PERP", "1", halted),
    ]


def test_a_market_field_by_field() -> None:
    """Sizes are base coin, the least order is worth USD; the scales are the increments'."""
    found, _ = asked(rest.markets(), answer)
    assert found[0] == Market(
        native="BTC-USD-PERP",
        contract="BTC-USD-PERP",
        base="BTC",
        quote="USD",
        settle="USDC",
        contract_size=Decimal(1),
        multiplier=Decimal(1),
        price_scale=1,
        quantity_scale=5,
        tick_size=Decimal("0.1"),
        lot_size=Decimal("0.00001"),
        max_order_qty=Decimal(100),
        min_order_value=Decimal(10),
        funding_interval=Decimal(8),
        status=MarketStatus.TRADING,
    )


def test_a_funding_period_is_the_markets_own() -> None:
    """4 and 1 hours as they are told; 8 where it is told as 0."""
    found, _ = asked(rest.markets(), answer)
    hours = {each.base: each.funding_interval for each in found}
    assert hours == {"BTC": 8, "ETH": 4, "BONK": 8, "KAVA": 1, "OLD": 8, "WTI": 8}


@pytest.mark.parametrize(("period", "hours"), [("", 8), ("2", 2), (0, 8), (8.0, 8), (0.5, 0.5)])
def test_a_funding_period_in_any_form(period: object, hours: float) -> None:
    """A number, its text, or nothing."""
    row = listed("BTC-USD-PERP", "BTC", funding_period_hours=period)
    found, _ = asked(rest.markets(), lambda _: body({"results": [row]}))
    assert found[0].funding_interval == Decimal(str(hours))
    assert "E" not in str(found[0].funding_interval)


def test_scales_of_a_coin_by_the_thousand() -> None:
    """An increment of 100 has no decimals, a tick of 0.000001 six."""
    found, _ = asked(rest.markets(), answer)
    assert (found[2].price_scale, found[2].quantity_scale) == (6, 0)
    assert found[2].lot_size == 100


def test_a_bad_market_does_not_lose_the_others() -> None:
    """The perpetual without a tick is reported; of an option nobody minds what is missing."""
    bad: list[Unreadable] = []
    broken = {name: value for name, value in MARKETS[1].items() if name != "price_tick_size"}
    option: Json = {"symbol": "X", "asset_kind": "OPTION"}
    rows = [MARKETS[0], broken, option, "noise"]
    found, _ = asked(rest.markets(), lambda _: body({"results": rows}), bad)
    assert [each.native for each in found] == ["BTC-USD-PERP"]
    assert [str(error).split(";")[0] for error in bad] == [
        "unreadable answer: row 1: Object missing required field `price_tick_size`",
        "unreadable answer: row 2: Expected `object`, got `str`",
    ]


def test_a_ticker_field_by_field() -> None:
    """The day's volume is USD turnover; the change is a fraction as it stands."""
    found, asks = asked(rest.ticker(BTC), answer)
    assert asks == [(("/v1/markets/summary", OF_BTC, 1, ""),)]
    assert found == TICKER
    assert found.volume_24h is None


def test_all_tickers_are_of_known_markets() -> None:
    """One request; the rows of options, and of a coin, are dropped unread."""
    found, asks = asked(rest.tickers(ALL), answer)
    assert asks == [(("/v1/markets/summary", {"market": "ALL"}, 1, ""),)]
    assert [each.symbol for each in found] == ["BTC", "ETH"]


def test_nothing_is_none() -> None:
    """Empty texts, and prices of zero, say that there is none; zero turnover is a turnover."""
    empty = summary(
        price_change_rate_24h="",
        bid="0",
        bid_size="0",
        ask="",
        ask_size="",
        last_traded_price="0",
        underlying_price="",
        volume_24h="0",
        open_interest="",
    )
    found, _ = asked(rest.ticker(BTC), lambda _: empty)
    mark, turnover = Decimal("61660.01234567"), Decimal(0)
    assert found == Ticker(
        exchange="paradex", symbol="BTC", mark_price=mark, turnover_24h=turnover, timestamp=at(5)
    )


def test_a_summary_of_old() -> None:
    """Before 2026 it told no sizes."""
    old = {name: value for name, value in SUMMARY.items() if not name.endswith("_size")}
    found, _ = asked(rest.ticker(BTC), lambda _: body({"results": [old]}))
    assert (found.best_bid_price, found.best_bid_qty) == (Decimal("61659.7"), None)


@pytest.mark.parametrize("field", ["mark_price", "bid", "open_interest", "created_at"])
def test_a_missing_field_is_no_zero(field: str) -> None:
    """It is unreadable, and named."""
    row = {name: value for name, value in SUMMARY.items() if name != field}
    with pytest.raises(Unreadable, match=f"missing required field `{field}`"):
        asked(rest.ticker(BTC), lambda _: body({"results": [row]}), [])


@pytest.mark.parametrize("price", ["-1", "NaN", "1e5", " 1", 'x"', "1" * 31])
def test_an_impossible_price_is_unreadable(price: str) -> None:
    """What is no plain decimal is told with its path."""
    with pytest.raises(Unreadable, match=r"at `\$.mark_price`"):
        asked(rest.ticker(BTC), lambda _: summary(mark_price=price), [])


def test_no_summary_is_unreadable() -> None:
    """An empty list answers nothing."""
    with pytest.raises(Unreadable, match="without a summary of BTC-USD-PERP"):
        asked(rest.ticker(BTC), lambda _: body({"results": []}))


def test_the_funding_rate_in_force() -> None:
    """A fraction per the market's own period; it accrues, so that no settlement is next."""
    found, asks = asked(rest.funding(BTC), answer)
    assert asks == [(("/v1/markets/summary", OF_BTC, 1, ""),)]
    rate = Decimal("-0.00003750123456")
    assert found == FundingRate(
        exchange="paradex",
        symbol="BTC",
        funding_rate=rate,
        predicted_rate=rate,
        funding_interval=Decimal(8),
        kind=FundingKind.PREDICTED,
        timestamp=at(5),
    )
    assert (found.funding_time, found.next_funding_time) == (None, None)


def test_no_funding_rate_is_unreadable() -> None:
    """An empty rate is none."""
    with pytest.raises(Unreadable, match="without a funding rate"):
        asked(rest.funding(BTC), lambda _: summary(funding_rate=""))


def test_open_interest_is_base_coin() -> None:
    """Its value is at the mark price of the same summary."""
    found, _ = asked(rest.open_interest(BTC), answer)
    assert found == OpenInterest(
        exchange="paradex",
        symbol="BTC",
        open_interest=Decimal("1523.75"),
        open_value=VALUE,
        timestamp=at(5),
    )


def test_statistics_are_one_request() -> None:
    """Of one market or of all: prices, open interest and funding stand in one summary."""
    one, asks = asked(rest.stats(BTC), answer)
    assert (one, len(asks)) == (STATS, 1)
    every, asks = asked(rest.all_stats(ALL), answer)
    assert (every[0], len(asks)) == (STATS, PARADEX.all_stats_requests)
    assert every[1].funding_interval == 4


def test_an_order_book() -> None:
    """Best first; fewer levels than asked for are all there are."""
    found, asks = asked(rest.orderbook(BTC, 50), answer)
    assert asks == [(("/v1/orderbook/BTC-USD-PERP", {"depth": "50"}, 1, ""),)]
    assert found == Orderbook(
        exchange="paradex",
        symbol="BTC",
        bids=[
            OrderbookLevel(Decimal("61659.7"), Decimal("2.507")),
            OrderbookLevel(Decimal("61659.6"), Decimal("0.004")),
        ],
        asks=[
            OrderbookLevel(Decimal("61659.9"), Decimal("1.02")),
            OrderbookLevel(Decimal(61660), Decimal(3)),
        ],
        timestamp=at(7),
        sequence=690_385_857,
        complete=True,
    )


def test_a_full_order_book_is_not_complete() -> None:
    """As many levels as were asked for: there may be more. 100 is the most that is asked for."""
    found, _ = asked(rest.orderbook(BTC, 2), answer)
    assert not found.complete
    _, asks = asked(rest.orderbook(BTC, 5000), answer)
    assert asks[0][0][1] == {"depth": "100"}


def test_an_order_book_that_never_changed_has_no_time() -> None:
    """Zero is no time, and now is not invented."""
    found, _ = asked(rest.orderbook(BTC, 5), lambda _: book(last_updated_at=0))
    assert found.timestamp is None


def test_trades_are_oldest_first() -> None:
    """By ``market``; a block trade is none of the book's. Ids are unique within a type only."""
    found, asks = asked(rest.trades(BTC, 100), answer)
    assert asks == [(("/v1/trades", OF_BTC | {"page_size": "100"}, 1, ""),)]
    assert found[-1] == Trade(
        exchange="paradex",
        symbol="BTC",
        id="17698608000000201703989430001",
        price=Decimal("61659.9"),
        quantity=Decimal("0.026"),
        side=Side.BUY,
        timestamp=NOON,
        liquidation=False,
    )
    assert [(each.id.partition(":")[0], each.side, each.liquidation) for each in found[:2]] == [
        ("RPI", Side.SELL, False),
        ("LIQUIDATION", Side.SELL, True),
    ]


def test_trades_page_by_cursor() -> None:
    """Each page names the next; the newest ``limit`` are kept, and the pages end by themselves."""

    def paged(request: Request) -> bytes:
        page = {"": (TRADES[:1], "second"), "second": (TRADES[1:], None)}
        found, following = page[request.query.get("cursor", "")]
        return body({"next": following, "prev": None, "results": found})

    found, asks = asked(rest.trades(BTC, 2), paged)
    assert [each.timestamp for each in found] == [at(-1), at(0)]
    assert [said[0][1].get("cursor") for said in asks] == [None, "second"]
    everything, _ = asked(rest.trades(BTC, 3000), paged)
    assert len(everything) == 3


@pytest.mark.parametrize("changed", [{"price": "0"}, {"size": ""}, {"side": "buy"}])
def test_an_impossible_trade_is_reported(changed: Json) -> None:
    """The others stay."""
    bad: list[Unreadable] = []
    rows = [TRADES[0], TRADES[1] | changed]
    found, _ = asked(rest.trades(BTC, 2), lambda _: body({"results": rows}), bad)
    assert (len(found), len(bad)) == (1, 1)


def test_the_clock() -> None:
    """Milliseconds in a text."""
    assert asked(rest.clock(), answer) == (NOON, [(("/v1/system/time", {}, 1, ""),)])


def test_refusals() -> None:
    """A 4xx with an error code; a 5xx may be tried again, and a page of a proxy has no code."""
    failure = body({"error": "MARKET_NOT_FOUND", "message": "no such market", "data": None})
    refused = rest.refusal(400, failure)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.too_fast) == ("MARKET_NOT_FOUND", False)
    assert "no such market" in str(refused)
    assert rest.refusal(503, failure) is None
    assert rest.refusal(400, b"<html>") is None
    assert rest.refusal(200, failure) is None
