"""What ``/metrics`` says: the values of ``metrics``, in the text format of Prometheus."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version

from prometheus_client import ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from perps_stats.api.guard import Tally
from perps_stats.api.live import Hub
from perps_stats.app.metrics import METRICS, MOST_BOOKS, Told
from perps_stats.core.distributions import Distribution
from perps_stats.core.types import GapCause
from perps_stats.ingest.vitals import ExchangeVitals, Vitals, WriterVitals

PACKAGE = "perps-stats"


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


def render(
    vitals: Vitals | None,
    *,
    database: bool,
    tasks: int,
    late: Distribution,
    tally: Tally,
    hub: Hub | None = None,
) -> bytes:
    """In the text format. ``vitals``: ``None`` where this process collects nothing; ``hub`` where
    it has no stream.
    """
    samples = Samples()
    samples.put("info", 1, version(PACKAGE))
    samples.put("tasks", tasks)
    samples.put_distribution("loop_late_seconds", late)
    samples.put("database_up", database)
    _put_answers(samples, tally)
    if hub is not None:
        _put_stream(samples, hub)
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


def _put_answers(samples: Samples, tally: Tally) -> None:
    for status, count in tally.answers.items():
        samples.put("http_requests_total", count, str(int(status)))
    for kind, count in tally.refusals.items():
        samples.put("http_refused_total", count, kind)
    samples.put_distribution("http_request_seconds", tally.seconds.distribution())


def _put_stream(samples: Samples, hub: Hub) -> None:
    samples.put("stream_clients", len(hub.clients))
    samples.put("stream_topics", len(hub.topics))
    for name in ("accepted", "messages", "bytes", "conflated", "gaps"):
        samples.put(f"stream_{name}_total", hub.counts[name])
    for code, count in hub.closed.items():
        samples.put("stream_closed_total", count, str(code))


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
