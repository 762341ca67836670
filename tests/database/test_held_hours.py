"""What markets held by the hour: means of what is stored, by the definition."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.stored import HeldHour, Mean, Query
from perps_stats.core.types import OpenInterest, Ticker
from perps_stats.database.repository import PostgresRepository

from .samples import market

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def ticker(minutes: int, volume: str | None, interest: str | None = None) -> Ticker:
    return Ticker(
        exchange="binance",
        symbol="BTC",
        volume_24h=None if volume is None else Decimal(volume),
        open_interest=None if interest is None else Decimal(interest),
        timestamp=NOON + timedelta(minutes=minutes),
    )


def depth(minutes: int, bid: str, ask: str, *, reach: str = "100") -> LiquidityDepthStats:
    return LiquidityDepthStats(
        exchange="binance",
        symbol="BTC",
        mid_price=Decimal(100),
        bid_10bps=Decimal(bid),
        ask_10bps=Decimal(ask),
        reach_bid_bps=Decimal(reach),
        reach_ask_bps=Decimal(100),
        complete=False,
        timestamp=NOON + timedelta(minutes=minutes),
    )


@pytest.fixture
async def kept(repository: PostgresRepository) -> PostgresRepository:
    for exchange in ("binance", "kucoin"):
        await repository.store_markets([market(exchange)], simulated=True)
    return repository


async def held(repository: PostgresRepository, start: int = 0, end: int = 2) -> list[HeldHour]:
    query = Query(markets=(("binance", "BTC"),), start=NOON + start * HOUR, end=NOON + end * HOUR)
    found = await repository.get_held_hours(query)
    return sorted(found, key=lambda each: each.timestamp)


async def test_means_of_an_hour(kept: PostgresRepository) -> None:
    """Of the samples that told it, by the hour; what no sample told is not there."""
    await kept.store_tickers([ticker(0, "1"), ticker(30, "2"), ticker(59, None), ticker(60, "7")])
    first, second = await held(kept)
    assert (first.timestamp, second.timestamp) == (NOON, NOON + HOUR)
    assert first.means == {"volume_24h": Mean(Decimal("1.5"), 2, at_least=False)}
    assert second.means == {"volume_24h": Mean(Decimal(7), 1, at_least=False)}
    assert await held(kept, 1, 2) == [second]
    assert await held(kept, 2, 9) == []


async def test_liquidity_is_that_of_both_sides(kept: PostgresRepository) -> None:
    """In quote, with the mean of mid; a floor where any sample of a side is one."""
    await kept.store_liquidity_depth([depth(0, "10", "20"), depth(1, "30", "40")])
    await kept.store_liquidity_depth([depth(60, "1", "1"), depth(61, "1", "1", reach="9")])
    first, second = await held(kept)
    assert first.mid_price == Decimal(100)
    assert first.means == {"depth_10bps": Mean(Decimal(50), 2, at_least=False)}
    assert second.means == {"depth_10bps": Mean(Decimal(2), 2, at_least=True)}


async def test_open_interest_as_it_was_asked_for(kept: PostgresRepository) -> None:
    """Where it was; else as it stood beside the prices."""
    await kept.store_tickers([ticker(0, None, "5"), ticker(60, None, "6")])
    polled = OpenInterest(
        exchange="binance",
        symbol="BTC",
        open_interest=Decimal(8),
        timestamp=NOON + timedelta(minutes=5),
    )
    await kept.store_open_interest([polled])
    first, second = await held(kept)
    assert first.means == {"open_interest": Mean(Decimal(8), 1, at_least=False)}
    assert second.means == {"open_interest": Mean(Decimal(6), 1, at_least=False)}


async def test_of_all_markets(kept: PostgresRepository) -> None:
    """Where none is named."""
    await kept.store_tickers([ticker(0, "1")])
    (found,) = await kept.get_held_hours(Query())
    assert (found.exchange, found.symbol) == ("binance", "BTC")
