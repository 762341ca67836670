"""Perpetual-futures market data, exact and honest. In Python: the clients of a running service."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perps_stats.client import AsyncClient, Client

__all__ = ["AsyncClient", "Client"]


def __getattr__(name: str) -> object:
    """Loaded when they are wanted: commands and workers import this package, too."""
    if name not in __all__:
        raise AttributeError(f"module 'perps_stats' has no attribute {name!r}")
    from perps_stats import client  # noqa: PLC0415

    return getattr(client, name)
