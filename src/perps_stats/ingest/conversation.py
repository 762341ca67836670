"""One subscription kept alive, from one connection to the next.

A connection that is to end hands over while it still talks: nothing is missing, and nothing comes
twice. One that has ended leaves a gap, and the next comes after a while.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

import structlog

from perps_stats.core.errors import ExchangeError, RateLimited
from perps_stats.core.types import GapCause, Market
from perps_stats.exchanges.contract import Subscription
from perps_stats.exchanges.events import Channel, Event
from perps_stats.ingest.handover import Handover
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import steady
from perps_stats.ingest.pulse import Pulse
from perps_stats.ingest.shared import Ending, Heard, Shared
from perps_stats.ingest.talk import TICK_SECONDS, Talk

log = structlog.get_logger()
FIRST_BACKOFF_SECONDS = 0.25
LAST_BACKOFF_SECONDS = 30.0
DOUBLINGS = 10
GOOD_SECONDS = 5.0
"""A connection that told something and lasted so long was good: the next comes at once again."""
RELIEF_SECONDS = 3.0
"""Within so long, by chance, who is to be relieved gets a successor: not all are opened at once."""
OVERLAP_SECONDS = 3.0
"""So long both talk at least, from the new one's first word on: what was on its way arrives."""
LONGEST_OVERLAP_SECONDS = 15.0
SETTLING_SECONDS = 15.0
"""After a hand-over, how long what the new connection brings late is let go."""
Stopped: TypeAlias = "asyncio.Task[bool]"
Awaited: TypeAlias = (
    "asyncio.Task[bool] | asyncio.Task[Talk] | asyncio.Task[Ending] | asyncio.Future[str]"
)


