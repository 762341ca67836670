"""Live rows over the WebSocket, and over its cuts: every message of a topic bears the next number.

After a cut it is asked for what was said since the last number heard; the service remembers two
minutes. What it cannot say again, and what a missing number stands for, is ``Missed``.
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Generic, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from perps_stats.client.errors import ClientError
from perps_stats.client.line import Line
from perps_stats.client.messages import GapTold, Message, Snapshot, Topic, Update
from perps_stats.core.live import EVENTS
from perps_stats.core.times import rfc3339
from perps_stats.core.types import Gap

T_co = TypeVar("T_co", covariant=True)
CHANNELS_AT_ONCE = 200
log = logging.getLogger("perps_stats.client")


class Missed(ClientError):
    """Of a topic, what was said ``after`` a number, up to ``seq``: ask REST for the span."""

    def __init__(self, topic: Topic, after: int, seq: int, reason: str) -> None:
        of = f"{topic.exchange} {topic.symbol} {topic.data_set}"
        super().__init__(f"{of}: what was said after {after}, up to {seq}, is lost ({reason})")
        self.topic = topic
        self.after = after
        self.seq = seq


OnGap: TypeAlias = Callable[[Gap | Missed], None]


def tell(gap: Gap | Missed) -> None:
    """Where nobody asked to be told: a hole in the feed is logged, a loss on the way is raised."""
    if isinstance(gap, Missed):
        raise gap
    end = "now" if gap.end_time is None else rfc3339(gap.end_time)
    named = (gap.exchange, gap.symbol, gap.stream)
    log.warning("%s %s %s: a gap from %s to %s", *named, rfc3339(gap.start_time), end)


class Channel(Struct, frozen=True, omit_defaults=True):
    """A topic, or with ``*`` all that there are. ``after``: the last number that was heard."""

    data_set: str
    exchange: str
    symbol: str
    depth: int | None = None
    after: int | None = msgspec.field(name="from", default=None)


class Stream(Generic[T_co]):
    """Iterate for the rows. Of trades, liquidations, candles, averages and gaps each comes once; of
    the others the newest, as often as it changes.
    """

    def __init__(
        self, line: Line, row: type[T_co], channels: Sequence[Channel], on_gap: OnGap
    ) -> None:
        self._line = line
        self._decoder = msgspec.json.Decoder(row)
        self._channels = channels
        self._on_gap = on_gap
        self._heard: dict[Topic, int] = {}
        """The last number of each topic."""

    async def __aiter__(self) -> AsyncIterator[T_co]:
        async with aclosing(self._line.messages(self._requests)) as messages:
            async for message in messages:
                for row in self._rows(message):
                    yield self._decoder.decode(row)

    def _requests(self) -> Iterator[bytes]:
        """First the topics that were heard, from where they broke off: in the second request they
        are known already, and go on.
        """
        resumed = [
            Channel(topic.data_set, topic.exchange, topic.symbol, topic.depth, seq)
            for topic, seq in self._heard.items()
        ]
        for first in range(0, len(resumed), CHANNELS_AT_ONCE):
            yield _subscribe(resumed[first : first + CHANNELS_AT_ONCE])
        yield _subscribe(self._channels)

    def _rows(self, message: Message) -> Sequence[msgspec.Raw]:
        match message:
            case Snapshot() if message.topic not in self._heard:
                self._heard[message.topic] = message.seq
                self._tell(message.gaps)
                return [] if message.data_set in EVENTS else message.data
            case Update() if self._is_next(message.topic, message.seq):
                return message.data
            case GapTold(of="delivery") if message.data_set in EVENTS:
                self._heard[message.topic] = message.seq
                self._on_gap(Missed(message.topic, message.after, message.seq, message.reason))
            case GapTold(of="delivery"):  # of a state nothing is lost: the snapshot follows
                del self._heard[message.topic]
            case GapTold() if self._is_next(message.topic, message.seq):
                self._tell(message.data)
            case _:
                pass
        return []

    def _is_next(self, topic: Topic, seq: int) -> bool:
        """Whether it was not heard before. Of what counts by every row none may be missing."""
        last = self._heard.get(topic, seq - 1)
        if seq <= last:
            return False
        self._heard[topic] = seq
        if topic.data_set in EVENTS and seq != last + 1:
            self._on_gap(Missed(topic, last, seq - 1, "numbers are missing"))
        return True

    def _tell(self, gaps: Sequence[Gap]) -> None:
        for gap in gaps:
            self._on_gap(gap)


def _subscribe(channels: Sequence[Channel]) -> bytes:
    return msgspec.json.encode({"op": "subscribe", "channels": channels})
