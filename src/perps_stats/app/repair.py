"""Repairing what was missed, beside collecting."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

import structlog

from perps_stats.app.clients import Asked
from perps_stats.core.errors import Unreadable
from perps_stats.core.stored import ClosedGap
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.repair.repair import Repair
from perps_stats.ingest.repair.verdict import End, Verdict
from perps_stats.ingest.share import Share

log = structlog.get_logger()
PART = 0.25
"""Of the exchange's limits."""


async def keep_repaired(
    asked: Iterable[Asked], repository: Repository, *, until: asyncio.Event
) -> None:
    """What is under way at the end is called off: the next start goes on."""
    async with asyncio.TaskGroup() as group:
        repairs = [repair_of(each, repository, Outside()) for each in asked]
        tasks = [group.create_task(each.run()) for each in repairs]
        await until.wait()
        for task in tasks:
            task.cancel()


async def repair_listed(
    asked: Asked, repository: Repository, since: datetime
) -> list[tuple[ClosedGap, Verdict]]:
    """Once, what ended since; the gaps say what became of them. Raises ``DatabaseError``."""
    repair = repair_of(asked, repository, Outside())
    done: list[tuple[ClosedGap, Verdict]] = []
    for closed in await repair.listed(since):
        verdict = await repair.repair(closed)
        if verdict.end is not End.EARLY:
            await repair.conclude(closed, verdict)
        done.append((closed, verdict))
    return done


def repair_of(asked: Asked, repository: Repository, outside: Outside) -> Repair:
    exchange = asked.exchange

    def report(row: Unreadable) -> None:
        log.warning("unreadable row", exchange=exchange.name, error=str(row))

    async def admit(market: Market) -> None:
        if asked.sender.simulated is None:
            await asked.client.get_markets()
        await repository.store_markets([market], simulated=asked.sender.simulated is True)

    send = Share(asked.sender.send, exchange.rest.limits, PART).send
    client = ExchangeClient(exchange, send, now=outside.now, report=report)
    return Repair(client, repository, outside, admit)
