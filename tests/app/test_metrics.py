"""What ``/metrics`` says: every metric, as the documentation has it."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families
from tests.vitals import EXCHANGE, NOW, VITALS, WRITER

from perps_stats.api.guard import Admission, Keyring, Refusal, Rules, Tally
from perps_stats.api.live import Hub, Limits
from perps_stats.app.exposition import render
from perps_stats.app.live import LiveFeeds
from perps_stats.app.metrics import METRICS, MOST_BOOKS
from perps_stats.core.distributions import Buckets
from perps_stats.core.types import GapCause
from perps_stats.ingest.vitals import SpoolVitals, Vitals

ROOT = Path(__file__).parents[2]
RULES = ROOT / "src/perps_stats/alerts/perps-stats.rules.yml"
SCENES = Path(__file__).with_name("perps-stats.rules.test.yml")
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
LATE = Buckets((0.1,))
LATE.add(0.05)
Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


def stream() -> Hub:
    """One that a client has left."""
    keyring = Keyring((), now=lambda: NOW, seconds=lambda: 0.0)
    admission = Admission(keyring, Rules(), lambda: 0.0)
    hub = Hub(LiveFeeds(), admission, Limits(), now=lambda: NOW, seconds=lambda: 0.0)
    hub.counts.update(accepted=1, messages=7, bytes=99, conflated=2, gaps=1)
    hub.closed[1013] = 1
    return hub


def asked() -> Tally:
    """Two answers, and a refusal."""
    tally = Tally()
    tally.answers.update({200: 2})
    tally.refuse(Refusal(HTTPStatus.TOO_MANY_REQUESTS, "quota-exceeded", "wait"))
    for seconds in (0.0005, 0.2):
        tally.seconds.add(seconds)
    return tally


def rendered(vitals: Vitals | None) -> str:
    """``None``: of a process that neither collects nor streams."""
    late, hub = LATE.distribution(), None if vitals is None else stream()
    told = render(vitals, database=True, tasks=17, late=late, tally=asked(), hub=hub)
    return told.decode()


def values(vitals: Vitals | None) -> Values:
    """By name and labels. No series is there twice."""
    read: Values = {}
    for family in text_string_to_metric_families(rendered(vitals)):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in read
            read[key] = sample.value
    return read


def of(read: Values, name: str, **labels: str) -> float:
    return read[f"perps_stats_{name}", frozenset(labels.items())]


def test_every_figure_is_told() -> None:
    """With its labels; what is not known is left out, not zero."""
    read = values(VITALS)
    own = {"exchange": "binance"}
    book = {**own, "channel": "orderbook"}
    expected = {
        "collecting": 1,
        "connections": 1,
        "connections_wanted": 2,
        "connections_opened_total": 3,
        "frames_total": 75,
        "unreadable_frames_total": 4,
        "resyncs_total": 5,
        "snapshots_total": 6,
        "request_waits_total": 7,
        "request_wait_seconds_total": 1.5,
        "slowed_down_total": 8,
        "bans_total": 1,
        "banned": 1,
    }
    assert {name: of(read, name, **own) for name in expected} == expected
    assert of(read, "collecting", exchange="kucoin") == 0
    assert of(read, "request_weight_used", pool="", **own) == 40
    assert of(read, "request_weight_limit", pool="", **own) == 2400
    assert of(read, "books", state="verified", **own) == 1
    assert of(read, "books", state="suspect", **own) == 1
    assert of(read, "book_verified", symbol="BTC", **own) == 1
    assert of(read, "book_verified", symbol="ETH", **own) == 0
    assert of(read, "messages_total", **book) == 70
    assert of(read, "last_message_timestamp_seconds", **book) == NOW.timestamp() - 0.5
    polled = {**own, "data_set": "open_interest"}
    polls = {
        "polls_total": 11,
        "polls_failed_total": 2,
        "polls_skipped_total": 1,
        "polled_rows_total": 33,
        "poll_drift_seconds": 0.125,
    }
    assert {name: of(read, name, **polled) for name in polls} == polls
    assert of(read, "tasks") == 17
    assert of(read, "database_up") == 1
    lag_names = {name for name, labels in read if ("channel", "klines") in labels}
    assert lag_names == {
        "perps_stats_messages_total",
        "perps_stats_gaps_opened_total",
        "perps_stats_gaps_closed_total",
        "perps_stats_open_gaps",
    }


def test_answers_and_refusals() -> None:
    """By status and by kind, also those that never were; how long answers took."""
    read = values(VITALS)
    statuses = {"200": 2, "304": 0, "429": 1, "500": 0, "503": 0}
    assert {each: of(read, "http_requests_total", status=each) for each in statuses} == statuses
    kinds = {"quota-exceeded": 1, "bad-key": 0, "scope-missing": 0}
    assert {each: of(read, "http_refused_total", kind=each) for each in kinds} == kinds
    bounds = {"0.001": 1, "0.1": 1, "0.5": 2, "+Inf": 2}
    name = "http_request_seconds"
    assert {each: of(read, f"{name}_bucket", le=each) for each in bounds} == bounds
    assert (of(read, f"{name}_count"), of(read, f"{name}_sum")) == (2, 0.2005)


def test_the_stream() -> None:
    """How many hear it, what they were told, and why they left."""
    read = values(VITALS)
    expected = {
        "stream_clients": 0,
        "stream_topics": 0,
        "stream_accepted_total": 1,
        "stream_messages_total": 7,
        "stream_bytes_total": 99,
        "stream_conflated_total": 2,
        "stream_gaps_total": 1,
    }
    assert {name: of(read, name) for name in expected} == expected
    assert of(read, "stream_closed_total", code="1013") == 1


def test_distributions_are_histograms() -> None:
    """Cumulative, up to infinity, with count and sum."""
    read = values(VITALS)
    book = {"exchange": "binance", "channel": "orderbook"}
    lags = {bound: of(read, "message_lag_seconds_bucket", le=bound, **book) for bound in
            ("0.0", "0.5", "+Inf")}  # fmt: skip
    assert lags == {"0.0": 1, "0.5": 2, "+Inf": 3}
    assert of(read, "message_lag_seconds_count", **book) == 3
    assert of(read, "message_lag_seconds_sum", **book) == 2.0
    assert of(read, "loop_late_seconds_bucket", le="0.1") == 1


def test_gaps_are_told_before_there_are_any() -> None:
    """Each channel has a series for each cause: one that begins at 1 would be no increase."""
    read = values(VITALS)
    for cause in GapCause:
        labels = {"exchange": "binance", "channel": "orderbook", "cause": cause.value}
        silent = cause is GapCause.SILENCE
        assert of(read, "gaps_opened_total", **labels) == (4 if silent else 0)
        assert of(read, "gaps_closed_total", **labels) == (2 if silent else 0)
        assert of(read, "open_gaps", **labels) == (2 if silent else 0)


def test_rows_and_spool() -> None:
    """Known are those that are neither new, nor contradicting, nor refused."""
    spool = SpoolVitals(
        bytes=5,
        limit_bytes=10,
        records=2,
        oldest_seconds=61.5,
        spooled=30,
        dropped=20,
        damaged=1,
    )
    writer = replace(WRITER, spool=spool, last_error="no room")
    read = values(replace(VITALS, writer=writer))
    results = {"new": 80, "known": 15, "contradicting": 3, "refused": 2}
    assert {each: of(read, "rows_total", result=each) for each in results} == results
    expected = {
        "rows_waiting": 9,
        "rows_spooled_total": 30,
        "rows_dropped_total": 20,
        "spool_bytes": 5,
        "spool_limit_bytes": 10,
        "spool_records": 2,
        "spool_oldest_seconds": 61.5,
        "spool_damaged_total": 1,
        "writing": 0,
    }
    assert {name: of(read, name) for name in expected} == expected
    assert of(values(VITALS), "writing") == 1


def test_many_books_are_only_counted() -> None:
    """Symbols are no labels where there are more than five hundred."""
    names = [f"C{number:03}" for number in range(MOST_BOOKS + 1)]
    for count in (MOST_BOOKS, MOST_BOOKS + 1):
        exchange = replace(EXCHANGE, books=dict.fromkeys(names[:count], True))
        read = values(replace(VITALS, exchanges=(exchange,)))
        with_symbol = [name for name, _ in read if name == "perps_stats_book_verified"]
        assert len(with_symbol) == (count if count <= MOST_BOOKS else 0)
        assert of(read, "books", exchange="binance", state="verified") == count


def test_who_collects_nothing_tells_of_itself() -> None:
    """Its process, its loop, and whether the database answers."""
    names = {name for name, _ in values(None)}
    assert {name for name in names if name.startswith("perps_stats_")} == {
        "perps_stats_info",
        "perps_stats_tasks",
        "perps_stats_database_up",
        "perps_stats_http_requests_total",
        "perps_stats_http_refused_total",
        *(
            f"perps_stats_{name}_{part}"
            for name in ("loop_late_seconds", "http_request_seconds")
            for part in ("bucket", "count", "sum")
        ),
    }
    assert "process_resident_memory_bytes" in names


def documented() -> dict[str, tuple[str, str, str]]:
    """Type, labels and what stands in the help, by name."""
    text = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    return {
        name: (kind, labels.strip(), f"{meaning} ({unit})")
        for name, kind, labels, unit, meaning in ROW.findall(text)
    }


def told() -> Iterable[tuple[str, str, frozenset[str], str]]:
    """Name, type, labels and help of each metric as it is read."""
    for family in text_string_to_metric_families(rendered(VITALS)):
        ending = "_total" if family.type == "counter" else ""
        labels = frozenset(name for sample in family.samples for name in sample.labels) - {"le"}
        yield f"{family.name}{ending}", family.type, labels, family.documentation


def test_the_documentation_says_what_is_told() -> None:
    """Every metric, its type, labels, unit and meaning, and no other."""
    written = documented()
    for name, kind, labels, meaning in told():
        said_kind, said_labels, said_meaning = written.pop(name)
        assert (kind, set(labels)) == (said_kind, set(filter(None, said_labels.split(", "))))
        assert meaning == said_meaning or name.startswith("process_")
    assert written == {}


def test_names_say_their_unit() -> None:
    """As Prometheus wants it: base units, and counters end in ``_total``."""
    for metric in METRICS:
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        for unit in ("seconds", "bytes"):
            has = unit in metric.unit.split()
            assert has == (unit in metric.name.split("_")), metric.name


def test_rules_speak_of_metrics_that_there_are() -> None:
    """A rule about a metric of another name would never fire."""
    expressions = re.findall(
        r"expr:(?: >-)?\s*(.*?)\n\s*(?:for|labels):", RULES.read_text(), re.DOTALL
    )
    text = "\n".join(expressions)
    mentioned = set(re.findall(r"\b(?:perps_stats|process)_\w+", text))
    there = {name for name, _ in values(VITALS)}
    assert len(mentioned) > 20
    assert mentioned - there == set()


def promtool() -> str:
    """Debian has it in the package ``prometheus``."""
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("there is no promtool: rules are only checked for the names of their metrics")
    return tool


def test_rules_are_accepted_by_prometheus() -> None:
    """By its own tool."""
    done = subprocess.run([promtool(), "check", "rules", RULES], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_rules_fire_when_they_should(tmp_path: Path) -> None:
    """None while all is well, each when it is not: by Prometheus' own tool."""
    tool = promtool()
    shutil.copy(RULES, tmp_path)
    scenes = shutil.copy(SCENES, tmp_path)
    done = subprocess.run([tool, "test", "rules", scenes], check=False, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
