"""Frames of Paradex, written from the wire reference."""

from .venue import OPTION_SUMMARY, SUMMARY, T0, TRADES, Json, funding_row

US = T0 * 1000


def push(channel: str, data: Json) -> Json:
    return {
        "jsonrpc": "2.0",
        "method": "subscription",
        "params": {"channel": channel, "data": data},
    }


def answered(number: int, channel: str) -> Json:
    """What both a subscription and its end are confirmed with."""
    return {
        "jsonrpc": "2.0",
        "result": {"channel": channel},
        "usIn": US,
        "usDiff": 76,
        "usOut": US + 76,
        "id": number,
    }


def level(side: str, price: str, size: str) -> Json:
    return {"side": side, "price": price, "size": size}


def book(
    kind: str,
    number: int,
    *,
    inserts: list[Json] | None = None,
    updates: list[Json] | None = None,
    deletes: list[Json] | None = None,
) -> Json:
    return {
        "seq_no": number,
        "market": "BTC-USD-PERP",
        "last_updated_at": T0 + number,
        "update_type": kind,
        "inserts": inserts or [],
        "updates": updates or [],
        "deletes": deletes or [],
    }


SNAPSHOTS, DELTAS = "order_book.BTC-USD-PERP.snapshot@15@100ms", "order_book.BTC-USD-PERP.deltas"
LEVELS = [
    level("BUY", "61659.7", "2.507"),
    level("BUY", "61659.6", "0.004"),
    level("SELL", "61659.9", "1.02"),
]
BOOK = push(SNAPSHOTS, book("s", 10, inserts=LEVELS))
CHANGE = push(
    DELTAS,
    book(
        "d",
        11,
        inserts=[level("BUY", "61659.8", "1")],
        updates=[level("SELL", "61659.9", "0.5")],
        deletes=[level("BUY", "61659.6", "0.004")],
    ),
)
TOP: Json = {
    "seq_no": 690_385_857,
    "market": "BTC-USD-PERP",
    "bid": "61659.7",
    "bid_size": "2.507",
    "ask": "61659.9",
    "ask_size": "1.02",
    "last_updated_at": T0 + 9,
}
BEST = push("bbo.BTC-USD-PERP", TOP)
TRADE = push("trades.BTC-USD-PERP", TRADES[0])
FORCED = push("trades.BTC-USD-PERP", TRADES[1])
DAY = push("markets_summary.BTC-USD-PERP", SUMMARY)
FUNDING = push("funding_data.BTC-USD-PERP", funding_row(T0 + 3))
REFUSED: Json = {
    "jsonrpc": "2.0",
    "id": 3,
    "error": {"code": -32600, "message": "invalid subscribe request", "data": "invalid channel"},
    "usIn": US,
    "usDiff": 76,
    "usOut": US + 76,
}
ALL = [BOOK, CHANGE, BEST, TRADE, FORCED, DAY, FUNDING, answered(1, SNAPSHOTS), REFUSED]
OPTION = push("markets_summary", OPTION_SUMMARY)
