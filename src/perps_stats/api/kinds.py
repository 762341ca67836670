"""The kinds of resources: what one says of itself, and the parameters that many take."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeAlias

from msgspec import Struct

from perps_stats.api import parameters as says
from perps_stats.api.filters import Filters, Parameter
from perps_stats.api.names import Choice
from perps_stats.api.sources import Sources
from perps_stats.core.catalogue import DataSet
from perps_stats.core.stored import Query
from perps_stats.core.traits import Repository

ReadLatest: TypeAlias = Callable[[Repository, Query], Awaitable[Sequence[Struct]]]
ReadList: TypeAlias = Callable[[Sources, Choice, Filters], Awaitable[Sequence[Struct]]]
ReadSpan: TypeAlias = Callable[[Sources, Choice, Filters, Query], Awaitable[Sequence[Struct]]]

SHOWN = (says.NUMBERS, says.FORMAT)
PAGE = (says.LIMIT, says.CURSOR, *SHOWN)
MARKETS = (says.EXCHANGE, says.SYMBOL)
PERIOD = (*MARKETS, says.START, says.END, says.ORDER)
SPAN = (*PERIOD, says.LIMIT, says.OFFSET, says.CURSOR, *SHOWN)
BOOKS = (says.LIMIT_OF_BOOKS, says.CURSOR, *SHOWN, says.DEPTH)
LATEST = (*MARKETS, *PAGE)


class Rows(Struct, frozen=True, kw_only=True):
    """Rows of a data set: of a span, page by page, or the last of each market, which ``latest``
    reads.
    """

    path: str
    data_set: DataSet
    parameters: tuple[Parameter, ...] = SPAN
    latest: ReadLatest | None = None

    @property
    def row(self) -> type[Struct]:
        return self.data_set.row

    @property
    def time(self) -> str:
        return self.data_set.time

    @property
    def key(self) -> tuple[str, ...]:
        """Orders last values and tells them apart: the time does not matter."""
        return ("exchange", "symbol", *self.data_set.key[1:])

    @property
    def tag(self) -> str:
        return "last values" if self.latest else "history"

    @property
    def meaning(self) -> str:
        which = "the last of each market" if self.latest else "of a span"
        return f"{self.data_set.meaning}: {which}"


class Records(Struct, frozen=True, kw_only=True):
    """What is known and kept. ``key`` orders the records and tells them apart.

    ``time`` is the field that holds the exchange's time, where there is one.
    """

    path: str
    row: type[Struct]
    key: tuple[str, ...]
    meaning: str
    read: ReadList
    parameters: tuple[Parameter, ...]
    time: str | None = None
    tag: str = "what there is"
    by_market: bool = False
    """Whether there are many of each market: a page then asks for those it needs."""


class History(Struct, frozen=True, kw_only=True):
    """What is derived of the rows of a span, page by page: ``read`` answers one for each row of
    ``source``, with its names, its time and its key. ``is_known``: whether one has a source time;
    ``usual_span``: back from the end, where no start is said.
    """

    path: str
    row: type[Struct]
    source: DataSet
    derives: str
    read: ReadSpan
    parameters: tuple[Parameter, ...] = (*PERIOD, *PAGE)
    is_known: Callable[[Struct], bool] = lambda _record: True
    usual_span: timedelta | None = None

    @property
    def tag(self) -> str:
        return "history"

    @property
    def time(self) -> str:
        return self.source.time

    @property
    def meaning(self) -> str:
        return f"{self.derives}: of a span"


Resource: TypeAlias = Rows | Records | History
