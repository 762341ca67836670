"""From one connection to the next without a gap: what both bring is taken once, and in order.

While both talk the old one is believed, and what the new one brings is held. It takes over once the
old one has told all that came before: updates of a book carry the same numbers on both, trades the
same ids. Of what is only a state, such as a mark price, the older one is let go.
"""

from collections.abc import Mapping, Sequence

from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    BookSnapshot,
    Channel,
    DayTick,
    Event,
    FundingTick,
    KlineTick,
    LiquidationTick,
    MarkTick,
    NoTrade,
    TradeTick,
)
from perps_stats.feed.session import CHANNEL_OF
from perps_stats.ingest.market import MarketFeed

MOST_HELD = 100_000
"""Events. Beyond that the new connection takes over as it is."""


class Handover:
    """``feeds`` by native name. What is given to it is of these markets."""

    def __init__(self, feeds: Mapping[str, MarketFeed], channels: Sequence[Channel]) -> None:
        self._feeds = feeds
        self._channels = channels
        self._held: list[tuple[MarketFeed, Event, int]] = []
        self._first: dict[tuple[str, Channel], Event] = {}
        self._told: set[Event] = set()

    def from_old(self, feed: MarketFeed, event: Event, recv_us: int) -> None:
        if isinstance(event, TradeTick | NoTrade | LiquidationTick):
            self._told.add(event)
        feed.receive(event, recv_us)

    def from_new(self, feed: MarketFeed, event: Event, recv_us: int) -> None:
        self._held.append((feed, event, recv_us))
        self._first.setdefault((event.native, CHANNEL_OF[type(event)]), event)

    @property
    def is_full(self) -> bool:
        return len(self._held) >= MOST_HELD

    def unsure(self, *, cut_short: bool) -> list[tuple[MarketFeed, Channel]]:
        """Where the old connection has not told all that came before the first of the new one.

        ``cut_short``: the one has ended, or the other has not asked for everything yet; then also
        where nothing came yet.
        """
        return [
            (feed, channel)
            for native, feed in self._feeds.items()
            for channel in self._channels
            if (
                cut_short
                if (first := self._first.get((native, channel))) is None
                else not self._has_joined(feed, channel, first)
            )
        ]

    def _has_joined(self, feed: MarketFeed, channel: Channel, first: Event) -> bool:
        """Where there is a gap already, or nothing before, nothing is to be waited for."""
        last = feed.ledger[channel].last
        if feed.ledger[channel].gap is not None or not last:
            return True
        joined = True
        match first:
            case BookSnapshot():
                joined = first.last <= feed.book.last
            case BookDelta():
                joined = first.previous <= feed.book.last
            case TradeTick() | NoTrade() | LiquidationTick():
                joined = first.ts < last or first in self._told
            case KlineTick():
                joined = first.open_ts <= last
            case BestTick() | DayTick() | MarkTick() | FundingTick():
                joined = first.ts <= last
            case _:
                pass
        return joined

    def take_over(self) -> None:
        """The new connection is believed from here: what it brought, without what is known."""
        for feed in self._feeds.values():
            feed.book.rejoin()
        for feed, event, recv_us in self._held:
            self.after(feed, event, recv_us)
        self._held.clear()

    def after(self, feed: MarketFeed, event: Event, recv_us: int) -> None:
        """For a while the new connection may be behind where the old one was."""
        if not self._is_known(feed, event):
            feed.receive(event, recv_us)

    def _is_known(self, feed: MarketFeed, event: Event) -> bool:
        last = feed.ledger[CHANNEL_OF[type(event)]].last
        match event:
            case BookSnapshot():
                return feed.book.verified and event.last < feed.book.last
            case BestTick() | DayTick() | MarkTick() | FundingTick():
                return event.ts < last
            case KlineTick():
                return event.closed is True and event.close_ts <= last
            case LiquidationTick():
                return event in self._told
            case _:
                return False
