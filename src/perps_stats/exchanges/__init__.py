"""Every exchange we read. To add one: write its folder, add its line."""

from collections.abc import Mapping
from importlib import import_module

from perps_stats.exchanges.contract import Exchange

NAMES = (
    "binance",
    "kucoin",
    "lighter",
    "paradex",
    "aster",
)
"""Of the folders, in the order in which answers are shown."""


def _value(name: str) -> Exchange:
    """The folder ``binance`` holds the value ``BINANCE``."""
    exchange = getattr(import_module(f"{__name__}.{name}"), name.upper())
    if not isinstance(exchange, Exchange) or exchange.name != name:
        raise TypeError(f"exchanges/{name} holds no exchange of that name")
    return exchange


EXCHANGES: dict[str, Exchange] = {name: _value(name) for name in NAMES}


def verifiable_streams(exchanges: Mapping[str, Exchange]) -> set[tuple[str, str]]:
    """Exchange and channel, where the exchange's own count shows that a message is missing."""
    streams = ((name, each.stream) for name, each in exchanges.items() if each.stream is not None)
    return {(name, channel.value) for name, stream in streams for channel in stream.verifiable}
