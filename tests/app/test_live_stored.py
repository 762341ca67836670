"""What another process collects is heard from the database: once, and not if it is in doubt."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import Struct, structs

from perps_stats.app.live_stored import LiveStored
from perps_stats.core.stored import Query
from perps_stats.core.types import Gap, GapCause, Trade
from perps_stats.database.repository import PostgresRepository

from .listening import listening, so

BTC = ("binance", "BTC")
STATES = ("tickers", "orderbooks", "liquidity", "slippage", "funding_rates", "open_interest")
ALL = Query(exchange="binance", symbol="BTC", limit=1_000_000)
NOW = datetime.now(UTC)
GAP = Gap(
    exchange="binance",
    symbol="BTC",
    stream="orderbook",
    start_time=NOW,
    cause=GapCause.SILENCE,
    detected_at=NOW,
)
CLOSED = structs.replace(GAP, end_time=NOW + timedelta(seconds=1))


def nothing(_rows: Sequence[Struct]) -> None:
    pass


@asynccontextmanager
async def hearing(repository: PostgresRepository) -> AsyncGenerator[LiveStored]:
    stored = LiveStored()
    task = asyncio.create_task(stored.run(repository))
    try:
        yield stored
    finally:
        task.cancel()


@pytest.mark.needs_real_server
async def test_what_is_followed_is_heard(repository: PostgresRepository, tmp_path: Path) -> None:
    """States as they change, each trade once; what nobody follows is not asked for."""
    told: list[Struct] = []
    async with hearing(repository) as stored, listening(repository, tmp_path):
        await so(lambda: stored.markets() == [("binance", "BTC"), ("binance", "ETH")])
        assert stored.simulated() == {"binance": True}
        assert stored.newest("tickers", *BTC) == []
        assert stored.version("tickers", *BTC) == 0
        for name in ("liquidity", "orderbooks"):
            stored.follow(name, *BTC, nothing)
        stored.follow("trades", *BTC, told.extend)
        await so(lambda: bool(stored.newest("liquidity", *BTC) and len(told) > 50))
        await so(lambda: bool(stored.newest("orderbooks", *BTC, 3)))
        (book,) = stored.newest("orderbooks", *BTC, 3)
        assert len(getattr(book, "bids", [])) == 3
        known, version = stored.newest("liquidity", *BTC), stored.version("liquidity", *BTC)
        await so(lambda: stored.newest("liquidity", *BTC) != known)
        assert stored.version("liquidity", *BTC) == version + 1
    trades = [one for one in told if isinstance(one, Trade)]
    rows = {one.id: one for one in await repository.get_trades(ALL)}
    heard = [one.id for one in trades]
    assert len(heard) == len(set(heard))
    assert [rows[name] for name in heard] == trades
    first, last = trades[0].timestamp, trades[-1].timestamp
    between = {name for name, one in rows.items() if first < one.timestamp < last}
    assert between <= set(heard)


@pytest.mark.needs_real_server
async def test_nothing_holds_that_is_in_doubt(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """In a gap, and when nobody collects any more; the gap is told, when it opens and closes."""
    told: list[Gap] = []

    def hear(gaps: Sequence[Struct]) -> None:
        told.extend(gap for gap in gaps if isinstance(gap, Gap))

    async with hearing(repository) as stored:
        async with listening(repository, tmp_path):
            await so(lambda: bool(stored.markets()))
            stored.follow("liquidity", *BTC, nothing)
            stored.follow("gaps", *BTC, hear)
            await so(lambda: bool(stored.newest("liquidity", *BTC)))
            await repository.store_gap(GAP)
            await so(lambda: told == [GAP])
            assert stored.newest("liquidity", *BTC) == ()
            assert stored.newest("gaps", *BTC) == [GAP]
            await repository.store_gap(CLOSED)
            await so(lambda: told == [GAP, CLOSED])
            assert stored.newest("liquidity", *BTC)
        await so(lambda: not stored.newest("liquidity", *BTC))
        assert stored.markets() == []
