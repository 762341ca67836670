"""A source that says what a test has it say, and the stream over it, on a real socket."""

import asyncio
import socket
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from time import monotonic
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec
from litestar import Litestar
from msgspec import Struct
from tests.api.guard.known import Raw, admission
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from perps_stats.api import address_of, listen, serve_on
from perps_stats.api.guard import Admission, Tally
from perps_stats.api.live import PATH, Hub, Limits, protocol_of
from perps_stats.core.live import BOOK_LEVELS, EVENTS, LiveSource, Stop, Told
from perps_stats.core.types import Gap, GapCause, Side, Ticker, Trade

Topic: TypeAlias = tuple[str, str, str]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARKETS = (("binance", "BTC"), ("binance", "ETH"), ("kucoin", "BTC"))
TICK_SECONDS = 0.02
PATIENCE_SECONDS = 60.0
USUAL = Limits()


def trade(number: int, exchange: str = "binance", symbol: str = "BTC") -> Trade:
    return Trade(
        exchange=exchange,
        symbol=symbol,
        id=str(number),
        price=Decimal("61659.70"),
        quantity=Decimal("0.001"),
        side=Side.BUY,
        timestamp=NOON,
    )


def ticker(price: int, exchange: str = "binance", symbol: str = "BTC") -> Ticker:
    return Ticker(exchange=exchange, symbol=symbol, last_price=Decimal(price), timestamp=NOON)


def gap(stream: str = "trades", end: datetime | None = None) -> Gap:
    return Gap(
        exchange="binance",
        symbol="BTC",
        stream=stream,
        start_time=NOON,
        end_time=end,
        cause=GapCause.DISCONNECT,
        detected_at=NOON,
    )


class Spoken:
    """A ``LiveSource`` of ``MARKETS``, and those that a test adds."""

    def __init__(self) -> None:
        self.listed = list(MARKETS)
        self.followers: defaultdict[Topic, list[Told]] = defaultdict(list)
        self._rows: dict[Topic, tuple[Struct, ...]] = {}
        self._versions: Counter[Topic] = Counter()

    def say(self, data_set: str, *rows: Struct, market: tuple[str, str] = MARKETS[0]) -> None:
        """Of an event: it happens. Of another: so it is now. Of gaps: those that are open now."""
        topic = (data_set, *market)
        is_last = data_set in EVENTS and data_set != "gaps"
        self._rows[topic] = rows[-1:] if is_last else rows
        self._versions[topic] += 1
        if data_set in EVENTS:
            for told in tuple(self.followers[topic]):
                told(rows)

    def markets(self) -> Sequence[tuple[str, str]]:
        return self.listed

    def simulated(self) -> Mapping[str, bool]:
        return {"binance": True, "kucoin": False}

    def newest(
        self, data_set: str, exchange: str, symbol: str, depth: int = BOOK_LEVELS
    ) -> Sequence[Struct]:
        del depth
        return self._rows.get((data_set, exchange, symbol), ())

    def version(self, data_set: str, exchange: str, symbol: str) -> int:
        return self._versions[data_set, exchange, symbol]

    def follow(self, data_set: str, exchange: str, symbol: str, told: Told) -> Stop:
        followers = self.followers[data_set, exchange, symbol]
        followers.append(told)
        return partial(followers.remove, told)


