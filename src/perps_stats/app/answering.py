"""The faces of the process, on the address that the settings name, behind the guard."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from ipaddress import ip_address
from time import monotonic
from typing import TypeAlias

from perps_stats.api import Door, create_app, create_porch, create_probes, listen, serve_on
from perps_stats.api import live as streams
from perps_stats.api.guard import Admission, Guard, Keyring, Limits, Rules, given_keys, origins
from perps_stats.api.sources import NO_FEES
from perps_stats.app.condition import Condition
from perps_stats.app.ticking import Live, keep_ticking
from perps_stats.core.errors import ConfigError
from perps_stats.database.keys import stored_keys
from perps_stats.database.reader import reading_link
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import EXCHANGES
from perps_stats.settings import ApiSettings, DatabaseSettings

Ask: TypeAlias = Callable[[PostgresRepository], Coroutine[object, object, None]]


def open_port(settings: ApiSettings, database: DatabaseSettings | None = None) -> socket.socket:
    """Taken before anything else is started. Raises ``ConfigError``, also where it is plain that
    there are no keys: where there is no ``database`` yet.
    """
    is_new = database is not None and database.url is None and not (database.dir / "data").exists()
    if is_new and _is_public(settings) and not settings.keys:
        raise no_key(settings)
    return listen(settings.host, settings.port)


def no_key(settings: ApiSettings) -> ConfigError:
    return ConfigError(
        f"api.host: {settings.host} can be reached from other machines, and no key is valid; make "
        "one with `perps-stats keys create`, use 127.0.0.1, or say --insecure if whoever reaches "
        "it may read everything"
    )


def _is_public(settings: ApiSettings) -> bool:
    """Whether others may come, and nobody said that they need no key."""
    if settings.insecure:
        return False
    try:
        return not ip_address(settings.host).is_loopback
    except ValueError:
        return settings.host != "localhost"


class Face:
    """Answers from the moment there is a port: at first that we are starting, then everything.

    ``live`` is what is known without asking the database, and what the stream tells; where it asks
    all the same, it does so by ``ask``, until cancelled. ``taker_fees`` are those that the settings
    say.
    """

    def __init__(
        self,
        condition: Condition,
        settings: ApiSettings,
        live: Live | None = None,
        taker_fees: Mapping[str, Decimal] = NO_FEES,
        ask: Ask | None = None,
    ) -> None:
        self._condition = condition
        self._settings = settings
        self._door = Door(create_porch(condition, now=_now))
        self._keyring = Keyring(given_keys(settings.keys), now=_now, seconds=monotonic)
        self.admission = Admission(self._keyring, _rules(settings), monotonic)
        self._live = live
        self._ask = ask
        self._taker_fees = taker_fees
        if live is not None:
            condition.hub = streams.Hub(
                live, self.admission, _stream_limits(settings), now=_now, seconds=monotonic
            )

    @asynccontextmanager
    async def open(self, repository: PostgresRepository) -> AsyncGenerator[None]:
        """As long as it is open questions are answered from the database of ``repository``, by
        connections that can only read. Raises ``ConfigError`` where a key is needed and none is
        valid.
        """
        async with self._reader(repository) as reader:
            self._door.app = create_app(
                reader,
                exchanges=EXCHANGES,
                now=_now,
                process=self._condition,
                live=self._live,
                taker_fees=self._taker_fees,
            )
            self._condition.waits_for = None
            asking = asyncio.create_task(self._ask(reader)) if self._ask else None
            try:
                yield
            finally:
                if asking is not None:
                    asking.cancel()

    @asynccontextmanager
    async def open_probes(self, repository: PostgresRepository) -> AsyncGenerator[None]:
        """The same, of the probes and the metrics alone."""
        async with self._reader(repository) as reader:
            self._door.app = create_probes(self._condition, reader, now=_now)
            self._condition.waits_for = None
            yield

    @asynccontextmanager
    async def _reader(self, repository: PostgresRepository) -> AsyncGenerator[PostgresRepository]:
        keys = partial(stored_keys, repository.link)
        async with reading_link(repository.link, self._settings.statement_seconds) as link:
            await self._keyring.read(keys)
            if _is_public(self._settings) and not self._keyring.opens:
                raise no_key(self._settings)
            async with self._keyring.kept(keys):
                yield PostgresRepository(link)

    async def serve(self, listener: socket.socket, until: asyncio.Event) -> None:
        kept = [asyncio.create_task(self._condition.heartbeat.run())]
        hub, tally, stream = self._condition.hub, self._condition.tally, None
        if hub is not None and self._live is not None:
            stream = streams.protocol_of(hub, tally)
            ticks = keep_ticking(self._live, hub, self._settings.tick_ms / 1000)
            kept.append(asyncio.create_task(ticks))
        most_bytes = self._settings.answer_bytes
        guard = Guard(self._door, self.admission, tally=tally, most_bytes=most_bytes)
        limits = _limits(self._settings)
        try:
            await serve_on(guard, listener, until, limits=limits, stream=stream, tally=tally)
        finally:
            for task in kept:
                task.cancel()


def _rules(settings: ApiSettings) -> Rules:
    return Rules(
        is_public=_is_public(settings),
        cors_origins=origins(settings.cors_origins),
        trusted_proxies=frozenset(settings.trusted_proxies),
        key_requests=settings.key_requests,
        address_requests=settings.address_requests,
    )


def _limits(settings: ApiSettings) -> Limits:
    return Limits(
        connections=settings.connections,
        address_connections=settings.address_connections,
        shared_addresses=frozenset(settings.trusted_proxies),
        head_seconds=settings.head_seconds,
        head_bytes=settings.head_bytes,
    )


def _stream_limits(settings: ApiSettings) -> streams.Limits:
    return streams.Limits(
        clients=settings.stream_clients,
        topics=settings.stream_topics,
        idle_seconds=settings.stream_idle_seconds,
        slow_seconds=settings.stream_slow_seconds,
    )


def _now() -> datetime:
    return datetime.now(UTC)
