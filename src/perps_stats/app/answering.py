"""The REST face of a repository, on the address that the settings name."""

import asyncio
import socket
from datetime import UTC, datetime
from ipaddress import ip_address

from perps_stats.api import create_app, listen, serve_on
from perps_stats.core.errors import ConfigError
from perps_stats.core.traits import Repository
from perps_stats.exchanges import EXCHANGES
from perps_stats.settings import ApiSettings


def open_port(settings: ApiSettings) -> socket.socket:
    """Taken before anything else is started. Raises ``ConfigError``."""
    if not settings.insecure and not _is_loopback(settings.host):
        raise ConfigError(
            f"api.host: {settings.host} can be reached from other machines, and there are no keys "
            "yet; use 127.0.0.1, or say --insecure if whoever reaches it may read everything"
        )
    return listen(settings.host, settings.port)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def answer(repository: Repository, listener: socket.socket, *, until: asyncio.Event) -> None:
    app = create_app(repository, exchanges=EXCHANGES, now=lambda: datetime.now(UTC))
    await serve_on(app, listener, until)
