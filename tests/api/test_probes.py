"""Whether we live, can answer, and how we are: also when the database is away."""

from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path

import pytest

from perps_stats.api import create_app
from perps_stats.database.embedded import embedded
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.exchanges import EXCHANGES

from .conftest import Ask, asking
from .rows import MARKETS, NOW, OTHERS

SERVED = "2026-03-01T13:00:00.000000Z"


async def test_health_of_an_empty_database(ask: Ask) -> None:
    """No exchange is stored, so none is simulated."""
    for path in ("/livez", "/readyz"):
        reply = await ask(path)
        assert (reply.status, reply.body) == (200, {"status": "ok"})
    assert (await ask("/api/v1/health")).body == {
        "status": "ok",
        "version": version("perps-stats"),
        "database": "ok",
        "simulated": False,
        "exchanges": [],
        "served_at": SERVED,
    }


@pytest.mark.usefixtures("stored")
async def test_health_tells_what_is_simulated(ask: Ask) -> None:
    """One simulated exchange is enough."""
    body = (await ask("/api/v1/health")).body
    assert (body["simulated"], body["exchanges"]) == (True, ["binance", "kucoin"])


async def test_the_database_is_stopped(directory: Path, tmp_path: Path) -> None:
    """Alive, not ready, degraded; every question is answered 503, and 200 when it is back."""
    async with AsyncExitStack() as first:
        url = await first.enter_async_context(embedded(directory))
        async with open_repository(url, tmp_path) as repository:
            await store_markets(repository)
            app = create_app(repository, exchanges=EXCHANGES, now=lambda: NOW)
            async with asking(app) as ask:
                await check(ask)
                await first.aclose()
                await check_away(ask)
                async with embedded(directory):
                    await check(ask)


async def store_markets(repository: PostgresRepository) -> None:
    await repository.store_markets(MARKETS, simulated=True)
    await repository.store_markets(OTHERS, simulated=False)


async def check(ask: Ask) -> None:
    for path in ("/livez", "/readyz", "/api/v1/trades", "/api/v1/stats"):
        assert (await ask(path)).status == 200, path


async def check_away(ask: Ask) -> None:
    assert (await ask("/livez")).status == 200
    health = await ask("/api/v1/health")
    assert (health.status, health.body) == (
        200,
        {
            "status": "degraded",
            "version": version("perps-stats"),
            "database": "away",
            "simulated": None,
            "exchanges": None,
            "served_at": SERVED,
        },
    )
    for path in ("/readyz", "/api/v1/trades", "/api/v1/tickers?symbol=BTC", "/api/v1/stats"):
        reply = await ask(path)
        assert (reply.status, reply.body["title"]) == (503, "Database away"), path
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert reply.headers["Retry-After"] == "2"
