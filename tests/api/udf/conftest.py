"""Candles of a market, and whoever asks for them as the charting library does."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from tests.api.conftest import READ, Said, asking
from tests.api.rows import MARKETS, OTHERS
from yarl import URL

from perps_stats.api import create_app
from perps_stats.core.intervals import interval_length
from perps_stats.core.types import Kline
from perps_stats.database.repository import PostgresRepository

NOW = datetime.fromisoformat("2026-03-02T00:00:30Z")
TICKER = "binance:BTC"
Ask = Callable[..., Awaitable[tuple[int, object]]]
"""``status, said = await udf("history", symbol="binance:BTC", ...)``"""


def candle(opens: str, interval: str = "1m", **fields: Decimal) -> Kline:
    """One whose prices tell when it opens: 2026-03-01 12:34 is about 101234.5."""
    time = datetime.fromisoformat(f"{opens}Z")
    price = Decimal(f"{time:%d%H%M}.50") + 100000
    return Kline(
        exchange="binance",
        symbol="BTC",
        interval=interval,
        open_time=time,
        close_time=time + interval_length(interval),
        open=fields.get("open", price),
        high=fields.get("high", price + 2),
        low=fields.get("low", price - 1),
        close=fields.get("close", price + 1),
        volume=fields.get("volume", Decimal("1.25")),
        closed=True,
    )


def minutes(first: str, count: int) -> list[Kline]:
    begin = datetime.fromisoformat(first)
    return [candle((begin + timedelta(minutes=n)).isoformat()) for n in range(count)]


def unix(time: str) -> int:
    return int(datetime.fromisoformat(f"{time}Z").timestamp())


@pytest.fixture
async def kept(repository: PostgresRepository) -> PostgresRepository:
    """Markets without candles: three of ``binance``, which is simulated, one of ``kucoin``."""
    await repository.store_markets(MARKETS, simulated=True)
    await repository.store_markets(OTHERS, simulated=False)
    return repository


@pytest.fixture
async def udf(repository: PostgresRepository) -> AsyncGenerator[Ask]:
    app = create_app(repository, exchanges=READ, now=lambda: NOW, process=Said())
    async with asking(app) as ask:

        async def question(name: str, **asked: object) -> tuple[int, object]:
            query = URL.build(query={k.rstrip("_"): str(v) for k, v in asked.items()})
            reply = await ask(f"/udf/{name}{query}")
            return reply.status, msgspec.json.decode(reply.text)

        yield question
