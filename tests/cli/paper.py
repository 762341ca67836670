"""Binance on paper: a real HTTP server whose answers are written from the wire reference."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

TIME = 1_769_860_800_000
"""2026-01-31 12:00:00 UTC."""
FILTERS = [
    {"filterType": "PRICE_FILTER", "tickSize": "0.10", "minPrice": "0.10", "maxPrice": "9999999"},
    {"filterType": "LOT_SIZE", "stepSize": "0.001", "minQty": "0.001", "maxQty": "1000"},
    {"filterType": "MARKET_LOT_SIZE", "stepSize": "0.001", "minQty": "0.001", "maxQty": "120"},
    {"filterType": "MIN_NOTIONAL", "notional": "100"},
]


def listed(base: str) -> dict[str, object]:
    return {
        "symbol": f"{base}USDT",
        "pair": f"{base}USDT",
        "contractType": "PERPETUAL",
        "status": "TRADING",
        "baseAsset": base,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "onboardDate": 1569398400000,
        "deliveryDate": 4133404800000,
        "filters": FILTERS,
    }


def day(symbol: str) -> dict[str, object]:
    return {
        "symbol": symbol,
        "priceChange": "10.0",
        "priceChangePercent": "10.00",
        "weightedAvgPrice": "105.0",
        "lastPrice": "100.5",
        "lastQty": "0.001",
        "openPrice": "90.5",
        "highPrice": "120.0",
        "lowPrice": "90.0",
        "volume": "123456.789",
        "quoteVolume": "12345678.9012345678",
        "openTime": TIME - 86_400_000,
        "closeTime": TIME,
        "firstId": 1,
        "lastId": 2,
        "count": 2,
    }


def mark(symbol: str) -> dict[str, object]:
    return {
        "symbol": symbol,
        "markPrice": "100.00000000",
        "indexPrice": "100.10000000",
        "estimatedSettlePrice": "100.2",
        "lastFundingRate": "0.00010000",
        "interestRate": "0.00010000",
        "nextFundingTime": TIME + 14_400_000,
        "time": TIME,
    }


def best(symbol: str) -> dict[str, object]:
    return {
        "symbol": symbol,
        "bidPrice": "100.0",
        "bidQty": "5",
        "askPrice": "101.0",
        "askQty": "2",
        "time": TIME,
    }


BOOK = {
    "lastUpdateId": 7,
    "E": TIME,
    "T": TIME,
    "bids": [["100.0", "5"], ["99.0", "10"]],
    "asks": [["101.0", "2"], ["103.0", "4"]],
}


class PaperExchange:
    """``bodies`` by path replaces an answer; it may be changed while the server runs."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.paths: list[str] = []
        exchange = self

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                exchange.paths.append(url.path)
                symbol = parse_qs(url.query).get("symbol", [""])[0]
                body = exchange.bodies.get(url.path, exchange.answer(url.path, symbol))
                self.send_response(200 if body else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """A test's output is its own."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, symbol: str) -> bytes:
        answers: dict[str, object] = {
            "/fapi/v1/exchangeInfo": {"symbols": [listed("BTC"), listed("ETH")]},
            "/fapi/v1/ticker/24hr": day(symbol),
            "/fapi/v1/ticker/bookTicker": best(symbol),
            "/fapi/v1/premiumIndex": mark(symbol),
            "/fapi/v1/fundingInfo": [],
            "/fapi/v1/openInterest": {"symbol": symbol, "openInterest": "50.5", "time": TIME},
            "/fapi/v1/depth": BOOK,
            "/fapi/v1/time": {"serverTime": TIME},
        }
        return json.dumps(answers[path]).encode() if path in answers else b""

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
