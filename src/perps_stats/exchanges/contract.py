"""What an exchange must tell us. An exchange is a value: no base class, no I/O, no state.

A question is a generator: it yields requests, is sent their bodies, returns domain objects. One
request, a page loop and a join of three end points look alike; ``feed.flow`` runs or replays it.
"""

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Literal, NamedTuple, TypeAlias, TypeVar

import msgspec

from perps_stats.core.errors import Refused, Unreadable
from perps_stats.core.spans import Span
from perps_stats.core.types import (
    FundingRate,
    Market,
    MarketStats,
    OpenInterest,
    Orderbook,
    Ticker,
    Trade,
)
from perps_stats.exchanges.events import BookSnapshot, Channel, Event

T = TypeVar("T")
StructT = TypeVar("StructT", bound=msgspec.Struct)
Query: TypeAlias = Mapping[str, object]
"""``None`` leaves the parameter out."""
Markets: TypeAlias = Mapping[str, Market]
"""By native name: the markets that a flow may answer for."""


class Fills(NamedTuple):
    """An aggregated trade, and the numbers of the single ones that it is made of."""

    trade: Trade
    numbers: range


class Request(msgspec.Struct, frozen=True):
    """``weight`` is what the exchange will count, against the ``pool`` it counts it in."""

    method: Literal["GET", "POST"]
    path: str
    query: Mapping[str, str] = {}
    body: bytes = b""
    weight: int = 1
    pool: str = ""


Ask: TypeAlias = Request | tuple[Request, ...]
"""One request, or several to be sent together."""
Answer: TypeAlias = bytes | tuple[bytes, ...]
Flow: TypeAlias = Generator[Ask | Unreadable, Answer, T]
"""It may also yield a row that it could not read: whoever runs it reports that and goes on."""


Window: TypeAlias = Span
"""A span of history."""


class Candle(NamedTuple):
    """``time``: when it opens, in ms. Decimal text: prices, base coin, quote coin."""

    time: int
    open: str
    high: str
    low: str
    close: str
    volume: str | None = None
    turnover: str | None = None
    trades: int | None = None


class Candles(NamedTuple):
    """Oldest first. The first ``closed`` of them are proven closed, by a later candle.

    ``aggregated_from``: the interval of the exchange's candles that these were made of.
    """

    rows: Sequence[Candle]
    closed: int
    aggregated_from: str | None = None


class PageSize(NamedTuple):
    """A window of history with so many rows at most takes so many requests, whatever it holds; and
    one more for each row, where each is asked for on its own.
    """

    rows: int
    requests: int = 1
    row_by_row: bool = False


