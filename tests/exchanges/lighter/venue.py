"""Bodies of Lighter, written from the wire reference."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Request

from ..answers import body  # noqa: TID252 (tests are no package that could be named)

Json: TypeAlias = dict[str, object]
T0 = 1_769_860_800_000
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
"""The same instant, 2026-01-31 12:00 UTC."""
HOUR = timedelta(hours=1)
DETAILS, ORDERS, RATES = (
    "/api/v1/orderBookDetails",
    "/api/v1/orderBookOrders",
    "/api/v1/funding-rates",
)
CANDLES, FUNDINGS, TRADES = "/api/v1/candles", "/api/v1/fundings", "/api/v1/recentTrades"


def listed(symbol: str, number: int, **other: object) -> Json:
    return {
        "symbol": symbol,
        "market_id": number,
        "market_type": "perp",
        "base_asset_id": 0,
        "quote_asset_id": 0,
        "status": "active",
        "taker_fee": "0.0200",
        "is_taker_fee_enabled": True,
        "maker_fee": "0.0040",
        "is_maker_fee_enabled": True,
        "liquidation_fee": "1.0000",
        "min_base_amount": "0.0050",
        "min_quote_amount": "10.000000",
        "order_quote_limit": "281474976.710655",
        "supported_size_decimals": 4,
        "supported_price_decimals": 2,
        "supported_quote_decimals": 6,
        "size_decimals": 4,
        "price_decimals": 2,
        "quote_multiplier": 1,
        "default_initial_margin_fraction": 500,
        "min_initial_margin_fraction": 200,
        "maintenance_margin_fraction": 120,
        "closeout_margin_fraction": 80,
        "last_trade_price": 1914.28,
        "daily_trades_count": 428_074,
        "daily_base_token_volume": 220273.9901,
        "daily_quote_token_volume": 418335825.404646,
        "daily_price_low": 1856.3,
        "daily_price_high": 1954.58,
        "daily_price_change": -1.25,
        "open_interest": 27350.8981,
        "daily_chart": {},
        "market_config": {"market_margin_mode": 0, "hidden": False},
        "strategy_index": 2,
        **other,
    }


SPOT = listed("ETH/USDC", 2048, market_type="spot")
NEW: Json = dict.fromkeys(
    (
        "last_trade_price",
        "daily_price_low",
        "daily_price_high",
        "daily_price_change",
        "daily_base_token_volume",
        "daily_quote_token_volume",
        "open_interest",
    ),
    0,
)
"""What is told of a market that was never traded."""
MARKETS: Json = {
    "code": 200,
    "order_book_details": [
        listed("ETH", 0),
        listed("BTC", 1, supported_price_decimals=1, supported_size_decimals=5),
        listed("1000PEPE", 4),
        listed("GOOGL", 116),
        listed("HYUNDAI", 141, status="inactive", supported_price_decimals=0, **NEW),
    ],
    "spot_order_book_details": [SPOT],
}


def order(price: str, remaining: str, initial: str | None = None) -> Json:
    return {
        "order_index": 281_475_565_888_172,
        "order_id": "281475565888172",
        "owner_account_index": 134_436,
        "initial_base_amount": initial or remaining,
        "remaining_base_amount": remaining,
        "price": price,
        "order_expiry": T0 + 2_419_200_000,
    }


BOOK: Json = {
    "code": 200,
    "total_asks": 4,
    "asks": [
        order("1914.28", "0.1021", "5.0000"),
        order("1914.28", "0.2000"),
        order("1914.42", "4.5605"),
        order("1914.50", "1.0000"),
    ],
    "total_bids": 3,
    "bids": [
        order("1914.22", "0.1900", "2.0000"),
        order("1914.18", "8.5318"),
        order("1914.18", "0.0182"),
    ],
}


def trade(number: int, **other: object) -> Json:
    return {
        "trade_id": number,
        "trade_id_str": str(number),
        "tx_hash": "00000019a5f79fdd",
        "type": "trade",
        "market_id": 0,
        "size": "0.0008",
        "price": "1913.99",
        "usd_amount": "1.531192",
        "ask_id": 281_477_536_273_316,
        "bid_id": 562_947_300_641_615,
        "ask_account_id": 708_516,
        "bid_account_id": 326_677,
        "is_maker_ask": True,
        "block_height": 301_814_264,
        "timestamp": T0,
        "transaction_time": T0 * 1000 + 6_707,
        **other,
    }


LAST_TRADES: Json = {
    "code": 200,
    "trades": [
        trade(26_280_867_775, is_maker_ask=False, timestamp=T0 + 2),
        trade(26_280_867_773),
        trade(26_280_867_774, type="liquidation", price="1913.50", timestamp=T0 + 1),
        trade(26_280_867_776, type="deleverage"),
        trade(26_280_867_777, type="market-settlement"),
    ],
}
HELD: Json = {
    "code": 200,
    "r": "1m",
    "c": [
        {
            "t": T0 + minute * 60_000,
            "o": 2264.2,
            "h": 2264.34,
            "l": 2263.36,
            "c": 2263.97,
            "v": 13.2237,
            "V": 29934.600012,
            "i": 19_993_571_166,
            "O": "2264.20",
            "H": "2264.34",
            "L": "2263.36",
            "C": "2263.97",
        }
        for minute in range(3)
    ],
}
SETTLED: Json = {
    "code": 200,
    "resolution": "1h",
    "fundings": [
        {"timestamp": T0 // 1000, "value": "0.02707872", "rate": "0.0012", "direction": "long"},
        {
            "timestamp": T0 // 1000 + 3600,
            "value": "0.00452778",
            "rate": "0.0002",
            "direction": "short",
        },
    ],
}
ALL_RATES: Json = {
    "code": 200,
    "funding_rates": [
        {"market_id": 0, "exchange": "binance", "symbol": "ETH", "rate": 0.0001},
        {"market_id": 0, "exchange": "lighter", "symbol": "ETH", "rate": 9.6e-05},
        {"market_id": 0, "exchange": "hyperliquid", "symbol": "ETH", "rate": 0.0002},
        {"market_id": 1, "exchange": "lighter", "symbol": "BTC", "rate": -0.0008},
    ],
}
ANSWERS: dict[str, Json] = {
    "/": {"status": 1, "network_id": 304, "timestamp": T0 // 1000},
    DETAILS: MARKETS,
    ORDERS: BOOK,
    TRADES: LAST_TRADES,
    CANDLES: HELD,
    FUNDINGS: SETTLED,
    RATES: ALL_RATES,
}


def answer(request: Request) -> bytes:
    return body(ANSWERS[request.path])


def with_(changed: Mapping[str, object], request: Request) -> bytes:
    """The same, with other bodies for some paths."""
    return body(changed[request.path]) if request.path in changed else answer(request)


def market(native: str = "ETH", number: int = 0, base: str | None = None) -> Market:
    return Market(
        exchange="lighter",
        symbol=base or native,
        native=native,
        contract=f"{base or native}-USDC-PERP",
        base=base or native,
        quote="USDC",
        settle="USDC",
        wire_id=str(number),
        funding_interval=Decimal(1),
    )


ETH, BTC, NEVER = market(), market("BTC", 1), market("HYUNDAI", 141)
ALL = {each.native: each for each in (ETH, BTC, NEVER)}
OF_ETH = {"market_id": "0"}


def at(milliseconds: int) -> datetime:
    """So long after noon."""
    return NOON + timedelta(milliseconds=milliseconds)
