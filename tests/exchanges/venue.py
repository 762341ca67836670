"""Bodies of Binance's USD-margined futures, written from the wire reference."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Request

from .answers import Said, body

Json: TypeAlias = dict[str, object]
T0 = 1_769_860_800_000
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
"""The same instant, 2026-01-31 12:00 UTC."""

FILTERS = [
    {
        "filterType": "PRICE_FILTER",
        "minPrice": "0.10",
        "maxPrice": "4529764",
        "tickSize": "0.10",
    },
    {"filterType": "LOT_SIZE", "stepSize": "0.001", "minQty": "0.001", "maxQty": "1000"},
    {"filterType": "MARKET_LOT_SIZE", "stepSize": "0.001", "minQty": "0.001", "maxQty": "120"},
    {"filterType": "MIN_NOTIONAL", "notional": "100"},
    {"filterType": "MAX_NUM_ORDERS", "limit": 200},
]


def listed(symbol: str, base: str, quote: str = "USDT", **other: object) -> Json:
    return {
        "symbol": symbol,
        "pair": symbol,
        "contractType": "PERPETUAL",
        "status": "TRADING",
        "baseAsset": base,
        "quoteAsset": quote,
        "marginAsset": quote,
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "onboardDate": 1_569_398_400_000,
        "deliveryDate": 4_133_404_800_000,
        "filters": FILTERS,
        **other,
    }


EXCHANGE_INFO: Json = {
    "timezone": "UTC",
    "serverTime": T0,
    "symbols": [
        listed("BTCUSDT", "BTC"),
        listed("ETHUSDT", "ETH"),
        listed("BTCUSDC", "BTC", "USDC"),
        listed("1000PEPEUSDT", "1000PEPE"),
        listed("1000CATUSDT", "1000CAT"),
        listed("CATUSDT", "CAT"),
        listed("1INCHUSDT", "1INCH"),
        listed("1000000MOGUSDT", "1000000MOG"),
        listed("AAPLUSDT", "AAPL", contractType="TRADIFI_PERPETUAL"),
        listed("OLDUSDT", "OLD", status="SETTLING", filters=[]),
        listed("ENDUSDT", "END", contractType="PERPETUAL_DELIVERING", status="DELIVERING"),
        listed("BTCUSDT_260327", "BTC", contractType="CURRENT_QUARTER"),
        listed("NEWUSDT", "NEW", contractType="", status="PENDING_TRADING"),
    ],
}
FUNDING_INFO: list[Json] = [
    {
        "symbol": "ETHUSDT",
        "adjustedFundingRateCap": "0.02000000",
        "adjustedFundingRateFloor": "-0.01500000",
        "fundingIntervalHours": 4,
        "disclaimer": False,
    }
]
DAY: Json = {
    "symbol": "BTCUSDT",
    "priceChange": "-94.90",
    "priceChangePercent": "-0.154",
    "weightedAvgPrice": "61700.12",
    "lastPrice": "61659.80",
    "lastQty": "0.002",
    "openPrice": "61754.70",
    "highPrice": "62800.00",
    "lowPrice": "60100.10",
    "volume": "241367.301",
    "quoteVolume": "14890000000.55",
    "openTime": T0 - 86_400_000,
    "closeTime": T0,
    "firstId": 1,
    "lastId": 9,
    "count": 9,
}
BEST: Json = {
    "symbol": "BTCUSDT",
    "bidPrice": "61659.70",
    "bidQty": "2.507",
    "askPrice": "61659.80",
    "askQty": "1.020",
    "time": T0 + 5,
}
PREMIUM: Json = {
    "symbol": "BTCUSDT",
    "markPrice": "61660.01000000",
    "indexPrice": "61690.50000000",
    "estimatedSettlePrice": "61688.10000000",
    "lastFundingRate": "0.00010000",
    "interestRate": "0.00010000",
    "nextFundingTime": T0 + 4 * 3_600_000,
    "time": T0 + 3,
}
OPEN_INTEREST: Json = {"symbol": "BTCUSDT", "openInterest": "79123.456", "time": T0 + 2}
DEPTH: Json = {
    "lastUpdateId": 5_123_107_852_948,
    "E": T0 + 9,
    "T": T0 + 7,
    "bids": [["61659.70", "2.507"], ["61659.60", "0.004"]],
    "asks": [["61659.80", "1.020"], ["61660.00", "3.000"]],
}
TRADES: list[Json] = [
    {
        "id": 5_266_583_935,
        "price": "61659.80",
        "qty": "0.006",
        "quoteQty": "369.95",
        "time": T0,
        "isBuyerMaker": False,
    },
    {
        "id": 5_266_583_936,
        "price": "61659.70",
        "qty": "0.199",
        "quoteQty": "12270.28",
        "time": T0 + 1,
        "isBuyerMaker": True,
    },
]
AGGREGATED: list[Json] = [
    {
        "a": 26_129,
        "p": "61659.80",
        "q": "0.205",
        "f": 100,
        "l": 105,
        "T": T0 - 1_800_000,
        "m": True,
    }
]
CANDLES: list[list[object]] = [
    [
        T0 + minute * 60_000,
        "61650.10",
        "61700.00",
        "61600.00",
        "61659.80",
        "12.345",
        T0 + minute * 60_000 + 59_999,
        "761199.12",
        308,
        "6.1",
        "376000.5",
        "0",
    ]
    for minute in range(3)
]
SETTLEMENTS: list[Json] = [
    {
        "symbol": "BTCUSDT",
        "fundingRate": rate,
        "fundingTime": T0 + hours * 3_600_000 + 2,
        "markPrice": mark,
    }
    for hours, rate, mark in ((-4, "0.00010000", ""), (4, "-0.00003750", "61700.1"))
]
ANSWERS: dict[str, object] = {
    "/fapi/v1/time": {"serverTime": T0},
    "/fapi/v1/exchangeInfo": EXCHANGE_INFO,
    "/fapi/v1/fundingInfo": FUNDING_INFO,
    "/fapi/v1/ticker/24hr": DAY,
    "/fapi/v1/ticker/bookTicker": BEST,
    "/fapi/v1/premiumIndex": PREMIUM,
    "/fapi/v1/openInterest": OPEN_INTEREST,
    "/fapi/v1/depth": DEPTH,
    "/fapi/v1/trades": TRADES,
    "/fapi/v1/aggTrades": AGGREGATED,
    "/fapi/v1/klines": CANDLES,
    "/fapi/v1/fundingRate": SETTLEMENTS,
}


def answer(request: Request) -> bytes:
    """The body for any request: a list where all markets are asked for."""
    found = ANSWERS[request.path]
    return body([found] if request.path in LISTS and "symbol" not in request.query else found)


def with_(changed: Mapping[str, object], request: Request) -> bytes:
    """The same, with other bodies for some paths."""
    return body(changed[request.path]) if request.path in changed else answer(request)


def market(native: str = "BTCUSDT", base: str = "BTC", quote: str = "USDT") -> Market:
    return Market(
        exchange="binance",
        symbol=base,
        native=native,
        contract=f"{base}-{quote}-PERP",
        base=base,
        quote=quote,
        settle=quote,
        funding_interval=Decimal(8),
    )


BTC = market()
ALL = {"BTCUSDT": BTC, "ETHUSDT": market("ETHUSDT", "ETH")}
OF_BTC = {"symbol": "BTCUSDT"}
DAY_PATH, BEST_PATH, PREMIUM_PATH = (
    "/fapi/v1/ticker/24hr",
    "/fapi/v1/ticker/bookTicker",
    "/fapi/v1/premiumIndex",
)
LISTS = {DAY_PATH, BEST_PATH, PREMIUM_PATH}
"""Without a symbol these give a list."""
HELD_PATH = "/fapi/v1/openInterest"
ASK_FUNDING_INFO: Said = ("/fapi/v1/fundingInfo", {}, 1, "funding")
HOUR = timedelta(hours=1)


def at(milliseconds: int) -> datetime:
    """So long after noon."""
    return NOON + timedelta(milliseconds=milliseconds)
