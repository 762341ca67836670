"""How many connections there are, and how long each may take over what: uvicorn sets no bounds."""

import asyncio
from collections.abc import Iterable
from itertools import takewhile
from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit
from typing import Protocol

from msgspec import Struct

from perps_stats.api.guard.tally import Tally

LOOK_SECONDS = 0.5
OWN_DESCRIPTORS = 128
"""Of files, the database and exchanges."""
LEAST = 16
SLOWEST = 50_000
"""Bytes a second that an answer must be taken at, once ``answer_seconds`` are over."""


class Limits(Struct, frozen=True, kw_only=True):
    """``head_seconds``: from the accept, or when the last answer was taken, to the end of the head
    of a request.

    ``answer_seconds``: how long what waits to be sent may wait, and a second more for each 50 kB.
    """

    connections: int = 2000
    address_connections: int = 200
    shared_addresses: frozenset[str] = frozenset({"127.0.0.1", "::1"})
    """Behind which many may sit: proxies, and this machine."""
    head_seconds: float = 10.0
    head_bytes: int = 32 << 10
    answer_seconds: float = 20.0


class Watched(Protocol):
    """A connection."""

    @property
    def address(self) -> str: ...
    def is_gone(self) -> bool: ...
    def cut(self) -> None:
        """Closed at once; what is not sent yet is not sent."""
        ...


class Watch:
    """All connections of a server. Those that wait for the head of a request are in the order in
    which they began to: who has waited longest is the first that is late, and the first to go
    where there are too many. ``tally``: of what is refused before it is a question.
    """

    def __init__(self, limits: Limits, tally: Tally | None = None) -> None:
        self.limits = limits
        self.tally = tally or Tally()
        self.most = min(limits.connections, _descriptors())
        self._all: dict[Watched, None] = {}
        self._of: dict[str, dict[Watched, None]] = {}
        self._waiting: dict[Watched, float] = {}
        self._sending: dict[Watched, float] = {}
        self._upgraded: set[Watched] = set()

    def __len__(self) -> int:
        return len(self._all)

    async def run(self) -> None:
        """Until cancelled."""
        time = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look(time())

    def look(self, now: float) -> None:
        """Cuts what is late."""
        begun = now - self.limits.head_seconds
        late = [each for each, _ in takewhile(lambda each: each[1] < begun, self._waiting.items())]
        slow = [each for each, until in self._sending.items() if until < now]
        gone = [each for each in self._upgraded if each.is_gone()]
        for each in (*late, *slow):
            self._cut(each)
        for each in gone:
            self.leave(each)

    def enter(self, connection: Watched, now: float) -> None:
        """Where there are too many, one that waits is cut; where none does, the new one."""
        self._all[connection] = None
        peers = self._of.setdefault(connection.address, {})
        peers[connection] = None
        self.wait(connection, now)
        is_shared = connection.address in self.limits.shared_addresses
        if len(peers) > self.limits.address_connections and not is_shared:
            self._cut_first(peers)
        if len(self._all) > self.most:
            self._cut_first(self._waiting)

    def leave(self, connection: Watched) -> None:
        if connection not in self._all:
            return
        del self._all[connection]
        peers = self._of[connection.address]
        del peers[connection]
        if not peers:
            del self._of[connection.address]
        self._waiting.pop(connection, None)
        self._sending.pop(connection, None)
        self._upgraded.discard(connection)

    def wait(self, connection: Watched, now: float) -> None:
        """It waits for a head from now on."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = now

    def work(self, connection: Watched) -> None:
        """The head is there."""
        self._waiting.pop(connection, None)

    def upgrade(self, connection: Watched) -> None:
        """It is a WebSocket from now on, with rules of its own, and counts while it is open."""
        self._upgraded.add(connection)

    def send(self, connection: Watched, size: int, now: float) -> None:
        """So many bytes wait to be taken."""
        self._sending[connection] = now + self.limits.answer_seconds + size / SLOWEST

    def sent(self, connection: Watched) -> None:
        self._sending.pop(connection, None)

    def _cut_first(self, among: Iterable[Watched]) -> None:
        self._cut(next(each for each in among if each in self._waiting))

    def _cut(self, connection: Watched) -> None:
        self.leave(connection)
        connection.cut()


def _descriptors() -> int:
    """How many connections the system lets us have."""
    most, _ = getrlimit(RLIMIT_NOFILE)
    return 1 << 30 if most == RLIM_INFINITY else max(LEAST, most - OWN_DESCRIPTORS)
