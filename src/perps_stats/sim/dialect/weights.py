"""How requests are counted: weight in fixed windows an address, and a ban for who goes on."""

from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

OK, SLOW_DOWN, BANNED = 200, 429, 418


class Limit(Struct, frozen=True):
    """So much weight fits in a window; ``name`` is what costs are charged to."""

    name: str
    most: int
    window_ms: int


class Bans(Struct, frozen=True):
    """After ``patience`` refusals in a row comes a ban, twice as long each time."""

    patience: int
    first_ms: int
    longest_ms: int


class Verdict(Struct, frozen=True):
    """``used``, ``most`` and ``reset_ms``, until its window ends, are of the first limit.

    ``status`` is 200, 429 or 418, and ``retry_after`` in seconds.
    """

    status: int
    used: int
    most: int
    retry_after: int
    reset_ms: int


class _Window:
    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._number = -1
        self.used = 0

    def charge(self, weight: int, now: int) -> bool:
        """Count the weight; true where it still fits."""
        number = now // self._limit.window_ms
        if number != self._number:
            self._number, self.used = number, 0
        self.used += weight
        return self.used <= self._limit.most

    def left_ms(self, now: int) -> int:
        return self._limit.window_ms - now % self._limit.window_ms


class _Client:
    def __init__(self, limits: tuple[Limit, ...]) -> None:
        self.windows = {limit.name: _Window(limit) for limit in limits}
        self.refused = 0
        self.banned_until = 0
        self.bans = 0


class Weights:
    """``clock`` gives ms since 1970. ``spent`` is all weight ever counted by the first limit."""

    def __init__(
        self, clock: Callable[[], int], limits: tuple[Limit, ...], bans: Bans | None = None
    ) -> None:
        self.spent = 0
        self.first = limits[0].name
        self._clock = clock
        self._limits = limits
        self._bans = bans
        self._clients: dict[str, _Client] = {}

    def loosen(self, times: int) -> None:
        """From now on so many times as much fits in each window."""
        self._limits = tuple(replace(limit, most=limit.most * times) for limit in self._limits)
        self._clients.clear()

    def charge(self, address: str, costs: Mapping[str, int]) -> Verdict:
        """May this client ask that now? ``costs`` are by the limit's name."""
        now = self._clock()
        client = self._clients.setdefault(address, _Client(self._limits))
        if now < client.banned_until:
            return self._verdict(BANNED, client, now, client.banned_until - now)
        self.spent += costs.get(self.first, 0)
        fits = {
            name: window.charge(costs.get(name, 0), now)
            for name, window in client.windows.items()
            if name in costs or name == self.first
        }
        if all(fits.values()):
            client.refused = 0
            return self._verdict(OK, client, now)
        client.refused += 1
        if self._bans is not None and client.refused > self._bans.patience:
            return self._verdict(BANNED, client, now, self._ban(self._bans, client, now))
        full = client.windows[next(name for name, fit in fits.items() if not fit)]
        return self._verdict(SLOW_DOWN, client, now, full.left_ms(now))

    def _ban(self, bans: Bans, client: _Client, now: int) -> int:
        length = min(bans.first_ms << client.bans, bans.longest_ms)
        client.bans += 1
        client.refused = 0
        client.banned_until = now + length
        return length

    def _verdict(self, status: int, client: _Client, now: int, wait_ms: int = 0) -> Verdict:
        window = client.windows[self.first]
        most = self._limits[0].most
        return Verdict(status, window.used, most, -(-wait_ms // 1000), window.left_ms(now))
