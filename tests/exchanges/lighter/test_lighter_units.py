"""Each trap of Lighter's units: the test fails where the conversion is left out."""

from decimal import Decimal
from functools import partial

from perps_stats.core.types import Side
from perps_stats.exchanges.contract import Window
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    DayTick,
    FundingTick,
    KlineTick,
    MarkTick,
    TradeTick,
)
from perps_stats.exchanges.lighter import past, rest
from perps_stats.exchanges.lighter.stream import decoder

from ..answers import as_klines, asked, body  # noqa: TID252 (tests are no package that could be named)
from .pushes import BEST, CANDLE, STATS, STATS_OF_ONE, TRADES, UPDATE
from .venue import BOOK, ETH, HOUR, NOON, ORDERS, T0, Json, answer, at, order, trade, with_

decode = decoder([ETH])
DAY = Window(NOON, NOON + 24 * HOUR)
HOURLY = Decimal("0.000012")


def funding_tick(**changed: object) -> FundingTick:
    (tick,) = [
        event
        for event in decode(body(STATS_OF_ONE | {"market_stats": STATS | changed}))
        if isinstance(event, FundingTick)
    ]
    return tick


def test_three_conventions_of_one_rate() -> None:
    """0.0012 percent an hour, the same with its sign apart, and 0.000096 for eight hours."""
    assert Decimal(funding_tick(current_funding_rate="0.0012").funding_rate) == HOURLY
    assert asked(past.funding_history(ETH, DAY, None), answer)[0][0].funding_rate == HOURLY
    assert asked(rest.funding(ETH), answer)[0].funding_rate == HOURLY
    assert asked(rest.stats(ETH), answer)[0].funding_rate == HOURLY


def test_every_rate_is_for_one_hour() -> None:
    """The interval is told with each."""
    assert funding_tick().interval == "1"
    for rate in (
        asked(rest.funding(ETH), answer)[0],
        asked(past.funding_history(ETH, DAY, None), answer)[0][0],
        asked(rest.stats(ETH), answer)[0],
    ):
        assert rate.funding_interval == 1


def test_who_pays_is_the_sign() -> None:
    """Where shorts pay, the rate is negative; pushes bear the sign themselves."""
    longs, shorts = asked(past.funding_history(ETH, DAY, None), answer)[0]
    assert (longs.funding_rate, shorts.funding_rate) == (HOURLY, Decimal("-0.000002"))
    assert funding_tick(current_funding_rate="-0.0002").funding_rate == "-0.000002"


def test_the_running_estimate_is_not_the_settled_rate() -> None:
    """``current_funding_rate`` is paid next; ``funding_rate`` was settled at the full hour."""
    tick = funding_tick(current_funding_rate="0.0012", funding_rate="0.0007")
    assert Decimal(tick.funding_rate) == HOURLY
    assert tick.next_funding_ts == (T0 + 3_600_000) * 1000


def test_open_interest_is_base_in_answers_and_quote_in_pushes() -> None:
    """27,350 ETH are worth 86 million."""
    assert asked(rest.open_interest(ETH), answer)[0].open_interest == Decimal("27350.8981")
    assert asked(rest.open_interest(ETH), answer)[0].open_value is None
    (mark,) = [each for each in decode(body(STATS_OF_ONE)) if isinstance(each, MarkTick)]
    assert (mark.open_interest, mark.open_value) == (None, "86574362.972120")


def test_the_change_of_a_day_is_percent() -> None:
    """-1.25 is a fraction of -0.0125."""
    (day,) = [each for each in decode(body(STATS_OF_ONE)) if isinstance(each, DayTick)]
    assert day.change_pct == "-0.0125"
    assert asked(rest.ticker(ETH), answer)[0].price_change_pct == Decimal("-0.0125")


def test_fees_are_percent() -> None:
    """0.02 is two basis points."""
    assert asked(rest.markets(), answer)[0][0].taker_fee == Decimal("0.0002")


def test_seconds_milliseconds_and_microseconds() -> None:
    """Settlements in seconds, books in microseconds, all else in milliseconds: one instant."""
    noon_us = T0 * 1000
    assert asked(past.funding_history(ETH, DAY, None), answer)[0][0].funding_time == NOON
    assert asked(rest.trades(ETH, 5), answer)[0][0].timestamp == NOON
    assert asked(as_klines(past.klines, ETH, "1m", DAY, None), answer)[0][0].open_time == NOON
    order_book = UPDATE["order_book"]
    assert isinstance(order_book, dict)
    (delta,) = decode(body(UPDATE | {"order_book": order_book | {"last_updated_at": noon_us}}))
    ticker = BEST["ticker"]
    assert isinstance(ticker, dict)
    (best,) = decode(body(BEST | {"ticker": ticker | {"last_updated_at": noon_us}}))
    (fill,) = decode(body(TRADES | {"trades": [trade(1)], "liquidation_trades": []}))
    day, *_ = decode(body(STATS_OF_ONE | {"timestamp": T0}))
    (minute,) = decode(body(CANDLE))
    assert isinstance(minute, KlineTick)
    assert isinstance(delta, BookDelta)
    assert isinstance(best, BestTick)
    assert isinstance(fill, TradeTick)
    assert isinstance(day, DayTick)
    assert {delta.ts, best.ts, fill.ts, day.ts, minute.open_ts} == {noon_us}


def test_what_remains_of_an_order_counts() -> None:
    """Not what it was placed with."""
    changed: Json = {"bids": [order("1914.22", "1.3237", initial="1.7361")], "total_bids": 1}
    found, _ = asked(rest.orderbook(ETH, 5), partial(with_, {ORDERS: BOOK | changed}))
    assert found.bids[0].quantity == Decimal("1.3237")


def test_orders_are_not_levels() -> None:
    """Four orders at two prices are two levels; the number of levels does not say what was cut."""
    asks = [
        order("1914.28", "1"),
        order("1914.28", "2"),
        order("1914.30", "3"),
        order("1914.30", "4"),
    ]
    changed: Json = {"asks": asks, "total_asks": 4}
    found, _ = asked(rest.orderbook(ETH, 5), partial(with_, {ORDERS: BOOK | changed}))
    levels = [(each.price, each.quantity) for each in found.asks]
    assert levels == [(Decimal("1914.28"), Decimal(3)), (Decimal("1914.3"), Decimal(7))]
    assert found.complete


def test_the_taker_is_who_was_not_the_maker() -> None:
    """Where the ask was the maker, the taker bought."""
    (bought,) = decode(body(TRADES | {"trades": [trade(1)], "liquidation_trades": []}))
    assert isinstance(bought, TradeTick)
    assert bought.side == "buy"
    sold = asked(rest.trades(ETH, 5), answer)[0][-1]
    assert (sold.side, sold.timestamp) == (Side.SELL, at(2))
