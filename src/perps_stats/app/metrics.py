"""The metrics of the process, and each one's unit and meaning. See ``exposition`` for their values.

Labels are exchange and channel, never a symbol, except of ``perps_stats_book_verified``, which is
left out where there are more than ``MOST_BOOKS`` books.
"""

from typing import Literal, NamedTuple

MOST_BOOKS = 500


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
    Told("http_requests_total", "counter", ("status",), "requests", "to us, by what was answered"),
    Told(
        "http_refused_total",
        "counter",
        ("kind",),
        "requests",
        "of these refused before they were questions, by the last part of the problem's type",
    ),
    Told(
        "http_request_seconds",
        "histogram",
        (),
        "seconds",
        "from the head of a question that was let in to the end of its answer",
    ),
    Told("stream_clients", "gauge", (), "clients", "of the WebSocket connected now"),
    Told("stream_topics", "gauge", (), "topics", "that clients have asked for of late"),
    Told("stream_accepted_total", "counter", (), "clients", "that connected to the WebSocket"),
    Told("stream_messages_total", "counter", (), "messages", "that were due to a client"),
    Told("stream_bytes_total", "counter", (), "bytes", "that were written to clients"),
    Told(
        "stream_conflated_total",
        "counter",
        (),
        "messages",
        "of these held back from a client that did not take what it was sent",
    ),
    Told("stream_gaps_total", "counter", (), "gaps", "that clients were told of in what we said"),
    Told("stream_closed_total", "counter", ("code",), "clients", "that left, by RFC 6455's code"),
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
