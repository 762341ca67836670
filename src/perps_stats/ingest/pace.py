"""How fast messages may be sent to an exchange, over all connections to it."""

import asyncio

from perps_stats.ingest.outside import steady


class Pace:
    """``turn`` returns when the next message may go: never more than ``per_second`` in a second."""

    def __init__(self, per_second: float) -> None:
        self._spacing = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        now = steady()
        wait = max(self._next - now, 0.0)
        self._next = now + wait + self._spacing
        if wait:
            await asyncio.sleep(wait)
