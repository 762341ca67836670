"""One client of the stream: what it wants, what is due to it, and what becomes of a slow one.

Nothing is queued for a client that does not take what was sent: it is only remembered up to which
number it has heard of each topic. When it takes more it is given what the topics remember: of a
state the last, of trades all of the last two minutes, or a gap message first.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import NamedTuple, Protocol

from msgspec import Struct

from perps_stats.api.guard import Caller
from perps_stats.api.live.requests import Channel
from perps_stats.api.live.topics import Topic

MOST_AT_ONCE = 1 << 18
"""Bytes that are written without a look at whether the client takes them."""
MOST_LOST = 3
LOST_SECONDS = 60.0
"""Who misses messages so often within so long is closed."""
SLOW, RESUMED = "slow", "resume"


class Code(IntEnum):
    """Of RFC 6455, 7.4.1, and its registry."""

    GOING_AWAY = 1001
    UNSUPPORTED = 1003
    NOT_UTF8 = 1007
    POLICY = 1008
    TRY_AGAIN_LATER = 1013


class Limits(Struct, frozen=True, kw_only=True):
    """Of one client, except ``clients``, which is of all. ``messages``: a second, on average."""

    clients: int = 1000
    topics: int = 5000
    messages: float = 10.0
    burst: int = 50
    message_bytes: int = 1 << 16
    idle_seconds: float = 60.0
    slow_seconds: float = 10.0


class Line(Protocol):
    """The connection of a client."""

    def write(self, frames: bytes) -> None: ...
    def ping(self) -> None: ...
    def close(self, code: Code, reason: str) -> None: ...


class Piece(NamedTuple):
    """What is new of a topic: the number before it, and the frames."""

    topic: Topic
    after: int
    frames: bytes


class Due(NamedTuple):
    """All after a number; ``None``: a snapshot."""

    after: int | None
    reason: str = SLOW


class Client:
    """``is_full``: it does not take what was sent. ``counts`` are those of all clients; ``say``
    tells them what is new of a topic.
    """

    def __init__(
        self,
        caller: Caller,
        line: Line,
        limits: Limits,
        *,
        now: float,
        counts: Counter[str],
        say: Callable[[Topic], None],
    ) -> None:
        self.caller = caller
        self.line = line
        self.topics: dict[Topic, None] = {}
        self.patterns: list[Channel] = []
        self.out: list[Piece] = []
        self.is_full = False
        self.full_since = self.heard_at = now
        self._limits = limits
        self._counts = counts
        self._say = say
        self._tokens, self._counted_at = float(limits.burst), now
        self._due: dict[Topic, Due] = {}
        self._lost: deque[float] = deque(maxlen=MOST_LOST)

    def may_speak(self, now: float) -> bool:
        """Of a message that came: whether it is within the limit."""
        limits = self._limits
        earned = (now - self._counted_at) * limits.messages
        self._tokens = min(limits.burst, self._tokens + earned) - 1
        self.heard_at = self._counted_at = now
        return self._tokens >= 0

    def owe(self, topic: Topic, due: Due) -> None:
        self._due[topic] = due

    def forget(self, topic: Topic) -> None:
        self._due.pop(topic, None)
        self.out = [piece for piece in self.out if piece.topic is not topic]

    def flush(self, now: float) -> None:
        """Write what is new, at once; where that is much, as far as the client takes it."""
        pieces, self.out = self.out, []
        if not self.is_full and not self._due:
            frames = b"".join([piece.frames for piece in pieces])
            if len(frames) <= MOST_AT_ONCE:
                self._write(frames)
                return
        for piece in pieces:
            self._due.setdefault(piece.topic, Due(piece.after))
        self._counts["conflated"] += len(pieces) if self.is_full else 0
        self.catch_up(now)

    def catch_up(self, now: float) -> None:
        """Write what is due, until it takes no more."""
        while self._due and not self.is_full:
            topic = next(iter(self._due))
            due = self._due.pop(topic)
            if due.after is None:
                self._say(topic)  # what is new to all is in the snapshot, and not to come again
                self.forget(topic)
                self._write(topic.snapshot())
            else:
                self._write(b"".join(self._missed(topic, due.after, due.reason, now)))

    def _missed(self, topic: Topic, after: int, reason: str, now: float) -> Iterable[bytes]:
        frames, is_whole = topic.since(after, reason)
        if not is_whole:
            self._counts["gaps"] += 1
            if reason == SLOW:
                self._lost.append(now)
        return frames

    def _write(self, frames: bytes) -> None:
        if frames:
            self._counts["bytes"] += len(frames)
            self.line.write(frames)

    def look(self, now: float) -> None:
        """Is to be called regularly: who is too slow, or gone, is closed."""
        limits = self._limits
        often = len(self._lost) == MOST_LOST and now - self._lost[0] < LOST_SECONDS
        if often or (self.is_full and now - self.full_since > limits.slow_seconds):
            self.line.close(Code.TRY_AGAIN_LATER, "too slow: resume from the last numbers")
        elif now - self.heard_at > limits.idle_seconds:
            self.line.close(Code.POLICY, f"nothing was heard for {limits.idle_seconds:g} s")
        elif now - self.heard_at > limits.idle_seconds / 3 and not self.is_full:
            self.line.ping()