async def so(condition: Callable[[], bool]) -> None:
    """Wait until it is so. Raises ``TimeoutError``."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


class Message(Struct):
    """What the server says. ``raw`` is all of it, as it came."""

    type: str
    id: int | str | None = None
    data_set: str = ""
    seq: int = 0
    data: list[dict[str, object]] = []
    gaps: list[dict[str, object]] = []
    channels: list[dict[str, object]] = []
    units: dict[str, dict[str, str]] = {}
    of: str = ""
    reason: str = ""
    after: int = 0
    raw: dict[str, object] = {}

    def of_rows(self, field: str) -> list[object]:
        return [row[field] for row in self.data]


class Heard:
    """A client: what it is told, message by message."""

    def __init__(self, connection: ClientConnection) -> None:
        self.socket = connection

    async def ask(self, op: str, **fields: object) -> None:
        await self.socket.send(msgspec.json.encode({"op": op, **fields}).decode())

    async def subscribe(self, data_set: str, exchange: str, symbol: str, **more: object) -> None:
        """And read the confirmation."""
        channel = {"data_set": data_set, "exchange": exchange, "symbol": symbol, **more}
        await self.ask("subscribe", channels=[channel])
        assert (await self.told()).type == "subscribed"

    async def told(self) -> Message:
        """The next message that is no heartbeat."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                text = await self.socket.recv()
                message = msgspec.json.decode(text, type=Message)
                message.raw = msgspec.json.decode(text, type=dict[str, object])
                if message.type != "heartbeat":
                    return message

    async def closed(self) -> tuple[int, str]:
        """Code and reason, once all that was sent is read."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            with suppress(ConnectionClosed):
                while True:
                    await self.socket.recv()
        return self.socket.close_code or 0, self.socket.close_reason or ""


class Stream:
    """The stream over a ``source``, at ``address``."""

    def __init__(self, hub: Hub, tally: Tally, address: str, until: asyncio.Event) -> None:
        self.hub = hub
        self.tally = tally
        self.address = address
        self.until = until
        self._dialled: list[asyncio.StreamWriter] = []
        self._deaf: list[socket.socket] = []

    async def dial(self) -> Raw:
        """A connection that says what a test wants; it is cut at the end."""
        parts = urlsplit(self.address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        self._dialled.append(writer)
        return Raw(reader, writer)

    async def deaf(self, asks: bytes) -> socket.socket:
        """A client that asks for something and reads nothing, with little room for what it does
        not read.
        """
        parts = urlsplit(self.address)
        bare = socket.socket()
        self._deaf.append(bare)
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        bare.setblocking(False)  # noqa: FBT003 its only parameter
        loop = asyncio.get_running_loop()
        await loop.sock_connect(bare, (parts.hostname, parts.port))
        handshake = (
            f"GET {parts.path} HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n"
        )
        others = len(self.hub.clients)
        await loop.sock_sendall(bare, handshake.encode())
        await so(lambda: len(self.hub.clients) > others)
        head = bytes((0x81, 0x80 | 126)) + len(asks).to_bytes(2, "big") + bytes(4)
        await loop.sock_sendall(bare, head + asks)
        return bare

    def hang_up(self) -> None:
        for writer in self._dialled:
            writer.transport.abort()
        for bare in self._deaf:
            bare.close()

    @asynccontextmanager
    async def client(self, headers: Mapping[str, str] | None = None) -> AsyncGenerator[Heard]:
        async with connect(
            self.address,
            compression=None,
            additional_headers=headers,
            open_timeout=PATIENCE_SECONDS,
            ping_interval=None,
        ) as opened:
            yield Heard(opened)


@asynccontextmanager
async def serving(hub: Hub) -> AsyncGenerator[Stream]:
    listener, until = listen("127.0.0.1", 0), asyncio.Event()
    address = address_of(listener).replace("http", "ws") + PATH
    tally = Tally()
    protocol = protocol_of(hub, tally)
    task = asyncio.create_task(serve_on(Litestar([]), listener, until, stream=protocol))
    stream = Stream(hub, tally, address, until)
    try:
        yield stream
    finally:
        stream.hang_up()
        until.set()
        await task


@asynccontextmanager
async def streaming(
    source: LiveSource,
    limits: Limits = USUAL,
    admitting: Admission | None = None,
    seconds: Callable[[], float] = monotonic,
) -> AsyncGenerator[Stream]:
    """It ticks; who is late is so by ``seconds``."""
    admitting = admitting or await admission()
    hub = Hub(source, admitting, limits, now=lambda: datetime.now(UTC), seconds=seconds)
    async with serving(hub) as stream:
        ticking = asyncio.create_task(_tick(hub))
        try:
            yield stream
        finally:
            ticking.cancel()


async def _tick(hub: Hub) -> None:
    while True:
        hub.tick()
        await asyncio.sleep(TICK_SECONDS)
