"""What is known now of each market: heard by this process, else stored; not older than wanted."""

from asyncio import sleep
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeAlias, TypeVar

from perps_stats.api.filters import Filters
from perps_stats.api.names import Choice
from perps_stats.api.sources import Sources
from perps_stats.core.catalogue import DataSet
from perps_stats.core.stored import Query
from perps_stats.core.times import rfc3339
from perps_stats.core.types import Market

Name: TypeAlias = tuple[str, str]
DEPTHS = (10, 100, 1000)
"""Levels a side of books, until there are enough."""


class Named(Protocol):
    @property
    def exchange(self) -> str: ...
    @property
    def symbol(self) -> str: ...


class Row(Named, Protocol):
    @property
    def timestamp(self) -> datetime | None: ...


RowT = TypeVar("RowT", bound=Row)


def name_of(each: Named) -> Name:
    return each.exchange, each.symbol


def not_at_all(_row: object) -> timedelta:
    return timedelta()


def always(_row: object) -> bool:
    return True


class Known(Generic[RowT]):
    """Rows of each market that are fresh enough, the newest first, and why others have none.

    ``what`` is what one row is, in words: ``ticker``. ``holds`` is for how long a row is true
    beyond its time.
    """

    def __init__(
        self,
        what: str,
        rows: Iterable[RowT],
        since: datetime,
        holds: Callable[[RowT], timedelta] = not_at_all,
    ) -> None:
        self._what = what
        self._last: dict[Name, datetime] = {}
        found: dict[Name, list[tuple[datetime, RowT]]] = {}
        for row in rows:
            name, time = name_of(row), row.timestamp
            if time is None:
                continue
            self._last[name] = max(time, self._last.get(name, time))
            if time + holds(row) >= since:
                found.setdefault(name, []).append((time, row))
        self._fresh = {
            name: [row for _, row in sorted(each, key=lambda dated: dated[0], reverse=True)]
            for name, each in found.items()
        }

    def all_of(self, market: Market) -> Sequence[RowT]:
        return self._fresh.get(name_of(market), ())

    def of(self, market: Market) -> RowT | None:
        return next(iter(self.all_of(market)), None)

    def why(self, market: Market) -> list[str]:
        """Empty where there is one."""
        if self.all_of(market):
            return []
        last = self._last.get(name_of(market))
        if last is None:
            return [f"no {self._what} is known"]
        return [f"the last {self._what} is of {rfc3339(last)}: older than max_age"]


async def known(
    sources: Sources,
    choice: Choice,
    filters: Filters,
    *,
    data_set: DataSet,
    row: type[RowT],
    stored: Callable[[Query], Awaitable[Sequence[RowT]]],
    holds: Callable[[RowT], timedelta] = not_at_all,
    enough: Callable[[RowT], bool] = always,
) -> Known[RowT]:
    """``stored`` answers the last rows of a query's markets. Of a book that is heard as few levels
    are taken as are ``enough``.
    """
    rows = [each async for each in _heard(sources, choice, data_set, row, enough)]
    rows += await stored(Query(markets=choice.markets))
    what = data_set.name.removesuffix("s").replace("_", " ")
    return Known(what, rows, back(sources.now(), filters.max_age), holds)


async def _heard(
    sources: Sources,
    choice: Choice,
    data_set: DataSet,
    row: type[RowT],
    enough: Callable[[RowT], bool],
) -> AsyncIterator[RowT]:
    """Market by market, so that others are answered meanwhile."""
    if sources.live is None:
        return
    wanted = None if choice.markets is None else set(choice.markets)
    for name in sources.live.markets():
        if wanted is None or name in wanted:
            found: list[RowT] = []
            for depth in DEPTHS:
                rows: Sequence[object] = sources.live.newest(data_set.name, *name, depth=depth)
                found = [each for each in rows if isinstance(each, row)]
                if all(map(enough, found)):
                    break
            for each in found:
                yield each
            await sleep(0)


def back(time: datetime, span: timedelta) -> datetime:
    """So long before, at most as far back as there is time."""
    try:
        return time - span
    except OverflowError:
        return datetime.min.replace(tzinfo=time.tzinfo)


def by_coin(markets: Iterable[Market]) -> Mapping[str, list[Market]]:
    """Markets whose contracts are of one coin, whatever they are called."""
    groups: dict[str, list[Market]] = {}
    for market in markets:
        groups.setdefault(market.base, []).append(market)
    return groups
