"""A served API over known rows, and a server that says what a test has it say."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest
from aiohttp import web
from tests.api.conftest import READ, Said, markets, serving, stored
from tests.api.rows import NOW

from perps_stats.api import create_app
from perps_stats.client import AsyncClient
from perps_stats.database.repository import PostgresRepository

__all__ = ["markets", "stored"]  # fixtures are those of the API
Answer: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


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
