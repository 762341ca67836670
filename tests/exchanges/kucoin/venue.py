"""Bodies of KuCoin futures, written from the wire reference."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Request

from ..answers import Said, body  # noqa: TID252 (tests are no package that could be named)

Json: TypeAlias = dict[str, object]
T0 = 1_769_860_800_000
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
"""The same instant, 2026-01-31 12:00 UTC."""
HOUR = timedelta(hours=1)
HOUR_MS = 3_600_000
NS = 1_000_000
"""Nanoseconds in a millisecond."""

CONTRACTS, BESTS = "/api/v1/contracts/active", "/api/v1/allTickers"
CONTRACT, BEST = "/api/v1/contracts/XBTUSDTM", "/api/v1/ticker"
INVERSE_CONTRACT = "/api/v1/contracts/XBTUSDM"
WHOLE_BOOK, TRADES = "/api/v1/level2/snapshot", "/api/v1/trade/history"
KLINES, FUNDING = "/api/v1/kline/query", "/api/v1/funding-rate/XBTUSDTM/current"
SETTLED, TOKEN, CLOCK = (
    "/api/v1/contract/funding-rates",
    "/api/v1/bullet-public",
    "/api/v1/timestamp",
)
OF_XBT = {"symbol": "XBTUSDTM"}


def listed(symbol: str, base: str, quote: str = "USDT", **other: object) -> Json:
    """A perpetual, as it is listed at noon; its rate settles in an hour."""
    return {
        "symbol": symbol,
        "rootSymbol": quote,
        "type": "FFWCSX",
        "firstOpenDate": 1_585_555_200_000,
        "expireDate": None,
        "settleDate": None,
        "baseCurrency": base,
        "quoteCurrency": quote,
        "settleCurrency": quote,
        "maxOrderQty": 1_000_000,
        "lotSize": 1,
        "tickSize": 0.1,
        "multiplier": 0.001,
        "makerFeeRate": 0.0002,
        "takerFeeRate": 0.0006,
        "isInverse": False,
        "status": "Open",
        "fundingFeeRate": -0.000076,
        "predictedFundingFeeRate": None,
        "fundingRateGranularity": 8 * HOUR_MS,
        "fundingRateCap": 0.003,
        "fundingRateFloor": -0.003,
        "openInterest": "5940782",
        "turnoverOf24h": 6.353834194265137e8,
        "volumeOf24h": 5735.963,
        "markPrice": 110205.37,
        "indexPrice": 110207.22,
        "lastTradePrice": 110196,
        "nextFundingRateTime": 3_599_691,
        "nextFundingRateDateTime": T0 + HOUR_MS,
        "maxLeverage": 125,
        "lowPrice": 108682.5,
        "highPrice": 112958.8,
        "priceChgPct": -0.0085,
        "priceChg": -948.9,
        **other,
    }


XBT = listed("XBTUSDTM", "XBT")
INVERSE = listed(
    "XBTUSDM",
    "XBT",
    "USD",
    settleCurrency="XBT",
    multiplier=-1,
    isInverse=True,
    openInterest="11020537",
    volumeOf24h=14_215_097,
    turnoverOf24h=128.5,
)
"""One dollar a lot; 11020537 of them are 100 coins at the mark price."""
LISTED: list[Json] = [
    XBT,
    listed("ETHUSDTM", "ETH", multiplier=0.01, tickSize=0.05, fundingRateGranularity=4 * HOUR_MS),
    listed("XBTUSDCM", "XBT", "USDC"),
    INVERSE,
    listed("1000BONKUSDTM", "1000BONK", multiplier=100, tickSize=0.000001, lotSize=1),
    listed("1000CATUSDTM", "1000CAT"),
    listed("CATUSDTM", "CAT"),
    listed("ZRXUSDTM", "ZRX", multiplier=10.0, tickSize=0.0001, status="Paused"),
    listed("XBTMH26", "XBT", "USD", type="FFICSX", multiplier=-1, isInverse=True),
]


def best(symbol: str, **other: object) -> Json:
    return {
        "sequence": 1_697_895_100_310,
        "symbol": symbol,
        "side": "sell",
        "size": 21,
        "tradeId": "1784299761369",
        "price": "110199.5",
        "bestBidPrice": "110199.4",
        "bestBidSize": 2767,
        "bestAskPrice": "110199.5",
        "bestAskSize": 5368,
        "ts": T0 * NS + 5_000_999,
        **other,
    }


BOOK: Json = {
    "sequence": 1_697_895_963_339,
    "symbol": "XBTUSDTM",
    "bids": [[110199.4, 176], [110131, 640], [0.1, 15_602_000]],
    "asks": [[110199.5, 1], [110275.0, 612]],
    "ts": T0 * NS + 7_000_000,
}
FILLS: list[Json] = [
    {
        "sequence": 1_697_915_257_909 - number,
        "contractId": 1,
        "tradeId": str(1_697_915_257_909 - number),
        "makerOrderId": "236679665752801280",
        "takerOrderId": "236679667975745536",
        "ts": (T0 - number) * NS + 123_456,
        "size": 17 + number,
        "price": f"{110199 - number}.5",
        "side": side,
    }
    for number, side in enumerate(("sell", "buy", "buy"))
]
"""The newest first."""
CANDLES: list[list[object]] = [
    [T0, 110100.1, 110300, 110000.5, 110199.5, 1234, 135_985.3],
    [T0 + 120_000, 110199.5, 110200, 110199, 110200, 56],
    [T0 + 180_000, 110200, 110200, 110200, 110200, 2, 220.4],
]
"""Minutes: in the second nothing was traded, of the third the turnover is not told."""
RATE: Json = {
    "symbol": ".XBTUSDTMFPI8H",
    "granularity": 8 * HOUR_MS,
    "timePoint": T0 - 4 * HOUR_MS,
    "value": 0.000061,
    "predictedValue": 0.000109,
    "fundingRateCap": 0.003,
    "fundingRateFloor": -0.00375,
    "period": 1,
    "fundingTime": T0 + 4 * HOUR_MS,
}
TICKET: Json = {
    "token": "2neAiuYvAU61ZDXANAGAsiL4-iAExhsBXZxf==.sb29ayXiBOmPXNoHkkMaUA==",
    "instanceServers": [
        {
            "endpoint": "wss://ws-api-futures.kucoin.com/",
            "encrypt": True,
            "protocol": "websocket",
            "pingInterval": 18_000,
            "pingTimeout": 10_000,
        }
    ],
}


def settled(first_hours: int, last_hours: int, step: int = 8) -> list[Json]:
    """Rates settled so many hours after noon, newest first."""
    return [
        {"symbol": "XBTUSDTM", "fundingRate": -0.000279, "timepoint": T0 + hours * HOUR_MS}
        for hours in range(last_hours, first_hours - 1, -step)
    ]


ANSWERS: dict[str, object] = {
    CONTRACTS: LISTED,
    CONTRACT: XBT,
    INVERSE_CONTRACT: INVERSE,
    BESTS: [best("XBTUSDTM"), best("XBTUSDM"), best("XBTMH26")],
    BEST: best("XBTUSDTM"),
    WHOLE_BOOK: BOOK,
    "/api/v1/level2/depth20": BOOK,
    "/api/v1/level2/depth100": BOOK,
    TRADES: FILLS,
    KLINES: CANDLES,
    FUNDING: RATE,
    SETTLED: settled(-8, 0),
    TOKEN: TICKET,
    CLOCK: T0 + 5,
}


def answer(request: Request) -> bytes:
    """The body for any request."""
    return body({"code": "200000", "data": ANSWERS[request.path]})


def with_(changed: Mapping[str, object], request: Request) -> bytes:
    """The same, with other data for some paths."""
    if request.path not in changed:
        return answer(request)
    return body({"code": "200000", "data": changed[request.path]})


def market(native: str = "XBTUSDTM", base: str = "BTC", quote: str = "USDT") -> Market:
    """A thousandth of a coin a lot."""
    return Market(
        exchange="kucoin",
        symbol=base,
        native=native,
        contract=f"{base}-{quote}-PERP",
        base=base,
        quote=quote,
        settle=quote,
        contract_size=Decimal("0.001"),
        price_scale=1,
        quantity_scale=3,
        funding_interval=Decimal(8),
    )


def inverse(native: str = "XBTUSDM", base: str = "BTC") -> Market:
    """One dollar a lot."""
    return Market(
        exchange="kucoin",
        symbol=f"{base}-USD-PERP",
        native=native,
        contract=f"{base}-USD-PERP",
        base=base,
        quote="USD",
        settle=base,
        contract_value=Decimal(1),
        price_scale=1,
        funding_interval=Decimal(8),
    )


BTC, USD = market(), inverse()
ALL = {"XBTUSDTM": BTC, "XBTUSDM": USD}
ASK_ALL: tuple[Said, ...] = ((CONTRACTS, {}, 3, ""), (BESTS, {}, 5, ""))
ASK_ONE: tuple[Said, ...] = ((CONTRACT, {}, 3, ""), (BEST, OF_XBT, 2, ""))


def at(milliseconds: int) -> datetime:
    """So long after noon."""
    return NOON + timedelta(milliseconds=milliseconds)
