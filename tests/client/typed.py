"""What a type checker sees: checked with everything else, never run."""

from typing import assert_type

from perps_stats import AsyncClient, Client
from perps_stats.client import Answer, AsyncAnswer, Stream
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.types import Kline, Orderbook, Ticker, Trade


def asked(client: Client) -> None:
    assert_type(client.tickers(symbol="BTC"), Answer[Ticker])
    assert_type(client.klines(interval="1h", start_time="-24h").all(), list[Kline])
    for stats in client.liquidity_history(order="asc", limit=10):
        assert_type(stats, LiquidityDepthStats)
    client.tickers(symbols="BTC")  # type: ignore[call-arg]
    client.trades(order="up")  # type: ignore[arg-type]


async def awaited(client: AsyncClient) -> None:
    assert_type(client.tickers(symbol="BTC"), AsyncAnswer[Ticker])
    assert_type(await client.trades(exchange=["binance", "kucoin"]).all(), list[Trade])
    assert_type(client.stream("orderbooks", symbol="BTC", depth=20), Stream[Orderbook])
    async for trade in client.stream("trades", exchange="binance", symbol="BTC"):
        assert_type(trade, Trade)
    client.stream("trade")  # type: ignore[call-overload]
