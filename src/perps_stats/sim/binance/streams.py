"""The names of Binance's streams, and which path delivers which of them.

Since 2026 traffic is routed: ``/public`` carries the book (and was seen to carry ``trade``),
``/market`` the rest; the un-routed path still connects and delivers the book alone.
"""

import re
from enum import StrEnum

from msgspec import Struct

from perps_stats.core.intervals import INTERVALS


class Route(StrEnum):
    PUBLIC = "public"
    MARKET = "market"
    UNROUTED = ""


class Kind(StrEnum):
    """The value is a frame's ``e``."""

    DEPTH = "depthUpdate"
    BOOK_TICKER = "bookTicker"
    TRADE = "trade"
    AGG_TRADE = "aggTrade"
    TICKER = "24hrTicker"
    MINI_TICKER = "24hrMiniTicker"
    MARK = "markPriceUpdate"
    KLINE = "kline"
    FORCE_ORDER = "forceOrder"


CHANNELS = {
    Kind.DEPTH: ("orderbook",),
    Kind.BOOK_TICKER: ("best",),
    Kind.TRADE: ("trades",),
    Kind.AGG_TRADE: ("trades",),
    Kind.TICKER: ("day",),
    Kind.MINI_TICKER: ("day",),
    Kind.MARK: ("mark", "funding"),
    Kind.KLINE: ("klines",),
    Kind.FORCE_ORDER: ("liquidations",),
}
"""What each tells of, in the words that faults and losses are told in."""
BOOK_KINDS = frozenset({Kind.DEPTH, Kind.BOOK_TICKER})
CARRIED = {
    Route.PUBLIC: BOOK_KINDS | {Kind.TRADE},
    Route.MARKET: frozenset(Kind) - BOOK_KINDS - {Kind.TRADE},
    Route.UNROUTED: BOOK_KINDS,
}
SUFFIXES = {
    Kind.BOOK_TICKER: "bookTicker",
    Kind.TRADE: "trade",
    Kind.AGG_TRADE: "aggTrade",
    Kind.TICKER: "ticker",
    Kind.MINI_TICKER: "miniTicker",
    Kind.FORCE_ORDER: "forceOrder",
}
"""How the streams are called that have one form only."""
PLAIN = {suffix: kind for kind, suffix in SUFFIXES.items()}
DEPTH_MS = {"": 250, "@0ms": 0, "@100ms": 100, "@250ms": 250, "@500ms": 500}
MARK_MS = {"markPrice": 3000, "markPrice@1s": 1000}
_DEPTH = re.compile(r"depth(|5|10|20)(|@0ms|@100ms|@250ms|@500ms)")
_PATH = re.compile(r"/(?:(public|market)/)?(ws|stream)(?:/(.*))?")


class Stream(Struct, frozen=True):
    """``levels`` is 0 for diffs; ``every_ms`` is 0 for every change."""

    symbol: str
    kind: Kind
    every_ms: int = 0
    levels: int = 0
    interval: str = ""


class Address(Struct, frozen=True):
    """What the path of a handshake says; ``combined`` frames name their stream."""

    route: Route
    combined: bool
    streams: tuple[str, ...]


def parse_stream(name: str) -> Stream | None:
    """``None`` for what Binance acknowledges and never sends."""
    symbol, _, what = name.partition("@")
    if not what or symbol != symbol.lower():
        return None
    symbol = symbol.upper()
    if what in PLAIN:
        return Stream(symbol, PLAIN[what])
    if what in MARK_MS:
        return Stream(symbol, Kind.MARK, MARK_MS[what])
    if match := _DEPTH.fullmatch(what):
        return Stream(symbol, Kind.DEPTH, DEPTH_MS[match[2]], int(match[1] or 0))
    if what.startswith("kline_") and (interval := what.removeprefix("kline_")) in INTERVALS:
        return Stream(symbol, Kind.KLINE, 250, interval=interval)
    return None


def parse_address(path: str, streams: str) -> Address | None:
    """``streams`` is the query's. ``None`` where the path is not a stream's."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    combined = match[2] == "stream"
    listed = streams if combined else match[3] or ""
    names = tuple(name for name in listed.split("/") if name)
    return Address(Route(match[1] or ""), combined, names)
