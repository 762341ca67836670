"""Frames of Binance's USD-margined futures, written from the wire reference."""

import json

Json = dict[str, object]
E, T = 1_769_860_800_009, 1_769_860_800_007
US = T * 1000

BEST: Json = {
    "e": "bookTicker",
    "u": 400_900_217,
    "s": "BTCUSDT",
    "b": "61659.70",
    "B": "2.507",
    "a": "61659.80",
    "A": "1.020",
    "T": T,
    "E": E,
}
DEPTH: Json = {
    "e": "depthUpdate",
    "E": E,
    "T": T,
    "s": "BTCUSDT",
    "U": 157,
    "u": 160,
    "pu": 149,
    "b": [["61659.70", "0.000"]],
    "a": [],
}
TRADE: Json = {
    "e": "trade",
    "E": E,
    "T": T,
    "s": "BTCUSDT",
    "t": 5_266_583_935,
    "p": "61659.80",
    "q": "0.006",
    "X": "MARKET",
    "m": False,
}
AGGREGATE: Json = {
    "e": "aggTrade",
    "E": E,
    "a": 5_266_583_935,
    "s": "BTCUSDT",
    "p": "61659.80",
    "q": "0.020",
    "nq": "0.015",
    "f": 100,
    "l": 105,
    "T": T,
    "m": True,
}
DAY: Json = {
    "e": "24hrTicker",
    "E": E,
    "s": "BTCUSDT",
    "p": "-88.17",
    "P": "-0.855",
    "w": "10223.98",
    "c": "10223.74",
    "Q": "2.097",
    "o": "10311.91",
    "h": "10329.38",
    "l": "10080.70",
    "v": "20248.900",
    "q": "207024349.13",
    "O": T - 86_400_000,
    "C": T,
    "F": 1,
    "L": 9,
    "n": 9,
}
MARK: Json = {
    "e": "markPriceUpdate",
    "E": E,
    "s": "BTCUSDT",
    "p": "61660.01000000",
    "ap": "61660.50000000",
    "i": "61690.50000000",
    "P": "61688.10000000",
    "r": "0.00010000",
    "T": T,
}
KLINE: Json = {
    "e": "kline",
    "E": E,
    "s": "BTCUSDT",
    "k": {
        "t": T,
        "T": T + 59_999,
        "s": "BTCUSDT",
        "i": "1m",
        "f": 100,
        "L": 200,
        "o": "61650.10",
        "c": "61659.80",
        "h": "61700.00",
        "l": "61600.00",
        "v": "12.345",
        "n": 308,
        "x": True,
        "q": "761199.12",
        "V": "6.1",
        "Q": "376000.5",
        "B": "0",
    },
}
FORCED: Json = {
    "e": "forceOrder",
    "E": E,
    "o": {
        "s": "BTCUSDT",
        "S": "SELL",
        "o": "LIMIT",
        "f": "IOC",
        "q": "0.014",
        "p": "9910",
        "ap": "9912.5",
        "X": "FILLED",
        "l": "0.014",
        "z": "0.014",
        "T": T,
    },
}
ALL = [BEST, TRADE, AGGREGATE, DAY, MARK, KLINE, FORCED, DEPTH]


def pretty(push: object) -> bytes:
    return json.dumps(push, indent=2).encode()


def wrapped(push: object) -> Json:
    return {"stream": "btcusdt@any", "data": push}
