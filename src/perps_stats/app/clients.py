"""Exchanges that can be asked: each with a sender, within one pool of connections."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from msgspec import Struct

from perps_stats.core.errors import BadInput, ConfigError, Unreadable, near_names
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Exchange
from perps_stats.feed.client import ExchangeClient
from perps_stats.net.http import HttpLimits, HttpSender, http_session
from perps_stats.settings import ExchangeSettings, NetworkSettings, Settings

log = structlog.get_logger()


class Asked(Struct, frozen=True):
    """An exchange and the means to ask it. ``sender.simulated`` is known after the first answer."""

    exchange: Exchange
    client: ExchangeClient
    sender: HttpSender


def choose(names: Sequence[str] | None) -> list[Exchange]:
    """``None``: every exchange. Raises ``BadInput`` with near names."""
    if names is None:
        return list(EXCHANGES.values())
    for name in names:
        if name not in EXCHANGES:
            known = near_names(name, list(EXCHANGES)) or list(EXCHANGES)
            raise BadInput("exchange", name, f"use {', '.join(known)}")
    return [EXCHANGES[name] for name in dict.fromkeys(names)]


def exchange_settings(settings: Settings, exchange: Exchange) -> ExchangeSettings:
    return settings.exchanges.get(exchange.name, ExchangeSettings())


@asynccontextmanager
async def open_exchanges(
    settings: Settings, names: Sequence[str] | None
) -> AsyncGenerator[dict[str, Asked], None]:
    """By name. Raises ``BadInput`` for an unknown name, ``ConfigError`` for one in the settings."""
    for name in settings.exchanges:
        if name not in EXCHANGES:
            known = ", ".join(near_names(name, list(EXCHANGES)) or EXCHANGES)
            raise ConfigError(f"exchanges.{name}: there is no such exchange; use {known}")
    limits = _limits(settings.network)
    async with http_session(limits) as session:
        asked: dict[str, Asked] = {}
        for exchange in choose(names):
            own = exchange_settings(settings, exchange)
            granted = _granted(exchange, own.limit_factor)
            url = own.rest_url or exchange.rest.url
            sender = HttpSender(granted.rest, url, session, limits)
            asked[exchange.name] = Asked(granted, _client(granted, sender), sender)
        yield asked


def _granted(exchange: Exchange, factor: float) -> Exchange:
    """With so many times its usual limits, of at least 1."""
    limits = {
        pool: replace(limit, weight=max(1, int(limit.weight * factor)))
        for pool, limit in exchange.rest.limits.items()
    }
    return replace(exchange, rest=replace(exchange.rest, limits=limits))


def _limits(network: NetworkSettings) -> HttpLimits:
    return HttpLimits(
        connect_seconds=network.connect_seconds,
        total_seconds=network.read_seconds,
        attempts=network.attempts,
        patience_seconds=network.patience_seconds,
        max_body_bytes=network.max_body_bytes,
    )


def _client(exchange: Exchange, sender: HttpSender) -> ExchangeClient:
    def report(row: Unreadable) -> None:
        log.warning("unreadable row", exchange=exchange.name, error=str(row))

    return ExchangeClient(
        exchange,
        sender.send,
        now=lambda: datetime.now(UTC),
        report=report,
        lock=asyncio.Lock(),
    )
