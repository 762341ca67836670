"""The metrics of the process, and each one's unit and meaning: what ``/metrics`` says.

Labels are exchange and channel, never a symbol, except of ``perps_stats_book_verified``, which is
left out where there are more than ``MOST_BOOKS`` books.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import Literal, NamedTuple

from prometheus_client import ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from perps_stats.core.types import GapCause
from perps_stats.ingest.pulse import Distribution
from perps_stats.ingest.vitals import ExchangeVitals, Vitals, WriterVitals

MOST_BOOKS = 500
PACKAGE = "perps-stats"


class Told(NamedTuple):
    """A metric. ``unit`` is what its value counts, or measures in."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...]
    unit: str
    meaning: str

    @property
    def full_name(self) -> str:
        return f"perps_stats_{self.name}"

    @property
    def help(self) -> str:
        return f"{self.meaning} ({self.unit})"


OF_EXCHANGE = ("exchange",)
OF_CHANNEL = ("exchange", "channel")
OF_GAPS = ("exchange", "channel", "cause")
OF_POLL = ("exchange", "data_set")
OF_POOL = ("exchange", "pool")

METRICS = (
    Told("info", "gauge", ("version",), "1", "the version that runs"),
    Told("tasks", "gauge", (), "tasks", "that the event loop knows of"),
    Told("loop_late_seconds", "histogram", (), "seconds", "how late the loop's heartbeat came"),
    Told("database_up", "gauge", (), "0 or 1", "whether the database answers a query"),
    Told("collecting", "gauge", OF_EXCHANGE, "0 or 1", "whether collecting has begun"),
    Told("connections", "gauge", OF_EXCHANGE, "connections", "WebSockets open now"),
    Told("connections_wanted", "gauge", OF_EXCHANGE, "connections", "WebSockets to be kept open"),
    Told("connections_opened_total", "counter", OF_EXCHANGE, "connections", "WebSockets opened"),
    Told("frames_total", "counter", OF_EXCHANGE, "frames", "frames that were read"),
    Told(
        "unreadable_frames_total",
        "counter",
        OF_EXCHANGE,
        "frames",
        "frames that could not be read, or refused what was asked for",
    ),
    Told("messages_total", "counter", OF_CHANNEL, "messages", "events of the streams"),
    Told(
        "last_message_timestamp_seconds",
        "gauge",
        OF_CHANNEL,
        "seconds since 1970",
        "when the last event was received",
    ),
    Told(
        "message_lag_seconds",
        "histogram",
        OF_CHANNEL,
        "seconds",
        "receive time minus the exchange's time: of the last event of a connection, each half "
        "second; clocks that differ show in it, at most 0 where the exchange's is ahead; none of "
        "candles and estimates of funding, whose time is not that of sending",
    ),
    Told("books", "gauge", ("exchange", "state"), "books", "order books, verified or suspect"),
    Told(
        "book_verified",
        "gauge",
        ("exchange", "symbol"),
        "0 or 1",
        f"whether the market's book is verified; left out where there are over {MOST_BOOKS}",
    ),
    Told("resyncs_total", "counter", OF_EXCHANGE, "books", "books that were verified again"),
    Told(
        "snapshots_total", "counter", OF_EXCHANGE, "books", "books that were begun by a REST answer"
    ),
    Told("polls_total", "counter", OF_POLL, "questions", "asked of what is not streamed"),
    Told("polls_failed_total", "counter", OF_POLL, "questions", "of these not answered"),
    Told("polls_skipped_total", "counter", OF_POLL, "rounds", "left out: the last one took longer"),
    Told("polled_rows_total", "counter", OF_POLL, "rows", "that answers held"),
    Told("poll_drift_seconds", "gauge", OF_POLL, "seconds", "the last question was late"),
    Told("gaps_opened_total", "counter", OF_GAPS, "gaps", "gaps that opened, by cause"),
    Told("gaps_closed_total", "counter", OF_GAPS, "gaps", "gaps that closed, by cause"),
    Told("open_gaps", "gauge", OF_GAPS, "gaps", "gaps of the collected markets open now"),
    Told(
        "request_weight_used",
        "gauge",
        OF_POOL,
        "weight",
        "spent on requests within the window of the limit, as we count it",
    ),
    Told("request_weight_limit", "gauge", OF_POOL, "weight", "what fits in the window"),
    Told("request_waits_total", "counter", OF_EXCHANGE, "waits", "for a turn within the limit"),
    Told("request_wait_seconds_total", "counter", OF_EXCHANGE, "seconds", "of those waits"),
    Told("slowed_down_total", "counter", OF_EXCHANGE, "answers", 'that said "slow down"'),
    Told("bans_total", "counter", OF_EXCHANGE, "answers", "that banned us"),
    Told("banned", "gauge", OF_EXCHANGE, "0 or 1", "whether nothing is sent because of a ban"),
    Told(
        "rows_total",
        "counter",
        ("result",),
        "rows",
        "that were written: new, known already, contradicting a stored one, or refused",
    ),
    Told("rows_waiting", "gauge", (), "rows", "in memory, neither stored nor in the spool"),
    Told("rows_spooled_total", "counter", (), "rows", "that went into the spool"),
    Told("rows_dropped_total", "counter", (), "rows", "for which the spool had no room"),
    Told("spool_bytes", "gauge", (), "bytes", "the spool on disk"),
    Told("spool_limit_bytes", "gauge", (), "bytes", "what the spool may take"),
    Told("spool_records", "gauge", (), "batches", "in the spool and not stored yet"),
    Told("spool_oldest_seconds", "gauge", (), "seconds", "the oldest of them waits; 0: none does"),
    Told("spool_damaged_total", "counter", (), "batches", "that could not be read back"),
    Told("write_seconds", "histogram", (), "seconds", "for one transaction of rows"),
    Told("writing", "gauge", (), "0 or 1", "whether the last write of rows succeeded"),
)
"""Those of the process itself, ``process_…``, come from Prometheus' own library."""


