"""Figures of stored books and hours: what is wrong is found, and nothing else."""

from decimal import Decimal

import pytest
from msgspec import structs
from tests.database.samples import NOON, ticker
from tests.database.verify.stored import (
    BOOK,
    COST,
    DEPTH,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    differing,
    outcome,
    run,
)

from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.stored import Query
from perps_stats.core.types import Side
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.rollups import is_timescale, roll_up


async def test_bands_within_the_stored_levels_are_equal(held: PostgresRepository) -> None:
    """What lies deeper than the stored levels is not compared: 50 bps may be anything."""
    await held.store_orderbooks([BOOK])
    await held.store_liquidity_depth([DEPTH, structs.replace(DEPTH, timestamp=NOON + SECOND)])
    assert await outcome(held, "liquidity") == (1, 0, {})


async def test_a_wrong_band_is_found(held: PostgresRepository) -> None:
    """With both values."""
    await held.store_orderbooks([BOOK])
    wrong = structs.replace(DEPTH, bid_5bps=Decimal("299.94"), mid_price=Decimal("100.005"))
    await held.store_liquidity_depth([wrong])
    assert await differing(held, "liquidity") == [
        ("mid_price", "100.005", "100.00"),
        ("bid_5bps", "299.94", "299.93"),
    ]


async def test_a_floor_is_not_compared(held: PostgresRepository) -> None:
    """Known for 5 bps, the band of 10 is at least so much: the stored levels may hold more."""
    await held.store_orderbooks([BOOK])
    floor = structs.replace(DEPTH, reach_bid_bps=Decimal(5), bid_10bps=Decimal(1))
    await held.store_liquidity_depth([floor])
    assert await outcome(held, "liquidity") == (1, 0, {})
    empty = LiquidityDepthStats(exchange="binance", symbol="ETH", timestamp=NOON)
    await held.store_orderbooks([structs.replace(BOOK, symbol="ETH")])
    await held.store_liquidity_depth([empty])
    unknown = {"the book was not known at its best prices": 1}
    assert await outcome(held, "liquidity") == (1, 0, unknown)


async def test_a_whole_book_covers_every_band(held: PostgresRepository) -> None:
    """Beyond its last level there is nothing: 50 bps hold what 20 hold."""
    whole = structs.replace(BOOK, complete=True)
    await held.store_orderbooks([whole])
    await held.store_liquidity_depth([structs.replace(DEPTH, complete=True)])
    assert await differing(held, "liquidity") == [
        ("bid_50bps", "5000", "798.93"),
        ("ask_50bps", "5000", "800.96"),
    ]


async def test_slippage_of_what_the_stored_levels_fill(held: PostgresRepository) -> None:
    """The others are not compared, and it is said why."""
    await held.store_orderbooks([BOOK])
    more = structs.replace(COST, trade_amount=Decimal(10000))
    unknown = structs.replace(COST, trade_amount=Decimal(200), fillable=None, avg_price=None)
    mark = structs.replace(COST, trade_amount=Decimal(50), reference="mark")
    await held.store_slippage([COST, more, unknown, mark])
    assert await outcome(held, "slippage") == (
        1,
        0,
        {
            "the stored levels end before the amount": 1,
            "what was known of the book ends before the amount": 1,
            "its reference is not the mid of the book": 1,
        },
    )


async def test_a_wrong_slippage_is_found(held: PostgresRepository) -> None:
    """A sell of 199.98 takes the best bid: 1 bps."""
    await held.store_orderbooks([BOOK])
    sell = structs.replace(COST, side=Side.SELL, trade_amount=Decimal("199.98"))
    await held.store_slippage([sell])
    assert await differing(held, "slippage") == [("avg_price", "100.01", "99.99")]


async def test_stored_hours_are_those_of_their_rows(held: PostgresRepository) -> None:
    """One that was tampered with is found, field by field; the running one is not stored yet."""
    if await is_timescale(held.link):
        pytest.skip("its hours are kept by the extension, and cannot be tampered with")
    for seconds, last in ((0, "3"), (600, "5"), (4 * 3600 + 60, "9")):
        await held.store_tickers([ticker(at=NOON + seconds * SECOND, last=last)])
    await roll_up(held.link, {}, now=NOW - MINUTE)
    assert await outcome(held, "hours") == (1, 0, {"the hour is not stored yet": 1})
    await held.link.fetch("update tickers_1h_stored set last_price_avg = 4.5, samples = 3")
    assert await differing(held, "hours") == [
        ("samples", "3", "2"),
        ("last_price_avg", "4.5", "4.0000000000000000"),
    ]
    await held.link.fetch("delete from tickers where ts < $1", NOON + HOUR)
    assert (await outcome(held, "hours"))[1] == 0


async def test_a_part_of_an_hour_is_not_compared(held: PostgresRepository) -> None:
    """A span that begins within it sees not all of its rows."""
    await held.store_tickers([ticker(at=NOON), ticker(at=NOON + 1800 * SECOND)])
    assert await run(held, "hours", query=Query(start=NOON + SECOND)) == []
    assert len(await run(held, "hours", query=Query(start=NOON))) == 1
