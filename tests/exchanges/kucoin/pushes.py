"""Frames of KuCoin's two streams, written from the wire reference."""

from .venue import HOUR_MS, NS, T0, Json

SEQUENCE = 1_747_821_025_244


def pushed(topic: str, subject: str, data: Json, symbol: str = "XBTUSDTM") -> Json:
    return {
        "topic": f"{topic}:{symbol}",
        "type": "message",
        "subject": subject,
        "sn": SEQUENCE,
        "data": data,
    }


def change(said: str, symbol: str = "XBTUSDTM", sequence: int = SEQUENCE) -> Json:
    data: Json = {"sequence": sequence, "change": said, "timestamp": T0 + 7}
    return pushed("/contractMarket/level2", "level2", data, symbol)


def best(symbol: str = "XBTUSDTM", **other: object) -> Json:
    data: Json = {
        "symbol": symbol,
        "sequence": SEQUENCE,
        "bestBidSize": 5044,
        "bestBidPrice": "86454.5",
        "bestAskPrice": "86454.6",
        "bestAskSize": 73,
        "ts": T0 * NS + 7_000_000,
        **other,
    }
    return pushed("/contractMarket/tickerV2", "tickerV2", data, symbol)


def match(symbol: str = "XBTUSDTM", **other: object) -> Json:
    data: Json = {
        "symbol": symbol,
        "sequence": SEQUENCE,
        "side": "buy",
        "size": 2,
        "price": "90503.9",
        "takerOrderId": "247822202957807616",
        "makerOrderId": "247822167163555840",
        "tradeId": "1794100537695",
        "ts": T0 * NS + 7_000_999,
        **other,
    }
    return pushed("/contractMarket/execution", "match", data, symbol)


def candle(symbol: str = "XBTUSDTM", name: str = "1min", lots: str = "12785") -> Json:
    numbers = [str(T0 // 1000), "84568.3", "84556.7", "84569", "84544.2", "1080991.7836", lots]
    data: Json = {"symbol": symbol, "candles": numbers, "time": T0 + 7_463}
    return pushed("/contractMarket/limitCandle", "candle.stick", data, f"{symbol}_{name}")


def day(symbol: str = "XBTUSDTM", **other: object) -> Json:
    data: Json = {
        "fundingRate": -0.000002,
        "highPrice": 87274.8,
        "lastPrice": 84556.7,
        "lowPrice": 83864.7,
        "price24HoursBefore": 85034.0,
        "priceChg": -477.3,
        "priceChgPct": -0.0056,
        "symbol": symbol,
        "ts": T0 * NS + 7_003_866,
        "turnover": 337376435.2988,
        "volume": 3938.189,
        **other,
    }
    return pushed("/contractMarket/snapshot", "snapshot.24h", data, symbol)


def rate(granularity: int = 60_000) -> Json:
    data: Json = {
        "period": 1,
        "granularity": granularity,
        "fundingRate": -0.000002,
        "timestamp": T0 + 7,
    }
    return pushed("/contract/instrument", "funding.rate", data)


MARK = pushed(
    "/contract/instrument",
    "mark.index.price",
    {
        "markPrice": 86201.79,
        "indexPrice": 86248.81,
        "granularity": 1000,
        "timestamp": T0 + 7,
    },
)
TOP_OF_BOOK = pushed(
    "/contractMarket/level2Depth50",
    "level2",
    {
        "sequence": SEQUENCE,
        "asks": [["86454.6", 73]],
        "bids": [["86454.5", 5044]],
        "timestamp": T0,
        "ts": T0,
    },
)
CLASSIC = [change("83614,buy,12"), best(), match(), candle(), day(), rate(), MARK, TOP_OF_BOOK]


def uta_book(kind: str, first: int, last: int, symbol: str = "XBTUSDTM", depth: str = "") -> Json:
    return {
        "T": "obu.FUTURES",
        "dp": depth or "increment@10ms",
        "t": kind,
        "P": T0 * NS + 8_769_363,
        "d": {
            "a": [],
            "b": [["85973.3", "16236"], ["85887.1", "0"]],
            "C": last,
            "s": symbol,
            "M": T0 * NS + 7_768_000,
            "O": first,
        },
    }


UTA_MARK: Json = {
    "T": "mark-price",
    "P": T0 * NS + 8_443_102,
    "d": {"s": "XBTUSDTM", "mp": "86201.79", "ip": "86248.81", "oi": "11481754", "ts": T0 + 7},
}
UTA_FUNDING: Json = {
    "T": "funding-fee",
    "P": T0 * NS + 7_967_760,
    "d": {
        "s": "XBTUSDTM",
        "fr": "-0.000076",
        "ft": T0 - 4 * HOUR_MS,
        "lfr": "-0.000019",
        "nt": T0 + 4 * HOUR_MS,
        "gl": 8 * HOUR_MS,
        "fc": "0.003",
        "ff": "-0.003",
    },
}
UTA = [uta_book("snapshot", 9, 9), uta_book("delta", 10, 11), UTA_MARK, UTA_FUNDING]
