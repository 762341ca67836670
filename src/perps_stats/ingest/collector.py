"""Collects the streams of one exchange: which connections, which books, what they have counted."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from perps_stats.core.traits import Mark
from perps_stats.core.types import Gap, Market
from perps_stats.exchanges.events import Channel, Stream, Subscription
from perps_stats.ingest.conversation import Conversation
from perps_stats.ingest.market import Grids, MarketFeed
from perps_stats.ingest.snapshots import Fetch, Snapshots
from perps_stats.ingest.writer import Writer
from perps_stats.net.websocket import WebSocketLimits

DATA: dict[str, tuple[Channel, ...]] = {
    "orderbook": (Channel.ORDERBOOK,),
    "trades": (Channel.TRADES,),
    "ticker": (Channel.BEST, Channel.DAY, Channel.MARK),
    "klines": (Channel.KLINES,),
    "liquidations": (Channel.LIQUIDATIONS,),
}
"""What ``--data`` may name, and its channels. Funding comes with the ticker's mark price."""


class Listening:
    """What to listen to at one exchange, and where."""

    def __init__(
        self, stream: Stream, url: str, paths: Mapping[str, str], channels: Sequence[Channel]
    ) -> None:
        self.stream = stream
        self._url = url.rstrip("/")
        self._paths = {channel: paths.get(channel, stream.paths[channel]) for channel in channels}

    def only(self, channels: Sequence[Channel]) -> "Listening":
        """The same for fewer channels."""
        paths = {channel.value: path for channel, path in self._paths.items()}
        return Listening(self.stream, self._url, paths, channels)

    def plan(self, natives: Sequence[str]) -> Iterator[tuple[str, Subscription]]:
        """Address and subscription of each connection; none carries two paths."""
        for path in dict.fromkeys(self._paths.values()):
            channels = tuple(name for name, served in self._paths.items() if served == path)
            share = max(self.stream.streams_per_connection // len(channels), 1)
            for first in range(0, len(natives), share):
                some = tuple(natives[first : first + share])
                yield self._url + path, Subscription(channels=channels, natives=some)


class Collector:
    """Runs until stopped. ``markets`` are paired with the ids the repository gave them."""

    def __init__(
        self,
        *,
        listening: Listening,
        markets: Sequence[tuple[Market, int]],
        fetch: Fetch,
        writer: Writer,
        grids: Grids,
        limits: WebSocketLimits,
    ) -> None:
        self.snapshots = Snapshots(fetch)
        self.feeds = {
            market.native: MarketFeed(market, market_id, listening.stream, grids, writer)
            for market, market_id in markets
        }
        for feed in self.feeds.values():
            feed.want_snapshot = self.snapshots.start
            feed.want_depth = self.snapshots.deepen
        self.conversations = [
            Conversation(
                stream=listening.stream,
                url=url,
                subscription=subscription,
                feeds=self.feeds,
                is_quiet=self.snapshots.is_quiet,
                limits=limits,
            )
            for url, subscription in listening.plan(list(self.feeds))
        ]

    def adopt(self, open_gaps: Iterable[Gap]) -> None:
        """Take over what earlier collectors of these markets left open."""
        feeds = {feed.market.symbol: feed for feed in self.feeds.values()}
        for gap in open_gaps:
            if feed := feeds.get(gap.symbol):
                feed.ledger[Channel(gap.stream)].adopt(gap)

    def marks(self) -> Iterable[Mark]:
        return (mark for feed in self.feeds.values() for mark in feed.ledger.marks())

    async def run(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            for conversation in self.conversations:
                group.create_task(conversation.run(stop))
            await stop.wait()
            await self.snapshots.stop()

    def counts(self) -> Counter[str]:
        total: Counter[str] = Counter(
            verified_books=sum(feed.book.verified for feed in self.feeds.values()),
            snapshots=self.snapshots.joined,
        )
        for conversation in self.conversations:
            total.update(conversation.counts)
        return total

    def pause(self) -> None:
        for conversation in self.conversations:
            conversation.pause()

    def resume(self) -> None:
        for conversation in self.conversations:
            conversation.resume()
