"""Every exchange we read. To add one: write its folder, add its line."""

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
