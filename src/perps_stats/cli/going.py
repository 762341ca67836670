"""What whoever watches wants to know while data is collected: rates, and what is not well."""

from datetime import datetime

from msgspec import Struct

from perps_stats.ingest.vitals import ExchangeVitals, Vitals


class ExchangeProgress(Struct, frozen=True, kw_only=True):
    """``state``: starting, connected, connecting, or banned. Rates are of the last second."""

    exchange: str
    state: str
    connections: int
    connections_wanted: int
    messages: int
    messages_per_second: float | None
    lag_seconds: float | None
    books: int
    books_verified: int
    resyncs: int
    open_gaps: int
    unreadable_frames: int


class Progress(Struct, frozen=True, kw_only=True):
    """``not_written``: why rows are not written at the moment."""

    time: datetime
    exchanges: tuple[ExchangeProgress, ...]
    rows: int
    rows_new: int
    rows_per_second: float | None
    rows_waiting: int
    spool_bytes: int
    spool_batches: int
    spool_oldest_seconds: float | None
    rows_dropped: int
    not_written: str | None


def progress(now: Vitals, before: Vitals | None) -> Progress:
    """From two looks; rates are not known from one."""
    earlier = {} if before is None else {each.exchange: each for each in before.exchanges}
    seconds = 0.0 if before is None else (now.time - before.time).total_seconds()
    written = None if before is None else now.writer.rows - before.writer.rows
    return Progress(
        time=now.time,
        exchanges=tuple(
            _exchange(each, earlier.get(each.exchange), seconds) for each in now.exchanges
        ),
        rows=now.writer.rows,
        rows_new=now.writer.new,
        rows_per_second=_rate(written, seconds),
        rows_waiting=now.writer.waiting,
        spool_bytes=now.writer.spool.bytes,
        spool_batches=now.writer.spool.records,
        spool_oldest_seconds=now.writer.spool.oldest_seconds,
        rows_dropped=now.writer.spool.dropped,
        not_written=now.writer.last_error,
    )


def _exchange(
    now: ExchangeVitals, before: ExchangeVitals | None, seconds: float
) -> ExchangeProgress:
    more = None if before is None else now.messages - before.messages
    return ExchangeProgress(
        exchange=now.exchange,
        state=_state(now),
        connections=now.connections,
        connections_wanted=now.wanted,
        messages=now.messages,
        messages_per_second=_rate(more, seconds),
        lag_seconds=now.lag_seconds,
        books=len(now.books),
        books_verified=now.verified,
        resyncs=now.resyncs,
        open_gaps=now.open_gaps,
        unreadable_frames=now.unreadable,
    )


def _state(exchange: ExchangeVitals) -> str:
    if exchange.banned:
        return "banned"
    if not exchange.begun:
        return "starting"
    return "connected" if exchange.connections >= exchange.wanted else "connecting"


def _rate(more: int | None, seconds: float) -> float | None:
    return round(more / seconds, 1) if more is not None and seconds > 0 else None
