"""A client without a socket, and what was said to it."""

from collections.abc import Iterator

import msgspec

from perps_stats.api.guard import Caller
from perps_stats.api.live import Hub
from perps_stats.api.live.clients import Client, Code

from .spoken import Message


def messages_of(said: bytes) -> Iterator[Message]:
    """Those of whole frames; the rest is of one that is not all there."""
    place = 0
    while place + 2 <= len(said):
        size, head = said[place + 1], 2
        if size >= 126:
            head = 4 if size == 126 else 10
            size = int.from_bytes(said[place + 2 : place + head], "big")
        if place + head + size > len(said):
            return
        if said[place] == 0x81:
            yield msgspec.json.decode(said[place + head : place + head + size], type=Message)
        place += head + size


class Pipe:
    """A connection that takes so many bytes, then no more until it is emptied."""

    def __init__(self, hub: Hub, room: int) -> None:
        self._hub = hub
        self._room = self._left = room
        self.said = b""
        self.code: Code | None = None
        self.client: Client = hub.join(Caller("test"), self)

    def write(self, frames: bytes) -> None:
        self.said += frames
        self._left -= len(frames)
        if self._left < 0 and not self.client.is_full:
            self._hub.fill(self.client)

    def empty(self) -> None:
        self._left = self._room
        if self.client.is_full:
            self._hub.drain(self.client)

    def empty_again_and_again(self) -> None:
        while self.client.is_full:
            self.empty()

    def ping(self) -> None:
        pass

    def close(self, code: Code, reason: str) -> None:
        del reason
        self.code = code
