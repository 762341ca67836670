"""The way to the database: a pool that comes back after the server was away."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg

from perps_stats.database.failures import (
    DRIVER_ERRORS,
    OWN_ERRORS,
    DatabaseAway,
    failures,
    is_lost,
    target_name,
)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Borrowed: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Revive: TypeAlias = Callable[[], Awaitable[None]]

CONNECT_SECONDS = 10
CLOSE_SECONDS = 0.5
POOL_SIZE = 10
PROBES = {
    "TCP_KEEPIDLE": 10,
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 25_000,
}
"""Seconds of silence before the first, between others, how many; ms for what was sent to arrive."""
SETTINGS = {
    "application_name": "perps-stats",
    "timezone": "UTC",
    "datestyle": "ISO",
    "synchronous_commit": "on",
    "jit": "off",
}


class Link:
    """Raises ``DatabaseError``, or ``DatabaseAway`` where trying later can help.

    ``revive`` is called when nobody answers: it may start the server. ``directory`` is where the
    server keeps its files, if it is on this machine.
    """

    def __init__(
        self,
        url: str,
        revive: Revive | None = None,
        directory: Path | None = None,
        *,
        settings: Mapping[str, str] = SETTINGS,
    ) -> None:
        self.url = url
        self.directory = directory
        self.target = target_name(url) if revive is None else "the embedded database"
        self._revive = revive
        self._settings = dict(settings)
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is a database of the program's own."""
        return self._revive is not None

    def beside(self, settings: Mapping[str, str], *, url: str | None = None) -> "Link":
        """Another way to the same database, not open yet."""
        return Link(url or self.url, self._revive, self.directory, settings=settings)

    async def open(self) -> None:
        """Without a least size: the driver would restore it unasked, and log tracebacks."""
        asyncio.get_running_loop().set_exception_handler(_on_unheard)
        with failures(self.target):
            self._pool = await asyncpg.create_pool(
                self.url,
                min_size=0,
                max_size=POOL_SIZE,
                connect=self._connect,
                server_settings=self._settings,
                timeout=CONNECT_SECONDS,
            )
            async with self._pool.acquire():
                pass

    async def close(self) -> None:
        """Waits for running statements a little, then cuts them."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await pool.close()
        except DRIVER_ERRORS:
            pool.terminate()

    async def connect(self) -> Connection:
        """A connection of one's own, beside the pool."""
        with failures(self.target):
            return await self._connect(
                self.url, server_settings=self._settings, timeout=CONNECT_SECONDS
            )

    @asynccontextmanager
    async def acquire(self) -> AsyncGenerator[Borrowed]:
        """Inside, the driver's own errors are raised. When one connection is lost, none is trusted:
        the driver may not have noticed yet that its neighbours are dead too.
        """
        pool = self._pool
        if pool is None:
            raise DatabaseAway(f"{self.target}: the repository is closed")
        try:
            async with pool.acquire() as connection:
                try:
                    yield connection
                except DRIVER_ERRORS as error:
                    if is_lost(error):
                        with suppress(asyncpg.InterfaceError):  # the pool may have taken it back
                            connection.terminate()
                    raise
        except DRIVER_ERRORS as error:  # also of giving it back
            if is_lost(error):
                await pool.expire_connections()
            raise

    @asynccontextmanager
    async def borrow(self) -> AsyncGenerator[Borrowed]:
        with failures(self.target):
            async with self.acquire() as connection:
                yield connection

    async def fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Rows of a statement that may run twice: asked again once when the connection was lost."""
        try:
            async with self.borrow() as connection:
                return await connection.fetch(statement, *values)
        except DatabaseAway:
            async with self.borrow() as connection:
                return await connection.fetch(statement, *values)

    async def _connect(self, *address: Any, **options: Any) -> Connection:  # noqa: ANN401  the pool's own hook
        try:
            return await _connected(*address, **options)
        except (OSError, asyncpg.PostgresError):
            if self._revive is None:
                raise
            await self._revive()
            return await _connected(*address, **options)


def _probe(connection: Connection) -> None:
    """Else a statement would wait for ever for a machine that vanished without a word."""
    line = getattr(connection, "_transport").get_extra_info("socket")  # noqa: B009  no other way
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if line.family in {socket.AF_INET, socket.AF_INET6}:
        for name, value in PROBES.items():
            if (option := getattr(socket, name, None)) is not None:
                line.setsockopt(socket.IPPROTO_TCP, option, value)


def _on_unheard(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What failed and nobody waits for. Of a lost connection the driver leaves some, beside what it
    raises: those are no news.
    """
    if not isinstance(context.get("exception"), (*OWN_ERRORS, ConnectionError)):
        loop.default_exception_handler(context)


async def _connected(*address: Any, **options: Any) -> Connection:  # noqa: ANN401  the pool's own hook
    try:
        connection: Connection = await asyncpg.connect(*address, **options)
    except ValueError as error:  # the driver's parser of urls lets some pass through
        raise asyncpg.exceptions.ClientConfigurationError(str(error)) from error
    _probe(connection)
    return connection
