"""How a venue behaves on a connection: what it says, hears, grants, and how it ends one."""

from abc import ABC, abstractmethod
from math import inf
from typing import Protocol

import msgspec
from aiohttp import WSCloseCode

from perps_stats.sim.losses import Told


class Parting(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a connection: a last frame, a wait, then a close code or a plain hang-up."""

    frame: bytes = b""
    after_seconds: float = 0.0
    code: WSCloseCode | None = None
    reason: bytes = b""


HANG_UP = Parting()


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is granted to a connection; who sends more than ``messages`` is ``flooded`` out.

    ``ping_seconds`` are between the venue's pings: ``ping_frame``, else the protocol's. Who is not
    heard for ``patience_seconds`` is parted with by ``silent``. A protocol pong is heard, and what
    ``Manners.hear`` calls ``Client.heard`` for.
    """

    messages: int
    per_seconds: float
    flooded: Parting
    ping_seconds: float = inf
    ping_frame: bytes = b""
    patience_seconds: float = inf
    lifetime_seconds: float = 86_400.0
    silent: Parting = HANG_UP
    binary: bool = False
    """Whether frames have the binary opcode."""


class Client(Protocol):
    """The other end of a connection. What is said, posted and ended keeps its order."""

    @property
    def is_silenced(self) -> bool: ...
    @property
    def trouble(self) -> str:
        """The fault because of which it ends, if it ends now; empty: of its own accord."""
        ...

    def say(self, frame: bytes) -> None:
        """A control frame: not counted, and no fault hits it."""
        ...

    def post(self, kind: str, frame: bytes, topic: str = "", told: Told | None = None) -> None:
        """A data frame, counted by its kind, in the clothes of its topic."""
        ...

    async def send(self, kind: str, frame: bytes, told: Told | None = None) -> None:
        """A data frame as it is, now; it waits for the reader."""
        ...

    def end(self, parting: Parting) -> None: ...
    def heard(self) -> None: ...


class Topics(Protocol):
    """Where subscriptions lead."""

    def subscribe(self, client: Client, topic: str) -> None: ...
    def unsubscribe(self, client: Client, topic: str) -> None: ...


class Manners(ABC):
    """One connection of a venue; ``topics`` are what its client has subscribed to, in order."""

    limits: Limits

    def __init__(self, hub: Topics) -> None:
        self.topics: dict[str, None] = {}
        self._hub = hub

    def greet(self, client: Client) -> None:  # noqa: B027  # most say nothing
        """Before anything is heard."""

    @abstractmethod
    def hear(self, client: Client, text: str) -> None:
        """Answer a message, whatever it is: by ``client.say``, ``subscribe``, ``client.end``."""

    def dressed(self, topic: str, frame: bytes) -> bytes:  # noqa: ARG002  # plain, unless overridden
        """How a frame of a topic looks on this connection."""
        return frame

    def notice(self, time: int) -> bytes:  # noqa: ARG002  # most give none
        """What is said some time before a restart; empty: nothing. ``time`` is in ms."""
        return b""

    def leave(self, client: Client) -> None:
        """The connection is over."""
        while self.topics:
            self.unsubscribe(client, next(iter(self.topics)))

    def subscribe(self, client: Client, topic: str) -> bool:
        """False where the client had it already. A first frame comes now: say an ack before."""
        if topic in self.topics:
            return False
        self.topics[topic] = None
        self._hub.subscribe(client, topic)
        return True

    def unsubscribe(self, client: Client, topic: str) -> bool:
        """False where the client had it not."""
        if topic not in self.topics:
            return False
        del self.topics[topic]
        self._hub.unsubscribe(client, topic)
        return True