SMALLEST_PAGE = PageSize(1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``weight`` in any ``seconds``.

    ``used_header`` reports what the exchange has counted, ``left_header`` what it leaves;
    ``reset_header`` in how many milliseconds its window ends.
    """

    weight: int
    seconds: int
    used_header: str | None = None
    left_header: str | None = None
    reset_header: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """``limits`` by pool: every request of a pool spends from its limit. ``""`` is the default."""

    url: str
    limits: Mapping[str, Limit]
    refusal: Callable[[int, bytes], Refused | None]
    """Reads an error out of status and body; ``None`` where the body is an answer.

    ``Refused.too_fast`` marks the refusal that says no more than "slow down".
    """
    clock: Callable[[], Flow[datetime]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What one connection listens to. ``channels`` share one path."""

    channels: tuple[Channel, ...]
    markets: tuple[Market, ...]


Decode: TypeAlias = Callable[[bytes], tuple[Event, ...]]
"""Total: the events of a frame, or ``Unreadable``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """How to listen. Frames are the bytes of text messages."""

    url: str
    paths: Mapping[Channel, str]
    """The path a channel is served on; one connection never mixes two paths."""
    subscribe: Callable[[Subscription], Sequence[bytes]]
    """Deterministic; a frame a list element, in the order they are to be sent."""
    decoder: Callable[[Sequence[Market]], Decode]
    """Made for the markets of one connection: they know units and the names used in frames."""
    streams_per_connection: int
    messages_per_second: float
    """How fast frames may be sent, over all connections."""
    silence_seconds: Mapping[Channel, float]
    """How long a connection that carries the channel may say nothing before it is checked."""
    lifetime_seconds: float = math.inf
    """After which the exchange ends a connection."""
    handshake: Callable[[str], Flow[str]] | None = None
    """Asked before each connection, with an id of ours: the address to connect to, whole. A setting
    that moves the exchange replaces its host.
    """
    greets: bool = False
    """Whether to wait for a ``Greeting`` before the first subscription."""
    ping: bytes = b""
    ping_seconds: float = math.inf
    """What to send, and how often, so that the exchange keeps the connection."""
    unsubscribe: Callable[[Subscription], Sequence[bytes]] | None = None
    """Where books start in the stream: a broken one is unsubscribed, and once the exchange has
    confirmed that (``Unsubscribed``), subscribed anew.
    """
    kline_interval: str = "1m"
    verifiable: frozenset[Channel] = frozenset()
    """Where the exchange counts what it sends, and each step is checked: a message that never came
    is a gap. Of the others it can only be said that somebody listened.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Where it lives, what it answers, what it streams. ``None``: it does not offer that."""

    name: str
    rest: Rest
    quotes: tuple[str, ...]
    """Which quote a bare symbol means, best first, where turnover does not decide."""
    markets: Callable[[], Flow[list[Market]]]
    tickers: Callable[[Markets], Flow[list[Ticker]]]
    """All markets, in as few requests as the exchange allows."""
    ticker: Callable[[Market], Flow[Ticker]]
    orderbook: Callable[[Market, int], Flow[Orderbook]]
    """At least ``depth`` levels a side where the exchange gives that many."""
    max_depth: int
    book_snapshot: Callable[[Market, int | None], Flow[BookSnapshot]] | None = None
    """What a live book starts from: the deepest the exchange gives, or at least so many levels.
    ``None``: books start in the stream.
    """
    trades: Callable[[Market, int], Flow[list[Trade]]] | None = None
    newest_trades: int = 0
    """So many at most ``trades`` gives, under the ids of the stream; 0 where it has others."""
    trades_between: Callable[[Market, Window], Flow[list[Trade]]] | None = None
    """Oldest first, all of the window, under the ids of the stream."""
    aggregated_trades: Callable[[Market, Window, int], Flow[list[Trade]]] | None = None
    fills: Callable[[Market, Window, int], Flow[list[Fills]]] | None = None
    """The same, where the stream tells single trades."""
    klines: Callable[[Market, str, Window, int | None], Flow[Candles]] | None = None
    intervals: tuple[str, ...] = ()
    kline_page: Callable[[str], PageSize] = lambda _: SMALLEST_PAGE
    """By interval: how much is asked for at once, where history is filled back page by page."""
    has_quiet_candles: bool = True
    """Whether there is a candle, too, where nothing was traded: a missing one is then a hole."""
    funding: Callable[[Market], Flow[FundingRate]] | None = None
    funding_history: Callable[[Market, Window, int | None], Flow[list[FundingRate]]] | None = None
    """Oldest first; pages by itself until the window is full, or ``limit`` rows are there."""
    funding_page: PageSize = SMALLEST_PAGE
    open_interest: Callable[[Market], Flow[OpenInterest]] | None = None
    interest_history: Callable[[Market, Window], Flow[list[OpenInterest]]] | None = None
    """Oldest first, one row every ``interest_step``, for as long as the exchange keeps it."""
    interest_page: PageSize = SMALLEST_PAGE
    interest_step: timedelta = timedelta()
    interest_kept: timedelta = timedelta()
    stats: Callable[[Market], Flow[MarketStats]] | None = None
    all_stats: Callable[[Markets], Flow[list[MarketStats]]] | None = None
    all_stats_requests: int = 0
    """How many requests ``all_stats`` takes, however many markets there are."""
    stream: Stream | None = None
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    """The exchange's base name to ours, where they differ: ``{"XBT": "BTC"}``."""


def get(
    path: str, reply: type[T], query: Query | None = None, *, weight: int = 1, pool: str = ""
) -> Flow[T]:
    """Ask one question. Raises ``Unreadable`` with the JSON path of what does not fit."""
    return decoded((yield request(path, query, weight=weight, pool=pool)), reply)


def request(path: str, query: Query | None = None, *, weight: int = 1, pool: str = "") -> Request:
    given = {name: str(value) for name, value in (query or {}).items() if value is not None}
    return Request("GET", path, given, weight=weight, pool=pool)


def together(*requests: Request) -> Flow[tuple[bytes, ...]]:
    """Ask several questions at once; the bodies come in the same order."""
    bodies = yield requests
    if isinstance(bodies, bytes):
        raise TypeError("several requests have several bodies")
    return bodies


def decoded(body: Answer, reply: type[T], where: str = "") -> T:
    """Raises ``Unreadable``; ``where`` is put before the JSON path of what does not fit."""
    if isinstance(body, tuple):
        raise TypeError("one request has one body")
    try:
        return msgspec.json.decode(body, type=reply, strict=False)
    except (ValueError, RecursionError) as error:  # bad UTF-8 is no DecodeError
        raise Unreadable(f"{where}{error}", body) from error


def rows(listed: Sequence[msgspec.Raw], row: type[T]) -> Flow[list[T]]:
    """Decode row by row: one bad row does not lose the list, it is yielded to be reported.

    Raises ``Unreadable`` where not one row of several can be read.
    """
    good: list[T] = []
    bad: list[Unreadable] = []
    for index, raw in enumerate(listed):
        try:
            good.append(decoded(bytes(raw), row, f"row {index}: "))
        except Unreadable as error:
            bad.append(error)
    if bad and not good:
        raise bad[0]
    yield from bad
    return good


def made(kind: type[StructT], /, *parts: msgspec.Struct | None, **stated: object) -> StructT:
    """A value of ``kind``: the fields of ``parts`` that bear its names, and what is stated.

    Of two parts with the same field the later counts. Wire structs use our names where they mean
    the same, so that only the differences are spelled out.
    """
    fields: dict[str, object] = {}
    for part in parts:
        if part is not None:
            fields |= {name: getattr(part, name) for name in _shared(kind, type(part))}
    return kind(**fields | stated)


@cache
def _shared(kind: type[msgspec.Struct], part: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(name for name in part.__struct_fields__ if name in kind.__struct_fields__)
