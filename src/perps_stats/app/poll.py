"""Asking for what is wanted and not streamed, beside the streams."""

import asyncio
from collections.abc import Iterator, Sequence

import structlog

from perps_stats.core.errors import Unreadable
from perps_stats.exchanges.events import Channel
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.poll.poll import Poll
from perps_stats.ingest.poll.questions import questions
from perps_stats.ingest.service import Collecting, Source
from perps_stats.ingest.share import Share

log = structlog.get_logger()
PART = 0.25
"""Of an exchange's limits."""


async def keep_polled(
    collecting: Collecting, channels: Sequence[Channel], *, period: float, outside: Outside
) -> None:
    """Of the markets that are collected, until it is cancelled, which ends it at once."""
    for source in collecting.sources:
        collecting.polls += polls_of(source, collecting, channels, period, outside)
    async with asyncio.TaskGroup() as group:
        for poll in collecting.polls:
            group.create_task(poll.run())


def polls_of(
    source: Source,
    collecting: Collecting,
    channels: Sequence[Channel],
    period: float,
    outside: Outside,
) -> Iterator[Poll]:
    """Of each question one; what cannot be asked for either is told."""
    exchange = source.exchange
    stream = exchange.stream
    missing = [each for each in channels if stream is None or each not in stream.paths]
    asked = questions(exchange, missing)
    polled = {channel for question in asked for channel in question.channels}
    if unknown := [channel.value for channel in missing if channel not in polled]:
        log.warning("not offered", exchange=exchange.name, channels=unknown)

    def feeds() -> list[MarketFeed]:
        return [
            feed
            for collector in collecting.collectors
            if collector.exchange == exchange.name
            for feed in collector.feeds.values()
        ]

    def report(row: Unreadable) -> None:
        log.warning("unreadable row", exchange=exchange.name, error=str(row))

    send = Share(source.sender.send, exchange.rest.limits, PART).send
    client = ExchangeClient(exchange, send, now=outside.now, report=report)
    for question in asked:
        yield Poll(
            question,
            client,
            feeds=feeds,
            sink=collecting.writer,
            outside=outside,
            period=period,
        )
