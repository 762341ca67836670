"""Lighter's markets, tickers and statistics, field by field."""

from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import (
    Market,
    MarketStats,
    MarketStatus,
    OpenInterest,
    Ticker,
)
from perps_stats.exchanges.lighter import LIGHTER, rest

from ..answers import Said, asked  # noqa: TID252 (tests are no package that could be named)
from .venue import (
    ALL,
    DETAILS,
    ETH,
    NEVER,
    OF_ETH,
    RATES,
    Json,
    answer,
    listed,
    market,
    with_,
)

ASK_ALL: Said = (DETAILS, {"filter": "perp"}, 1, "")
ASK_ETH: Said = (DETAILS, OF_ETH, 1, "")
ASK_RATES: Said = (RATES, {}, 1, "")

ZERO = Decimal(0)


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
