"""Looks at a collector from outside, at any moment: see ``vitals``."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from perps_stats.core.distributions import Buckets
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
from perps_stats.ingest.poll.poll import Poll
from perps_stats.ingest.pulse import Pulse
from perps_stats.ingest.service import Collecting, Source
from perps_stats.ingest.vitals import (
    ChannelVitals,
    ExchangeVitals,
    PollVitals,
    SpoolVitals,
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
        self.collecting = collecting
        self._outside = outside
        self._heard: defaultdict[tuple[str, Channel], dict[Pulse, int]] = defaultdict(dict)
        self._lags: defaultdict[tuple[str, Channel], Buckets] = defaultdict(
            lambda: Buckets(LAG_BOUNDS)
        )

    def look(self) -> None:
        for collector in self.collecting.collectors:
            for talk in collector.conversations:
                for kind, pulse in talk.pulses.items():
                    self._take((collector.exchange, CHANNEL_OF[kind]), pulse)

    def _take(self, stream: tuple[str, Channel], pulse: Pulse) -> None:
        """Pulses of conversations that are no more stay, and so does what they have counted."""
        heard = self._heard[stream]
        if heard.get(pulse) != pulse.messages:
            heard[pulse] = pulse.messages
            if (lag := lag_seconds(pulse)) is not None:
                self._lags[stream].add(lag)

    def vitals(self) -> Vitals:
        """Of exchanges that list something of what is wanted."""
        begun = {collector.exchange: collector for collector in self.collecting.collectors}
        return Vitals(
            time=self._outside.now(),
            exchanges=tuple(
                self._exchange(source, begun.get(source.exchange.name))
                for source in self.collecting.sources
                if source.exchange.name not in self.collecting.idle
            ),
            writer=_writer(self.collecting.writer),
        )

    def _exchange(self, source: Source, collector: Collector | None) -> ExchangeVitals:
        budget, now = source.sender.budget, steady()
        used = budget.used(now)
        talks = collector.conversations if collector else []
        counts = collector.counts() if collector else Counter[str]()
        return ExchangeVitals(
            exchange=source.exchange.name,
            begun=collector is not None,
            connections=sum(talk.is_open for talk in talks),
            wanted=len(talks),
            connected=counts["connections"],
            frames=counts["frames"],
            unreadable=counts["unreadable"],
            channels=tuple(self._channels(collector)) if collector else (),
            polls=tuple(_polls(self._polls_of(source.exchange.name))),
            books=_books(collector) if collector else {},
            resyncs=counts["resyncs"],
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

    def _polls_of(self, name: str) -> list[Poll]:
        return [poll for poll in self.collecting.polls if poll.exchange == name]

    def _channels(self, collector: Collector) -> Iterator[ChannelVitals]:
        polled = chain.from_iterable(poll.channels for poll in self._polls_of(collector.exchange))
        for channel in dict.fromkeys(chain(_streamed(collector), polled)):
            stream = collector.exchange, channel
            heard = self._heard[stream]
            last = max(heard, key=lambda pulse: pulse.recv_us, default=None)
            yield ChannelVitals(
                channel=channel.value,
                messages=sum(pulse.messages for pulse in heard),
                last_message=from_us(last.recv_us) if last else None,
                lag_seconds=lag_seconds(last) if last else None,
                lags=self._lags[stream].distribution(),
                open_gaps=_open_gaps(collector, channel),
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


def _streamed(collector: Collector) -> Iterable[Channel]:
    return dict.fromkeys(channel for talk in collector.conversations for channel in talk.channels)


def _books(collector: Collector) -> dict[str, bool]:
    if Channel.ORDERBOOK not in _streamed(collector):
        return {}
    return {feed.market.symbol: feed.book.verified for feed in collector.feeds.values()}


def _open_gaps(collector: Collector, channel: Channel) -> Mapping[str, int]:
    """By cause."""
    ledgers = (feed.ledger[channel] for feed in collector.feeds.values())
    return Counter(ledger.gap.cause.value for ledger in ledgers if ledger.gap is not None)


def _polls(polls: Sequence[Poll]) -> Iterator[PollVitals]:
    """Those of a data set together."""
    for data_set in dict.fromkeys(poll.data_set for poll in polls):
        same = [poll for poll in polls if poll.data_set == data_set]
        counts = sum((poll.counts for poll in same), Counter[str]())
        yield PollVitals(
            data_set=data_set,
            asked=counts["asked"],
            failed=counts["failed"],
            rows=counts["rows"],
            skipped=counts["skipped"],
            drift_seconds=max(poll.drift_seconds for poll in same),
        )


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
        spool=SpoolVitals(
            bytes=writer.spool.bytes,
            limit_bytes=writer.spool.max_bytes,
            records=writer.spool.records,
            oldest_seconds=writer.spool.oldest,
            spooled=counts["spooled"],
            dropped=counts["dropped"],
            damaged=counts["damaged"],
        ),
    )
