"""History can wait: what an exchange refuses for now is asked again later."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from msgspec import Struct

from perps_stats.core.errors import RateLimited, Unreachable, Unreadable
from perps_stats.database.failures import DatabaseAway

T = TypeVar("T")
A_LITTLE = 0.1
"""Seconds by which clocks may differ."""
Waits: TypeAlias = Callable[[float, str], None]
"""Is told how many seconds will be waited, and why."""


class Patience(Struct, frozen=True):
    """Seconds to wait before each further try; ``longest`` is how long a ban may last."""

    unreachable: tuple[float, ...] = (2, 5, 15, 45)
    unreadable: tuple[float, ...] = (1, 2, 5)
    longest: float = 900.0

    def at_first(self) -> "Patience":
        """Who never answered is given up soon: it may be the address that is wrong."""
        return Patience(self.unreachable[:1], self.unreadable[:1], self.longest)

    async def keep_asking(self, ask: Callable[[], Awaitable[T]], waits: Waits) -> T:
        """Raises the last failure; ``Refused`` and what will not change at once."""
        tries: dict[type[Exception], Iterator[float]] = {
            Unreachable: iter(self.unreachable),
            Unreadable: iter(self.unreadable),
        }
        while True:
            try:
                return await ask()
            except RateLimited as error:
                seconds = max(0.0, (error.until - datetime.now(UTC)).total_seconds()) + A_LITTLE
                if seconds > self.longest:
                    raise
                reason = str(error)
            except (Unreachable, Unreadable) as error:
                again = next(tries[type(error)], None)
                if again is None:
                    raise
                seconds, reason = again, str(error)
            waits(seconds, reason)
            await asyncio.sleep(seconds)


async def once_more(write: Callable[[], Awaitable[T]]) -> T:
    """What is written twice is kept once, and who asks again starts our own server if it died.

    Raises ``DatabaseError``, also where it is away the second time.
    """
    try:
        return await write()
    except DatabaseAway:
        return await write()
