"""The clock of the stream: at each tick what is new is said, once, to everybody who asked."""

import asyncio
from typing import Protocol

import structlog

from perps_stats.api.live import Hub
from perps_stats.core.live import LiveSource

log = structlog.get_logger()


class Live(LiveSource, Protocol):
    def advance(self) -> None:
        """Tell those who follow what is new. Called at each tick."""
        ...


async def keep_ticking(live: Live, hub: Hub, seconds: float) -> None:
    """Until cancelled. What goes wrong in one tick is told, and ends neither the next ones nor
    collecting.
    """
    time = asyncio.get_running_loop().time
    due = time()
    while True:
        try:
            live.advance()
            hub.tick()
        except Exception as error:  # noqa: BLE001  whatever it is, collecting goes on
            log.error("a tick of the stream failed", error=repr(error))  # noqa: TRY400
        due = max(due + seconds, time())
        await asyncio.sleep(due - time())
