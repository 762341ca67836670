"""Frames of Lighter, written from the wire reference."""

from typing import TypeAlias

from .venue import T0, trade

Json: TypeAlias = dict[str, object]
US = T0 * 1000 + 119_936
"""Microseconds: when the engine changed what a frame tells; it is sent some milliseconds later."""
SENT = T0 + 166


def level(price: str, size: str) -> Json:
    return {"price": price, "size": size}


def book(kind: str, nonce: int, begin: int, asks: list[Json], bids: list[Json]) -> Json:
    return {
        "channel": "order_book:0",
        "last_updated_at": US,
        "offset": 2_043_106,
        "order_book": {
            "code": 0,
            "asks": asks,
            "bids": bids,
            "offset": 2_043_106,
            "nonce": nonce,
            "last_updated_at": US,
            "begin_nonce": begin,
        },
        "timestamp": SENT,
        "type": f"{kind}/order_book",
    }


START = book(
    "subscribed",
    17_926_042_877,
    0,
    [level("1914.28", "0.1021"), level("1914.42", "4.5605")],
    [level("1914.22", "0.1900"), level("1914.18", "8.5318")],
)
UPDATE = book("update", 17_926_042_944, 17_926_042_877, [], [level("1914.22", "0.0000")])
TRADES: Json = {
    "channel": "trade:0",
    "liquidation_trades": [trade(774, type="liquidation", is_maker_ask=False)],
    "nonce": 17_926_062_253,
    "trades": [trade(775), trade(773)],
    "type": "update/trade",
}
BEST: Json = {
    "channel": "ticker:0",
    "last_updated_at": US,
    "nonce": 17_926_043_680,
    "ticker": {
        "s": "ETH",
        "a": level("1914.28", "0.1021"),
        "b": level("1914.22", "0.1900"),
        "last_updated_at": US,
    },
    "timestamp": SENT,
    "type": "update/ticker",
}
STATS: Json = {
    "symbol": "ETH",
    "market_id": 0,
    "index_price": "1915.31",
    "mark_price": "1914.32",
    "mid_price": "1914.27",
    "best_ask_price": "1914.28",
    "best_bid_price": "1914.26",
    "open_interest": "86574362.972120",
    "open_interest_limit": "72057594037927936.000000",
    "funding_clamp_small": "0.0500",
    "funding_clamp_big": "4.0000",
    "last_trade_price": "1914.28",
    "current_funding_rate": "-0.0012",
    "funding_rate": "-0.0011",
    "funding_timestamp": T0 + 4,
    "daily_base_token_volume": 220273.9901,
    "daily_quote_token_volume": 418335825.404646,
    "daily_price_low": 1856.3,
    "daily_price_high": 1954.58,
    "daily_price_change": -1.25,
    "base_interest_rate": "0.0100",
}
STATS_OF_ONE: Json = {
    "channel": "market_stats:0",
    "market_stats": STATS,
    "timestamp": SENT,
    "type": "update/market_stats",
}
STATS_OF_ALL: Json = STATS_OF_ONE | {
    "channel": "market_stats:all",
    "market_stats": {"0": STATS, "1": STATS, "7": STATS},
}
CANDLE: Json = {
    "channel": "candle:0:1m",
    "candles": [
        {
            "t": T0,
            "o": 2264.2,
            "h": 2264.34,
            "l": 2263.36,
            "c": 2263.97,
            "v": 13.2237,
            "V": 29934.600012,
            "i": 19_993_571_166,
        }
    ],
    "timestamp": SENT,
    "type": "update/candle",
}
ALL = [START, UPDATE, TRADES, BEST, STATS_OF_ONE, STATS_OF_ALL, CANDLE]


def first(push: Json) -> Json:
    """The frame that begins the channel: of the same form."""
    return push | {"type": str(push["type"]).replace("update/", "subscribed/")}
