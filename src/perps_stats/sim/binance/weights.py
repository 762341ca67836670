"""How Binance counts requests: weight a minute and address, a pool of its own for funding.

Above a limit it answers 429 with the seconds until the window ends; who goes on nevertheless is
banned with 418, for longer each time.
"""

from collections.abc import Callable

from msgspec import Struct

MINUTE_MS = 60_000
LIMIT = 2400
FUNDING_LIMIT, FUNDING_WINDOW_MS = 500, 300_000
PATIENCE = 5
"""How many requests it refuses with 429 before it bans."""
FIRST_BAN_MS, LONGEST_BAN_MS = 120_000, 259_200_000
OK, SLOW_DOWN, BANNED = 200, 429, 418


class Verdict(Struct, frozen=True):
    """``used`` is the weight of the running minute; ``retry_after`` is in seconds."""

    status: int
    used: int
    retry_after: int = 0


class _Window(Struct):
    length_ms: int
    limit: int
    number: int = -1
    used: int = 0

    def charge(self, weight: int, now: int) -> bool:
        """Count the weight; true where it still fits."""
        number = now // self.length_ms
        if number != self.number:
            self.number, self.used = number, 0
        self.used += weight
        return self.used <= self.limit

    def seconds_left(self, now: int) -> int:
        return -(-((self.number + 1) * self.length_ms - now) // 1000)


class _Client(Struct):
    minute: _Window
    funding: _Window
    refused: int = 0
    banned_until: int = 0
    next_ban_ms: int = FIRST_BAN_MS


class Weights:
    """``clock`` gives ms since 1970. ``spent`` is all weight ever counted."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._clients: dict[str, _Client] = {}
        self.spent = 0

    def charge(self, address: str, weight: int, *, funding: bool) -> Verdict:
        """May this client ask that now?"""
        now = self._clock()
        client = self._clients.setdefault(
            address,
            _Client(_Window(MINUTE_MS, LIMIT), _Window(FUNDING_WINDOW_MS, FUNDING_LIMIT)),
        )
        if now < client.banned_until:
            return self._banned(client, now)
        self.spent += weight
        fits = client.minute.charge(weight, now)
        fits_funding = client.funding.charge(1, now) if funding else True
        if fits and fits_funding:
            client.refused = 0
            return Verdict(OK, client.minute.used)
        client.refused += 1
        if client.refused > PATIENCE:
            client.banned_until = now + client.next_ban_ms
            client.next_ban_ms = min(client.next_ban_ms * 2, LONGEST_BAN_MS)
            client.refused = 0
            return self._banned(client, now)
        window = client.funding if fits else client.minute
        return Verdict(SLOW_DOWN, client.minute.used, window.seconds_left(now))

    def _banned(self, client: _Client, now: int) -> Verdict:
        seconds = -(-(client.banned_until - now) // 1000)
        return Verdict(BANNED, client.minute.used, seconds)