class Samples:
    """Values by metric and labels, as they are put in."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
        self._distributions: defaultdict[str, dict[tuple[str, ...], Distribution]] = defaultdict(
            dict
        )

    def put(self, name: str, value: float, *labels: str) -> None:
        self._numbers[name][labels] = value

    def put_distribution(self, name: str, value: Distribution, *labels: str) -> None:
        self._distributions[name][labels] = value

    def collect(self) -> Iterator[Metric]:
        for told in METRICS:
            if told.name in self._numbers:
                yield _numbers(told, self._numbers[told.name])
            if told.name in self._distributions:
                yield _distributions(told, self._distributions[told.name])


def _numbers(told: Told, values: Mapping[tuple[str, ...], float]) -> Metric:
    kind = CounterMetricFamily if told.kind == "counter" else GaugeMetricFamily
    family = kind(told.full_name, told.help, labels=told.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def _distributions(told: Told, values: Mapping[tuple[str, ...], Distribution]) -> Metric:
    family = HistogramMetricFamily(told.full_name, told.help, labels=told.labels)
    for labels, value in values.items():
        family.add_metric(labels, _buckets(value), value.sum)
    return family


def _buckets(distribution: Distribution) -> list[tuple[str, float]]:
    return [
        ("+Inf" if bound == math.inf else str(bound), count)
        for bound, count in zip(distribution.bounds, distribution.at_most, strict=True)
    ]


class _All(Collector):
    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._process = ProcessCollector(registry=None)

    def collect(self) -> Iterable[Metric]:
        yield from self._samples.collect()
        yield from self._process.collect()


def render(vitals: Vitals | None, *, database: bool, tasks: int, late: Distribution) -> bytes:
    """In the text format. ``vitals``: ``None`` where this process collects nothing."""
    samples = Samples()
    samples.put("info", 1, version(PACKAGE))
    samples.put("tasks", tasks)
    samples.put_distribution("loop_late_seconds", late)
    samples.put("database_up", database)
    if vitals is not None:
        _put_writer(samples, vitals.writer)
        with_symbols = sum(len(each.books) for each in vitals.exchanges) <= MOST_BOOKS
        for exchange in vitals.exchanges:
            _put_exchange(samples, exchange)
            _put_channels(samples, exchange)
            _put_polls(samples, exchange)
            _put_gaps(samples, exchange, vitals.writer)
            _put_requests(samples, exchange)
            _put_books(samples, exchange, with_symbols=with_symbols)
    return generate_latest(_All(samples))


def _put_exchange(samples: Samples, exchange: ExchangeVitals) -> None:
    name = exchange.exchange
    samples.put("collecting", exchange.begun, name)
    samples.put("connections", exchange.connections, name)
    samples.put("connections_wanted", exchange.wanted, name)
    samples.put("connections_opened_total", exchange.connected, name)
    samples.put("frames_total", exchange.frames, name)
    samples.put("unreadable_frames_total", exchange.unreadable, name)
    samples.put("resyncs_total", exchange.resyncs, name)
    samples.put("snapshots_total", exchange.snapshots, name)


def _put_channels(samples: Samples, exchange: ExchangeVitals) -> None:
    for channel in exchange.channels:
        labels = (exchange.exchange, channel.channel)
        samples.put("messages_total", channel.messages, *labels)
        if channel.last_message is not None:
            received = channel.last_message.timestamp()
            samples.put("last_message_timestamp_seconds", received, *labels)
        if channel.lags.count:
            samples.put_distribution("message_lag_seconds", channel.lags, *labels)


def _put_polls(samples: Samples, exchange: ExchangeVitals) -> None:
    for poll in exchange.polls:
        labels = (exchange.exchange, poll.data_set)
        samples.put("polls_total", poll.asked, *labels)
        samples.put("polls_failed_total", poll.failed, *labels)
        samples.put("polls_skipped_total", poll.skipped, *labels)
        samples.put("polled_rows_total", poll.rows, *labels)
        samples.put("poll_drift_seconds", poll.drift_seconds, *labels)


def _put_gaps(samples: Samples, exchange: ExchangeVitals, writer: WriterVitals) -> None:
    """Also those that never were: a count that begins at 1 is no increase to Prometheus."""
    for channel in exchange.channels:
        for cause in GapCause:
            labels = (exchange.exchange, channel.channel, cause.value)
            samples.put("gaps_opened_total", writer.gaps_opened.get(labels, 0), *labels)
            samples.put("gaps_closed_total", writer.gaps_closed.get(labels, 0), *labels)
            samples.put("open_gaps", channel.open_gaps.get(cause.value, 0), *labels)


def _put_requests(samples: Samples, exchange: ExchangeVitals) -> None:
    name = exchange.exchange
    for weight in exchange.weights:
        samples.put("request_weight_used", weight.used, name, weight.pool)
        samples.put("request_weight_limit", weight.limit, name, weight.pool)
    samples.put("request_waits_total", exchange.waits, name)
    samples.put("request_wait_seconds_total", exchange.waited_seconds, name)
    samples.put("slowed_down_total", exchange.slowed, name)
    samples.put("bans_total", exchange.bans, name)
    samples.put("banned", exchange.banned, name)


def _put_books(samples: Samples, exchange: ExchangeVitals, *, with_symbols: bool) -> None:
    name = exchange.exchange
    samples.put("books", exchange.verified, name, "verified")
    samples.put("books", len(exchange.books) - exchange.verified, name, "suspect")
    if with_symbols:
        for symbol, verified in exchange.books.items():
            samples.put("book_verified", verified, name, symbol)


def _put_writer(samples: Samples, writer: WriterVitals) -> None:
    for result in ("new", "known", "contradicting", "refused"):
        samples.put("rows_total", getattr(writer, result), result)
    samples.put("rows_waiting", writer.waiting)
    samples.put_distribution("write_seconds", writer.write_seconds)
    samples.put("writing", writer.last_error is None)
    spool = writer.spool
    samples.put("rows_spooled_total", spool.spooled)
    samples.put("rows_dropped_total", spool.dropped)
    samples.put("spool_bytes", spool.bytes)
    samples.put("spool_limit_bytes", spool.limit_bytes)
    samples.put("spool_records", spool.records)
    samples.put("spool_oldest_seconds", spool.oldest_seconds or 0.0)
    samples.put("spool_damaged_total", spool.damaged)
