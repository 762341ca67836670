"""The session of a collecting process: alive as long as a connection of its own holds its lock."""

import asyncio
from contextlib import suppress

from perps_stats.core.errors import DatabaseError
from perps_stats.core.stored import Mark, StoredSession
from perps_stats.database.failures import DRIVER_ERRORS, failures
from perps_stats.database.link import Connection, Link
from perps_stats.database.statements import statement

AGAIN_SECONDS = 0.5
RELEASE_SECONDS = 0.5


class Sessions:
    """At most one session of this process. Its lock is taken again when the connection is lost."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._connection: Connection | None = None
        self._holder: asyncio.Task[None] | None = None
        self.current: int | None = None

    async def begin(self) -> int:
        if self.current is not None:
            raise DatabaseError(f"session {self.current} is still open: end it first")
        connection = self._connection = await self._link.connect()
        with failures(self._link.target):
            session = int(await connection.fetchval(statement("begin_session")))
        self.current = session
        self._holder = asyncio.create_task(self._hold(session))
        return session

    async def end(self, session: int) -> None:
        """A clean end. Where it cannot be written the session counts as crashed."""
        if session != self.current:
            raise DatabaseError(f"session {session} is not open here")
        await self._link.fetch(statement("end_session"), session)
        await self.leave()

    async def leave(self) -> None:
        """Let the lock go; a session without an end then counts as crashed."""
        holder, session, connection = self._holder, self.current, self._connection
        self._holder = self.current = self._connection = None
        if holder is not None:
            holder.cancel()
            with suppress(asyncio.CancelledError):
                await holder
        if connection is not None:
            await self._release(connection, session)
            connection.terminate()

    async def _release(self, connection: Connection, session: int | None) -> None:
        """A frozen database does not even confirm that a statement was called off."""
        release = connection.execute(statement("release_session"), session)
        releasing = asyncio.ensure_future(release)
        with suppress(*DRIVER_ERRORS):
            done, _ = await asyncio.wait((releasing,), timeout=RELEASE_SECONDS)
            for each in done:
                each.result()

    async def get(self, session: int) -> StoredSession | None:
        found = await self._link.fetch(statement("session"), session)
        if not found:
            return None
        marks = await self._link.fetch(statement("session_marks"), session)
        return StoredSession(session, found[0]["started_at"], [Mark(*mark) for mark in marks])

    async def list_crashes(self) -> int:
        async with self._link.borrow() as connection, connection.transaction():
            return int(await connection.fetchval(statement("list_crashes")))

    async def _hold(self, session: int) -> None:
        """Ends only when cancelled."""
        while True:
            if self._connection is not None:
                await _until_lost(self._connection)
                self._connection = None
            try:
                self._connection = await self._link.connect()
                await self._connection.execute(statement("hold_session"), session)
            except (DatabaseError, *DRIVER_ERRORS):
                if self._connection is not None:
                    self._connection.terminate()
                await asyncio.sleep(AGAIN_SECONDS)


async def _until_lost(connection: Connection) -> None:
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _: lost.set())
    if not connection.is_closed():
        await lost.wait()
