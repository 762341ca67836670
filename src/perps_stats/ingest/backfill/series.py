"""One kind of history of one market, and what a page of it said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from msgspec import Struct

from perps_stats.core.spans import Span
from perps_stats.core.stored import Filled, Row
from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Ask
from perps_stats.feed.client import ExchangeClient

HOUR = timedelta(hours=1)
SETTLING = HOUR
"""What is older than that will not be told differently any more, were it the last there is."""


class Page(NamedTuple):
    """The answer to one window. ``rows`` are ready to be kept, all of them final."""

    rows: Sequence[Row]
    until: datetime
    """Up to here the window was answered; beyond, it is not over yet."""
    holes: Sequence[Span]
    """Where no row came. Whether there is none is another question: see ``doubtful``."""
    doubtful: bool
    """Whether to ask once more before the holes are believed."""
    flaws: int = 0
    """Rows that could not be read."""
    more: bool = False
    """Whether it ends before its window because it is full."""


class Past(Protocol):
    """How a kind of history is asked for. ``interval`` is that of candles, else empty."""

    @property
    def data_set(self) -> str: ...
    @property
    def interval(self) -> str: ...
    def whole(self, span: Span, now: datetime, /) -> Span:
        """What of the span can be asked for: whole intervals, and what is over."""
        ...

    def window(self, market: Market, span: Span, /) -> Span:
        """The first of the windows of ``span``, as long as one page allows."""
        ...

    def requests(self, market: Market, span: Span, /) -> int | None:
        """How many it takes to ask for all of ``span``; ``None`` where only the answers tell."""
        ...

    def rows(self, market: Market, span: Span, /) -> int | None:
        """How many rows the span may hold; ``None`` where nobody knows before."""
        ...

    def first_ask(self, market: Market, window: Span, /) -> Ask:
        """The first request of a window: its weight is that of all."""
        ...

    async def page(
        self, client: ExchangeClient, market: Market, market_id: int, window: Span, now: datetime, /
    ) -> Page: ...


class Series(Struct, frozen=True, kw_only=True):
    market: Market
    market_id: int
    past: Past

    @property
    def exchange(self) -> str:
        return self.market.exchange

    @property
    def key(self) -> tuple[int, str, str]:
        return (self.market_id, self.past.data_set, self.past.interval)

    @property
    def name(self) -> str:
        words = (self.market.symbol, self.past.data_set, self.past.interval)
        return " ".join(word for word in words if word)

    def filled(self, span: Span) -> Filled:
        return Filled(*self.key, span)


def cut(span: Span, length: timedelta) -> Span:
    """The first part of ``span``, at most so long."""
    return Span(span.start, min(span.end, span.start + length))


def parts(span: Span, length: timedelta) -> int:
    """Into how many parts of that length ``span`` is cut."""
    return max(0, -(-span.length // length))
