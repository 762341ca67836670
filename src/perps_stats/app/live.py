"""What the feeds of this process know now: a ``LiveSource`` that asks no database.

States are read from the feeds when they are asked for; trades, candles and gaps from what passes
the writer. So collecting is as fast as without it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeAlias

from msgspec import Struct

from perps_stats.app.collect import Observe
from perps_stats.core.catalogue import (
    DATA_SETS,
    FUNDING_RATES,
    KLINES,
    OPEN_INTEREST,
    TICKERS,
    DataSet,
)
from perps_stats.core.live import BOOK_LEVELS, EVENTS, Stop, Told
from perps_stats.core.stored import Row
from perps_stats.ingest.collector import Collector
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.observer import Observer
from perps_stats.ingest.present import PRESENT, State, is_vouched_for, record
from perps_stats.ingest.service import Collecting
from perps_stats.ingest.tap import Tap

Topic: TypeAlias = tuple[str, str, str]
"""Data set, exchange, symbol."""
Kept: TypeAlias = dict[str, Row]
"""The last row by what tells those of a market apart: an interval, a kind."""
VARIANTS = {
    KLINES.name: KLINES.columns.index("interval"),
    FUNDING_RATES.name: FUNDING_RATES.columns.index("kind"),
}
LAST_KEPT = (EVENTS | {TICKERS.name, FUNDING_RATES.name, OPEN_INTEREST.name}) - {"gaps"}
"""Of these the last row is known, where no feed holds it: what is asked for is not streamed."""


class LiveFeeds:
    """``advance`` is to be called regularly: it tells followers what is new."""

    def __init__(self) -> None:
        self._collecting: Collecting | None = None
        self._tap: Tap | None = None
        self._feeds: dict[tuple[str, str], tuple[Collector, MarketFeed]] = {}
        self._by_id: dict[str, MarketFeed] = {}
        self._kept: defaultdict[tuple[str, str], Kept] = defaultdict(dict)
        self._versions: dict[Topic, tuple[State, int]] = {}
        self._followers: defaultdict[Topic, list[Told]] = defaultdict(list)

    def observed(self, observe: Observe) -> Observe:
        """The same, and the feeds are read from here on."""

        def both(observer: Observer) -> None:
            self._collecting = observer.collecting
            self._tap = Tap(observer.collecting.writer)
            observe(observer)

        return both

    def markets(self) -> Sequence[tuple[str, str]]:
        self._find_feeds()
        return sorted(self._feeds)

    def simulated(self) -> Mapping[str, bool]:
        sources = self._collecting.sources if self._collecting else ()
        told = {source.exchange.name: source.sender.simulated for source in sources}
        return {name: simulated for name, simulated in told.items() if simulated is not None}

    def newest(
        self, data_set: str, exchange: str, symbol: str, depth: int = BOOK_LEVELS
    ) -> Sequence[Struct]:
        feed = self._feed(exchange, symbol)
        if feed is None:
            return ()
        if data_set in PRESENT and (rows := PRESENT[data_set].rows(feed, depth)):
            return rows
        last = self._last(data_set, feed)
        return tuple(record(feed, DATA_SETS[data_set], row) for row in last)

    def version(self, data_set: str, exchange: str, symbol: str) -> int:
        feed = self._feed(exchange, symbol)
        if feed is None:
            return 0
        state = PRESENT[data_set].state(feed) if data_set in PRESENT else None
        state = state or self._last(data_set, feed) or None
        topic = (data_set, exchange, symbol)
        before, version = self._versions.get(topic, (None, 0))
        if state != before:
            version += 1
            self._versions[topic] = state, version
        return version

    def follow(self, data_set: str, exchange: str, symbol: str, told: Told) -> Stop:
        followers = self._followers[data_set, exchange, symbol]
        followers.append(told)
        return partial(followers.remove, told)

    def advance(self) -> None:
        if self._tap is None:
            return
        rows, gaps = self._tap.take()
        for gap in gaps:
            self._tell(("gaps", gap.exchange, gap.symbol), [gap])
        for data_set, new in rows.items():
            of_market: defaultdict[str, list[Row]] = defaultdict(list)
            for row in new:
                of_market[row[0] or ""].append(row)
            for market_id, some in of_market.items():
                self._take(DATA_SETS[data_set], market_id, some)

    def _take(self, data_set: DataSet, market_id: str, rows: Sequence[Row]) -> None:
        if data_set.name in LAST_KEPT:
            variant = VARIANTS.get(data_set.name)
            kept = self._kept[data_set.name, market_id]
            kept.update(("" if variant is None else row[variant] or "", row) for row in rows)
        if data_set.name not in EVENTS:
            return
        feed = self._feed_of(market_id)
        if feed is not None:
            topic = (data_set.name, feed.market.exchange, feed.market.symbol)
            if self._followers.get(topic):
                self._tell(topic, [record(feed, data_set, row) for row in rows])

    def _tell(self, topic: Topic, records: Sequence[Struct]) -> None:
        for told in tuple(self._followers.get(topic, ())):
            told(records)

    def _last(self, data_set: str, feed: MarketFeed) -> tuple[Row, ...]:
        """What was kept last, of a market that is vouched for."""
        kept = self._kept.get((data_set, str(feed.market_id)))
        return tuple(kept.values()) if kept and is_vouched_for(feed, data_set) else ()

    def _feed(self, exchange: str, symbol: str) -> MarketFeed | None:
        found = self._feeds.get((exchange, symbol))
        if found is None or found[0].feeds.get(found[1].market.native) is not found[1]:
            self._find_feeds()
            found = self._feeds.get((exchange, symbol))
        return found and found[1]

    def _feed_of(self, market_id: str) -> MarketFeed | None:
        if market_id not in self._by_id:
            self._find_feeds()
        return self._by_id.get(market_id)

    def _find_feeds(self) -> None:
        collectors = self._collecting.collectors if self._collecting else ()
        self._feeds = {
            (collector.exchange, feed.market.symbol): (collector, feed)
            for collector in collectors
            for feed in collector.feeds.values()
        }
        self._by_id = {str(feed.market_id): feed for _, feed in self._feeds.values()}
