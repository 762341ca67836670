"""A share of what an exchange grants: who asks by the way never spends more of its limits."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from msgspec import structs

from perps_stats.exchanges.contract import Answer, Ask, Limit, Request
from perps_stats.feed.budget import Budget
from perps_stats.feed.flow import Send
from perps_stats.ingest.outside import steady


class Share:
    """``send`` waits until the share allows it, then asks by way of the given one."""

    def __init__(self, send: Send, limits: Mapping[str, Limit], part: float) -> None:
        self._send = send
        self._weights = {name: max(1, int(limit.weight * part)) for name, limit in limits.items()}
        self._lock = asyncio.Lock()
        self._budget = Budget(
            {name: replace(limit, weight=self._weights[name]) for name, limit in limits.items()}
        )

    async def send(self, ask: Ask) -> Answer:
        for request in (ask,) if isinstance(ask, Request) else ask:
            await self._turn(self._cut(request))
        return await self._send(ask)

    def _cut(self, request: Request) -> Request:
        """What is heavier than the whole share spends all of it."""
        most = self._weights.get(request.pool, request.weight)
        return structs.replace(request, weight=min(request.weight, most))

    async def _turn(self, request: Request) -> None:
        async with self._lock:
            await asyncio.sleep(self._budget.wait(request, steady()))
            self._budget.spend(request, steady())
