"""The options that ``stream`` and ``run`` share, and what they tell while they collect."""

import sys
from collections.abc import Callable, Mapping
from typing import TypeVar

import click
import structlog

from perps_stats.cli.options import SYMBOL_FORMS
from perps_stats.core.times import parse_duration
from perps_stats.settings import StreamSettings

F = TypeVar("F", bound=Callable[..., object])
log = structlog.get_logger()
TELL_EVERY = 10
"""Reports come once a second."""


def collecting_options(command: F) -> F:
    for option in (
        click.option(
            "--max-duration", metavar="TIME", help="Stop by itself after so long: 90s, 15m, 12h."
        ),
        click.option(
            "--data",
            metavar="NAMES",
            help="What to collect: orderbook, trades, ticker, funding, klines, liquidations.  "
            "[default: orderbook,trades,ticker,funding]",
        ),
        click.option(
            "--symbols",
            "--symbol",
            "-s",
            metavar="NAMES",
            help=f"Symbols, separated by commas, or all: {SYMBOL_FORMS}.  [default: BTC,ETH]",
        ),
        click.option(
            "--exchanges",
            "--exchange",
            "-e",
            metavar="NAMES",
            help="Exchanges, separated by commas.  [default: all]",
        ),
    ):
        command = option(command)
    return command


def collecting_flags(
    exchanges: str | None, symbols: str | None, data: str | None, max_duration: str | None
) -> dict[str, object]:
    """As settings. Raises ``BadInput``."""
    seconds = None
    if max_duration is not None:
        seconds = parse_duration(max_duration, field="max-duration").total_seconds()
    return {
        "stream.exchanges": exchanges,
        "stream.symbols": symbols,
        "stream.data": data,
        "stream.max_duration_seconds": seconds,
    }


def check_names(stream: StreamSettings) -> None:
    """Raises ``BadInput`` for an unknown exchange or data set, before a database is started."""
    from perps_stats.app.clients import choose  # noqa: PLC0415 --help must not wait for it
    from perps_stats.app.collect import wanted_channels  # noqa: PLC0415

    choose(stream.exchanges or None)
    wanted_channels(stream)


class Status:
    """What a collector has counted, on stderr: at first, then every ten seconds, and at the end."""

    def __init__(self) -> None:
        self._reports = 0
        self._last: Mapping[str, int] = {}

    def __call__(self, counts: Mapping[str, int]) -> None:
        self._last = counts
        self._reports += 1
        if self._reports % TELL_EVERY == 1:
            named = {name.replace(" ", "_"): value for name, value in counts.items()}
            log.info("collecting", **named)

    def summary(self) -> None:
        """Nothing where nothing was ever reported."""
        if not self._reports:
            return
        frames, rows = self._last.get("frames", 0), self._last.get("rows", 0)
        new, unreadable = self._last.get("new", 0), self._last.get("unreadable", 0)
        sys.stderr.write(f"{frames} frames, {rows} rows ({new} new), {unreadable} unreadable\n")
