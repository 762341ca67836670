"""What a stream says, still in the exchange's exact text: the hot path builds no Decimal.

Prices and quantities are decimal text, already in base units; times are integers, microseconds
since 1970 UTC. Levels stay bytes until the book parses them: ``[["price","quantity"],...]``, both
in quotes, absolute. ``None``: the exchange did not say.
"""

from collections.abc import Sequence
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
    FUNDING = "funding"
    KLINES = "klines"
    LIQUIDATIONS = "liquidations"
    OPEN_INTEREST = "open_interest"


class BookSnapshot(Struct, frozen=True, gc=False):
    """A book as of ``last``. A side with fewer levels than ``depth`` is whole; ``None``: both.

    ``chained``: it came in the stream itself, so that the next delta must follow it exactly.
    """

    native: str
    ts: int
    last: int
    bids: Raw
    asks: Raw
    depth: int | None
    chained: bool = False


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


class NoTrade(Struct, frozen=True, gc=False):
    """What took a ``number`` of the running count and was no trade on the market. ``kind`` says."""

    native: str
    ts: int
    number: int
    kind: str


class BestTick(Struct, frozen=True, gc=False):
    """The top of the book. ``sequence`` is the book's own update id; an empty side is ``None``."""

    native: str
    ts: int
    sequence: int | None
    bid_price: str | None
    bid_qty: str | None
    ask_price: str | None
    ask_qty: str | None


class DayTick(Struct, frozen=True, gc=False):
    """24-hour statistics. ``change_pct`` is a fraction."""

    native: str
    ts: int
    last_price: str | None = None
    high_price: str | None = None
    low_price: str | None = None
    volume: str | None = None
    turnover: str | None = None
    change: str | None = None
    change_pct: str | None = None


class MarkTick(Struct, frozen=True, gc=False):
    """``open_interest`` is in base coin, ``open_value`` in quote coin."""

    native: str
    ts: int
    mark_price: str
    index_price: str | None = None
    open_interest: str | None = None
    open_value: str | None = None


class FundingTick(Struct, frozen=True, gc=False):
    """The running estimate of what is paid next, a fraction per ``interval`` (hours, as text).

    ``interval`` ``None``: the market's own.
    """

    native: str
    ts: int
    funding_rate: str
    next_funding_ts: int | None = None
    interval: str | None = None


class KlineTick(Struct, frozen=True, gc=False):
    """``closed`` ``None``: the exchange does not say; a later candle proves it."""

    native: str
    interval: str
    open_ts: int
    close_ts: int
    open: str
    high: str
    low: str
    close: str
    volume: str | None
    turnover: str | None
    trades: int | None
    closed: bool | None


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


class Greeting(Struct, frozen=True, gc=False):
    """The exchange is ready to be asked for subscriptions. Of no market."""

    native: str = ""


class Ping(Struct, frozen=True, gc=False):
    """The exchange wants a sign of life: ``reply`` is to be sent. Of no market."""

    reply: bytes
    native: str = ""


class Unsubscribed(Struct, frozen=True, gc=False):
    """A channel of a market has ended as asked: only now it can be subscribed to anew."""

    native: str
    channel: Channel


class Farewell(Struct, frozen=True, gc=False):
    """The exchange will end this connection soon: the next is to be opened now. Of no market."""

    native: str = ""


class Ignored(Struct, frozen=True, gc=False):
    """A frame we know and do not want. It is counted by ``kind``."""

    kind: str
    native: str = ""


Event: TypeAlias = (
    BookSnapshot
    | BookDelta
    | TradeTick
    | NoTrade
    | BestTick
    | DayTick
    | MarkTick
    | FundingTick
    | KlineTick
    | LiquidationTick
    | Ack
    | Greeting
    | Ping
    | Unsubscribed
    | Farewell
    | Ignored
)

Levels: TypeAlias = Sequence[tuple[float, float]]
"""Price and quantity. A double holds a decimal of up to 15 digits exactly: see decision 0002."""
