"""Lighter's markets, prices, books and trades, field by field; its refusals."""

from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import BadInput, Refused, Unreadable
from perps_stats.core.types import (
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
from perps_stats.exchanges.lighter import LIGHTER, rest

from ..answers import Said, asked, body  # noqa: TID252 (tests are no package that could be named)
from .venue import (
    ALL,
    BOOK,
    BTC,
    DETAILS,
    ETH,
    NEVER,
    NOON,
    OF_ETH,
    ORDERS,
    RATES,
    TRADES,
    Json,
    answer,
    at,
    listed,
    market,
    order,
    trade,
    with_,
)

ASK_ALL: Said = (DETAILS, {"filter": "perp"}, 1, "")
ASK_ETH: Said = (DETAILS, OF_ETH, 1, "")
ASK_RATES: Said = (RATES, {}, 1, "")

ZERO = Decimal(0)


def level(price: str, quantity: str) -> OrderbookLevel:
    return OrderbookLevel(Decimal(price), Decimal(quantity))


def test_markets_are_the_perpetuals() -> None:
    """One request; spot is left out, what is inactive is halted."""
    found, asks = asked(rest.markets(), answer)
    assert asks == [(ASK_ALL,)]
    assert [
        (each.native, each.wire_id, each.contract, int(each.multiplier), each.status)
        for each in found
    ] == [
        ("ETH", "0", "ETH-USDC-PERP", 1, MarketStatus.TRADING),
        ("BTC", "1", "BTC-USDC-PERP", 1, MarketStatus.TRADING),
        ("1000PEPE", "4", "PEPE-USDC-PERP", 1000, MarketStatus.TRADING),
        ("GOOGL", "116", "GOOGL-USDC-PERP", 1, MarketStatus.TRADING),
        ("HYUNDAI", "141", "HYUNDAI-USDC-PERP", 1, MarketStatus.HALTED),
    ]


def test_a_market_field_by_field() -> None:
    """Steps are the decimals; fees are percent; leverage is the inverse margin, in 1/10000."""
    found, _ = asked(rest.markets(), answer)
    assert found[0] == Market(
        native="ETH",
        contract="ETH-USDC-PERP",
        base="ETH",
        quote="USDC",
        settle="USDC",
        wire_id="0",
        contract_size=Decimal(1),
        multiplier=Decimal(1),
        price_scale=2,
        quantity_scale=4,
        tick_size=Decimal("0.01"),
        lot_size=Decimal("0.0001"),
        min_order_qty=Decimal("0.005"),
        min_order_value=Decimal(10),
        max_leverage=Decimal(50),
        funding_interval=Decimal(1),
        maker_fee=Decimal("0.00004"),
        taker_fee=Decimal("0.0002"),
        status=MarketStatus.TRADING,
    )
    assert found[4].tick_size == 1


@pytest.mark.parametrize("spot", [{"market_type": "spot"}, {"market_id": 2048}])
def test_spot_among_the_perpetuals_is_left_out(spot: Json) -> None:
    """It is known by its type, and by an id of 2048 or more."""
    changed = {
        DETAILS: {"code": 200, "order_book_details": [listed("ETH", 0), listed("X", 5) | spot]}
    }
    found, _ = asked(rest.markets(), partial(with_, changed))
    assert [each.native for each in found] == ["ETH"]


def test_a_bad_market_does_not_lose_the_others() -> None:
    """The row without an id is reported, with its number."""
    bad: list[Unreadable] = []
    changed = {DETAILS: {"code": 200, "order_book_details": [listed("ETH", 0), {"symbol": "X"}]}}
    found, _ = asked(rest.markets(), partial(with_, changed), bad)
    assert [each.native for each in found] == ["ETH"]
    assert "row 1: " in str(bad[0])


TICKER = Ticker(
    exchange="lighter",
    symbol="ETH",
    last_price=Decimal("1914.28"),
    volume_24h=Decimal("220273.9901"),
    turnover_24h=Decimal("418335825.404646"),
    open_interest=Decimal("27350.8981"),
    price_change_pct=Decimal("-0.0125"),
    high_price_24h=Decimal("1954.58"),
    low_price_24h=Decimal("1856.3"),
    timestamp=None,
)


def test_all_tickers_in_one_request() -> None:
    """Only of the markets that were asked for; the answer bears no time, and none is made up."""
    found, asks = asked(rest.tickers(ALL), answer)
    assert asks == [(ASK_ALL,)]
    assert [each.symbol for each in found] == ["ETH", "BTC", "HYUNDAI"]
    assert found[0] == TICKER


def test_one_ticker_in_one_request() -> None:
    """The same row, asked for by the market's number."""
    found, asks = asked(rest.ticker(ETH), answer)
    assert asks == [(ASK_ETH,)]
    assert found == TICKER


def test_a_market_that_was_never_traded_has_no_prices() -> None:
    """Zero for a price means that there is none; a volume of zero is a volume."""
    found, _ = asked(rest.ticker(NEVER), answer)
    assert (found.last_price, found.high_price_24h, found.low_price_24h) == (None, None, None)
    assert (found.volume_24h, found.open_interest, found.price_change_pct) == (ZERO,) * 3


def test_a_market_that_the_answer_leaves_out_is_unreadable() -> None:
    """Another market's row is not taken for it."""
    changed = {DETAILS: {"code": 200, "order_book_details": [listed("BTC", 1)]}}
    with pytest.raises(Unreadable, match="none of ETH"):
        asked(rest.ticker(ETH), partial(with_, changed))
    with pytest.raises(Unreadable, match="none of DOGE"):
        asked(rest.funding(market("DOGE", 3)), answer)


def test_open_interest() -> None:
    """In base units; its value is not told."""
    found, asks = asked(rest.open_interest(ETH), answer)
    assert asks == [(ASK_ETH,)]
    assert found == OpenInterest(
        exchange="lighter",
        symbol="ETH",
        open_interest=Decimal("27350.8981"),
        open_value=None,
        timestamp=None,
    )


STATS = MarketStats(
    exchange="lighter",
    symbol="ETH",
    volume_24h=Decimal("220273.9901"),
    turnover_24h=Decimal("418335825.404646"),
    open_interest=Decimal("27350.8981"),
    funding_rate=Decimal("0.000012"),
    funding_interval=Decimal(1),
    last_price=Decimal("1914.28"),
    price_change_pct=Decimal("-0.0125"),
    high_price_24h=Decimal("1954.58"),
    low_price_24h=Decimal("1856.3"),
    timestamp=None,
)


def test_statistics_of_one_market() -> None:
    """Two requests together."""
    found, asks = asked(rest.stats(ETH), answer)
    assert asks == [(ASK_ETH, ASK_RATES)]
    assert found == STATS


def test_statistics_of_all_markets() -> None:
    """The same two requests for all; a market without a rate keeps its row."""
    found, asks = asked(rest.all_stats(ALL), answer)
    assert asks == [(ASK_ALL, ASK_RATES)]
    assert LIGHTER.all_stats_requests == 2
    assert found[0] == STATS
    rates = [(each.symbol, each.funding_rate) for each in found]
    assert rates == [("ETH", Decimal("0.000012")), ("BTC", Decimal("-0.0001")), ("HYUNDAI", None)]


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
