"""The database that the program brings along: a real PostgreSQL, started when first needed.

Processes that name the same directory share one server. Each holds a shared lock while it is a
client, the kernel drops the lock of a client that is killed, and the last to leave stops it.
"""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from threading import Event

from perps_stats.core.errors import PerpsError
from perps_stats.database.account import server_account
from perps_stats.database.cluster import Cluster, unwritable
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.locks import Patience, exclusive, open_lock, try_lock
from perps_stats.database.server import start, stop

DATABASE = "postgres"
START_SECONDS = 600
REVIVE_SECONDS = 5
STOP_SECONDS = 60
LEAVE_SECONDS = 10
log = logging.getLogger(__name__)


class Embedded:
    """One client of the server in ``directory``. Raises ``DatabaseError`` and ``ConfigError``."""

    def __init__(self, directory: Path) -> None:
        self._cluster = Cluster(directory)
        self._lock: int | None = None
        self._was_up = False
        self._called_off = Event()
        self._reviving = asyncio.Lock()
        self.url = self._cluster.url(DATABASE)

    async def open(self) -> None:
        """The server is up, and stays up until ``close``."""
        opening = asyncio.ensure_future(asyncio.to_thread(self._open))
        try:
            await asyncio.shield(opening)
        except BaseException:
            self._called_off.set()
            with suppress(PerpsError):
                await opening
            await self.close()
            raise

    async def revive(self) -> None:
        """Start the server again if it died. A long recovery is waited for in turns."""
        async with self._reviving:
            await asyncio.to_thread(self._start, REVIVE_SECONDS)

    async def close(self) -> None:
        """Leave; the last to leave stops the server."""
        self._called_off.set()
        await asyncio.shield(asyncio.to_thread(self._close))

    def _open(self) -> None:
        self._cluster.make_directory()
        with self._directory_errors():
            self._lock = open_lock(self._cluster.clients_lock)
        self._start(START_SECONDS)

    def _start(self, seconds: float) -> None:
        """Under the start lock nobody stops or starts the server but us."""
        cluster, patience = self._cluster, self._patience(seconds)
        with self._directory_errors(), exclusive(cluster.start_lock, patience):
            if self._lock is None:
                return
            while not try_lock(self._lock, shared=True):
                patience.wait()
            start(cluster, server_account(cluster.data), patience)
            self._was_up = True

    def _close(self) -> None:
        """Who cannot get the start lock leaves to its holder to find that nobody is left."""
        lock, self._lock = self._lock, None
        if lock is None:
            return
        try:
            leaving = Patience("leaving the database", LEAVE_SECONDS, Event())
            with exclusive(self._cluster.start_lock, leaving):
                if try_lock(lock) and self._was_up:
                    stop(self._cluster, Patience("the database stops", STOP_SECONDS, Event()))
        except DatabaseAway as error:
            log.warning("%s", error)
        finally:
            os.close(lock)

    @contextmanager
    def _directory_errors(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise unwritable(self._cluster.directory, error) from error

    def _patience(self, seconds: float) -> Patience:
        what = f"the database in {self._cluster.directory} starts, or recovers from a crash"
        return Patience(what, seconds, self._called_off)


@asynccontextmanager
async def embedded(directory: Path) -> AsyncGenerator[str]:
    """The url of the running server."""
    server = Embedded(directory)
    await server.open()
    try:
        yield server.url
    finally:
        await server.close()
