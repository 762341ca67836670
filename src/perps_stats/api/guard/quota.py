"""Quotas: of each caller a bucket of requests that refills evenly (GCRA), in memory."""

from collections.abc import Callable
from math import ceil

from msgspec import Struct

WINDOW_SECONDS = 60.0
MOST_CALLERS = 100_000


class Standing(Struct, frozen=True):
    """Of a caller after a request. ``wait``: seconds until another one is allowed, 0: now.

    ``left`` requests, until the bucket is full again in ``full_in`` seconds.
    """

    left: int
    full_in: int
    wait: float


class Quota:
    """``most`` requests at once, and as many again in each minute.

    Of a caller only a time is kept: when the bucket will be full. Who has not come for a window has
    a full one and is forgotten: by two generations, of which the older one goes each window.
    """

    def __init__(self, name: str, most: int, seconds: Callable[[], float]) -> None:
        self.policy = f'"{name}";q={most};w={WINDOW_SECONDS:.0f}'.encode()
        self._name = name
        self._most = most
        self._each = WINDOW_SECONDS / most
        self._seconds = seconds
        self._full: dict[str, float] = {}
        self._before: dict[str, float] = {}
        self._turned_at = seconds()

    def take(self, caller: str) -> Standing:
        """One request, which is taken only where ``wait`` is 0."""
        now = self._seconds()
        if now - self._turned_at > WINDOW_SECONDS or len(self._full) >= MOST_CALLERS:
            self._before, self._full, self._turned_at = self._full, {}, now
        full = self._full.get(caller) or self._before.get(caller, 0.0)
        after = max(now, full) + self._each
        wait = after - now - WINDOW_SECONDS
        if wait > 1e-6:  # noqa: PLR2004  what adding up sixtieths loses
            return Standing(0, ceil(full - now), wait)
        self._full[caller] = after
        left = int((WINDOW_SECONDS - (after - now)) / self._each + 1e-6)
        return Standing(left, ceil(after - now), 0.0)

    def told(self, standing: Standing) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
        """As headers of the IETF draft ``ratelimit-headers``, from its eighth version on."""
        limit = f'"{self._name}";r={standing.left};t={standing.full_in}'
        return (b"ratelimit-policy", self.policy), (b"ratelimit", limit.encode())
