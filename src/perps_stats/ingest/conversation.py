"""One subscription kept alive: connect, listen, notice silence, hang up, wait, connect again."""

import asyncio
import math
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog

from perps_stats.core.errors import ExchangeError, Refused, Unreadable
from perps_stats.core.types import GapCause
from perps_stats.exchanges.contract import Stream, Subscription
from perps_stats.exchanges.events import Channel, Event
from perps_stats.feed.session import Due, Session
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Line, Outside, steady
from perps_stats.ingest.pace import Pace
from perps_stats.ingest.pulse import Pulse
from perps_stats.ingest.snapshots import Snapshots
from perps_stats.net.websocket import WebSocketLimits

log = structlog.get_logger()
TICK_SECONDS = 0.5
FIRST_BACKOFF_SECONDS = 0.25
LAST_BACKOFF_SECONDS = 30.0
COMPLAIN_EVERY_SECONDS = 60.0
FIRST_SNAPSHOT_SECONDS = 2.0
"""A book whose stream has said nothing by then starts from its snapshot alone."""
COUNTED_EVENTS = frozenset({Channel.TRADES, Channel.KLINES, Channel.LIQUIDATIONS})
"""Channels of which every event is kept: a frame that cannot be read may be a hole in them."""


class Conversation:
    """``counts`` holds frames, unreadable frames and connections since the start; ``pulses`` what
    was heard of each kind of event.
    """

    def __init__(
        self,
        *,
        stream: Stream,
        address: Callable[[str], Awaitable[str]],
        subscription: Subscription,
        feeds: Mapping[str, MarketFeed],
        snapshots: Snapshots | None,
        pace: Pace,
        limits: WebSocketLimits,
        outside: Outside,
    ) -> None:
        self._stream = stream
        self._address = address
        self._subscription = subscription
        self._feeds = {market.native: feeds[market.native] for market in subscription.markets}
        self._snapshots = snapshots
        self._pace = pace
        self._limits = limits
        self._outside = outside
        self._connection: Line | None = None
        self._failures = 0
        self._complained = -COMPLAIN_EVERY_SECONDS
        self._outgoing = asyncio.Event()
        self._log = log.bind(
            exchange=subscription.markets[0].exchange,
            channels=[str(name) for name in subscription.channels],
        )
        self.counts: Counter[str] = Counter()
        self.pulses: defaultdict[type[Event], Pulse] = defaultdict(Pulse)

    @property
    def channels(self) -> tuple[Channel, ...]:
        return tuple(self._subscription.channels)

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            end = await self._converse(stop)
            if end is not None:
                cause, detail = end
                self._log.warning("hung up", cause=str(cause), detail=detail)
                self._doubt(self._subscription.channels, cause, detail)
                await self._back_off(stop)

    async def _converse(self, stop: asyncio.Event) -> tuple[GapCause, str] | None:
        """One connection, until it ends (why) or we are to stop (``None``)."""
        session = Session(self._stream, self._subscription, steady())
        try:
            url = await self._address(self._outside.name())
            connection = await self._outside.connect(
                url, partial(self._receive, session), self._limits
            )
        except ExchangeError as error:
            return GapCause.DISCONNECT, str(error)
        self.counts["connections"] += 1
        self._connection = connection
        self._outgoing.set()
        sending = asyncio.create_task(self._send(session, connection))
        try:
            self._listen(session)
            return await self._watch(session, connection, stop)
        finally:
            sending.cancel()
            self._connection = None
            connection.close()

    async def _send(self, session: Session, connection: Line) -> None:
        """What the session has to say, no faster than the exchange takes it."""
        while True:
            await self._outgoing.wait()
            self._outgoing.clear()
            while (frame := session.next_to_send()) is not None:
                await self._pace.turn()
                connection.send(frame)

    async def _watch(
        self, session: Session, connection: Line, stop: asyncio.Event
    ) -> tuple[GapCause, str] | None:
        ended = asyncio.ensure_future(connection.ended())
        stopped = asyncio.ensure_future(stop.wait())
        opened = steady()
        try:
            while True:
                await asyncio.wait(
                    (ended, stopped), timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                if stopped.done():
                    return None
                if ended.done():
                    return GapCause.DISCONNECT, ended.result()
                if steady() - opened > FIRST_SNAPSHOT_SECONDS:
                    self._start_quiet_books()
                    opened = math.inf
                end = await self._due(session)
                self._outgoing.set()
                if end:
                    return end
        finally:
            ended.cancel()
            stopped.cancel()

    def _listen(self, session: Session) -> None:
        if Channel.ORDERBOOK not in self._subscription.channels:
            return
        for feed in self._feeds.values():
            feed.listening = True
            if self._snapshots is None:
                feed.want_snapshot = partial(self._renew_book, session)
            else:
                feed.want_snapshot = self._snapshots.start
                feed.want_depth = self._snapshots.deepen

    def _renew_book(self, session: Session, feed: MarketFeed) -> None:
        session.renew_book(feed.market.native, steady())
        self._outgoing.set()

    def _start_quiet_books(self) -> None:
        """Of streams that bring only changes: nothing may have changed yet."""
        if self._snapshots is None:
            return
        for feed in self._feeds.values():
            if feed.listening and not feed.book.verified:
                feed.want_snapshot(feed)

    async def _due(self, session: Session) -> tuple[GapCause, str] | None:
        match session.due(steady()):
            case Due.NOTHING:
                return None
            case Due.RENEW:
                return GapCause.DISCONNECT, "renewed before the exchange ends it"
            case Due.STUCK:
                return GapCause.EXCHANGE, "a book could not be renewed: no answer to unsubscribe"
            case Due.CHECK:
                return await self._check(session)

    async def _check(self, session: Session) -> tuple[GapCause, str] | None:
        feeds = list(self._feeds.values())
        if self._snapshots is not None and await self._snapshots.is_quiet(feeds):
            session.found_quiet(steady())
            return None
        seconds = session.silent_for(steady())
        return GapCause.SILENCE, f"nothing was heard for {seconds:.0f} s"

    def _receive(self, session: Session, frame: bytes, recv_us: int) -> None:
        try:
            events = session.received(frame, steady())
        except (Unreadable, Refused) as error:
            self._unreadable(error)
            return
        for event in events:
            self._failures = 0
            self.pulses[type(event)].beat(event, recv_us)
            if feed := self._feeds.get(event.native):
                feed.receive(event, recv_us)
        self.counts["frames"] += 1
        if not events:
            self._outgoing.set()

    def _unreadable(self, error: Unreadable | Refused) -> None:
        self.counts["unreadable"] += 1
        now = steady()
        if now - self._complained >= COMPLAIN_EVERY_SECONDS:
            self._complained = now
            self._log.warning("unreadable", error=str(error), so_far=self.counts["unreadable"])
        if isinstance(error, Unreadable):
            lost = COUNTED_EVENTS.intersection(self._subscription.channels)
            self._doubt(lost, GapCause.EXCHANGE, str(error))

    def _doubt(
        self, channels: tuple[Channel, ...] | frozenset[Channel], cause: GapCause, detail: str
    ) -> None:
        now = self._outside.now()
        for feed in self._feeds.values():
            for channel in channels:
                feed.doubt(channel, cause, detail, now)

    async def _back_off(self, stop: asyncio.Event) -> None:
        longest = min(FIRST_BACKOFF_SECONDS * 2**self._failures, LAST_BACKOFF_SECONDS)
        self._failures += 1
        seconds = self._outside.chance.uniform(longest / 2, longest)
        try:
            async with asyncio.timeout(seconds):
                await stop.wait()
        except TimeoutError:
            return

    def pause(self) -> None:
        """Read no more: what was received cannot be written."""
        if self._connection is not None:
            self._connection.pause()

    def resume(self) -> None:
        if self._connection is not None:
            self._connection.resume()
