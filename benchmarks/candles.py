"""An exchange that is nothing but candles: Binance's answers, cheap to give.

``python benchmarks/candles.py`` prints its address and serves until it is told to end. Every market
has a candle for each minute of all times; a page's texts are made once, only its times differ.
"""

import asyncio
import json
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

MINUTE = 60_000
LENGTHS = {"1m": MINUTE, "1h": 60 * MINUTE, "1d": 1440 * MINUTE}
LONGEST = 1500
NAMES = ("BTC", "ETH", "SOL", "XRP", "BNB", "DOGE", "ADA", "LINK")


def amounts(number: int) -> tuple[str, str]:
    """What stands before and after a candle's closing time."""
    price, volume = 60_000 + number * 7 % 997, 10 + number * 31 % 4999
    prices = (f"{price}.{tenth}0" for tenth in (1, 9, 0, 5))
    before = ",".join(f'"{value}"' for value in (*prices, f"{volume}.{number:03}"))
    after = (
        f'"{price * volume}.{number:04}00",{100 + number},"{volume}.001","{price * volume}.5","0"'
    )
    return before, after


PAGE = [amounts(number) for number in range(LONGEST)]


@lru_cache(maxsize=1024)
def page(first: int, length: int, rows: int) -> bytes:
    """``rows`` candles from the first that opens at or after ``first`` (ms) on."""
    start = -(-first // length) * length
    listed = (
        f"[{start + n * length},{before},{start + (n + 1) * length - 1},{after}]"
        for n, (before, after) in enumerate(PAGE[:rows])
    )
    return f"[{','.join(listed)}]".encode()


def symbol(base: str) -> dict[str, object]:
    filters = [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": "0.10",
            "maxPrice": "9999999",
            "tickSize": "0.10",
        },
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.001", "maxQty": "120", "stepSize": "0.001"},
        {"filterType": "MIN_NOTIONAL", "notional": "5"},
    ]
    return {
        "symbol": f"{base}USDT",
        "pair": f"{base}USDT",
        "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000,
        "onboardDate": 1_569_398_400_000,
        "status": "TRADING",
        "baseAsset": base,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "filters": filters,
        "orderTypes": ["LIMIT"],
        "timeInForce": ["GTC"],
    }


LISTING = json.dumps({"timezone": "UTC", "symbols": [symbol(name) for name in NAMES]}).encode()


def answer(target: str) -> bytes:
    address = urlsplit(target)
    if address.path.endswith("/exchangeInfo"):
        return LISTING
    if not address.path.endswith("/klines"):
        return b"[]"
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    first, length = int(asked["startTime"]), LENGTHS[asked["interval"]]
    rows = int(asked.get("limit", "500"))
    if "endTime" in asked:
        rows = min(rows, int(asked["endTime"]) // length - -(-first // length) + 1)
    return page(first, length, rows)


class Conversation(asyncio.Protocol):
    """Requests without bodies, one after the other."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            body = answer(head.split(b" ", 2)[1].decode())
            said = (
                f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
            )
            self._transport.write(said.encode() + b"\r\n\r\n" + body)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Conversation, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
