"""What ``stream`` and ``run`` share: options, and how they tell how it goes."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from perps_stats.cli.options import SYMBOL_FORMS
from perps_stats.core.times import parse_duration
from perps_stats.settings import StreamSettings

if TYPE_CHECKING:
    from perps_stats.cli.status import Status

F = TypeVar("F", bound=Callable[..., object])


def collecting_options(command: F) -> F:
    for option in (
        click.option(
            "--json",
            "as_json",
            is_flag=True,
            help="Tell how it goes on stdout: a line of JSON each second.",
        ),
        click.option(
            "--max-duration", metavar="TIME", help="Stop by itself after so long: 90s, 15m, 12h."
        ),
        click.option(
            "--data",
            metavar="NAMES",
            help="What to collect: orderbook, trades, ticker, funding, klines, liquidations, "
            "open_interest.  [default: orderbook,trades,ticker,funding]",
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


def new_status(*, as_json: bool) -> "Status":
    """As it was asked for: JSON lines, else a table on a terminal, else lines of the log."""
    from perps_stats.cli.status import JsonLines, Lines, Status  # noqa: PLC0415 see above

    if as_json:
        return Status(JsonLines())
    if not sys.stderr.isatty():
        return Status(Lines())
    from perps_stats.cli.live import LiveTable  # noqa: PLC0415

    return Status(LiveTable())
