"""One connection of a subscription: what is said, what is heard, what is due, how it ended."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

import structlog

from perps_stats.core.errors import Refused, Unreadable
from perps_stats.core.types import GapCause
from perps_stats.exchanges.contract import Subscription
from perps_stats.exchanges.events import Channel, Event
from perps_stats.feed.session import Due, Session
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Line, steady
from perps_stats.ingest.shared import COMPLAIN_EVERY_SECONDS, Ending, Heard, Shared

log = structlog.get_logger()
TICK_SECONDS = 0.5
GRACE_SECONDS = 1.0
"""What the exchange answers by REST may be told by the stream a moment later."""
FIRST_SNAPSHOT_SECONDS = 2.0
"""A book whose stream has said nothing by then starts from its snapshot alone."""
AGE = (0.85, 0.95)
"""Of its lifetime a connection reaches, by chance, so much: not all are renewed at once."""
COUNTED_EVENTS = frozenset({Channel.TRADES, Channel.KLINES, Channel.LIQUIDATIONS})
"""Channels of which every event is kept: a frame that cannot be read may be a hole in them."""
Through: TypeAlias = Callable[[MarketFeed, Event, int], None]


class Talk:
    """``feeds`` are told what is heard, by way of ``through`` if that is set. ``over`` is how it
    ended; ``relief`` says why another connection should take over. One that is not ``is_believed``
    opens no gap.
    """

    def __init__(
        self,
        shared: Shared,
        subscription: Subscription,
        feeds: Mapping[str, MarketFeed],
        heard: Heard,
    ) -> None:
        self._shared = shared
        self._feeds = feeds
        self._heard = heard
        age = shared.stream.lifetime_seconds * shared.outside.chance.uniform(*AGE)
        stream = replace(shared.stream, lifetime_seconds=age)
        self.session = Session(stream, subscription, steady())
        self.through: Through | None = None
        self.is_believed = False
        loop = asyncio.get_running_loop()
        self._clock = loop.time  # as ``steady``, for each frame
        self.relief: asyncio.Future[str] = loop.create_future()
        self._outgoing = asyncio.Event()
        self._line: Line | None = None
        self._over: asyncio.Task[Ending] | None = None
        self._is_paused = False
        self._log = log.bind(
            exchange=subscription.markets[0].exchange,
            channels=[str(name) for name in subscription.channels],
        )

    async def open(self, url: str) -> None:
        """Raises ``Unreachable``, or ``RateLimited`` where the exchange wants no connection now."""
        self._line = await self._shared.outside.connect(url, self._hear, self._shared.limits)
        self._heard.counts["connections"] += 1

    def begin(self, through: Through | None = None) -> None:
        """Subscribe, and look after it until it ends."""
        if self._line is None:
            raise RuntimeError("the connection was not opened")
        self.through = through
        self._over = asyncio.create_task(self._attend(self._line))

    @property
    def over(self) -> asyncio.Task[Ending]:
        if self._over is None:
            raise RuntimeError("the connection has not begun")
        return self._over

    def close(self) -> None:
        """Whatever still comes is let go."""
        self.through = _let_go
        if self._over is not None:
            self._over.cancel()
        if self._line is not None:
            self._line.close()

    def settle(self, through: Through) -> None:
        """What was between is needed no more."""
        if self.through == through:
            self.through = None

    async def _attend(self, line: Line) -> Ending:
        opened = steady()
        ended = asyncio.ensure_future(line.ended())
        sending = asyncio.create_task(self._send(line))
        try:
            while True:
                self._outgoing.set()
                await asyncio.wait((ended,), timeout=TICK_SECONDS)
                if ended.done():
                    return Ending(GapCause.DISCONNECT, ended.result())
                if steady() - opened > FIRST_SNAPSHOT_SECONDS:
                    self._start_quiet_books()
                if (ending := await self._look()) is not None:
                    return ending
        finally:
            ended.cancel()
            sending.cancel()

    async def _send(self, line: Line) -> None:
        """What the session has to say, no faster than the exchange takes it."""
        while True:
            await self._outgoing.wait()
            self._outgoing.clear()
            while (frame := self.session.next_to_send()) is not None:
                await self._shared.messages.turn()
                line.send(frame)

    async def _look(self) -> Ending | None:
        due = self.session.due(steady())
        if due is Due.CHECK and not self._is_paused:
            return await self._check()
        if due is Due.STUCK:
            self.ask_relief("a book could not be renewed: no answer to unsubscribe")
        elif due is Due.RENEW:
            self.ask_relief("renewed before the exchange ends it")
        return None

    async def _check(self) -> Ending | None:
        """How a dead connection ended; a channel that is mute on a lively one is relieved."""
        mute = await self._mute()
        if not mute:
            return None
        await asyncio.sleep(GRACE_SECONDS)
        now = steady()
        if self.session.is_dead(now):
            seconds = min(self.session.silent_for(channel, now) for channel in mute)
            return Ending(GapCause.SILENCE, f"nothing was heard for {seconds:.0f} s")
        for channel in [each for each in self.session.silent(now) if each in mute]:
            seconds = self.session.silent_for(channel, now)
            detail = f"nothing was heard of this stream for {seconds:.0f} s"
            self.doubt((channel,), GapCause.SILENCE, detail)
            self.session.found_quiet(channel, now)
            self.ask_relief(f"{channel}: {detail}")
        return None

    async def _mute(self) -> list[Channel]:
        """The silent channels whose market is not quiet; of a dead connection one is enough."""
        mute: list[Channel] = []
        for channel in self.session.silent(steady()):
            if await self._is_mute(channel):
                mute.append(channel)
                if self.session.is_dead(steady()):
                    break
        return mute

    async def _is_mute(self, channel: Channel) -> bool:
        feeds = list(self._feeds.values())
        silent = self.session.silent_for(channel, steady())
        is_quiet = await self._shared.quiet.is_quiet(channel, feeds, self._heard.best, silent)
        if is_quiet:
            self.session.found_quiet(channel, steady())
        return not is_quiet

    @property
    def is_dead(self) -> bool:
        """Whether nothing is heard any more, and no market was found quiet."""
        now = steady()
        return self.session.is_dead(now) and bool(self.session.silent(now))

    def ask_relief(self, reason: str) -> None:
        if not self.relief.done():
            self.relief.set_result(reason)

    def listen(self) -> None:
        """From now on the books are those of this connection."""
        if Channel.ORDERBOOK not in self.session.subscription.channels:
            return
        snapshots = self._shared.snapshots
        for feed in self._feeds.values():
            feed.listening = True
            if snapshots is None:
                feed.want_snapshot = self._renew_book
            else:
                feed.want_snapshot = snapshots.start
                feed.want_depth = snapshots.deepen

    def _renew_book(self, feed: MarketFeed) -> None:
        self.session.renew_book(feed.market.native, steady())
        self._outgoing.set()

    def _start_quiet_books(self) -> None:
        """Of streams that bring only changes: nothing may have changed yet."""
        if self._shared.snapshots is None:
            return
        for feed in self._feeds.values():
            if feed.listening and not feed.book.verified:
                feed.want_snapshot(feed)

    def _hear(self, frame: bytes, recv_us: int) -> None:
        try:
            events = self.session.received(frame, self._clock())
        except (Unreadable, Refused) as error:
            self._complain(error)
            return
        heard = self._heard
        for event in events:
            heard.pulses[type(event)].beat(event, recv_us)
            if feed := self._feeds.get(event.native):
                if self.through is None:
                    feed.receive(event, recv_us)
                else:
                    self.through(feed, event, recv_us)
        heard.counts["frames"] += 1
        if not events:
            self._outgoing.set()

    def _complain(self, error: Unreadable | Refused) -> None:
        heard, now = self._heard, steady()
        heard.counts["unreadable"] += 1
        if now - heard.complained >= COMPLAIN_EVERY_SECONDS:
            heard.complained = now
            self._log.warning("unreadable", error=str(error), so_far=heard.counts["unreadable"])
        if isinstance(error, Unreadable):
            lost = [one for one in self.session.subscription.channels if one in COUNTED_EVENTS]
            self.doubt(lost, GapCause.EXCHANGE, str(error))

    def doubt(self, channels: Iterable[Channel], cause: GapCause, detail: str) -> None:
        now = self._shared.outside.now()
        for feed in self._feeds.values() if self.is_believed else ():
            for channel in channels:
                feed.doubt(channel, cause, detail, now)

    def pause(self) -> None:
        """Read no more: what was received cannot be written."""
        self._is_paused = True
        if self._line is not None:
            self._line.pause()

    def resume(self) -> None:
        self._is_paused = False
        if self._line is not None:
            self._line.resume()


def _let_go(_feed: MarketFeed, _event: Event, _recv_us: int) -> None:
    """Of a connection that was closed."""
