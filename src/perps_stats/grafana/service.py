"""*Service*: whether perps-stats itself is well, from what it tells Prometheus: docs/metrics.md."""

from perps_stats.grafana.model import PROMETHEUS, Dashboard, Panel, Query, Variable
from perps_stats.grafana.panels import SECONDS, STACKED, graph, number
from perps_stats.grafana.variables import ALL_GAPS, EXCHANGE, SIMULATED

INSTANCE = Variable(
    name="instance",
    label="Instance",
    query=Query(
        name="instances", text="label_values(perps_stats_info, instance)", source=PROMETHEUS
    ),
)
OF = 'instance=~"$instance"'
OF_EXCHANGE = f'{OF}, exchange=~"$exchange"'
RATE = "[$__rate_interval]"
BARS = {**STACKED, "drawStyle": "bars"}


def told(text: str, legend: str) -> Query:
    """An expression of Prometheus. ``{of}`` and ``{exchange}`` are what is chosen, ``{rate}`` the
    window of a rate.
    """
    for word, value in (("{of}", OF), ("{exchange}", OF_EXCHANGE), ("{rate}", RATE)):
        text = text.replace(word, value)
    return Query(name=text, text=text, source=PROMETHEUS, legend=legend)


def quantiles(metric: str, by: str, chosen: str) -> list[Query]:
    """The middle and the worst hundredth of a histogram."""
    legend = " ".join(f"{{{{{label}}}}}" for label in by.split(", "))
    buckets = f"sum by ({by}, le) (rate({metric}_bucket{chosen}{{rate}}))"
    return [
        told(f"histogram_quantile({part}, {buckets})", f"{legend} p{part * 100:.0f}")
        for part in (0.5, 0.99)
    ]


HEALTH: list[Panel] = [
    number(
        "Database",
        "1: it answers a query.",
        told("min by (instance) (perps_stats_database_up{{of}})", "{{instance}}"),
    ),
    number(
        "Gaps open now",
        "Of the collected markets.",
        told("sum by (exchange) (perps_stats_open_gaps{{exchange}})", "{{exchange}}"),
    ),
    number(
        "Books in doubt",
        "Nothing is derived from them meanwhile.",
        told('sum by (exchange) (perps_stats_books{{exchange}, state="suspect"})', "{{exchange}}"),
    ),
    number(
        "Oldest row in the spool",
        "How long what the database has not taken waits; 0: nothing does.",
        told("max by (instance) (perps_stats_spool_oldest_seconds{{of}})", "{{instance}}"),
        unit=SECONDS,
    ),
]

STREAMS: list[Panel] = [
    graph(
        "Messages",
        "Events of the streams, per second.",
        told(
            "sum by (exchange, channel) (rate(perps_stats_messages_total{{exchange}}{rate}))",
            "{{exchange}} {{channel}}",
        ),
        unit="mps",
    ),
    graph(
        "Lag",
        "Receive time minus the exchange's time; clocks that differ show in it.",
        *quantiles("perps_stats_message_lag_seconds", "exchange", "{{exchange}}"),
        unit=SECONDS,
    ),
    graph(
        "Silence",
        "Since the last event of a channel was received.",
        told(
            "time() - max by (exchange, channel) "
            "(perps_stats_last_message_timestamp_seconds{{exchange}})",
            "{{exchange}} {{channel}}",
        ),
        unit=SECONDS,
    ),
    graph(
        "Gaps that opened",
        "In each step, by cause.",
        told(
            "sum by (exchange, cause) (increase(perps_stats_gaps_opened_total{{exchange}}{rate}))",
            "{{exchange}} {{cause}}",
        ),
        draw=BARS,
    ),
    graph(
        "Connections",
        "WebSockets that are open, and those that are to be.",
        told("sum by (exchange) (perps_stats_connections{{exchange}})", "{{exchange}} open"),
        told(
            "sum by (exchange) (perps_stats_connections_wanted{{exchange}})", "{{exchange}} wanted"
        ),
    ),
    graph(
        "Unreadable frames",
        "Frames that could not be read, or refused what was asked for, per second.",
        told(
            "sum by (exchange) (rate(perps_stats_unreadable_frames_total{{exchange}}{rate}))",
            "{{exchange}}",
        ),
        unit="cps",
    ),
]

