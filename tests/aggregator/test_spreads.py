"""Spreads: of a market, and between the best prices of several, counted per coin."""

from datetime import timedelta
from decimal import Decimal

from perps_stats.aggregator.spreads import (
    cross_spread,
    quoted_spread,
    spread_average,
    with_best_prices,
)
from perps_stats.core.figures import LiquidityAverages
from perps_stats.core.types import Market, Ticker

from .comparables import NOON, book, figures, market


def ticker(of: Market, bid: str | None, ask: str | None, seconds: int = 0) -> Ticker:
    return Ticker(
        exchange=of.exchange,
        symbol=of.symbol,
        best_bid_price=None if bid is None else Decimal(bid),
        best_ask_price=None if ask is None else Decimal(ask),
        timestamp=NOON + timedelta(seconds=seconds),
    )


def test_a_spread_or_why_there_is_none() -> None:
    """200 bps of a mid of 100; a missing price and a missing ticker are told apart."""
    one = market("a")
    assert quoted_spread(one, ticker(one, "99", "101"), []).spread_bps == 200
    sided = quoted_spread(one, ticker(one, "99", None), [])
    assert figures(sided.best_bid_price, sided.spread_bps) == (99, None)
    assert sided.missing == ["a best price is missing, or they are crossed"]
    assert quoted_spread(one, None, ["no ticker"]).missing == ["no ticker"]


def test_a_book_has_the_best_prices_that_a_ticker_lacks() -> None:
    """Then the older time is that of both; what the ticker tells is not replaced."""
    one = market("a")
    held = book("a", [("99", "1"), ("98", "1")], [("101", "1")])
    told = ticker(one, None, None, seconds=-3)
    assert with_best_prices(told, held) == ticker(one, "99", "101", seconds=-3)
    assert with_best_prices(None, held) == ticker(one, "99", "101")
    whole = ticker(one, "90", "91", seconds=-3)
    assert with_best_prices(whole, held) is whole
    assert with_best_prices(told, book("a", [], [("101", "1")])) is told
    assert with_best_prices(told, None) is told
    assert with_best_prices(None, None) is None


def test_best_prices_over_venues_are_of_single_coins() -> None:
    """A thousand PEPE at 10 are one at 0.01. The best bid and ask may be two venues'; what they are
    apart in time is told, and so is who is missing.
    """
    markets = [market("a", "PEPE"), market("b", "PEPE", multiplier=1000), market("c", "PEPE")]
    tickers = [
        ticker(markets[0], "0.0099", "0.0101"),
        ticker(markets[1], "10", "10.2", seconds=7),
        ticker(markets[2], None, "0.001"),
    ]
    quoted = [quoted_spread(m, t, []) for m, t in zip(markets, tickers, strict=True)]
    found = cross_spread(markets, quoted)
    assert figures(found.bid_exchange, found.best_bid) == ("b", Decimal("0.01"))
    assert figures(found.ask_exchange, found.best_ask) == ("a", Decimal("0.0101"))
    assert found.spread_bps == Decimal("99.50248756")
    assert figures(found.venues, found.apart, found.timestamp) == (2, 7, NOON)
    assert found.missing == ["c:PEPE: a best price is missing, or they are crossed"]


def test_one_pays_more_than_another_asks() -> None:
    """Then the spread is below zero: 100 to be had, 101 to be got."""
    markets = [market("a"), market("b")]
    tickers = [ticker(markets[0], "99", "100"), ticker(markets[1], "101", "102")]
    quoted = [quoted_spread(m, t, []) for m, t in zip(markets, tickers, strict=True)]
    assert cross_spread(markets, quoted).spread_bps == Decimal("-99.50248756")


def test_of_nobody_nothing_is_known() -> None:
    """No venue, no price, no time."""
    markets = [market("a")]
    found = cross_spread(markets, [quoted_spread(markets[0], None, ["no ticker is known"])])
    assert figures(found.venues, found.best_bid, found.spread_bps, found.timestamp) == (
        0,
        None,
        None,
        None,
    )
    assert figures(found.apart, found.missing) == (None, ["a:BTC: no ticker is known"])


def test_a_window_says_how_long_it_was_known() -> None:
    """Exact or a floor, the spread was known; the rest is suspect."""
    window = LiquidityAverages(
        timestamp=NOON,
        exchange="a",
        symbol="BTC",
        mid_price=Decimal(100),
        spread_bps=Decimal("0.5"),
        exact_seconds=Decimal(3),
        floor_seconds=Decimal("4.5"),
        suspect_seconds=Decimal("2.5"),
    )
    found = spread_average(window)
    assert figures(found.spread_bps, found.known_seconds) == (Decimal("0.5"), Decimal("7.5"))
    assert figures(found.suspect_seconds, found.timestamp) == (Decimal("2.5"), NOON)
