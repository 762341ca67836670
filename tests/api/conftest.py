"""The API on real sockets, over a repository with known rows."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import msgspec
import pytest
from litestar.types import ASGIApp

from perps_stats.api import State, create_app, listen, probes, routes, serve_on
from perps_stats.api.server import address_of
from perps_stats.api.udf import routes as udf_routes
from perps_stats.core import catalogue
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import EXCHANGES

from .rows import (
    AVERAGES,
    BOOK,
    FUNDING,
    GAP,
    KLINE,
    LIQUIDATION,
    LIQUIDITY,
    MARKETS,
    NOW,
    OPEN_INTEREST,
    OTHERS,
    SLIPPAGE,
    TICKER,
    TRADE,
)

READ = {"binance": EXCHANGES["binance"]}
"""The exchanges that are read here; of another one something is stored."""
ROWS = (
    (catalogue.TRADES, TRADE),
    (catalogue.TICKERS, TICKER),
    (catalogue.ORDERBOOKS, BOOK),
    (catalogue.FUNDING_RATES, FUNDING),
    (catalogue.OPEN_INTEREST, OPEN_INTEREST),
    (catalogue.KLINES, KLINE),
    (catalogue.LIQUIDATIONS, LIQUIDATION),
    (catalogue.LIQUIDITY, LIQUIDITY),
    (catalogue.LIQUIDITY_AVERAGES, AVERAGES),
    (catalogue.SLIPPAGE, SLIPPAGE),
    (catalogue.GAPS, GAP),
)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    """Whatever the case of a name."""
    text: bytes

    @property
    def body(self) -> dict[str, object]:
        return msgspec.json.decode(self.text, type=dict[str, object])

    @property
    def data(self) -> list[dict[str, object]]:
        return msgspec.convert(self.body["data"], list[dict[str, object]])

    @property
    def meta(self) -> dict[str, object]:
        return msgspec.convert(self.body["meta"], dict[str, object])


class Said:
    """A process that says what a test has it say."""

    def __init__(self, state: State | None = None) -> None:
        self.said = state or State()

    def state(self) -> State:
        return self.said

    def metrics(self, *, database: bool) -> bytes:
        return f"database_up {database:d}\n".encode()


Ask = Callable[..., Awaitable[Reply]]
"""``await ask("/api/v1/trades?limit=1", method=..., headers=...)``"""


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncGenerator[str]:
    """The address of the running application."""
    listener = listen("127.0.0.1", 0)
    address, until = address_of(listener), asyncio.Event()
    task = asyncio.create_task(serve_on(app, listener, until))
    try:
        yield address
    finally:
        until.set()
        await task


@asynccontextmanager
async def asking(app: ASGIApp) -> AsyncGenerator[Ask]:
    async with serving(app) as address, aiohttp.ClientSession() as session:

        async def ask(
            path: str, method: str = "GET", headers: dict[str, str] | None = None
        ) -> Reply:
            async with session.request(method, f"{address}{path}", headers=headers) as response:
                return Reply(response.status, response.headers, await response.read())

        yield ask


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the database of this machine is, it is not away."""
    for module, name in ((probes, "PROBE_SECONDS"), (routes, "ANSWER_SECONDS")):
        monkeypatch.setattr(module, name, 100.0)
    monkeypatch.setattr(udf_routes, "ANSWER_SECONDS", 100.0)


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
def app(repository: PostgresRepository) -> ASGIApp:
    return create_app(repository, exchanges=READ, now=lambda: NOW, process=Said())


@pytest.fixture
async def ask(app: ASGIApp) -> AsyncGenerator[Ask]:
    async with asking(app) as question:
        yield question
