"""Checks run over markets and spans; what is told of them."""

from collections.abc import Sequence

from tests.database.samples import NOON, candle
from tests.database.verify.stored import (
    MINUTE,
    NOW,
    collected,
    minute,
    run,
)

from perps_stats.core.stored import Query
from perps_stats.core.types import Kline
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.verify.checks import CHECKS
from perps_stats.database.verify.running import Step, verify
from perps_stats.database.verify.verdicts import SHOWN


async def test_only_the_first_differences_are_told(held: PostgresRepository) -> None:
    """All are counted; those that are told are the first of the exchange."""
    await collected(held, 60 * 20)
    await held.store_klines([minute(n, *"1111", trades=None) for n in range(20)])
    (found,) = await run(held, "klines")
    assert (found.different, len(found.first)) == (20, SHOWN)
    assert found.first[0].timestamp == NOON


async def test_the_span_and_the_markets_count(held: PostgresRepository) -> None:
    """Half-open; and what is told while it runs names the step."""
    candles: Sequence[Kline] = [minute(n, *"1111") for n in range(5)]
    await held.store_klines(candles)
    await held.store_klines([candle(NOON, symbol="ETH")])
    span = Query(start=NOON + MINUTE, end=NOON + 3 * MINUTE, markets=(("binance", "BTC"),))
    (found,) = await run(held, "klines", query=span)
    assert found.not_comparable.total() == 2
    told: list[tuple[Step, int]] = []
    await verify(
        held.link,
        Query(),
        ("klines", "marks"),
        now=NOW,
        tell=lambda step, rows: told.append((step, rows)),
    )
    assert told == [
        (Step("klines", "binance:BTC", 1, 4), 1 + at)
        if at < 5
        else (Step("klines", "binance:ETH", 2, 4), 1)
        for at in range(6)
    ]


async def test_an_empty_database_has_nothing_to_compare(held: PostgresRepository) -> None:
    """No outcome is invented."""
    assert await run(held, *CHECKS) == []
