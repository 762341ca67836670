"""What other processes collect, as of a moment ago: a ``LiveSource`` that asks the database.

It vouches for what a living collector listens to without a gap; where that died, nothing holds now.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeAlias

import structlog
from msgspec import Struct, structs

from perps_stats.core.catalogue import DATA_SETS, FUNDING_RATES, KLINES, DataSet
from perps_stats.core.errors import DatabaseError
from perps_stats.core.live import BOOK_LEVELS, EVENTS, STREAMS, Stop, Told
from perps_stats.core.stored import Query
from perps_stats.core.types import FundingKind, Gap, Orderbook
from perps_stats.database.newer import Market, listened, newer
from perps_stats.database.pages import latest
from perps_stats.database.repository import PostgresRepository

ASK_SECONDS = 1.0
OVERLAP = timedelta(seconds=5)
"""What is stored so long behind the newest row of its market is told; what comes later is not."""
FIRST = {KLINES.name: timedelta(minutes=10)}
"""From so long before the first question on rows are not new. Else from ``OVERLAP``."""
KINDS = {FUNDING_RATES.name: [kind.value for kind in FundingKind]}
MOST_GAPS = 5000
Topic: TypeAlias = tuple[str, str, str]
"""Data set, exchange, symbol."""
log = structlog.get_logger()


class LiveStored:
    """``run`` asks each second, a statement for each data set, for what is followed and no more."""

    def __init__(self) -> None:
        self._streams: dict[Market, set[str]] = {}
        self._simulated: dict[str, bool] = {}
        self._followers: defaultdict[Topic, list[Told]] = defaultdict(list)
        self._rows: dict[Topic, tuple[Struct, ...]] = {}
        self._versions: dict[Topic, tuple[Sequence[Struct], int]] = {}
        self._seen: dict[Topic, dict[Struct, datetime]] = {}
        self._gaps: dict[Market, dict[tuple[str, datetime], Gap]] = {}

    def markets(self) -> Sequence[Market]:
        return sorted(self._streams)

    def simulated(self) -> Mapping[str, bool]:
        return self._simulated

    def newest(
        self, data_set: str, exchange: str, symbol: str, depth: int = BOOK_LEVELS
    ) -> Sequence[Struct]:
        market = (exchange, symbol)
        gaps = [gap for gap in self._gaps.get(market, {}).values() if gap.end_time is None]
        if data_set == "gaps":
            return gaps
        streams = self._streams.get(market, set())
        in_doubt = {gap.stream for gap in gaps}
        if not streams.intersection(STREAMS[data_set]) or in_doubt.intersection(STREAMS[data_set]):
            return ()
        rows = self._rows.get((data_set, exchange, symbol), ())
        return [_cut(row, depth) for row in rows]

    def version(self, data_set: str, exchange: str, symbol: str) -> int:
        topic = (data_set, exchange, symbol)
        rows = self.newest(*topic, depth=BOOK_LEVELS)
        before, version = self._versions.get(topic, ((), 0))
        if list(rows) != list(before):
            version += 1
            self._versions[topic] = rows, version
        return version

    def follow(self, data_set: str, exchange: str, symbol: str, told: Told) -> Stop:
        followers = self._followers[data_set, exchange, symbol]
        followers.append(told)
        return partial(self._leave, (data_set, exchange, symbol), told)

    def advance(self) -> None:
        """What is new is told when it is answered."""

    async def run(self, repository: PostgresRepository) -> None:
        """Until cancelled. While the database is away nothing is vouched for."""
        is_away = False
        while True:
            try:
                await self._ask(repository)
                is_away = False
            except DatabaseError as error:
                self._streams = {}
                if not is_away:
                    log.warning("the stream hears nothing", error=str(error))
                is_away = True
            await asyncio.sleep(ASK_SECONDS)

    def _leave(self, topic: Topic, told: Told) -> None:
        self._followers[topic].remove(told)
        if not self._followers[topic]:
            del self._followers[topic]
            self._rows.pop(topic, None)
            self._seen.pop(topic, None)

    async def _ask(self, repository: PostgresRepository) -> None:
        streams, stored = await listened(repository.link), await repository.get_exchanges()
        self._streams = streams
        self._simulated = {exchange.name: exchange.simulated for exchange in stored}
        wanted: defaultdict[str, list[Market]] = defaultdict(list)
        for data_set, exchange, symbol in self._followers:
            wanted[data_set].append((exchange, symbol))
        await self._ask_gaps(repository, wanted.pop("gaps", []))
        for name, markets in wanted.items():
            if name in EVENTS:
                await self._ask_events(repository, DATA_SETS[name], markets)
            else:
                await self._ask_states(repository, DATA_SETS[name], markets)

    async def _ask_states(
        self, repository: PostgresRepository, data_set: DataSet, markets: Sequence[Market]
    ) -> None:
        query = Query(markets=tuple(markets))
        rows = await latest(repository.link, data_set, query, KINDS.get(data_set.name))
        for market, some in _by_market(rows).items():
            topic = (data_set.name, *market)
            if topic in self._followers:  # who asked may have left meanwhile
                self._rows[topic] = tuple(some)

    async def _ask_events(
        self, repository: PostgresRepository, data_set: DataSet, markets: Sequence[Market]
    ) -> None:
        """The rows that come with the first answer are known, not new."""
        first = datetime.now(UTC) - FIRST.get(data_set.name, OVERLAP)
        since: dict[Market, datetime] = {}
        for market in markets:
            seen = self._seen.get((data_set.name, *market))
            since[market] = max(seen.values()) - OVERLAP if seen else first
        rows = _by_market(await newer(repository.link, data_set, since))
        for market in markets:
            topic = (data_set.name, *market)
            if topic not in self._followers:
                continue
            is_first = topic not in self._seen
            seen = self._seen.setdefault(topic, {})
            new = [row for row in rows.get(market, ()) if row not in seen]
            self._see(data_set, topic, new, since[market])
            if new and not is_first:
                self._tell(topic, new)

    def _see(
        self, data_set: DataSet, topic: Topic, rows: Sequence[Struct], since: datetime
    ) -> None:
        seen = self._seen[topic]
        seen.update((row, getattr(row, data_set.time)) for row in rows)
        for row in [row for row, time in seen.items() if time < since]:
            del seen[row]
        last = {getattr(row, "interval", None): row for row in (*self._rows.get(topic, ()), *rows)}
        self._rows[topic] = tuple(last.values())

    async def _ask_gaps(self, repository: PostgresRepository, markets: Sequence[Market]) -> None:
        """Those that are open, were open, or reached into the last minute."""
        known = (gap for gaps in self._gaps.values() for gap in gaps.values())
        begun = [gap.start_time for gap in known if gap.end_time is None]
        start = min((*begun, datetime.now(UTC) - timedelta(minutes=1)))
        query = Query(markets=tuple(markets), start=start, limit=MOST_GAPS)
        told = _by_market(await repository.get_gaps(query)) if markets else {}
        before, self._gaps = self._gaps, {}
        for market in markets:
            gaps = [gap for gap in told.get(market, ()) if isinstance(gap, Gap)]
            self._gaps[market] = {(gap.stream, gap.start_time): gap for gap in gaps}
            known_before = before.get(market)
            if known_before is not None:
                new = [gap for gap in gaps if gap not in known_before.values()]
                self._tell(("gaps", *market), new)

    def _tell(self, topic: Topic, rows: Sequence[Struct]) -> None:
        for told in tuple(self._followers.get(topic, ())) if rows else ():
            told(rows)


def _by_market(rows: Iterable[Struct]) -> dict[Market, list[Struct]]:
    found: dict[Market, list[Struct]] = {}
    for row in rows:
        market = (str(getattr(row, "exchange")), str(getattr(row, "symbol")))  # noqa: B009 of any
        found.setdefault(market, []).append(row)
    return found


def _cut(row: Struct, depth: int) -> Struct:
    if not isinstance(row, Orderbook) or max(len(row.bids), len(row.asks)) <= depth:
        return row
    cut = (row.bids[:depth], row.asks[:depth])
    return structs.replace(row, bids=cut[0], asks=cut[1], complete=False)
