"""Answers: filters become a query, records become a page, a page knows how it is continued."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from operator import itemgetter

from msgspec import Struct, structs

from perps_stats.api.cursors import Position, position_of, to_token
from perps_stats.api.derived.histories import page_of_history
from perps_stats.api.fast import STORED_SECONDS, Fresh, Last, Told, versions_of
from perps_stats.api.filters import Filters
from perps_stats.api.kinds import History, Records, Resource, Rows
from perps_stats.api.names import Choice
from perps_stats.api.records import Answer, AsOf, answer_units, encoded_lines
from perps_stats.api.sources import Sources
from perps_stats.api.spans import Page, page_of_span, query_of, span_of
from perps_stats.core.catalogue import KLINES
from perps_stats.core.live import LiveSource
from perps_stats.core.times import rfc3339
from perps_stats.core.types import Orderbook

MARKETS_AT_ONCE = 20


class Answers:
    """``live`` is what the process knows without the database, if it knows anything."""

    def __init__(self, sources: Sources, live: LiveSource | None) -> None:
        self._sources = sources
        self._live = live
        self._last = Last(sources.repository, live)

    async def answer(self, resource: Resource, filters: Filters) -> tuple[Answer, Fresh | None]:
        """And how long it holds; ``None``: it is not to be kept. Raises ``BadInput`` and
        ``DatabaseError``.
        """
        begin = position_of(resource.path, filters)
        choice = await self._sources.listing.choose(filters.exchanges, filters.symbols)
        page, fresh = await self._page(resource, filters, choice, begin)
        meta = AsOf(
            as_of=page.as_of,
            served_at=rfc3339(self._sources.now()),
            next=None if page.end is None else to_token(page.end),
            units=answer_units(resource.row),
            simulated=choice.simulated,
        )
        return Answer(
            row=resource.row,
            lines=page.lines,
            meta=meta,
            as_numbers=filters.as_numbers,
            pagination=page.pagination,
        ), fresh

    async def _page(
        self, resource: Resource, filters: Filters, choice: Choice, begin: Position
    ) -> tuple[Page, Fresh | None]:
        if isinstance(resource, Records):
            records = await self._records(resource, filters, choice, begin)
            told: list[Told] = [(record, None) for record in records]
            return _page_of_list(told, resource, filters, choice, begin), None
        repository = self._sources.repository
        if isinstance(resource, History):
            return await page_of_history(self._sources, resource, filters, choice, begin), None
        if resource.latest is not None:
            query = query_of(resource.data_set, filters, choice, begin)
            read = resource.latest
            told, fresh = await self._last.values(resource.data_set, read, query, filters, choice)
            return _page_of_list(told, resource, filters, choice, begin), fresh
        kept = self._kept(resource, filters, choice)
        return await page_of_span(repository, resource.data_set, filters, choice, begin), kept

    def _kept(self, resource: Rows, filters: Filters, choice: Choice) -> Fresh | None:
        """Of spans the newest candles are kept: everybody asks for them, and they change rarely."""
        if resource.data_set is not KLINES or filters.cursor or filters.end or not choice.markets:
            return None
        return Fresh(versions_of(self._live, KLINES.name, choice.markets), STORED_SECONDS)

    async def _records(
        self, resource: Records, filters: Filters, choice: Choice, begin: Position
    ) -> Sequence[Struct]:
        """All of them; where they are many of each market, those of enough markets for a page."""
        start, end = span_of(begin)
        asked = structs.replace(filters, start=start, end=end)
        if not resource.by_market:
            return await resource.read(self._sources, choice, asked)
        stored = [(market.exchange, market.symbol) for market in choice.names.markets]
        chosen = stored if choice.markets is None else choice.markets
        left = sorted(market for market in chosen if market >= begin.rest[:2])
        found: list[Struct] = []
        while left and len(found) <= asked.limit:
            few = Choice(choice.names, choice.exchanges, tuple(left[:MARKETS_AT_ONCE]))
            listed = await resource.read(self._sources, few, asked)
            found += [record for record in listed if _place(record, resource.key) > begin.rest]
            left = left[MARKETS_AT_ONCE:]
        return found


def _page_of_list(
    told: Sequence[Told],
    resource: Rows | Records,
    filters: Filters,
    choice: Choice,
    begin: Position,
) -> Page:
    """In the order of the key; of what a place already has a line, that one."""
    key = resource.key
    placed = sorted([(_place(each[0], key), each) for each in told], key=itemgetter(0))
    beyond = [each for each in placed if each[0] > begin.rest]
    taken = beyond[: filters.limit]
    more = len(beyond) > filters.limit
    records = [_cut(record, filters.depth) for _, (record, _) in taken]
    simulated, as_numbers = choice.names.simulated, filters.as_numbers
    return Page(
        lines=b"\n".join(
            line or encoded_lines([record], simulated, as_numbers=as_numbers)
            for record, (_, (_, line)) in zip(records, taken, strict=True)
        ),
        as_of=_newest(records, resource.time),
        end=structs.replace(begin, rest=taken[-1][0]) if more else None,
    )


def _place(record: Struct, key: Sequence[str]) -> tuple[str, ...]:
    return tuple([_sortable(getattr(record, field)) for field in key])


def _sortable(value: object) -> str:
    """Text that sorts as the value does."""
    if type(value) is str:
        return value
    if isinstance(value, Decimal):
        return f"{value:045.18f}"
    return f"{value:020}" if isinstance(value, int) else str(value)


def _cut(record: Struct, depth: int | None) -> Struct:
    """A book that was cut is no longer the exchange's whole book."""
    if not isinstance(record, Orderbook) or depth is None:
        return record
    whole = max(len(record.bids), len(record.asks)) <= depth
    return structs.replace(
        record,
        bids=record.bids[:depth],
        asks=record.asks[:depth],
        complete=record.complete and whole,
    )


def _newest(records: Sequence[Struct], time: str | None) -> str | None:
    if time is None:
        return None
    times: list[datetime | None] = [getattr(record, time) for record in records]
    newest = max((each for each in times if each is not None), default=None)
    return None if newest is None else rfc3339(newest)
