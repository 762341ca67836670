"""The part of ``Repository`` that collecting asks, as one process holds it."""

import asyncio
from collections.abc import Mapping, Sequence

from tests.simulation.memory import Database, Session

from perps_stats.core.errors import DatabaseError
from perps_stats.core.stored import (
    ALL_GAPS,
    Filled,
    GapFilter,
    Mark,
    Query,
    Row,
    StoredSession,
    Written,
)
from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, Market
from perps_stats.database.failures import DatabaseAway

COMMIT_SECONDS = 0.004
SLOW_SECONDS = 5.0


class Handle:
    """Once the process is ``dead`` nothing that it says arrives."""

    def __init__(self, database: Database) -> None:
        self.dead = False
        self._database = database
        self._session: Session | None = None

    def die(self) -> None:
        self.dead = True
        if self._session is not None:
            self._session.alive = False

    def stopping(self, now_us: int) -> None:
        """From now on nothing is collected, and nobody expects it."""
        if self._session is not None:
            self._session.stopped = from_us(now_us)

    async def _ask(self) -> Database:
        """Raises ``DatabaseAway``."""
        now, database = asyncio.get_running_loop().time(), self._database
        await asyncio.sleep(COMMIT_SECONDS / 2)
        if self.dead or now < database.away_until:
            raise DatabaseAway("the database is away")
        if now < database.slow_until:
            await asyncio.sleep(SLOW_SECONDS)
        if self.dead:
            raise DatabaseAway("nobody is there to ask")
        return database

    async def _answered(self) -> None:
        """What is committed is committed, also where nobody is told."""
        await asyncio.sleep(COMMIT_SECONDS / 2)
        if self._database.loses_answer:
            self._database.loses_answer = False
            raise DatabaseAway("the connection was lost")

    async def store_markets(self, markets: Sequence[Market], *, simulated: bool) -> dict[str, int]:
        if not simulated:
            raise ValueError("what the simulator tells is simulated")
        database = await self._ask()
        return {each.native: database.number_of(each.exchange, each.symbol) for each in markets}

    async def write(
        self,
        batch: Mapping[str, Sequence[Row]],
        marks: Sequence[Mark] = (),
        filled: Sequence[Filled] = (),
        *,
        gaps: Sequence[Gap] = (),
        session: int | None = None,
    ) -> Written:
        database = await self._ask()
        whose = self._session if session is None else database.sessions[session - 1]
        if filled or whose is None:
            raise DatabaseError("what streams belongs to a session, and fills no history")
        written = database.store(batch, marks, gaps, whose)
        await self._answered()
        return written

    async def store_gap(self, gap: Gap) -> None:
        (await self._ask()).keep_gap(gap)
        await self._answered()

    async def begin_session(self) -> int:
        database = await self._ask()
        self._session = database.begin()
        return len(database.sessions)

    async def get_session(self, session: int) -> StoredSession | None:
        known = (await self._ask()).sessions[session - 1]
        marks = [Mark(*stream, *span) for stream, span in sorted(known.marks.items())]
        return StoredSession(session, known.started, marks)

    async def end_session(self, session: int) -> None:
        (await self._ask()).sessions[session - 1].ended = True
        self._session = None

    async def list_crashes(self) -> int:
        return (await self._ask()).list_crashes()

    async def get_gaps(self, query: Query, which: GapFilter = ALL_GAPS) -> list[Gap]:
        gaps = (await self._ask()).gaps()
        wanted, still_open = (
            [gap for gap in gaps if gap.exchange == query.exchange],
            which.still_open,
        )
        return [gap for gap in wanted if still_open is None or still_open is (gap.end_time is None)]
