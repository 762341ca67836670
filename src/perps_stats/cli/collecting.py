"""The options that `stream` and `run` share."""

from collections.abc import Callable
from typing import TypeVar

import click

from perps_stats.core.times import parse_duration

F = TypeVar("F", bound=Callable[..., object])


def collecting_options(command: F) -> F:
    for option in (
        click.option("--max-duration", help="Stop after so long: 90s, 15m, 12h."),
        click.option(
            "--data", help="orderbook,trades,ticker,klines,liquidations.  [default: first three]"
        ),
        click.option("--symbols", "--symbol", "-s", help="Symbols, or all.  [default: BTC,ETH]"),
        click.option("--exchanges", "--exchange", "-e", help="Exchanges.  [default: all]"),
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
