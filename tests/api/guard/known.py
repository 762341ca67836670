"""What the tests of the guard share: keys that are known, a clock that stands, raw sockets."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import msgspec
from litestar.types import ASGIApp
from msgspec.structs import force_setattr

from perps_stats.api.guard import Admission, Keyring, Limits, Rules, Tally
from perps_stats.api.server import listen, serve_on
from perps_stats.core.keys import Key, KeyScope, new_key

NOW = datetime(2026, 3, 1, 13, tzinfo=UTC)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def time(self) -> datetime:
        return NOW + timedelta(seconds=self.now - 1000)


def key(*scopes: KeyScope, expires_at: datetime | None = None) -> tuple[bytes, Key]:
    text, kept = new_key(
        scopes or tuple(KeyScope), name=None, created_at=NOW, expires_at=expires_at
    )
    return text.encode(), kept


async def keyring(clock: Clock, *keys: Key, given: Sequence[Key] = ()) -> Keyring:
    """As if the database had just said that these are the keys."""
    ring = Keyring(given, now=clock.time, seconds=clock)

    async def stored() -> Sequence[Key]:
        return keys

    await ring.read(stored)
    return ring


async def admission(
    *keys: Key, rules: Rules | None = None, clock: Clock | None = None
) -> Admission:
    clock = clock or Clock()
    return Admission(await keyring(clock, *keys), rules or Rules(), clock)


class Raw:
    """A connection that says what a test wants, byte for byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, *parts: bytes) -> None:
        """The other side may have ended it: ``rest`` tells."""
        for part in parts:
            self.writer.write(part)
        with suppress(ConnectionError):
            await self.writer.drain()

    async def rest(self) -> bytes:
        """All there is until the other side ends it, in whatever way."""
        said = b""
        try:
            while part := await self.reader.read(65536):
                said += part
        except ConnectionError:
            pass
        return said

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of one answer that says its length."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        return int(head.split()[1]), await self.reader.readexactly(length)


class Door:
    """A running server: where it is, and connections to it."""

    def __init__(self, address: tuple[str, int], limits: Limits) -> None:
        self.address = address
        self._limits = limits
        self._opened: list[asyncio.StreamWriter] = []

    async def connect(self) -> Raw:
        reader, writer = await asyncio.open_connection(*self.address)
        self._opened.append(writer)
        return Raw(reader, writer)

    async def ask(self, *said: bytes) -> bytes:
        """All that is answered on a connection of its own."""
        raw = await self.connect()
        await raw.say(*said)
        return await raw.rest()

    @contextmanager
    def patient(self) -> Generator[None]:
        """Meanwhile nobody is late, however slow this machine is."""
        usual = self._limits.head_seconds
        force_setattr(self._limits, "head_seconds", 3600.0)
        try:
            yield
        finally:
            force_setattr(self._limits, "head_seconds", usual)

    async def close(self) -> None:
        for writer in self._opened:
            writer.transport.abort()


@asynccontextmanager
async def opened(
    app: ASGIApp, limits: Limits | None = None, tally: Tally | None = None
) -> AsyncGenerator[Door]:
    listener = listen("127.0.0.1", 0)
    limits = limits or Limits(head_seconds=3600.0)
    door, until = Door(listener.getsockname()[:2], limits), asyncio.Event()
    answering = serve_on(app, listener, until, limits=limits, tally=tally)
    serving = asyncio.create_task(answering)
    try:
        yield door
    finally:
        await door.close()
        until.set()
        await serving


def status_of(answer: bytes) -> int:
    """0 where nothing was answered."""
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def problem_of(answer: bytes) -> dict[str, object]:
    return msgspec.json.decode(answer.partition(b"\r\n\r\n")[2], type=dict[str, object])
