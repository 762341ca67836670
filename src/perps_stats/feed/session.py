"""One WebSocket conversation. No I/O and no clock: the caller says what came, and when.

It knows what was asked for, drops what was not, and says when the silence has become suspicious or
the connection has become old. What is to be sent is collected, not pushed: see ``to_send``.
"""

from collections import Counter, deque
from collections.abc import Sequence
from enum import Enum

from perps_stats.core.errors import Refused
from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Stream, Subscription
from perps_stats.exchanges.events import (
    Ack,
    BestTick,
    BookDelta,
    BookSnapshot,
    Channel,
    DayTick,
    Event,
    Farewell,
    FundingTick,
    Greeting,
    Ignored,
    KlineTick,
    LiquidationTick,
    MarkTick,
    NoTrade,
    Ping,
    TradeTick,
    Unsubscribed,
)

CHANNEL_OF: dict[type[Event], Channel] = {
    BookSnapshot: Channel.ORDERBOOK,
    BookDelta: Channel.ORDERBOOK,
    TradeTick: Channel.TRADES,
    NoTrade: Channel.TRADES,
    BestTick: Channel.BEST,
    DayTick: Channel.DAY,
    MarkTick: Channel.MARK,
    FundingTick: Channel.FUNDING,
    KlineTick: Channel.KLINES,
    LiquidationTick: Channel.LIQUIDATIONS,
}
CHECK_AGAIN = 0.5
"""After a check that found the market quiet, the next is due after this share of the limit."""
RENEWAL_SECONDS = 15.0
"""How long a book may take from ``unsubscribe`` to its new snapshot."""


class Due(Enum):
    NOTHING = "nothing"
    CHECK = "check"
    """A channel was silent for too long: find out whether the market or the feed is silent."""
    STUCK = "stuck"
    """A book was to be renewed, and the exchange does not go along: only a new connection helps."""
    RENEW = "renew"
    """The exchange ends connections of this age, or has said that it will: open the next before."""


class Session:
    """``counts`` holds the events received by kind, and the frames set aside by reason."""

    def __init__(self, stream: Stream, subscription: Subscription, now: float) -> None:
        self._stream = stream
        self._decode = stream.decoder(subscription.markets)
        self.subscription = subscription
        wanted = subscription.channels
        self._wanted = {kind: channel for kind, channel in CHANNEL_OF.items() if channel in wanted}
        if Channel.OPEN_INTEREST in wanted:  # where it is streamed, it comes with mark prices
            self._wanted.setdefault(MarkTick, Channel.OPEN_INTEREST)
        heard = dict.fromkeys(self._wanted.values())
        self._limits = {channel: stream.silence_seconds[channel] for channel in heard}
        self._heard = dict.fromkeys(heard, now)
        self._checked = dict.fromkeys(heard, now)
        self._is_to_end = False
        self._markets = {market.native: market for market in subscription.markets}
        self._opened = self._pinged = self._asking = now
        self._renewing: dict[str, float] = {}
        self._unsubscribed: set[str] = set()
        self._urgent: deque[bytes] = deque()
        self._outgoing: deque[bytes] = deque()
        self.counts: Counter[str] = Counter()
        if not stream.greets:
            self._outgoing.extend(stream.subscribe(subscription))

    def next_to_send(self) -> bytes | None:
        """One frame; signs of life and renewals of books before what is subscribed to at first."""
        waiting = self._urgent or self._outgoing
        return waiting.popleft() if waiting else None

    def to_send(self) -> list[bytes]:
        """All that is due, in order."""
        return list(iter(self.next_to_send, None))

    def received(self, frame: bytes, now: float) -> tuple[Event, ...]:
        """The events that were asked for. Raises ``Unreadable``, or ``Refused`` by the exchange."""
        events = self._decode(frame)
        if self._renewing:
            self._end_renewals(events)
        if len(events) == 1 and (channel := self._wanted.get(type(events[0]))) is not None:
            self._heard[channel] = now
            return events
        return tuple(event for event in events if self._is_wanted(event, now))

    def renew_book(self, native: str, now: float) -> None:
        """Unsubscribe the market's book, and once that is confirmed subscribe it anew."""
        unsubscribe = self._stream.unsubscribe
        if unsubscribe is not None and native not in self._renewing:
            self._renewing[native] = now
            self._urgent.extend(unsubscribe(_book_of(self._markets[native])))

    def _end_renewals(self, events: Sequence[Event]) -> None:
        """A book that comes before the confirmation was on its way, and is no answer."""
        for event in events:
            if isinstance(event, BookSnapshot) and event.native in self._unsubscribed:
                self._unsubscribed.discard(event.native)
                self._renewing.pop(event.native, None)

    def _is_wanted(self, event: Event, now: float) -> bool:
        if (channel := self._wanted.get(type(event))) is not None:
            self._heard[channel] = now
            return True
        match event:
            case Ack():
                self.counts["ack"] += 1
                if event.error is not None:
                    raise Refused(event.id, event.error)
            case Greeting():
                if self._stream.greets:
                    self._outgoing.extend(self._stream.subscribe(self.subscription))
            case Ping():
                self._urgent.append(event.reply)
            case Unsubscribed():
                self._subscribe_anew(event)
            case Farewell():
                self._is_to_end = True
            case Ignored():
                self.counts[f"ignored {event.kind}"] += 1
            case _:
                self.counts[f"ignored {CHANNEL_OF[type(event)].value}"] += 1
        return False

    def _subscribe_anew(self, event: Unsubscribed) -> None:
        if event.channel is Channel.ORDERBOOK and event.native in self._renewing:
            self._unsubscribed.add(event.native)
            self._urgent.extend(self._stream.subscribe(_book_of(self._markets[event.native])))

    def due(self, now: float) -> Due:
        if now - self._pinged >= self._stream.ping_seconds:
            self._pinged = now
            self._urgent.append(self._stream.ping)
        if self._outgoing:
            self._asking = now
        if self.silent(now):
            return Due.CHECK
        if any(now - since >= RENEWAL_SECONDS for since in self._renewing.values()):
            return Due.STUCK
        is_old = self.age(now) >= self._stream.lifetime_seconds
        return Due.RENEW if is_old or self._is_to_end else Due.NOTHING

    def silent(self, now: float) -> list[Channel]:
        """The channels that have said nothing, and were not found quiet, for their limit; as long
        as they are still being subscribed to, only if the connection is dead.
        """
        since = self._opened if self.is_dead(now) else self._asking
        return [
            channel
            for channel, limit in self._limits.items()
            if now - max(since, self._heard[channel], self._checked[channel]) >= limit
        ]

    def found_quiet(self, channel: Channel, now: float) -> None:
        """A check showed that the market itself is quiet: the next is due in a while."""
        self._checked[channel] = now - self._limits[channel] * (1 - CHECK_AGAIN)

    def silent_for(self, channel: Channel, now: float) -> float:
        return now - self._heard[channel]

    def is_dead(self, now: float) -> bool:
        """Whether no channel at all has said anything for the strictest limit."""
        return now - max(self._heard.values()) >= min(self._limits.values())

    @property
    def is_proven(self) -> bool:
        """Whether anything that was asked for has come."""
        return max(self._heard.values()) > self._opened

    def age(self, now: float) -> float:
        """Seconds since it was opened."""
        return now - self._opened

    @property
    def is_subscribed(self) -> bool:
        """Whether all that was to be said is said."""
        return not (self._urgent or self._outgoing)


def _book_of(market: Market) -> Subscription:
    return Subscription(channels=(Channel.ORDERBOOK,), markets=(market,))
