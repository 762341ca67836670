"""Repairs the closed gaps of one exchange: one at a time, soon after they closed, trades first.

What fails is tried again, ever later, and at last left: the next start tries it again, if it is not
older than a day. A gap that says how many rows were recovered is done with, repaired or not.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog
from msgspec import Struct
from msgspec.structs import replace

from perps_stats.core.errors import DatabaseError, ExchangeError
from perps_stats.core.stored import ClosedGap
from perps_stats.core.times import rfc3339
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market
from perps_stats.exchanges.events import Channel
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.outside import Outside, steady
from perps_stats.ingest.repair.pasts import PastRepair
from perps_stats.ingest.repair.trades import TradeRepair
from perps_stats.ingest.repair.verdict import UNREPAIRED, End, Verdict, with_note

log = structlog.get_logger()
Admit: TypeAlias = Callable[[Market], Awaitable[None]]
"""Raises ``DatabaseError`` for simulated data of an exchange beside live, ``ExchangeError``."""
STREAMS = (Channel.TRADES, Channel.KLINES, Channel.OPEN_INTEREST, Channel.FUNDING)
"""What exchanges list again, in the order in which it is gone."""
LOOK_SECONDS = 1.0
SETTLE_SECONDS = 1.0
"""The exchange's list may be a little behind its stream."""
EARLY_SECONDS = 60.0
AGAIN_SECONDS = (2.0, 5.0, 15.0, 60.0, 300.0, 900.0)
RECENT = timedelta(days=1)


class _Case(Struct):
    """A gap that is being repaired: when it is looked at next, and how many tries have failed."""

    due: float
    failed: int = 0


class Repair:
    """``client`` asks within a share of the exchange's limits. ``admit`` is asked once whether what
    the exchange answers belongs into the repository. ``again``: how many seconds to wait before
    each further try.
    """

    def __init__(
        self,
        client: ExchangeClient,
        repository: Repository,
        outside: Outside,
        admit: Admit,
        again: Sequence[float] = AGAIN_SECONDS,
    ) -> None:
        self._repository = repository
        self._outside = outside
        self._exchange = client.exchange.name
        self._admit = admit
        self._is_admitted = False
        self._again = again
        self._trades = TradeRepair(client, repository, outside.now)
        self._pasts = PastRepair(client, repository, outside.now)
        self._cases: dict[tuple[object, ...], _Case] = {}

    async def run(self) -> None:
        """Until it is cancelled: what is under way is then rolled back."""
        while True:
            tried = False
            try:
                tried = await self._look()
            except DatabaseError as error:
                log.warning("nothing is repaired", exchange=self._exchange, error=str(error))
            await asyncio.sleep(0 if tried else LOOK_SECONDS)

    async def listed(self, since: datetime | None = None) -> list[ClosedGap]:
        """What is to be repaired, of gaps that ended since: in the last day."""
        since = since or self._outside.now() - RECENT
        found = await self._repository.get_unrepaired(self._exchange, STREAMS, since)
        order = {channel.value: place for place, channel in enumerate(STREAMS)}
        return sorted(found, key=lambda closed: order[closed.gap.stream])

    async def _look(self) -> bool:
        """Try the first gap that is due; whether there was one. What closes meanwhile may come
        before the others.
        """
        found = await self.listed()
        now = steady()
        cases = {_key(each): self._cases.get(_key(each)) for each in found}
        self._cases = {key: case or _Case(now + SETTLE_SECONDS) for key, case in cases.items()}
        due = (each for each in found if self._cases[_key(each)].due <= now)
        first = next(due, None)
        if first is not None:
            await self._try(first, self._cases[_key(first)])
        return first is not None

    async def _try(self, closed: ClosedGap, case: _Case) -> None:
        verdict = await self.repair(closed)
        if verdict.end is End.EARLY:
            case.due = steady() + EARLY_SECONDS
        elif verdict.end is End.LATER and case.failed < len(self._again):
            case.due = steady() + self._again[case.failed]
            case.failed += 1
        else:
            case.due = float("inf")
            await self.conclude(closed, verdict)

    async def repair(self, closed: ClosedGap) -> Verdict:
        """One try. Raises ``DatabaseError``."""
        gap = closed.gap
        listed = await self._repository.get_markets(gap.exchange, gap.symbol)
        market = next((each for each in listed if each.symbol == gap.symbol), None)
        if market is None:
            return Verdict(End.LOST, 0, f"{UNREPAIRED}the market has another name now")
        by = self._trades if gap.stream == Channel.TRADES else self._pasts
        try:
            if not self._is_admitted:
                await self._admit(market)
                self._is_admitted = True
            return await by.repair(closed, market)
        except ExchangeError as error:
            return Verdict(End.LATER, note=str(error))

    async def conclude(self, closed: ClosedGap, verdict: Verdict) -> None:
        """The gap says what became of it."""
        gap, is_repaired = closed.gap, verdict.end is End.REPAIRED
        note = f"{UNREPAIRED}{verdict.note}" if verdict.end is End.LATER else verdict.note
        told = replace(
            gap,
            repaired_at=self._outside.now() if is_repaired else None,
            rows_recovered=verdict.rows,
            detail=with_note(gap.detail, note),
        )
        await self._repository.store_gap(told)
        log.info(
            "gap repaired" if is_repaired else "gap not repaired",
            exchange=gap.exchange,
            symbol=gap.symbol,
            stream=gap.stream,
            start=rfc3339(gap.start_time),
            rows=verdict.rows,
            note=note,
        )


def _key(closed: ClosedGap) -> tuple[object, ...]:
    gap = closed.gap
    return closed.market_id, gap.stream, gap.start_time, gap.end_time