STORAGE: list[Panel] = [
    graph(
        "Rows written",
        "Per second: new, known already, contradicting a stored one, or refused.",
        told("sum by (result) (rate(perps_stats_rows_total{{of}}{rate}))", "{{result}}"),
        unit="rowsps",
    ),
    graph(
        "Writing a batch",
        "Time of one transaction of rows.",
        *quantiles("perps_stats_write_seconds", "instance", "{{of}}"),
        unit=SECONDS,
    ),
    graph(
        "Spool",
        "On disk, and what it may take.",
        told("perps_stats_spool_bytes{{of}}", "{{instance}}"),
        told("perps_stats_spool_limit_bytes{{of}}", "{{instance}} limit"),
        unit="bytes",
    ),
    graph(
        "Rows that wait or were dropped",
        "In memory; into the spool and dropped from it, in each step.",
        told("perps_stats_rows_waiting{{of}}", "{{instance}} in memory"),
        told("increase(perps_stats_rows_spooled_total{{of}}{rate})", "{{instance}} spooled"),
        told("increase(perps_stats_rows_dropped_total{{of}}{rate})", "{{instance}} dropped"),
    ),
]

REQUESTS: list[Panel] = [
    graph(
        "HTTP to exchanges: share of the limit used",
        "Request weight within the window, as we count it.",
        told(
            "perps_stats_request_weight_used{{exchange}} "
            "/ perps_stats_request_weight_limit{{exchange}}",
            "{{exchange}} {{pool}}",
        ),
        unit="percentunit",
    ),
    graph(
        "HTTP to exchanges: slowed down, banned, unanswered",
        "Answers in each step that said so, and polls that were not answered.",
        told(
            "increase(perps_stats_slowed_down_total{{exchange}}{rate})", "{{exchange}} slowed down"
        ),
        told("increase(perps_stats_bans_total{{exchange}}{rate})", "{{exchange}} banned"),
        told(
            "sum by (exchange) (increase(perps_stats_polls_failed_total{{exchange}}{rate}))",
            "{{exchange}} polls failed",
        ),
        draw=BARS,
    ),
]

CLIENTS: list[Panel] = [
    graph(
        "HTTP: answers",
        "Per second, by status.",
        told(
            "sum by (instance, status) (rate(perps_stats_http_requests_total{{of}}{rate})) > 0",
            "{{instance}} {{status}}",
        ),
        unit="reqps",
        width=8,
    ),
    graph(
        "HTTP: time of an answer",
        "From the head of a question that was let in to the end of its answer.",
        *quantiles("perps_stats_http_request_seconds", "instance", "{{of}}"),
        unit=SECONDS,
        width=8,
    ),
    graph(
        "HTTP: refusals",
        "In each step, by kind: no key that is good for it, too many requests, too large answers.",
        told(
            "sum by (instance, kind) (increase(perps_stats_http_refused_total{{of}}{rate})) > 0",
            "{{instance}} {{kind}}",
        ),
        draw=BARS,
        width=8,
    ),
    graph(
        "WebSocket: clients",
        "Connected now, and those that left in each step, by code: 1013 were too slow.",
        told("perps_stats_stream_clients{{of}}", "{{instance}} connected"),
        told(
            "sum by (instance, code) (increase(perps_stats_stream_closed_total{{of}}{rate}))",
            "{{instance}} left with {{code}}",
        ),
    ),
    graph(
        "WebSocket: messages",
        "Per second: due to clients, and of these held back from those that did not take them.",
        told("rate(perps_stats_stream_messages_total{{of}}{rate})", "{{instance}} due"),
        told("rate(perps_stats_stream_conflated_total{{of}}{rate})", "{{instance}} held back"),
        unit="mps",
    ),
]

PROCESS: list[Panel] = [
    graph(
        "Memory",
        "That the process holds.",
        told(
            "process_resident_memory_bytes{{of}} and on (instance, job) perps_stats_info{{of}}",
            "{{instance}}",
        ),
        unit="bytes",
        width=8,
    ),
    graph(
        "CPU",
        "Cores in use.",
        told(
            "rate(process_cpu_seconds_total{{of}}{rate}) "
            "and on (instance, job) perps_stats_info{{of}}",
            "{{instance}}",
        ),
        width=8,
    ),
    graph(
        "Event loop is late",
        "How late its heartbeat came: above half a second the process cannot keep up.",
        *quantiles("perps_stats_loop_late_seconds", "instance", "{{of}}"),
        unit=SECONDS,
        width=8,
    ),
]

SERVICE = Dashboard(
    name="service",
    title="Perps: service",
    says="Messages, lag, gaps, spool, writes and requests of perps-stats itself.",
    span="now-6h",
    variables=[INSTANCE, EXCHANGE],
    annotations=[ALL_GAPS],
    panels=[SIMULATED, *HEALTH, *STREAMS, *STORAGE, *REQUESTS, *CLIENTS, *PROCESS],
)
