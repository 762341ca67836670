"""What collecting meets outside the process: sockets, the clock on the wall, chance.

A simulation brings its own, and a loop whose time it owns: what was collected can then be replayed
from a seed. So nothing in ``ingest`` asks another clock, or another die.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeAlias

from msgspec import Struct

from perps_stats.core.times import from_us
from perps_stats.net.websocket import WebSocketLimits, connect

Receive: TypeAlias = Callable[[bytes, int], None]
"""Is given each message, and when it came: microseconds since 1970."""


class Line(Protocol):
    """An open WebSocket: see ``net.websocket.Connection``."""

    def send(self, frame: bytes) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    async def ended(self) -> str: ...
    def close(self) -> None: ...


Connect: TypeAlias = Callable[[str, Receive, WebSocketLimits], Awaitable[Line]]
"""Raises ``Unreachable``."""


def wall_us() -> int:
    return time.time_ns() // 1000


class Outside(Struct, frozen=True):
    """``now_us``: microseconds since 1970."""

    connect: Connect = connect
    now_us: Callable[[], int] = wall_us
    chance: random.Random = random.Random()  # noqa: S311 jitter, no secret

    def now(self) -> datetime:
        return from_us(self.now_us())

    def name(self) -> str:
        """A new name: 32 hexadecimal digits."""
        return f"{self.chance.getrandbits(128):032x}"


def steady() -> float:
    """Seconds of the loop's own clock, which never goes back."""
    return asyncio.get_running_loop().time()
