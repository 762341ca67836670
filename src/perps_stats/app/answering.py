"""The REST face of the process, on the address that the settings name."""

import asyncio
import socket
from datetime import UTC, datetime
from ipaddress import ip_address

from perps_stats.api import Door, create_app, create_porch, create_probes, listen, serve_on
from perps_stats.app.condition import Condition
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


class Face:
    """Answers from the moment there is a port: at first that we are starting, then everything."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._door = Door(create_porch(condition, now=_now))

    def open(self, repository: Repository) -> None:
        """From now on questions are answered from ``repository``."""
        self._condition.waits_for = None
        self._door.app = create_app(
            repository, exchanges=EXCHANGES, now=_now, process=self._condition
        )

    def open_probes(self, repository: Repository) -> None:
        """The same, of the probes and the metrics alone."""
        self._condition.waits_for = None
        self._door.app = create_probes(self._condition, repository, now=_now)

    async def serve(self, listener: socket.socket, until: asyncio.Event) -> None:
        beating = asyncio.create_task(self._condition.heartbeat.run())
        try:
            await serve_on(self._door, listener, until)
        finally:
            beating.cancel()


def _now() -> datetime:
    return datetime.now(UTC)
