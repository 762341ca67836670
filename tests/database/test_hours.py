"""Hourly figures: what the samples of an hour say, in pages; candles of whole hours."""

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec import structs

from perps_stats.core.errors import BadInput
from perps_stats.core.figures import Hour, LiquidityDepthStats, Summary
from perps_stats.core.stored import Cursor, Query
from perps_stats.core.types import Ticker
from perps_stats.database.hours import cursor_after_hour
from perps_stats.database.repository import PostgresRepository

from .samples import NOON, candle, market

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def held(repository: PostgresRepository) -> PostgresRepository:
    await repository.store_markets([market(), market(base="ETH")], simulated=False)
    return repository


def at(minutes: int, symbol: str = "BTC", last: str | None = None) -> Ticker:
    return Ticker(
        exchange="binance",
        symbol=symbol,
        last_price=None if last is None else Decimal(last),
        best_bid_price=Decimal(99),
        best_ask_price=Decimal(101),
        timestamp=NOON + minutes * MINUTE,
    )


async def test_an_hour_of_tickers(held: PostgresRepository) -> None:
    """Mean, extremes and last of what was told; what nobody told has no sample and is null."""
    await held.store_tickers([at(0, last="10"), at(30, last="40"), at(59), at(60, last="7")])
    first, second = await held.get_hourly_tickers(Query())
    assert (first.timestamp, first.samples, second.samples) == (NOON, 3, 1)
    expected = Summary(
        average=Decimal(25), minimum=Decimal(10), maximum=Decimal(40), last=Decimal(40), samples=2
    )
    assert first.figures["last_price"] == expected
    # two of a mid price of a hundred are two hundred basis points
    assert first.figures["spread_bps"].average == Decimal(200)
    nobody = first.figures["mark_price"]
    assert (nobody.average, nobody.last, nobody.samples) == (None, None, 0)


async def test_floors_of_an_hour_are_counted(held: PostgresRepository) -> None:
    """A band beyond what was received is at least so much, and so is its mean."""
    depth = LiquidityDepthStats(
        exchange="binance",
        symbol="BTC",
        timestamp=NOON,
        bid_5bps=Decimal(8),
        bid_50bps=Decimal(20),
        reach_bid_bps=Decimal(10),
    )
    whole = structs.replace(depth, timestamp=NOON + MINUTE, complete=True, bid_50bps=Decimal(30))
    await held.store_liquidity_depth([depth, whole])
    (hour,) = await held.get_hourly_liquidity(Query())
    assert (hour.figures["bid_5bps"].floors, hour.figures["bid_50bps"].floors) == (0, 1)
    assert hour.figures["bid_50bps"].average == Decimal(25)


@pytest.mark.parametrize("newest_first", [False, True])
async def test_hours_come_in_pages(
    held: PostgresRepository,
    newest_first: bool,  # noqa: FBT001  a parameter
) -> None:
    """Each once, in the order of time, then of the market."""
    await held.store_tickers([at(60 * hour, name) for hour in range(4) for name in ("BTC", "ETH")])
    expected = [(NOON + hour * HOUR, name) for hour in range(4) for name in ("BTC", "ETH")]
    found: list[Hour] = []
    query = Query(limit=3, newest_first=newest_first)
    while page := await held.get_hourly_tickers(query):
        found += page
        query = structs.replace(query, after=cursor_after_hour(page[-1]))
    listed = [(one.timestamp, one.symbol) for one in found]
    assert listed == (expected[::-1] if newest_first else expected)


async def test_hours_of_a_span_and_a_market(held: PostgresRepository) -> None:
    """Half-open, by when an hour begins."""
    await held.store_tickers([at(60 * hour, name) for hour in range(4) for name in ("BTC", "ETH")])
    query = Query(symbol="ETH", start=NOON + HOUR, end=NOON + 3 * HOUR)
    found = await held.get_hourly_tickers(query)
    assert [(one.symbol, one.timestamp) for one in found] == [
        ("ETH", NOON + HOUR),
        ("ETH", NOON + 2 * HOUR),
    ]


async def test_candles_of_whole_hours(held: PostgresRepository) -> None:
    """The same as those made of the minutes when asked; an hour that lacks one is none."""
    minutes = [candle(NOON + n * MINUTE) for n in range(180) if n != 75]
    await held.store_klines(minutes)
    found = await held.get_hourly_klines(Query())
    assert [one.open_time for one in found] == [NOON, NOON + 2 * HOUR]
    assert found == await held.get_merged_klines(Query(), "1h")


async def test_a_cursor_of_something_else(held: PostgresRepository) -> None:
    """Is told, not guessed at."""
    with pytest.raises(BadInput, match="cursor"):
        await held.get_hourly_tickers(Query(after=Cursor(NOON, ("1m", "binance", "BTC"))))
