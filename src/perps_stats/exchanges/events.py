"""What a stream says, still in the exchange's exact text: the hot path builds no Decimal.

Prices and quantities are decimal text, already in base units; times are integers, microseconds
since 1970 UTC. Levels stay raw bytes until the book parses them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from msgspec import Raw, Struct


class Channel(StrEnum):
    """What can be listened to. The value is its name in ``--data`` and in the ledger of gaps."""

    ORDERBOOK = "orderbook"
    TRADES = "trades"
    BEST = "best"
    DAY = "day"
    MARK = "mark"
    KLINES = "klines"
    LIQUIDATIONS = "liquidations"


class BookSnapshot(Struct, frozen=True, gc=False):
    """A book as of ``last``. A side with fewer levels than ``depth`` is whole; ``None``: both."""

    native: str
    ts: int
    last: int
    bids: Raw
    asks: Raw
    depth: int | None


class BookDelta(Struct, frozen=True, gc=False):
    """Levels to set, quantity 0 to remove: the updates ``first`` to ``last``.

    ``previous`` is the ``last`` of the delta it must follow.
    """

    native: str
    ts: int
    first: int
    last: int
    previous: int
    bids: Raw
    asks: Raw


class TradeTick(Struct, frozen=True, gc=False):
    """``number`` is the exchange's running count of trades of the market, where it keeps one."""

    native: str
    ts: int
    id: str
    price: str
    quantity: str
    side: str
    number: int | None = None
    liquidation: bool | None = None


class BestTick(Struct, frozen=True, gc=False):
    """The top of the book. ``sequence`` is the book's own update id."""

    native: str
    ts: int
    sequence: int
    bid_price: str
    bid_qty: str
    ask_price: str
    ask_qty: str


class DayTick(Struct, frozen=True, gc=False):
    """24-hour statistics. ``change_pct`` is a fraction."""

    native: str
    ts: int
    last_price: str
    high_price: str
    low_price: str
    volume: str
    turnover: str
    change: str
    change_pct: str


class MarkTick(Struct, frozen=True, gc=False):
    native: str
    ts: int
    mark_price: str
    index_price: str | None = None
    funding_rate: str | None = None
    next_funding_ts: int | None = None


class KlineTick(Struct, frozen=True, gc=False):
    native: str
    interval: str
    open_ts: int
    close_ts: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    turnover: str | None
    trades: int | None
    closed: bool


class LiquidationTick(Struct, frozen=True, gc=False):
    native: str
    ts: int
    price: str
    quantity: str
    side: str


class Ack(Struct, frozen=True, gc=False):
    """The exchange confirmed request ``id``, or refused it with ``error``. Of no market."""

    id: str
    error: str | None = None
    native: str = ""


class Ignored(Struct, frozen=True, gc=False):
    """A frame we know and do not want. It is counted by ``kind``."""

    kind: str
    native: str = ""


Event: TypeAlias = (
    BookSnapshot
    | BookDelta
    | TradeTick
    | BestTick
    | DayTick
    | MarkTick
    | KlineTick
    | LiquidationTick
    | Ack
    | Ignored
)

Levels: TypeAlias = Sequence[tuple[float, float]]
"""Price and quantity. A double holds a decimal of up to 15 digits exactly: see decision 0002."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What one connection listens to. ``channels`` share one path."""

    channels: tuple[Channel, ...]
    natives: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """How to listen. ``decode`` is total: events, or it raises ``Unreadable``."""

    url: str
    paths: Mapping[Channel, str]
    """The path a channel is served on; one connection never mixes two paths."""
    subscribe: Callable[[Subscription], Sequence[bytes]]
    decode: Callable[[bytes], tuple[Event, ...]]
    parse_levels: Callable[[Raw], Levels]
    streams_per_connection: int
    messages_per_second: float
    silence_seconds: Mapping[Channel, float]
    """How long a connection that carries the channel may say nothing before it is checked."""
    lifetime_seconds: float
    kline_interval: str = "1m"
    quoted_pairs: bool = False
    """Levels are ``[["price","quantity"],...]``, both in quotes: the compiled book reads them."""
