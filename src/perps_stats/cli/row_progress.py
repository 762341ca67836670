"""How many rows of how many: a bar on a terminal, else a plain line every few seconds."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from perps_stats.cli.progress import duration
from perps_stats.database.files.export import Tell

LINE_SECONDS = 5.0


@contextmanager
def rows_shown(
    name: str, console: Console | None = None, clock: Callable[[], float] = time.monotonic
) -> Generator[Tell]:
    """What is yielded is to be told how far it is. All goes to stderr."""
    screen = console or Console(stderr=True, highlight=False)
    if screen.is_terminal:
        with _bar(name, screen, clock) as tell:
            yield tell
    else:
        yield _lines(name, screen, clock)


@contextmanager
def _bar(name: str, screen: Console, clock: Callable[[], float]) -> Generator[Tell]:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.completed:,} rows, {task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    began = clock()
    with Progress(*columns, console=screen) as progress:
        task = progress.add_task(name, total=None, rate=0.0)

        def tell(rows: int, total: int) -> None:
            rate = rows / max(clock() - began, 1e-9)
            progress.update(task, completed=rows, total=total, rate=rate)

        yield tell


def _lines(name: str, screen: Console, clock: Callable[[], float]) -> Tell:
    began = told = clock()

    def tell(rows: int, total: int) -> None:
        nonlocal told
        now = clock()
        if now - told >= LINE_SECONDS:
            told = now
            text = line(name, rows, total, now - began)
            screen.print(f"perps-stats: {text}", soft_wrap=True, markup=False)

    return tell


def line(name: str, rows: int, total: int, seconds: float) -> str:
    """``klines.csv: 12%, 240,000 of 2,000,000 rows, 80,000/s, 22 s left``."""
    rate = rows / seconds
    left = f", {duration((total - rows) / rate)} left" if 0 < rows < total else ""
    return f"{name}: {rows / (total or 1):.0%}, {rows:,} of {total:,} rows, {rate:,.0f}/s{left}"
