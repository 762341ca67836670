"""For how long something that failed is tried again, and how often."""

import asyncio
import random

from perps_stats.client.errors import ClientError, Refused

FIRST_WAIT = 0.25
LONGEST_WAIT = 10.0


class Patience:
    """Begins when it is made. Waits grow, and no two clients wait alike."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._clock = asyncio.get_running_loop().time
        self.renew()

    def renew(self) -> None:
        self._until = self._clock() + self._seconds
        self._wait = FIRST_WAIT

    async def bear(self, error: ClientError) -> None:
        """Wait as long as it asks for, else a while. Raises it where patience ends before."""
        told = error.retry_after if isinstance(error, Refused) else None
        wait = self._wait * random.uniform(0.5, 1.5) if told is None else told  # noqa: S311  no secret
        if self._clock() + wait > self._until:
            raise error
        await asyncio.sleep(wait)
        self._wait = min(2 * self._wait, LONGEST_WAIT)
