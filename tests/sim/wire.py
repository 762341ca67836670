"""A plain client of a simulated Binance, and a book kept by the exchange's published rule.

Written from the wire reference, apart from the simulator and from the product.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal
from math import inf
from typing import Any, NamedTuple, TypeAlias, TypeVar

import aiohttp

from perps_stats.sim import SimSettings, Simulator, Truth, Venue

Json: TypeAlias = Any
"""What a body or a frame holds: a test knows better than a type."""
Socket: TypeAlias = aiohttp.ClientWebSocketResponse
T = TypeVar("T")
NOON = 1_769_860_800_000
"""2026-01-31 12:00 UTC, in ms."""
STEP_MS = 50
"""How often a market of the model moves."""
PATIENCE_SECONDS = 60.0
"""What comes at once may be so late on a machine that stalls."""


class Clock:
    """Exchange time that stands still, or runs ``rate`` times as fast as ours."""

    def __init__(self, start: int = NOON, rate: float = 0.0) -> None:
        self.now = start
        self._rate = rate
        self._began = time.monotonic()

    def __call__(self) -> int:
        return self.now + int((time.monotonic() - self._began) * 1000 * self._rate)


class Seconds:
    """A steady clock that stands still until it is put on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Json:
        return json.loads(self.body)


class Client:
    def __init__(self, session: aiohttp.ClientSession, venue: Venue, simulator: Simulator) -> None:
        self._session = session
        self.venue = venue
        self.simulator = simulator

    async def ask(self, path: str, **query: object) -> Reply:
        return await self.request("GET", f"/fapi/v1/{path}", **query)

    async def request(self, method: str, path: str, **query: object) -> Reply:
        """Any exchange's path, whole."""
        params = {name: str(value) for name, value in query.items()}
        url = self.venue.rest_url + path
        async with self._session.request(method, url, params=params) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def rows(self, path: str, **query: object) -> Json:
        reply = await self.ask(path, **query)
        assert reply.status == 200, reply
        return reply.json()

    def connect(self, path: str) -> AbstractAsyncContextManager[Socket]:
        return self._session.ws_connect(self.venue.ws_url + path)

    def truth(self, symbol: str = "BTCUSDT") -> Truth:
        return self.venue.truth(symbol)

    def rested(self, symbol: str = "BTCUSDT") -> Truth:
        """The truth that stays, since nobody trades any more: the last change leads to it."""
        self.simulator.rest()
        return self.truth(symbol)


@asynccontextmanager
async def simulated(
    *, clock: Callable[[], int] | None = None, exchange: str = "binance", **settings: Json
) -> AsyncIterator[Client]:
    asked = SimSettings(exchanges=(exchange,), **settings)
    simulator = Simulator(asked, **({"clock": clock} if clock else {}))
    async with simulator, aiohttp.ClientSession() as session:
        yield Client(session, simulator.venues[exchange], simulator)


async def receive(socket: Socket, count: int) -> list[Json]:
    """The next ``count`` frames, decoded."""
    return [await socket.receive_json(timeout=PATIENCE_SECONDS) for _ in range(count)]


async def next_message(socket: Socket) -> aiohttp.WSMessage:
    """Of any kind, also the end."""
    return await socket.receive(timeout=PATIENCE_SECONDS)


async def passing(clock: Clock, event: Awaitable[T], *, step_ms: int = STEP_MS) -> T:
    """What comes while time passes, step by step."""
    coming = asyncio.ensure_future(event)
    while not coming.done():
        clock.now += step_ms
        await asyncio.sleep(0.01)
    return await coming


async def is_quiet(socket: Socket, seconds: float = 0.2) -> bool:
    """Whether nothing more comes."""
    try:
        await socket.receive(timeout=seconds)
    except TimeoutError:
        return True
    return False


class OutOfStepError(Exception):
    pass


class Replica:
    """A book from a REST snapshot and diffs: sides are exact decimals."""

    def __init__(self, snapshot: Json) -> None:
        self.last: int = snapshot["lastUpdateId"]
        self.bids = {Decimal(price): Decimal(size) for price, size in snapshot["bids"]}
        self.asks = {Decimal(price): Decimal(size) for price, size in snapshot["asks"]}
        self.floor = min(self.bids)
        self.ceiling = max(self.asks)
        self._joined = False

    def apply(self, diff: Json) -> None:
        """First ``U <= lastUpdateId <= u``, then each ``pu`` is the ``u`` before."""
        if not self._joined and diff["u"] < self.last:
            return
        fits = diff["pu"] == self.last if self._joined else diff["U"] <= self.last <= diff["u"]
        if not fits:
            raise OutOfStepError(diff["U"], self.last)
        self._joined = True
        self.last = diff["u"]
        for side, levels in ((self.bids, diff["b"]), (self.asks, diff["a"])):
            for price, size in levels:
                if Decimal(size):
                    side[Decimal(price)] = Decimal(size)
                else:
                    side.pop(Decimal(price), None)

    def apply_all(self, diffs: list[Json]) -> None:
        for diff in diffs:
            self.apply(diff)

    async def follow(self, stream: Socket, last: float = inf) -> None:
        """Diff by diff, up to that id."""
        while self.last < last:
            self.apply_all(await receive(stream, 1))

    def agrees_with(self, truth: Truth) -> bool:
        """Level by level, as far as the snapshot reached."""
        bids = {price: size for price, size in truth.bids if price >= self.floor}
        asks = {price: size for price, size in truth.asks if price <= self.ceiling}
        return bids == {p: s for p, s in self.bids.items() if p >= self.floor} and asks == {
            p: s for p, s in self.asks.items() if p <= self.ceiling
        }
