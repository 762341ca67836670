"""Collecting as the settings say: sources, plan, repository."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from perps_stats.app.clients import Asked, exchange_settings, open_exchanges
from perps_stats.app.poll import keep_polled
from perps_stats.app.spool import open_spool
from perps_stats.core.errors import BadInput, ConfigError, NotOffered, near_names
from perps_stats.core.traits import Repository
from perps_stats.exchanges.events import Channel
from perps_stats.ingest.collector import DATA, Listening
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.observer import Observer
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.service import Collecting, Plan, Source
from perps_stats.net.websocket import WebSocketLimits
from perps_stats.settings import Settings, StreamSettings

DEFAULT_DATA = ("orderbook", "trades", "ticker", "funding")
REPORT_SECONDS = 1.0
LOOK_SECONDS = 0.5
Report = Callable[[Mapping[str, int]], None]
"""Is told once a second what was counted: see ``Collecting.counts``."""
Observe = Callable[[Observer], None]
"""Is given who can say how it goes, once collecting begins."""


async def collect(
    settings: Settings,
    asked: Iterable[Asked],
    repository: Repository,
    *,
    until: asyncio.Event,
    report: Report,
    observe: Observe = lambda _observer: None,
) -> None:
    """Until told, or for ``stream.max_duration_seconds``."""
    channels = wanted_channels(settings.stream)
    sources = [_source(settings, each, channels) for each in asked]
    async with open_spool(settings) as spool:
        collecting = Collecting(sources, _plan(settings), repository, spool)
        observer = Observer(collecting, Outside())
        observe(observer)
        looking = asyncio.create_task(_look(observer))
        reporting = asyncio.create_task(_report(collecting, report))
        ending = asyncio.create_task(_end_after(settings.stream.max_duration_seconds, until))
        polling = asyncio.create_task(_poll(settings, collecting, channels))
        try:
            await collecting.run(until)
        finally:
            for task in (polling, looking, reporting, ending):
                task.cancel()
            report(collecting.counts())


def open_streamed(settings: Settings) -> AbstractAsyncContextManager[dict[str, Asked]]:
    """The exchanges that are collected from."""
    return open_exchanges(settings, settings.stream.exchanges or None)


async def _look(observer: Observer) -> None:
    while True:
        observer.look()
        await asyncio.sleep(LOOK_SECONDS)


async def _poll(settings: Settings, collecting: Collecting, channels: list[Channel]) -> None:
    period = settings.stream.poll_seconds
    await keep_polled(collecting, channels, period=period, outside=Outside())


async def _report(collecting: Collecting, report: Report) -> None:
    while True:
        await asyncio.sleep(REPORT_SECONDS)
        report(collecting.counts())


async def _end_after(seconds: float | None, until: asyncio.Event) -> None:
    if seconds is not None:
        await asyncio.sleep(seconds)
        until.set()


def wanted_channels(stream: StreamSettings) -> list[Channel]:
    """Raises ``BadInput`` with near names."""
    channels: dict[Channel, None] = {}
    for name in stream.data or DEFAULT_DATA:
        if name not in DATA:
            known = near_names(name, list(DATA)) or list(DATA)
            raise BadInput("data", name, f"use {', '.join(known)}")
        channels.update(dict.fromkeys(DATA[name]))
    return list(channels)


def _source(settings: Settings, asked: Asked, channels: Sequence[Channel]) -> Source:
    exchange = asked.exchange
    if exchange.stream is None:
        raise NotOffered("streams")
    own = exchange_settings(settings, exchange)
    for name in own.ws_paths:
        if name not in set(Channel):
            known = ", ".join(Channel)
            raise ConfigError(f"exchanges.{exchange.name}.ws_paths.{name}: use one of {known}")
    offered = [channel for channel in channels if channel in exchange.stream.paths]
    listening = Listening(exchange.stream, own.ws_url, own.ws_paths, offered)
    return Source(exchange=exchange, client=asked.client, sender=asked.sender, listening=listening)


def _plan(settings: Settings) -> Plan:
    stream, network = settings.stream, settings.network
    symbols = () if tuple(stream.symbols) == ("all",) else stream.symbols
    return Plan(
        symbols=symbols,
        grids=Grids(
            figures=stream.sample_seconds,
            stored=stream.store_seconds,
            compare=stream.compare_seconds,
            books=stream.book_seconds,
            tickers=stream.ticker_seconds,
            funding=stream.funding_seconds,
            interests=stream.poll_seconds if "open_interest" in stream.data else None,
            book_levels=stream.book_levels,
        ),
        limits=WebSocketLimits(
            connect_seconds=network.connect_seconds, max_frame_bytes=network.max_frame_bytes
        ),
        outside=Outside(),
        listings_seconds=60 * stream.listings_minutes,
    )
