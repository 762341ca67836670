"""How collecting is told: a table, JSON lines, lines of the log."""

import json
import sys
from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace
from rich.console import Console
from structlog.testing import capture_logs
from tests.vitals import EXCHANGE, VITALS, WAITING, WRITER

from perps_stats.cli.going import Progress, progress
from perps_stats.cli.live import drawn
from perps_stats.cli.status import TELL_EVERY, JsonLines, Lines, Status
from perps_stats.ingest.vitals import ExchangeVitals, Vitals


def with_messages(messages: int) -> Vitals:
    """Two seconds later, with ten rows more, and so many messages of the first exchange."""
    (book, klines) = EXCHANGE.channels
    exchange = replace(EXCHANGE, channels=(replace(book, messages=messages), klines))
    return replace(
        VITALS,
        time=VITALS.time + timedelta(seconds=2),
        exchanges=(exchange, WAITING),
        writer=replace(WRITER, rows=WRITER.rows + 10),
    )


def test_rates_need_two_looks() -> None:
    """From one nothing can be said; from two, what came between by the time between."""
    assert progress(VITALS, None).exchanges[0].messages_per_second is None
    assert progress(VITALS, None).rows_per_second is None
    told = progress(with_messages(71), VITALS)
    assert told.exchanges[0].messages_per_second == 0.5
    assert told.rows_per_second == 5.0


def test_two_looks_at_the_same_time_say_nothing() -> None:
    """There is no rate of no time."""
    assert progress(VITALS, VITALS).rows_per_second is None


@pytest.mark.parametrize(
    ("exchange", "state"),
    [
        (EXCHANGE, "banned"),
        (replace(EXCHANGE, banned=False), "connecting"),
        (replace(EXCHANGE, banned=False, connections=2), "connected"),
        (WAITING, "starting"),
    ],
)
def test_the_state_of_an_exchange(exchange: ExchangeVitals, state: str) -> None:
    """In one word: the worst that is true."""
    (told,) = progress(replace(VITALS, exchanges=(exchange,)), None).exchanges
    assert told.state == state


def test_what_is_told() -> None:
    """The figures of the vitals, under names that explain themselves."""
    told = progress(VITALS, None)
    first = told.exchanges[0]
    assert (first.exchange, first.messages, first.lag_seconds) == ("binance", 70, 0.25)
    assert (first.connections, first.connections_wanted) == (1, 2)
    assert (first.books, first.books_verified, first.resyncs) == (2, 1, 5)
    assert (first.open_gaps, first.unreadable_frames) == (2, 4)
    assert (told.rows, told.rows_new, told.rows_waiting) == (100, 80, 9)
    assert told.not_written is None


def screen(told: Progress) -> Sequence[str]:
    console = Console(width=120, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(drawn(told))
    return [" ".join(line.split()) for line in captured.get().splitlines() if line.strip()]


def test_the_table() -> None:
    """A line for each exchange, unknown as a dash, and one for the writer."""
    lines = screen(progress(with_messages(2070), VITALS))
    assert lines[0] == "exchange state messages/s lag s books open gaps resyncs unreadable"
    assert lines[2] == "binance banned 1,000 0.250 1/2 2 5 4"
    assert lines[3] == "kucoin starting 0 - - 0 5 4"
    assert lines[4] == "110 rows (80 new), 5 a second, 9 waiting"


def test_the_table_says_what_is_not_stored() -> None:
    """The spool and its age, what was dropped, and why nothing is written."""
    spool = replace(WRITER.spool, bytes=3 << 20, records=2, oldest_seconds=61.6, dropped=1234)
    writer = replace(WRITER, spool=spool, last_error="it is away")
    lines = screen(progress(replace(VITALS, writer=writer), None))
    assert lines[-2].endswith("9 waiting, spool 3.0 MiB, the oldest 62 s, 1,234 dropped")
    assert lines[-1] == "not written: it is away"


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """One object a look, on stdout."""
    lines = JsonLines()
    lines.show(progress(VITALS, None))
    lines.show(progress(with_messages(71), VITALS))
    out, err = capsys.readouterr()
    first, second = map(json.loads, out.splitlines())
    assert err == ""
    assert first["time"] == "2026-11-27T12:00:00Z"
    assert first["rows_per_second"] is None
    assert second["exchanges"][0]["messages_per_second"] == 0.5


def test_who_reads_no_more_is_told_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Collecting goes on."""
    written: list[str] = []

    class Closed:
        def write(self, text: str) -> None:
            written.append(text)
            raise BrokenPipeError

    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Closed())
        lines = JsonLines()
        lines.show(progress(VITALS, None))
        lines.show(progress(VITALS, None))
    assert len(written) == 1


def test_the_log_is_told_at_first_and_then_sometimes() -> None:
    """Sums over the exchanges."""
    lines = Lines()
    with capture_logs() as logs:
        for _ in range(TELL_EVERY + 1):
            lines.show(progress(VITALS, None))
    assert len(logs) == 2
    assert logs[0] == {
        "event": "collecting",
        "log_level": "info",
        "messages": 70,
        "books": 2,
        "books_verified": 1,
        "open_gaps": 2,
        "rows": 100,
        "rows_new": 80,
        "rows_waiting": 9,
        "spool_batches": 0,
    }


class Shown:
    """A face that remembers."""

    def __init__(self) -> None:
        self.shown: list[Progress] = []
        self.ended = False

    def show(self, progress: Progress) -> None:
        self.shown.append(progress)

    def end(self) -> None:
        self.ended = True


class Watched:
    """Two looks at it."""

    def __init__(self) -> None:
        self._looks = iter((VITALS, with_messages(71)))

    def vitals(self) -> Vitals:
        return next(self._looks)


COUNTS = {"frames": 7, "rows": 6, "new": 5, "unreadable": 1}


def test_each_report_is_a_look(capsys: pytest.CaptureFixture[str]) -> None:
    """Rates are between two of them; nothing is shown once the end has begun, but summed up."""
    face = Shown()
    status = Status(face)
    status({})
    assert face.shown == []
    status.observe(Watched())
    status(COUNTS)
    status(COUNTS)
    assert [each.rows_per_second for each in face.shown] == [None, 5.0]
    status.is_ending = lambda: True
    status({**COUNTS, "frames": 8})
    assert len(face.shown) == 2
    status.summary()
    assert face.ended
    assert capsys.readouterr().err == "8 frames, 6 rows (5 new), 1 unreadable\n"


def test_nothing_is_summed_up_where_nothing_was(capsys: pytest.CaptureFixture[str]) -> None:
    """A service that could not begin has nothing to tell."""
    Status(Shown()).summary()
    assert capsys.readouterr().err == ""
