"""A table that stays below the log while data is collected."""

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from perps_stats.cli.going import ExchangeProgress, Progress

COLUMNS = ("messages/s", "lag s", "books", "open gaps", "resyncs", "unreadable")
UNKNOWN = "-"
GOOD, BAD = "green", "bold red"


class LiveTable:
    """On stderr, which must be a terminal. stdout is left alone."""

    def __init__(self) -> None:
        self._live: Live | None = None

    def show(self, progress: Progress) -> None:
        if self._live is None:
            console = Console(stderr=True, highlight=False)
            self._live = Live(console=console, auto_refresh=False, redirect_stdout=False)
            self._live.start()
        self._live.update(drawn(progress), refresh=True)

    def end(self) -> None:
        if self._live is not None:
            self._live.stop()


def drawn(progress: Progress) -> Group:
    table = Table(box=SIMPLE_HEAD, header_style="bold")
    for column in ("exchange", "state"):
        table.add_column(column)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for exchange in progress.exchanges:
        table.add_row(*_row(exchange))
    return Group(table, _writer(progress))


def _row(exchange: ExchangeProgress) -> tuple[Text, ...]:
    verified = f"{exchange.books_verified}/{exchange.books}" if exchange.books else UNKNOWN
    lag = UNKNOWN if exchange.lag_seconds is None else f"{exchange.lag_seconds:.3f}"
    return (
        Text(exchange.exchange),
        _told(exchange.state, good=exchange.state == "connected"),
        Text(_rate(exchange.messages_per_second)),
        Text(lag),
        _told(verified, good=exchange.books_verified == exchange.books),
        _told(str(exchange.open_gaps), good=not exchange.open_gaps),
        Text(str(exchange.resyncs)),
        _told(str(exchange.unreadable_frames), good=not exchange.unreadable_frames),
    )


def _writer(progress: Progress) -> Text:
    text = Text(f"{progress.rows:,} rows ({progress.rows_new:,} new)")
    text.append(f", {_rate(progress.rows_per_second)} a second, {progress.rows_waiting:,} waiting")
    if progress.spool_batches:
        mebibytes, seconds = progress.spool_bytes / (1 << 20), progress.spool_oldest_seconds or 0.0
        text.append(f", spool {mebibytes:.1f} MiB, the oldest {seconds:.0f} s", style=BAD)
    if progress.rows_dropped:
        text.append(f", {progress.rows_dropped:,} dropped", style=BAD)
    if progress.not_written is not None:
        text.append(f"\nnot written: {progress.not_written}", style=BAD)
    return text


def _told(text: str, *, good: bool) -> Text:
    return Text(text, style=GOOD if good else BAD)


def _rate(rate: float | None) -> str:
    return UNKNOWN if rate is None else f"{rate:,.0f}"
