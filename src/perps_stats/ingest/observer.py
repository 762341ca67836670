"""Looks at a collector from outside, at any moment: see ``vitals``."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from perps_stats.core.times import from_us
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    BookSnapshot,
    Channel,
    DayTick,
    LiquidationTick,
    MarkTick,
    NoTrade,
    TradeTick,
)
from perps_stats.feed.session import CHANNEL_OF
from perps_stats.ingest.collector import Collector
from perps_stats.ingest.outside import Outside, steady
from perps_stats.ingest.pulse import Buckets, Pulse
from perps_stats.ingest.service import Collecting, Source
from perps_stats.ingest.vitals import (
    ChannelVitals,
    ExchangeVitals,
    Vitals,
    WeightVitals,
    WriterVitals,
)
from perps_stats.ingest.writer import Writer

LAG_BOUNDS = (0.0, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds. At most 0: the exchange's clock is ahead of ours."""


class Observer:
    """``look`` is to be called regularly: it takes the lag of each channel's last message."""

    def __init__(self, collecting: Collecting, outside: Outside) -> None:
        self._collecting = collecting
        self._outside = outside
        self._seen: dict[Pulse, int] = {}
        self._lags: defaultdict[tuple[str, Channel], Buckets] = defaultdict(
            lambda: Buckets(LAG_BOUNDS)
        )

    def look(self) -> None:
        for collector in self._collecting.collectors:
            name = _exchange_of(collector)
            for channel, pulse in _pulses(collector):
                if self._seen.get(pulse) != pulse.messages:
                    self._seen[pulse] = pulse.messages
                    if (lag := lag_seconds(pulse)) is not None:
                        self._lags[name, channel].add(lag)

    def vitals(self) -> Vitals:
        begun = {_exchange_of(each): each for each in self._collecting.collectors}
        return Vitals(
            time=self._outside.now(),
            exchanges=tuple(
                self._exchange(source, begun.get(source.exchange.name))
                for source in self._collecting.sources
            ),
            writer=_writer(self._collecting.writer),
        )

    def _exchange(self, source: Source, collector: Collector | None) -> ExchangeVitals:
        budget, now = source.sender.budget, steady()
        used = budget.used(now)
        talks = collector.conversations if collector else []
        counts = collector.counts() if collector else Counter[str]()
        channels = list(dict.fromkeys(channel for talk in talks for channel in talk.channels))
        feeds = list(collector.feeds.values()) if collector else []
        books = [feed for feed in feeds if Channel.ORDERBOOK in channels]
        return ExchangeVitals(
            exchange=source.exchange.name,
            begun=collector is not None,
            connections=sum(talk.is_open for talk in talks),
            wanted=len(talks),
            connected=counts["connections"],
            frames=counts["frames"],
            unreadable=counts["unreadable"],
            channels=tuple(self._channels(collector, channels)) if collector else (),
            books={feed.market.symbol: feed.book.verified for feed in books},
            resyncs=sum(max(feed.book.begun - 1, 0) for feed in books),
            snapshots=counts["snapshots"],
            weights=tuple(
                WeightVitals(pool=pool, used=used[pool], limit=limit)
                for pool, limit in budget.limits().items()
            ),
            waits=budget.waits,
            waited_seconds=budget.waited_seconds,
            slowed=budget.slowed,
            bans=budget.bans,
            banned=budget.is_banned(now),
        )

    def _channels(
        self, collector: Collector, channels: Sequence[Channel]
    ) -> Iterator[ChannelVitals]:
        pulses: defaultdict[Channel, list[Pulse]] = defaultdict(list)
        for channel, pulse in _pulses(collector):
            pulses[channel].append(pulse)
        gaps = _open_gaps(collector, channels)
        for channel in channels:
            last = max(pulses[channel], key=lambda pulse: pulse.recv_us, default=None)
            yield ChannelVitals(
                channel=channel.value,
                messages=sum(pulse.messages for pulse in pulses[channel]),
                last_message=from_us(last.recv_us) if last else None,
                lag_seconds=lag_seconds(last) if last else None,
                lags=self._lags[_exchange_of(collector), channel].distribution(),
                open_gaps=gaps[channel],
            )


def lag_seconds(pulse: Pulse) -> float | None:
    """From the exchange's time of the last message to its receipt. The times of candles and of
    estimates of funding are not those of sending.
    """
    match pulse.event:
        case (
            BookSnapshot(ts=ts)
            | BookDelta(ts=ts)
            | TradeTick(ts=ts)
            | NoTrade(ts=ts)
            | BestTick(ts=ts)
            | DayTick(ts=ts)
            | MarkTick(ts=ts)
            | LiquidationTick(ts=ts)
        ):
            return (pulse.recv_us - ts) / 1_000_000
        case _:
            return None


def _pulses(collector: Collector) -> Iterator[tuple[Channel, Pulse]]:
    for talk in collector.conversations:
        for kind, pulse in talk.pulses.items():
            yield CHANNEL_OF[kind], pulse


def _exchange_of(collector: Collector) -> str:
    return next(iter(collector.feeds.values())).market.exchange


def _open_gaps(collector: Collector, channels: Iterable[Channel]) -> dict[Channel, Counter[str]]:
    """By cause."""
    return {
        channel: Counter(
            gap.cause.value
            for feed in collector.feeds.values()
            if (gap := feed.ledger[channel].gap) is not None
        )
        for channel in channels
    }


def _writer(writer: Writer) -> WriterVitals:
    counts = writer.counts
    return WriterVitals(
        rows=counts["rows"],
        new=counts["new"],
        contradicting=counts["contradicting"],
        refused=counts["refused"],
        waiting=writer.waiting,
        write_seconds=writer.write_seconds.distribution(),
        last_error=writer.last_error,
        gaps_opened=dict(writer.gaps_opened),
        gaps_closed=dict(writer.gaps_closed),
    )
