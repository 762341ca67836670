"""One subscription kept alive: connect, listen, notice silence, hang up, wait, connect again."""

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial

import structlog

from perps_stats.core.errors import Refused, Unreachable, Unreadable
from perps_stats.core.types import GapCause
from perps_stats.exchanges.events import Channel, Stream, Subscription
from perps_stats.feed.session import Due, Session
from perps_stats.ingest.market import MarketFeed
from perps_stats.net.websocket import Connection, WebSocketLimits, connect

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
    """``counts`` holds frames, unreadable frames and connections since the start."""

    def __init__(
        self,
        *,
        stream: Stream,
        url: str,
        subscription: Subscription,
        feeds: Mapping[str, MarketFeed],
        is_quiet: Callable[[list[MarketFeed]], Awaitable[bool]],
        limits: WebSocketLimits,
    ) -> None:
        self._stream = stream
        self._url = url
        self._subscription = subscription
        self._feeds = {native: feeds[native] for native in subscription.natives}
        self._is_quiet = is_quiet
        self._limits = limits
        self._connection: Connection | None = None
        self._failures = 0
        self._complained = -COMPLAIN_EVERY_SECONDS
        self._log = log.bind(url=url, channels=[str(name) for name in subscription.channels])
        self.counts: Counter[str] = Counter()

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
        session = Session(self._stream, self._subscription, time.monotonic())
        try:
            connection = await connect(self._url, partial(self._receive, session), self._limits)
        except Unreachable as error:
            return GapCause.DISCONNECT, str(error)
        self.counts["connections"] += 1
        self._connection = connection
        try:
            self._listen()
            await connection.send(session.opened(), self._stream.messages_per_second)
            return await self._watch(session, connection, stop)
        finally:
            self._connection = None
            connection.close()

    async def _watch(
        self, session: Session, connection: Connection, stop: asyncio.Event
    ) -> tuple[GapCause, str] | None:
        ended = asyncio.ensure_future(connection.ended())
        stopped = asyncio.ensure_future(stop.wait())
        opened = time.monotonic()
        try:
            while True:
                await asyncio.wait(
                    (ended, stopped), timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                if stopped.done():
                    return None
                if ended.done():
                    return GapCause.DISCONNECT, ended.result()
                if time.monotonic() - opened > FIRST_SNAPSHOT_SECONDS:
                    self._start_quiet_books()
                    opened = math.inf
                if end := await self._due(session):
                    return end
        finally:
            ended.cancel()
            stopped.cancel()

    def _listen(self) -> None:
        if Channel.ORDERBOOK in self._subscription.channels:
            for feed in self._feeds.values():
                feed.listening = True

    def _start_quiet_books(self) -> None:
        for feed in self._feeds.values():
            if feed.listening and not feed.book.verified:
                feed.want_snapshot(feed)

    async def _due(self, session: Session) -> tuple[GapCause, str] | None:
        match session.due(time.monotonic()):
            case Due.NOTHING:
                return None
            case Due.RENEW:
                return GapCause.DISCONNECT, "renewed before the exchange ends it"
            case Due.CHECK:
                if await self._is_quiet(list(self._feeds.values())):
                    session.found_quiet(time.monotonic())
                    return None
                seconds = session.silent_for(time.monotonic())
                return GapCause.SILENCE, f"nothing was heard for {seconds:.0f} s"

    def _receive(self, session: Session, frame: bytes, recv_us: int) -> None:
        try:
            events = session.received(frame, time.monotonic())
        except (Unreadable, Refused) as error:
            self._unreadable(error)
            return
        for event in events:
            self._failures = 0
            if feed := self._feeds.get(event.native):
                feed.receive(event, recv_us)
        self.counts["frames"] += 1

    def _unreadable(self, error: Unreadable | Refused) -> None:
        self.counts["unreadable"] += 1
        now = time.monotonic()
        if now - self._complained >= COMPLAIN_EVERY_SECONDS:
            self._complained = now
            self._log.warning("unreadable", error=str(error), so_far=self.counts["unreadable"])
        if isinstance(error, Unreadable):
            lost = COUNTED_EVENTS.intersection(self._subscription.channels)
            self._doubt(lost, GapCause.EXCHANGE, str(error))

    def _doubt(
        self, channels: tuple[Channel, ...] | frozenset[Channel], cause: GapCause, detail: str
    ) -> None:
        now = datetime.now(UTC)
        for feed in self._feeds.values():
            for channel in channels:
                feed.doubt(channel, cause, detail, now)

    async def _back_off(self, stop: asyncio.Event) -> None:
        longest = min(FIRST_BACKOFF_SECONDS * 2**self._failures, LAST_BACKOFF_SECONDS)
        self._failures += 1
        seconds = random.uniform(longest / 2, longest)  # noqa: S311 jitter, no secret
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
