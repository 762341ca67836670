"""How collecting goes, once a second: a table on a terminal, JSON lines, or lines of the log."""

import sys
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec
import structlog

from perps_stats.cli.going import Progress, progress
from perps_stats.ingest.vitals import Observed, Vitals

log = structlog.get_logger()
TELL_EVERY = 10
"""Reports come once a second."""


class Face(Protocol):
    def show(self, progress: Progress) -> None: ...
    def end(self) -> None: ...


class Status:
    """Is told once a second what was counted; looks at the rest itself, until the end begins."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._observed: Observed | None = None
        self._before: Vitals | None = None
        self._counts: Mapping[str, int] = {}
        self.is_ending: Callable[[], bool] = lambda: False

    def observe(self, observed: Observed) -> None:
        self._observed = observed

    def __call__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        if self._observed is not None and not self.is_ending():
            vitals = self._observed.vitals()
            self._face.show(progress(vitals, self._before))
            self._before = vitals

    def summary(self) -> None:
        """Nothing where nothing was ever reported."""
        self._face.end()
        if self._counts:
            count = self._counts
            frames, rows, new = count.get("frames", 0), count.get("rows", 0), count.get("new", 0)
            lost = count.get("unreadable", 0)
            sys.stderr.write(f"{frames} frames, {rows} rows ({new} new), {lost} unreadable\n")


class Lines:
    """In the log: at first, then every ten seconds."""

    def __init__(self) -> None:
        self._reports = 0

    def show(self, progress: Progress) -> None:
        self._reports += 1
        if self._reports % TELL_EVERY == 1:
            exchanges = progress.exchanges
            log.info(
                "collecting",
                messages=sum(exchange.messages for exchange in exchanges),
                books=sum(exchange.books for exchange in exchanges),
                books_verified=sum(exchange.books_verified for exchange in exchanges),
                open_gaps=sum(exchange.open_gaps for exchange in exchanges),
                rows=progress.rows,
                rows_new=progress.rows_new,
                rows_waiting=progress.rows_waiting,
                spool_batches=progress.spool_batches,
            )

    def end(self) -> None:
        pass


class JsonLines:
    """On stdout. Who reads no more is told nothing more."""

    def __init__(self) -> None:
        self._encode = msgspec.json.Encoder().encode
        self._read = True

    def show(self, progress: Progress) -> None:
        if not self._read:
            return
        try:
            sys.stdout.write(self._encode(progress).decode() + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            self._read = False

    def end(self) -> None:
        pass
