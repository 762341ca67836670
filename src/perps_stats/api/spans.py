"""Pages of a span: what the database wrote, a record a line, and where the page ends."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import Struct, structs

from perps_stats.api.cursors import Position
from perps_stats.api.filters import Filters
from perps_stats.api.names import Choice
from perps_stats.api.records import Pagination
from perps_stats.core.catalogue import KLINES, DataSet
from perps_stats.core.stored import Cursor, GapFilter, Query, Shown
from perps_stats.core.times import from_us, to_us
from perps_stats.core.traits import Repository


class Page(Struct, frozen=True, kw_only=True):
    """Lines, the newest time in them, and where the next page begins, if there is one."""

    lines: bytes
    as_of: str | None
    end: Position | None
    pagination: Pagination | None = None


async def page_of_span(
    repository: Repository, data_set: DataSet, filters: Filters, choice: Choice, begin: Position
) -> Page:
    query = query_of(data_set, filters, choice, begin)
    shown = Shown(as_numbers=filters.as_numbers, depth=filters.depth, skip=filters.offset)
    lines = await repository.get_lines(data_set, query, shown, _which(filters))
    count, end = lines.count(b"\n") + 1 if lines else 0, None
    if count > filters.limit:
        lines, count = lines[: lines.rindex(b"\n")], filters.limit
        end = _after(_last(lines), data_set, begin)
    return Page(
        lines=lines,
        as_of=_newest(lines, data_set.time),
        end=end,
        pagination=Pagination(limit=filters.limit, offset=filters.offset, count=count),
    )


def span_of(begin: Position) -> tuple[datetime | None, datetime | None]:
    return (
        None if begin.start is None else from_us(begin.start),
        None if begin.end is None else from_us(begin.end),
    )


def query_of(data_set: DataSet, filters: Filters, choice: Choice, begin: Position) -> Query:
    """One row more than asked for, to know whether there is a next page."""
    start, end = span_of(begin)
    return Query(
        markets=choice.markets,
        only=dict(_only(data_set, filters)),
        start=start,
        end=end,
        limit=filters.limit + 1,
        after=None if begin.time is None else Cursor(from_us(begin.time), begin.rest),
        newest_first=filters.order == "desc",
    )


def _only(data_set: DataSet, filters: Filters) -> Iterable[tuple[str, str]]:
    if data_set is KLINES:
        yield "interval", filters.interval
    if filters.side is not None:
        yield "side", filters.side.value
    if filters.amount is not None:
        yield "trade_amount", str(filters.amount)
    if filters.kind is not None:
        yield "kind", filters.kind.value


def _which(filters: Filters) -> GapFilter:
    return GapFilter(
        streams=filters.streams,
        causes=filters.causes,
        still_open=filters.still_open,
        unrepaired=filters.unrepaired,
    )


def _after(line: bytes, data_set: DataSet, begin: Position) -> Position:
    """Behind that record: its time, and what tells it apart from others of that time."""
    record = _read(line)
    rest = tuple(str(record[name]) for name in (*data_set.key[1:], "exchange", "symbol"))
    time = datetime.fromisoformat(str(record[data_set.time]))
    return structs.replace(begin, time=to_us(time), rest=rest)


def _newest(lines: bytes, time: str) -> str | None:
    """In the order of time it is the first or the last."""
    if not lines:
        return None
    return max(str(_read(line)[time]) for line in (lines.partition(b"\n")[0], _last(lines)))


def _last(lines: bytes) -> bytes:
    return lines[lines.rfind(b"\n") + 1 :]


_read = msgspec.json.Decoder(dict[str, object], float_hook=str).decode
"""Every digit of a number is kept: those with a point as text."""
