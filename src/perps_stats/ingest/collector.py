"""Collects the streams of one exchange: which connections, which books, what they have counted."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from urllib.parse import urlsplit, urlunsplit

from perps_stats.core.stored import Mark
from perps_stats.core.traits import IPerps
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.exchanges.contract import Stream, Subscription
from perps_stats.exchanges.events import Channel
from perps_stats.feed.budget import Budget
from perps_stats.feed.flow import Send, run
from perps_stats.ingest.comparing import Comparing
from perps_stats.ingest.conversation import Conversation
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed, Sink
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.pace import Pace
from perps_stats.ingest.quiet import Quiet
from perps_stats.ingest.shared import Shared
from perps_stats.ingest.snapshots import Fetch, Snapshots
from perps_stats.net.websocket import WebSocketLimits

OPENINGS_PER_SECOND = 2.0
"""New connections to an exchange: the strictest known limit is 255 a minute."""
DATA: dict[str, tuple[Channel, ...]] = {
    "orderbook": (Channel.ORDERBOOK,),
    "trades": (Channel.TRADES,),
    "ticker": (Channel.BEST, Channel.DAY, Channel.MARK),
    "funding": (Channel.FUNDING,),
    "klines": (Channel.KLINES,),
    "liquidations": (Channel.LIQUIDATIONS,),
    "open_interest": (Channel.OPEN_INTEREST,),
}
"""What ``--data`` may name, and its channels."""


class Listening:
    """What to listen to at one exchange, and where. ``moved_to`` is another address for it."""

    def __init__(
        self,
        stream: Stream,
        moved_to: str | None,
        paths: Mapping[str, str],
        channels: Sequence[Channel],
    ) -> None:
        self.stream = stream
        self._moved_to = moved_to
        self._paths = {channel: paths.get(channel, stream.paths[channel]) for channel in channels}

    def only(self, channels: Sequence[Channel]) -> "Listening":
        """The same for fewer channels."""
        paths = {channel.value: path for channel, path in self._paths.items()}
        return Listening(self.stream, self._moved_to, paths, channels)

    def plan(self, markets: Sequence[Market]) -> Iterator[tuple[str, Subscription]]:
        """Path and subscription of each connection; none carries two paths."""
        for path in dict.fromkeys(self._paths.values()):
            channels = tuple(name for name, served in self._paths.items() if served == path)
            share = max(self.stream.streams_per_connection // len(channels), 1)
            for first in range(0, len(markets), share):
                some = tuple(markets[first : first + share])
                yield path, Subscription(channels=channels, markets=some)

    async def address(self, path: str, send: Send, name: str) -> str:
        """Where to connect for a path; ``name`` is what the connection is to be called.

        Raises ``ExchangeError`` where the exchange must be asked for that and does not answer.
        """
        if self.stream.handshake is None:
            return (self._moved_to or self.stream.url).rstrip("/") + path
        told = await run(self.stream.handshake(name), send)
        return told if self._moved_to is None else _moved(told, self._moved_to)


def _moved(address: str, to: str) -> str:
    """The same path and query at another host."""
    there, here = urlsplit(to), urlsplit(address)
    return urlunsplit((there.scheme, there.netloc, here.path, here.query, ""))


class Collector:
    """Runs until stopped. ``markets`` are paired with the ids the repository gave them.

    ``send`` asks the exchange, ``fetch`` asks it for a book; ``None``: books start in the stream.
    ``client`` is asked whether a silent market is quiet.
    """

    def __init__(
        self,
        *,
        listening: Listening,
        markets: Sequence[tuple[Market, int]],
        send: Send,
        fetch: Fetch | None,
        client: IPerps,
        budget: Budget,
        sink: Sink,
        grids: Grids,
        limits: WebSocketLimits,
        outside: Outside,
    ) -> None:
        self.exchange = client.get_name()
        self.snapshots = None if fetch is None else Snapshots(fetch, budget, outside)
        self.feeds: dict[str, MarketFeed] = {}
        self.comparing = (
            Comparing(self.feeds.values, self.snapshots, grids.compare, outside)
            if self.snapshots is not None and grids.compare
            else None
        )
        self.conversations: list[Conversation] = []
        self._ended: dict[str, MarketFeed] = {}
        self._past: Counter[str] = Counter()
        self._begin: Callable[[Conversation], object] = lambda _conversation: None
        self._is_paused = False
        self._listening = listening
        self._send = send
        self._feed = partial(MarketFeed, grids=grids, sink=sink)
        self._shared = Shared(
            stream=listening.stream,
            snapshots=self.snapshots,
            quiet=Quiet(client, outside),
            budget=budget,
            messages=Pace(listening.stream.messages_per_second),
            openings=Pace(OPENINGS_PER_SECOND),
            limits=limits,
            outside=outside,
        )
        self.add(markets)

    def add(self, markets: Sequence[tuple[Market, int]]) -> None:
        """Listen to these, too, on connections of their own: those that there are go on."""
        now = self._shared.outside.now()
        for market, market_id in markets:
            if feed := self._ended.pop(market.native, None):
                for channel in Channel:
                    feed.doubt(channel, GapCause.EXCHANGE, "the market did not trade", now)
            self.feeds[market.native] = feed or self._feed(market, market_id)
        for path, subscription in self._listening.plan([market for market, _ in markets]):
            address = partial(self._listening.address, path, self._send)
            conversation = Conversation(self._shared, address, subscription, self.feeds)
            if self._is_paused:
                conversation.pause()
            self.conversations.append(conversation)
            self._begin(conversation)

    def end(self, native: str) -> None:
        """The market trades no more: nobody listens to it, and what is open of it is closed."""
        feed = self._ended[native] = self.feeds.pop(native)
        feed.retire()
        now = self._shared.outside.now_us()
        for channel in Channel:
            if feed.ledger[channel].gap is not None:
                feed.ledger[channel].vouch(now)
        for conversation in self.conversations:
            conversation.retire(native)
        for conversation in [each for each in self.conversations if not each.markets]:
            self.conversations.remove(conversation)
            self._past.update(conversation.counts)

    def adopt(self, open_gaps: Iterable[Gap]) -> None:
        """Take over what earlier collectors of these markets left open."""
        feeds = {feed.market.symbol: feed for feed in self.feeds.values()}
        for gap in open_gaps:
            if feed := feeds.get(gap.symbol):
                feed.ledger[Channel(gap.stream)].adopt(gap)

    def marks(self) -> Iterable[Mark]:
        return (mark for feed in self._all_feeds() for mark in feed.ledger.marks())

    def _all_feeds(self) -> Iterable[MarketFeed]:
        """Also those of markets that trade no more."""
        return chain(self.feeds.values(), self._ended.values())

    async def run(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            self._begin = lambda conversation: group.create_task(conversation.run(stop))
            for conversation in self.conversations:
                self._begin(conversation)
            if self.comparing is not None:
                group.create_task(self.comparing.run(stop))
            await stop.wait()
            if self.snapshots is not None:
                await self.snapshots.stop()

    def counts(self) -> Counter[str]:
        total: Counter[str] = Counter(
            verified_books=sum(feed.book.verified for feed in self.feeds.values()),
            snapshots=self.snapshots.joined if self.snapshots else 0,
            resyncs=sum(max(feed.book.begun - 1, 0) for feed in self._all_feeds()),
        )
        total.update(self._past)
        if self.comparing is not None:
            total.update(self.comparing.counts)
        for conversation in self.conversations:
            total.update(conversation.counts)
        return total

    def pause(self) -> None:
        self._is_paused = True
        for conversation in self.conversations:
            conversation.pause()

    def resume(self) -> None:
        self._is_paused = False
        for conversation in self.conversations:
            conversation.resume()
