"""Request weight against an exchange's limits. No clock: the caller says what time it is.

The window slides, so that whatever fixed window the exchange counts in, it never sees more.
"""

from collections import deque
from collections.abc import Mapping

from perps_stats.exchanges.contract import Limit, Request

PATIENCE_BANS = 3
PATIENCE_SECONDS = 3600.0
"""Who is banned so often within so long is given up for as long, then for twice as long."""


class _Pool:
    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._spent: deque[tuple[float, int]] = deque()
        self._total = 0

    def total(self, now: float) -> int:
        while self._spent and self._spent[0][0] <= now - self.limit.seconds:
            self._total -= self._spent.popleft()[1]
        return self._total

    def spend(self, weight: int, now: float) -> None:
        self._spent.append((now, weight))
        self._total += weight

    def wait(self, weight: int, now: float) -> float:
        """Seconds until ``weight`` fits."""
        excess = self.total(now) + weight - self.limit.weight
        if excess <= 0:
            return 0.0
        for time, spent in self._spent:
            excess -= spent
            if excess <= 0:
                return time + self.limit.seconds - now
        return float(self.limit.seconds)


class Budget:
    """What may be sent to one host, and when. Shared by everything in the process that talks to it.

    Times are seconds of any steady clock. ``waits`` counts requests that had to wait for their
    turn, for ``waited_seconds`` together; ``slowed`` the answers that said "slow down", and
    ``bans`` those of them that said more.
    """

    def __init__(self, limits: Mapping[str, Limit]) -> None:
        self._pools = {name: _Pool(limit) for name, limit in limits.items()}
        self._silent_until = 0.0
        self._banned_until = 0.0
        self._ban_ends: list[float] = []
        self._times_given_up = 0
        self.waits = 0
        self.waited_seconds = 0.0
        self.slowed = 0
        self.bans = 0

    def waited(self, seconds: float) -> None:
        self.waits += 1
        self.waited_seconds += seconds

    def wait(self, request: Request, now: float) -> float:
        """Seconds to wait before ``request`` may be sent; 0 means now."""
        pool = self._pools.get(request.pool)
        return max(self._silent_until - now, pool.wait(request.weight, now) if pool else 0.0, 0.0)

    def spend(self, request: Request, now: float) -> None:
        if pool := self._pools.get(request.pool):
            pool.spend(request.weight, now)

    def learn(self, request: Request, headers: Mapping[str, str], now: float) -> None:
        """Believe the exchange where it has counted more than we have."""
        pool = self._pools.get(request.pool)
        if pool is None:
            return
        used = _number(headers, pool.limit.used_header)
        left = _number(headers, pool.limit.left_header)
        if used is None and left is not None:
            used = max(pool.limit.weight - left, 0)
        if used is not None and used > pool.total(now):
            pool.spend(used - pool.total(now), now)

    def reset_seconds(self, request: Request, headers: Mapping[str, str]) -> float | None:
        """When the exchange says that its window ends."""
        pool = self._pools.get(request.pool)
        milliseconds = _number(headers, pool.limit.reset_header) if pool else None
        return None if milliseconds is None else milliseconds / 1000

    def silence(self, seconds: float, now: float, *, banned: bool = False) -> bool:
        """Send nothing for so long: the exchange said 429, or 418.

        True when that was one ban too many: it is given up, for much longer than it has said.
        """
        is_new = banned and not self.is_banned(now)
        self._silent_until = max(self._silent_until, now + seconds)
        self.slowed += 1
        self.bans += banned
        if banned:
            self._banned_until = self._silent_until
        return is_new and self._is_one_too_many(now)

    def _is_one_too_many(self, now: float) -> bool:
        """After it was given up a single ban is."""
        recent = [end for end in self._ban_ends if end > now - PATIENCE_SECONDS]
        if not recent:
            self._times_given_up = 0
        self._ban_ends = [*recent, self._banned_until]
        if len(self._ban_ends) < PATIENCE_BANS:
            return False
        seconds = PATIENCE_SECONDS * 2**self._times_given_up
        self._times_given_up += 1
        self._silent_until = max(self._silent_until, now + seconds)
        self._banned_until = self._silent_until
        self._ban_ends = [self._banned_until] * (PATIENCE_BANS - 1)
        return True

    def silent_for(self, now: float) -> float:
        """Seconds until the exchange listens again, to a request or a connection."""
        return max(self._silent_until - now, 0.0)

    def wait_for_room(self, part: float, now: float) -> float:
        """Seconds until no more than a part of the default limit is spent, and it listens."""
        pool = self._pools.get("")
        weight = pool.limit.weight if pool else 0
        room = pool.wait(weight - int(weight * part), now) if pool else 0.0
        return max(room, self.silent_for(now))

    def is_banned(self, now: float) -> bool:
        return now < self._banned_until

    def used(self, now: float) -> dict[str, int]:
        return {name: pool.total(now) for name, pool in self._pools.items()}

    def limits(self) -> dict[str, int]:
        """The weight that fits in each pool's window."""
        return {name: pool.limit.weight for name, pool in self._pools.items()}


def _number(headers: Mapping[str, str], name: str | None) -> int | None:
    text = headers.get(name, "") if name else ""
    return int(text) if text.isdecimal() else None
