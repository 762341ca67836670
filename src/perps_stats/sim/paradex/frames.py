"""Facts in the words of Paradex's stream: JSON-RPC notifications, and books of one row a level."""

from collections.abc import Iterable

from msgspec import Struct

from perps_stats.sim.facts import Level
from perps_stats.sim.paradex.listing import plain

Row = dict[str, object]


class Told(Struct, frozen=True):
    """What a frame of a book tells, each level with its side; sizes are absolute."""

    number: int
    inserts: list[Row]
    updates: list[Row] = []
    deletes: list[Row] = []


def push(channel: str, data: object) -> Row:
    return {
        "jsonrpc": "2.0",
        "method": "subscription",
        "params": {"channel": channel, "data": data},
    }


def whole_book(number: int, bids: Iterable[Level], asks: Iterable[Level]) -> Told:
    return Told(
        number, [row("BUY", *each) for each in bids] + [row("SELL", *each) for each in asks]
    )


def row(side: str, price: str, size: str) -> Row:
    return {"side": side, "price": plain(price), "size": plain(size)}


def book(symbol: str, time: int, told: Told, *, is_whole: bool) -> Row:
    return {
        "seq_no": told.number,
        "market": symbol,
        "last_updated_at": time,
        "update_type": "s" if is_whole else "d",
        "inserts": told.inserts,
        "updates": told.updates,
        "deletes": told.deletes,
    }