class Conversation:
    """``counts`` holds frames, unreadable frames and connections since the start; ``pulses`` what
    was heard of each kind of event.
    """

    def __init__(
        self,
        shared: Shared,
        address: Callable[[str], Awaitable[str]],
        subscription: Subscription,
        feeds: Mapping[str, MarketFeed],
    ) -> None:
        self._shared = shared
        self._address = address
        self._subscription = subscription
        self._feeds = {market.native: feeds[market.native] for market in subscription.markets}
        self._heard = Heard()
        self._talks: list[Talk] = []
        self._failures = 0
        self._is_paused = False
        self._log = log.bind(
            exchange=subscription.markets[0].exchange,
            channels=[str(name) for name in subscription.channels],
        )

    @property
    def counts(self) -> Counter[str]:
        return self._heard.counts

    @property
    def pulses(self) -> Mapping[type[Event], Pulse]:
        return self._heard.pulses

    @property
    def channels(self) -> tuple[Channel, ...]:
        return tuple(self._subscription.channels)

    @property
    def markets(self) -> tuple[Market, ...]:
        return self._subscription.markets

    @property
    def is_open(self) -> bool:
        return bool(self._talks)

    async def run(self, stop: asyncio.Event) -> None:
        """Until stopped, or until none of its markets is left."""
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while self._feeds and not stop.is_set():
                ending = await self._converse(stopped)
                if ending is not None:
                    self._log.warning("hung up", cause=str(ending.cause), detail=ending.detail)
                    self._doubt(self._everything(), ending)
                    await self._back_off(stopped)
        finally:
            stopped.cancel()

    async def _converse(self, stopped: Stopped) -> Ending | None:
        """A connection and its successors, until one has ended (how) or we are to stop."""
        try:
            talk = await self._opened(stopped)
            if talk is None:
                return None
            talk.is_believed = True
            talk.listen()
            talk.begin()
            while True:
                await _first(talk.over, talk.relief, stopped)
                if stopped.done() or not self._feeds:
                    return None
                if talk.over.done():
                    if talk.session.is_proven and talk.session.age(steady()) >= GOOD_SECONDS:
                        self._failures = 0
                    return talk.over.result()
                talk = await self._relieved(talk, stopped)
        except ExchangeError as error:
            return Ending(GapCause.DISCONNECT, str(error))
        finally:
            for each in list(self._talks):
                self._close(each)

    async def _opened(self, stopped: Stopped) -> Talk | None:
        """A new connection; ``None`` if we are stopped before. Raises ``ExchangeError``."""
        opening = asyncio.ensure_future(self._open())
        await _first(opening, stopped)
        if opening.done():
            return opening.result()
        opening.cancel()
        return None

    async def _open(self) -> Talk:
        """Not before the exchange listens again, if it has said when."""
        shared = self._shared
        while wait := shared.budget.silent_for(steady()):
            self._log.info("waits until the exchange listens again", seconds=round(wait, 1))
            await asyncio.sleep(wait)
        await shared.openings.turn()
        url = await self._address(shared.outside.name())
        talk = Talk(shared, self._subscription, self._feeds, self._heard)
        try:
            await talk.open(url)
        except RateLimited as error:
            self._fall_silent(error)
            raise
        if self._is_paused:
            talk.pause()
        self._talks.append(talk)
        return talk

    def _fall_silent(self, error: RateLimited) -> None:
        seconds = (error.until - self._shared.outside.now()).total_seconds()
        if self._shared.budget.silence(seconds, steady(), banned=error.banned):
            self._log.error("given up after repeated bans", until=str(error.until))

    async def _relieved(self, old: Talk, stopped: Stopped) -> Talk:
        """The connection to go on with: a successor, or the old one if it has ended meanwhile."""
        self._log.info("another connection takes over", reason=old.relief.result())
        await _first(old.over, stopped, seconds=self._by_chance(RELIEF_SECONDS))
        while not (old.over.done() or stopped.done()):
            try:
                new = await self._successor(old, stopped)
            except ExchangeError as error:
                self._log.warning("no other connection yet", error=str(error))
                new = None
            if new is not None:
                return new
            await self._back_off(old.over, stopped)
        return old

    async def _successor(self, old: Talk, stopped: Stopped) -> Talk | None:
        """Opened while the old one talks; ``None`` if it does not hold so long."""
        new = await self._opened(stopped)
        if new is None:
            return None
        handover = Handover(self._feeds, self._subscription.channels)
        old.through = handover.from_old
        new.begin(handover.from_new)
        await self._overlap(handover, old, new, stopped)
        if new.over.done() or stopped.done():
            old.through = None
            self._close(new)
            return None
        self._hand_over(handover, old, new)
        return new

    async def _overlap(self, handover: Handover, old: Talk, new: Talk, stopped: Stopped) -> None:
        """Until the new connection can take over, or one of them has ended. A dead one tells no
        more: what it owes is a gap.
        """
        began = steady()
        while not (old.over.done() or new.over.done() or stopped.done() or handover.is_full):
            await _first(old.over, new.over, stopped, seconds=TICK_SECONDS)
            if not (new.session.is_subscribed and new.session.is_proven):
                began = steady()
            elif old.is_dead:
                return
            age = steady() - began
            if age >= LONGEST_OVERLAP_SECONDS:
                return
            if age >= OVERLAP_SECONDS and not handover.unsure(cut_short=False):
                return

    def _hand_over(self, handover: Handover, old: Talk, new: Talk) -> None:
        ending = Ending(GapCause.DISCONNECT, "the connection before did not tell all")
        if old.over.done():
            ending = old.over.result()
        cut_short = old.over.done() or old.is_dead or not new.session.is_subscribed
        self._doubt(handover.unsure(cut_short=cut_short), ending)
        self._close(old)
        self._failures = 0
        new.is_believed = True
        new.listen()
        handover.take_over()
        new.through = handover.after
        asyncio.get_running_loop().call_later(SETTLING_SECONDS, new.settle, handover.after)

    def _close(self, talk: Talk) -> None:
        self._talks.remove(talk)
        talk.close()

    def _everything(self) -> list[tuple[MarketFeed, Channel]]:
        return [(feed, name) for feed in self._feeds.values() for name in self.channels]

    def _doubt(self, unsure: Iterable[tuple[MarketFeed, Channel]], ending: Ending) -> None:
        now = self._shared.outside.now()
        for feed, channel in unsure:
            feed.doubt(channel, ending.cause, ending.detail, now)

    async def _back_off(self, *until: Awaited) -> None:
        longest = FIRST_BACKOFF_SECONDS * 2 ** min(self._failures, DOUBLINGS)
        longest = min(longest, LAST_BACKOFF_SECONDS)
        self._failures += 1
        await _first(*until, seconds=longest / 2 + self._by_chance(longest / 2))

    def _by_chance(self, seconds: float) -> float:
        return self._shared.outside.chance.uniform(0, seconds)

    def retire(self, native: str) -> None:
        """Listen to the market no more; later connections do not ask for it."""
        self._feeds.pop(native, None)
        left = tuple(one for one in self._subscription.markets if one.native != native)
        self._subscription = replace(self._subscription, markets=left)
        if not left:
            for talk in self._talks:
                talk.ask_relief("none of its markets is left")

    def pause(self) -> None:
        """Read no more: what was received cannot be written."""
        self._is_paused = True
        for talk in self._talks:
            talk.pause()

    def resume(self) -> None:
        self._is_paused = False
        for talk in self._talks:
            talk.resume()


async def _first(*events: Awaited, seconds: float | None = None) -> None:
    """Until one of them is done, or so many seconds have passed."""
    await asyncio.wait(events, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
