"""History in pages: a half-open window in; rows out, oldest first, none twice, none left out.

Times are milliseconds. Pages start at a time and ascend, or end at a time and descend.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from operator import lt
from typing import Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from msgspec import Raw

from perps_stats.core.errors import Unreadable
from perps_stats.core.times import from_ms, to_us
from perps_stats.core.types import FundingKind, FundingRate, Market
from perps_stats.exchanges.contract import Answer, Flow, Request, Window, decoded, rows

MILLISECOND = timedelta(milliseconds=1)
MINUTE, HOUR = 60_000, 3_600_000
AskByTime: TypeAlias = Callable[[int, int, int], Request]
"""The request for the rows from one time to another, at most so many."""
Listed: TypeAlias = Callable[[Answer], Sequence[Raw]]
"""Takes the rows out of a body."""
AskByNumber: TypeAlias = Callable[[int, int], Request]
"""The request for the rows from a number on, at most so many."""


class Timed(Protocol):
    @property
    def time(self) -> int: ...


class SettledRow(Timed, Protocol):
    @property
    def funding_rate(self) -> Decimal: ...


class Numbered(Timed, Protocol):
    @property
    def number(self) -> int: ...


TimedRow = TypeVar("TimedRow", bound=Timed)
NumberedRow = TypeVar("NumberedRow", bound=Numbered)


RowT = TypeVar("RowT")


class Page(NamedTuple, Generic[RowT]):
    """``sent`` counts the rows of the body, also those that could not be read."""

    rows: list[RowT]
    sent: int


Read: TypeAlias = Callable[[Answer], Flow[Page[RowT]]]
"""Takes the rows out of a body."""


def plain_list(body: Answer) -> Sequence[Raw]:
    """Of a body that is nothing but its rows."""
    return decoded(body, list[Raw])


def row_by_row(row: type[RowT], listed: Listed = plain_list) -> Read[RowT]:
    def read(body: Answer) -> Flow[Page[RowT]]:
        raws = listed(body)
        return Page((yield from rows(raws, row)), len(raws))

    return read


def span(window: Window) -> tuple[int, int]:
    """The first and the last millisecond of a window."""
    first, after = (-(-to_us(time) // 1000) for time in (window.start, window.end))
    return first, after - 1


def paged(
    ask: AskByTime,
    read: Read[TimedRow],
    first: int,
    last: int,
    *,
    page_size: int,
    limit: int | None,
    stretch: int | None = None,
) -> Flow[list[TimedRow]]:
    """The rows from ``first`` to ``last``, no two of one time; the oldest ``limit`` of them.

    ``stretch``: how many milliseconds to ask for at once, where an exchange cuts what is too long
    at an end that it does not tell. A short page is then no proof that there is no more.
    """
    found: list[TimedRow] = []
    while first <= last and (limit is None or len(found) < limit):
        size = page_size if limit is None else min(page_size, limit - len(found))
        until = last if stretch is None else min(last, first + stretch - 1)
        page = yield from read((yield ask(first, until, size)))
        fresh = yield from in_order(each for each in page.rows if first <= each.time <= until)
        found += fresh
        full = page.sent >= size and bool(fresh)
        if not full and until == last:
            break
        first = (fresh[-1].time if full else until) + 1
    return found if limit is None else found[:limit]


def paged_back(
    ask: AskByTime,
    read: Read[TimedRow],
    first: int,
    last: int,
    *,
    page_size: int,
) -> Flow[list[TimedRow]]:
    """The same where a page holds the newest rows of what was asked.

    No two rows may share a millisecond: the next page ends before the oldest of this one.
    """
    found: list[TimedRow] = []
    while first <= last:
        page = yield from read((yield ask(first, last, page_size)))
        fresh = yield from in_order(each for each in page.rows if first <= each.time <= last)
        found = fresh + found
        if page.sent < page_size or not fresh:
            break
        last = fresh[0].time - 1
    return found


def in_order(some: Iterable[TimedRow]) -> Flow[list[TimedRow]]:
    """Oldest first. A row that comes twice is kept once; another row of the same time is reported,
    as nobody knows which of the two is true.
    """
    ordered = list(some)
    times = [each.time for each in ordered]
    if all(map(lt, times, times[1:])):
        return ordered
    kept: dict[int, TimedRow] = {}
    for each in sorted(ordered, key=lambda each: each.time):
        if kept.setdefault(each.time, each) != each:
            yield Unreadable(f"two rows of {each.time}: {kept[each.time]} and {each}")
    return list(kept.values())


def settlements(
    ask: AskByTime,
    read: Read[TimedRow],
    window: Window,
    limit: int | None,
    *,
    page_size: int,
    spacings: frozenset[int],
    descending: bool = False,
) -> Flow[list[tuple[TimedRow, Decimal | None]]]:
    """Settled funding, each with its interval in hours: the time since the one before.

    ``spacings`` are the intervals that the exchange has; any other distance is a hole, and the
    interval unknown. Looks back before the window, so that its first row has a predecessor.
    """
    first, last = span(window)
    if first > last:
        return []
    longest = max(spacings)
    wanted = None if limit is None else limit + longest
    start = first - longest * HOUR - MINUTE
    if descending:
        found = yield from paged_back(ask, read, start, last, page_size=page_size)
    else:
        found = yield from paged(ask, read, start, last, page_size=page_size, limit=wanted)
    pairs = zip([None, *found], found, strict=False)
    spaced = [(this, _hours(before, this, spacings)) for before, this in pairs]
    return [(this, hours) for this, hours in spaced if this.time >= first][:limit]


def settled(market: Market, row: SettledRow, hours: Decimal | None) -> FundingRate:
    """The row's ``funding_rate``, in force until its time."""
    time = from_ms(row.time)
    return FundingRate(
        exchange=market.exchange,
        symbol=market.symbol,
        funding_rate=row.funding_rate,
        funding_time=time,
        funding_interval=hours,
        kind=FundingKind.SETTLED,
        timestamp=time,
    )


def _hours(before: Timed | None, this: Timed, spacings: frozenset[int]) -> Decimal | None:
    hours = round((this.time - before.time) / HOUR) if before else 0
    return Decimal(hours) if hours in spacings else None


def numbered(
    by_time: AskByTime,
    by_number: AskByNumber,
    row: type[NumberedRow],
    window: Window,
    limit: int,
    *,
    page_size: int,
    stretch: int,
) -> Flow[list[NumberedRow]]:
    """Rows of which a millisecond may hold more than a page: only their numbers go on safely.

    By time, at most ``stretch`` at once, until the first is found; then by number.
    """
    first, last = span(window)
    found: list[NumberedRow] = []
    while first <= last and not found:
        ask = by_time(first, min(first + stretch - 1, last), min(limit, page_size))
        found = yield from rows(decoded((yield ask), list[Raw]), row)
        first += stretch
    more = bool(found)
    while more and len(found) < limit:
        size = min(limit - len(found), page_size)
        listed = decoded((yield by_number(found[-1].number + 1, size)), list[Raw])
        page = yield from rows(listed, row)
        newest = found[-1].number
        fresh = [each for each in page if each.number > newest and each.time <= last]
        found += fresh
        more = len(listed) == size and bool(fresh) and page[-1].time <= last
    return found
