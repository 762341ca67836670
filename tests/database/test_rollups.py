"""Hourly figures: the same from every engine, before and after they are stored."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec import structs

from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.types import Kline, Ticker
from perps_stats.database.link import Link
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.rollups import ROLLED_UP, is_timescale, roll_up, rollups

from .samples import NOON, market
from .timescale_jobs import run_jobs

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NOW = NOON + 5 * HOUR
KLINES = """
select ts, open, high, low, close, volume, turnover, trades, candles from klines_1h
where market_id = 1 order by ts
"""
MID = """
select samples, mid_price_avg, mid_price_min, mid_price_max, mid_price_last, mid_price_samples
from liquidity_1h order by ts
"""


async def store_hours(link: Link) -> None:
    """What the program does each hour, or TimescaleDB's own job."""
    if not await is_timescale(link):
        await roll_up(link, {}, now=NOW)
        return
    for rollup in await rollups(link):
        await link.fetch("call keep_policies($1, null, null, null)", rollup.name)
    assert await run_jobs(link, "policy_refresh_continuous_aggregate") == 3


async def rows(repository: PostgresRepository, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await repository.link.fetch(query)]


def candle(minute: int, price: str, **others: object) -> Kline:
    at = NOON + minute * MINUTE
    whole = Kline(
        exchange="binance",
        symbol="BTC",
        interval="1m",
        open_time=at,
        close_time=at + MINUTE,
        open=Decimal(price),
        high=Decimal(price) + 1,
        low=Decimal(price) - 1,
        close=Decimal(price) + Decimal("0.5"),
        volume=Decimal("1.5"),
        turnover=Decimal(100),
        trades=3,
        closed=True,
    )
    return structs.replace(whole, **others)


def depth(second: int, mid: str | None, **others: object) -> LiquidityDepthStats:
    at = NOON + timedelta(seconds=second)
    price = None if mid is None else Decimal(mid)
    whole = LiquidityDepthStats(exchange="binance", symbol="BTC", timestamp=at, mid_price=price)
    return structs.replace(whole, **others)


@pytest.fixture
async def btc(repository: PostgresRepository) -> PostgresRepository:
    await repository.store_markets([market(), market(base="ETH")], simulated=True)
    return repository


async def test_an_hour_of_candles(btc: PostgresRepository) -> None:
    """Open is the first, close the last; sums add up, and are unknown where a part is."""
    await btc.store_klines(
        [
            candle(0, "10"),
            candle(59, "30"),
            candle(30, "5"),
            candle(60, "7", turnover=None),
            candle(61, "8", trades=None),
            candle(0, "99", interval="5m"),
            candle(2, "50", symbol="ETH"),
        ]
    )
    expected = [
        (NOON, 10, 31, 4, Decimal("30.5"), Decimal("4.5"), 300, 9, 3),
        (NOON + HOUR, 7, 9, 6, Decimal("8.5"), 3, None, None, 2),
    ]
    assert await rows(btc, KLINES) == expected
    await store_hours(btc.link)
    assert await rows(btc, KLINES) == expected


async def test_what_is_unknown_is_no_sample(btc: PostgresRepository) -> None:
    """A mean is that of the known values, and says of how many; of none it is unknown."""
    await btc.store_liquidity_depth(
        [depth(0, "10"), depth(1, None), depth(2, "13"), depth(3, None), depth(3601, None)]
    )
    expected = [
        (4, Decimal("11.5"), 10, 13, 13, 2),
        (1, None, None, None, None, 0),
    ]
    assert await rows(btc, MID) == expected
    await store_hours(btc.link)
    assert await rows(btc, MID) == expected


