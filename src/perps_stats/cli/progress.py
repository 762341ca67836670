"""How far a backfill is: a bar for each exchange on a terminal, else a plain line now and then."""

import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from msgspec import Struct
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from perps_stats.core.spans import Span
from perps_stats.core.stored import Written
from perps_stats.ingest.backfill.backfill import Plan
from perps_stats.ingest.backfill.filling import Watch
from perps_stats.ingest.backfill.series import Series

LINE_SECONDS = 10.0
LONG_WAIT = 5.0
"""Seconds; shorter ones are the exchange's usual pace."""


class Counted(Struct):
    """Of an exchange. ``total`` and ``done`` are the time that is to be filled, over all series."""

    total: timedelta
    done: timedelta = timedelta()
    pages: int = 0
    rows: int = 0


class Bars:
    """What is told on stderr while history is fetched."""

    def __init__(
        self, console: Console | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._clock = clock
        self._counted: dict[str, Counted] = {}
        self._planned = Counter[str]()
        self._began = self._told = clock()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,.0f}/s"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=self._console,
        )
        self._tasks: dict[str, TaskID] = {}

    def watch(self) -> Watch:
        return Watch(on_planned=self._on_planned, on_page=self._on_page, on_wait=self._on_wait)

    @contextmanager
    def shown(self, plan: Plan) -> Generator[None]:
        for job in plan.jobs:
            length = sum((span.length for span in job.spans), timedelta())
            counted = self._counted.setdefault(job.series.exchange, Counted(timedelta()))
            counted.total += length
        self._began = self._told = self._clock()
        if not self._console.is_terminal:
            yield
            return
        for name, counted in self._counted.items():
            total = counted.total.total_seconds()
            self._tasks[name] = self._progress.add_task(name, total=total, rows=0, rate=0.0)
        with self._progress:
            yield

    def lines(self) -> Sequence[str]:
        """One for each exchange: how far it is, and how long it will take at this pace."""
        elapsed = self._clock() - self._began
        return [line(name, counted, elapsed) for name, counted in self._counted.items()]

    def _on_planned(self, exchange: str) -> None:
        self._planned[exchange] += 1
        if self._clock() - self._told >= LINE_SECONDS:
            self._told = self._clock()
            self._say(f"{exchange}: {self._planned[exchange]} markets planned")

    def _on_page(self, series: Series, span: Span, written: Written) -> None:
        counted = self._counted[series.exchange]
        counted.done += span.length
        counted.pages += 1
        counted.rows += written.new + written.known + written.contradicting
        now = self._clock()
        if series.exchange in self._tasks:
            self._progress.update(
                self._tasks[series.exchange],
                completed=counted.done.total_seconds(),
                rows=counted.rows,
                rate=counted.rows / max(now - self._began, 1e-9),
            )
        elif now - self._told >= LINE_SECONDS:
            self._told = now
            for text in self.lines():
                self._say(text)

    def _on_wait(self, exchange: str, seconds: float, reason: str) -> None:
        if seconds >= LONG_WAIT:
            about = reason.removeprefix(f"{exchange}: ")
            self._say(f"{exchange}: waits {seconds:.0f} s: {about}")

    def _say(self, text: str) -> None:
        self._console.print(f"perps-stats: {text}", soft_wrap=True, markup=False)


def line(name: str, counted: Counted, elapsed: float) -> str:
    part = counted.done / counted.total if counted.total else 1.0
    rate = counted.rows / elapsed if elapsed else 0.0
    left = f", {duration(elapsed / part * (1 - part))} left" if 0 < part < 1 else ""
    return f"{name}: {part:.0%}, {counted.rows:,} rows, {rate:,.0f}/s{left}"


def duration(seconds: float) -> str:
    """``1 h 05 min``, ``3 min 20 s``, ``12 s``."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {whole % 60:02} s" if minutes else f"{whole} s"
