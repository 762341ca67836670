"""A served API over known rows, and a server that says what a test has it say."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest
from aiohttp import web
from tests.api.conftest import READ, ROWS, Said, serving
from tests.api.rows import MARKETS, NOW, OTHERS

from perps_stats.api import create_app
from perps_stats.client import AsyncClient
from perps_stats.database.repository import PostgresRepository

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def markets(repository: PostgresRepository) -> PostgresRepository:
    """Markets and no rows: three of ``binance``, which is simulated, one of ``kucoin``."""
    await repository.store_markets(MARKETS, simulated=True)
    await repository.store_markets(OTHERS, simulated=False)
    return repository


@pytest.fixture
async def stored(markets: PostgresRepository) -> PostgresRepository:
    """One known row in each data set."""
    for data_set, row in ROWS:
        await markets.store(data_set, [row])
    return markets


@pytest.fixture
async def address(repository: PostgresRepository) -> AsyncGenerator[str]:
    app = create_app(repository, exchanges=READ, now=lambda: NOW, process=Said())
    async with serving(app) as served:
        yield served


@pytest.fixture
async def client(address: str) -> AsyncGenerator[AsyncClient]:
    async with AsyncClient(address, patience_seconds=0) as opened:
        yield opened


@asynccontextmanager
async def answering(answer: Answer) -> AsyncGenerator[str]:
    """The address of a server that answers everything so."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await answer(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