async def test_floors_are_counted(btc: PostgresRepository) -> None:
    """A band beyond the reach of a book that is not whole is a floor; so is a mean of such."""
    reached = {"bid_5bps": Decimal(8), "reach_bid_bps": Decimal("2.5")}
    await btc.store_liquidity_depth(
        [
            depth(0, "1", **reached),
            depth(1, "1", **reached, complete=True),
            depth(2, "1", bid_2_5bps=Decimal(1), reach_bid_bps=Decimal("2.5")),
            depth(3, "1", bid_5bps=Decimal(1)),
        ]
    )
    await store_hours(btc.link)
    text = "select bid_5bps_samples, bid_5bps_floors, bid_2_5bps_floors, ask_5bps_floors"
    assert await rows(btc, f"{text} from liquidity_1h") == [(3, 1, 0, 0)]


async def test_a_spread_is_that_of_each_sample(btc: PostgresRepository) -> None:
    """In basis points of mid: (101 - 99) / 100 is 200; with a side unknown there is none."""
    bid, ask = Decimal(99), Decimal(101)
    sample = Ticker(exchange="binance", symbol="BTC", timestamp=NOON, best_bid_price=bid)
    later = structs.replace(sample, timestamp=NOON + MINUTE, best_ask_price=ask)
    await btc.store_tickers([sample, later])
    text = "select samples, spread_bps_avg, spread_bps_samples, best_bid_price_samples"
    assert await rows(btc, f"{text} from tickers_1h") == [(2, 200, 1, 2)]


async def test_late_rows_are_seen_after_the_next_time(btc: PostgresRepository) -> None:
    """Whether they come into a stored hour, an hour that had none, or a market that is new."""
    await btc.store_klines([candle(0, "10"), candle(240, "20")])
    await store_hours(btc.link)
    await btc.store_klines([candle(1, "40"), candle(-90, "3"), candle(61, "8", symbol="ETH")])
    await store_hours(btc.link)
    assert [row[:3] for row in await rows(btc, KLINES)] == [
        (NOON - 2 * HOUR, 3, 4),
        (NOON, 10, 41),
        (NOON + 4 * HOUR, 20, 21),
    ]
    text = "select ts, candles from klines_1h where market_id = 2"
    assert await rows(btc, text) == [(NOON + HOUR, 1)]


async def test_the_hour_that_runs_is_always_fresh(btc: PostgresRepository) -> None:
    """Beyond the stored hours each row counts at once."""
    await store_hours(btc.link)
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    minutes = (now - NOON) // MINUTE
    for count in (1, 2):
        await btc.store_klines([candle(minutes + count, "10")])
        assert [row[-1] for row in await rows(btc, KLINES)] == [count]


async def test_changed_rows_change_their_hours(btc: PostgresRepository) -> None:
    """By hand, too: what was corrected or deleted is seen after the next time."""
    await btc.store_klines([candle(0, "10"), candle(60, "20"), candle(61, "30")])
    await store_hours(btc.link)
    await btc.link.fetch("update klines set high = 77 where open = 10")
    await btc.link.fetch("delete from klines where open = 20")
    await store_hours(btc.link)
    assert [row[1:3] for row in await rows(btc, KLINES)] == [(10, 77), (30, 31)]


async def test_what_is_cleaned_is_gone_by_the_hour(btc: PostgresRepository) -> None:
    """Hours before the time, and of everything after a truncate."""
    await btc.store_klines([candle(0, "10"), candle(24 * 60, "20"), candle(26 * 60, "30")])
    await store_hours(btc.link)
    await btc.clean(NOON + 25 * HOUR)
    assert [row[1] for row in await rows(btc, KLINES)] == [30]
    await btc.truncate()
    assert await rows(btc, KLINES) == []
    await btc.store_markets([market()], simulated=False)
    await btc.store_klines([candle(0, "10")])
    await store_hours(btc.link)
    assert await rows(btc, "select candles from klines_1h") == [(1,)]


async def test_who_writes_knows_what_is_rolled_up(btc: PostgresRepository) -> None:
    assert {rollup.fact for rollup in await rollups(btc.link)} == ROLLED_UP
