"""Answers: filters become a query, rows become a page, a page knows how it is continued."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct, structs

from perps_stats.api.cursors import Position, position_of, to_token
from perps_stats.api.filters import Filters
from perps_stats.api.names import Choice
from perps_stats.api.records import AsOf, Envelope, answer_units, encoded_records
from perps_stats.api.resources import Records, Resource, Rows
from perps_stats.api.sources import Sources
from perps_stats.core.stored import Cursor, Query
from perps_stats.core.times import from_us, rfc3339, to_us
from perps_stats.core.types import Orderbook
from perps_stats.database.rows import cursor_after

MARKETS_AT_ONCE = 20


class Page(Struct, frozen=True):
    """``end`` is where the next page begins; ``None``: there is no more."""

    records: Sequence[Struct]
    end: Position | None


async def answer(sources: Sources, resource: Resource, filters: Filters) -> Envelope:
    """Raises ``BadInput`` and ``DatabaseError``."""
    begin = position_of(resource.path, filters)
    choice = await sources.listing.choose(filters.exchanges, filters.symbols)
    page = await _page(sources, resource, filters, choice, begin)
    records = [_cut(record, filters.depth) for record in page.records]
    meta = AsOf(
        as_of=_newest(records, resource.time),
        served_at=rfc3339(sources.now()),
        next=None if page.end is None else to_token(page.end),
        units=answer_units(resource.row),
        simulated=choice.simulated,
    )
    as_numbers = filters.numbers == "float"
    return Envelope(encoded_records(records, choice.names.simulated, as_numbers=as_numbers), meta)


async def _page(
    sources: Sources, resource: Resource, filters: Filters, choice: Choice, begin: Position
) -> Page:
    if isinstance(resource, Records):
        span = _query(filters, choice, begin)
        asked = structs.replace(filters, start=span.start, end=span.end)
        records = await _records(sources, resource, asked, choice, begin)
        return _page_of_list(records, resource.key, filters.limit, begin)
    query = _query(filters, choice, begin)
    rows = await resource.read(sources.repository, query, filters)
    if resource.latest:
        return _page_of_list(rows, resource.key, filters.limit, begin)
    return _page_of_span(rows, resource, filters.limit, begin)


async def _records(
    sources: Sources, resource: Records, asked: Filters, choice: Choice, begin: Position
) -> Sequence[Struct]:
    """All of them; where they are many of each market, those of enough markets for a page."""
    if not resource.by_market:
        return await resource.read(sources, choice, asked)
    stored = [(market.exchange, market.symbol) for market in choice.names.markets]
    chosen = stored if choice.markets is None else choice.markets
    left = sorted(market for market in chosen if market >= begin.rest[:2])
    found: list[Struct] = []
    while left and len(found) <= asked.limit:
        few = Choice(choice.names, choice.exchanges, tuple(left[:MARKETS_AT_ONCE]))
        listed = await resource.read(sources, few, asked)
        found += [record for record in listed if _place(record, resource.key) > begin.rest]
        left = left[MARKETS_AT_ONCE:]
    return found


def _query(filters: Filters, choice: Choice, begin: Position) -> Query:
    """One row more than asked for, to know whether there is a next page."""
    return Query(
        markets=choice.markets,
        only=dict(_only(filters)),
        start=None if begin.start is None else from_us(begin.start),
        end=None if begin.end is None else from_us(begin.end),
        limit=filters.limit + 1,
        after=None if begin.time is None else Cursor(from_us(begin.time), begin.rest),
        newest_first=filters.order == "desc",
    )


def _only(filters: Filters) -> Iterable[tuple[str, str]]:
    if filters.side is not None:
        yield "side", filters.side.value
    if filters.amount is not None:
        yield "trade_amount", str(filters.amount)
    if filters.kind is not None:
        yield "kind", filters.kind.value


def _page_of_span(rows: Sequence[Struct], resource: Rows, limit: int, begin: Position) -> Page:
    if len(rows) <= limit:
        return Page(rows, None)
    last = cursor_after(resource.data_set, rows[limit - 1])
    end = structs.replace(begin, time=to_us(last.time), rest=last.rest)
    return Page(rows[:limit], end)


def _page_of_list(
    records: Sequence[Struct], key: Sequence[str], limit: int, begin: Position
) -> Page:
    placed = sorted(((_place(record, key), record) for record in records), key=lambda each: each[0])
    beyond = [each for each in placed if each[0] > begin.rest]
    taken = beyond[:limit]
    more = len(beyond) > limit
    end = structs.replace(begin, rest=taken[-1][0]) if more else None
    return Page([record for _, record in taken], end)


def _place(record: Struct, key: Sequence[str]) -> tuple[str, ...]:
    return tuple(_sortable(getattr(record, field)) for field in key)


def _sortable(value: object) -> str:
    """Text that sorts as the value does."""
    return f"{value:045.18f}" if isinstance(value, Decimal) else str(value)


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


def _newest(records: Iterable[Struct], time: str | None) -> str | None:
    if time is None:
        return None
    times: list[datetime | None] = [getattr(record, time) for record in records]
    newest = max((each for each in times if each is not None), default=None)
    return None if newest is None else rfc3339(newest)
