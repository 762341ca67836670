"""One WebSocket conversation. No I/O and no clock: the caller says what came, and when.

It knows what was asked for, drops what was not, and says when the silence has become suspicious or
the connection has become old.
"""

from collections import Counter
from collections.abc import Sequence
from enum import Enum

from perps_stats.core.errors import Refused
from perps_stats.exchanges.events import (
    Ack,
    BestTick,
    BookDelta,
    BookSnapshot,
    Channel,
    DayTick,
    Event,
    Ignored,
    KlineTick,
    LiquidationTick,
    MarkTick,
    Stream,
    Subscription,
    TradeTick,
)

CHANNEL_OF: dict[type[Event], Channel] = {
    BookSnapshot: Channel.ORDERBOOK,
    BookDelta: Channel.ORDERBOOK,
    TradeTick: Channel.TRADES,
    BestTick: Channel.BEST,
    DayTick: Channel.DAY,
    MarkTick: Channel.MARK,
    KlineTick: Channel.KLINES,
    LiquidationTick: Channel.LIQUIDATIONS,
}
CHECK_AGAIN = 0.5
"""After a check that found the market quiet, the next is due after this share of the limit."""


class Due(Enum):
    NOTHING = "nothing"
    CHECK = "check"
    """Nothing was heard for too long: find out whether the market or the feed is silent."""
    RENEW = "renew"
    """The exchange ends connections of this age: open the next before."""


class Session:
    """``counts`` holds the events received by kind, and the frames set aside by reason."""

    def __init__(self, stream: Stream, subscription: Subscription, now: float) -> None:
        self._stream = stream
        self._decode = stream.decode
        self.subscription = subscription
        wanted = set(subscription.channels)
        self._wanted = frozenset(kind for kind, channel in CHANNEL_OF.items() if channel in wanted)
        self._limit = min(stream.silence_seconds[channel] for channel in subscription.channels)
        self._opened = self._heard = self._checked = now
        self.counts: Counter[str] = Counter()

    def opened(self) -> Sequence[bytes]:
        """What to send first."""
        return self._stream.subscribe(self.subscription)

    def received(self, frame: bytes, now: float) -> tuple[Event, ...]:
        """The events that were asked for. Raises ``Unreadable``, or ``Refused`` by the exchange."""
        events = self._decode(frame)
        self._heard = now
        if len(events) == 1 and type(events[0]) in self._wanted:
            return events
        return tuple(event for event in events if self._is_wanted(event))

    def _is_wanted(self, event: Event) -> bool:
        if type(event) in self._wanted:
            return True
        if isinstance(event, Ack):
            self.counts["ack"] += 1
            if event.error is not None:
                raise Refused(event.id, event.error)
        else:
            kind = event.kind if isinstance(event, Ignored) else CHANNEL_OF[type(event)].value
            self.counts[f"ignored {kind}"] += 1
        return False

    def due(self, now: float) -> Due:
        if now - self._opened >= self._stream.lifetime_seconds:
            return Due.RENEW
        quiet_since = max(self._heard, self._checked)
        return Due.CHECK if now - quiet_since >= self._limit else Due.NOTHING

    def found_quiet(self, now: float) -> None:
        """The check showed that the market itself is quiet."""
        self._checked = now - self._limit * (1 - CHECK_AGAIN)

    def silent_for(self, now: float) -> float:
        return now - self._heard
