"""The streams that can be had: one a data set, with the type of its rows."""

from typing import Literal, TypedDict, Unpack, overload

from msgspec import Struct

from perps_stats.client.asking import Names
from perps_stats.client.http import Http
from perps_stats.client.line import Line
from perps_stats.client.stream import Channel, OnGap, Stream, tell
from perps_stats.core.catalogue import data_set as known
from perps_stats.core.figures import LiquidityAverages, LiquidityDepthStats, Slippage
from perps_stats.core.types import (
    FundingRate,
    Gap,
    Kline,
    Liquidation,
    OpenInterest,
    Orderbook,
    Ticker,
    Trade,
)

ANY = "*"


class Of(TypedDict, total=False):
    """Of which markets, by our symbols; without, of all. ``on_gap`` is told what is not known."""

    exchange: Names
    symbol: Names
    on_gap: OnGap


class Streams:
    http: Http

    @overload
    def stream(self, data_set: Literal["trades"], **of: Unpack[Of]) -> Stream[Trade]: ...
    @overload
    def stream(self, data_set: Literal["tickers"], **of: Unpack[Of]) -> Stream[Ticker]: ...
    @overload
    def stream(
        self, data_set: Literal["orderbooks"], *, depth: int = 50, **of: Unpack[Of]
    ) -> Stream[Orderbook]: ...
    @overload
    def stream(
        self, data_set: Literal["liquidity"], **of: Unpack[Of]
    ) -> Stream[LiquidityDepthStats]: ...
    @overload
    def stream(
        self, data_set: Literal["liquidity_averages"], **of: Unpack[Of]
    ) -> Stream[LiquidityAverages]: ...
    @overload
    def stream(self, data_set: Literal["slippage"], **of: Unpack[Of]) -> Stream[Slippage]: ...
    @overload
    def stream(
        self, data_set: Literal["funding_rates"], **of: Unpack[Of]
    ) -> Stream[FundingRate]: ...
    @overload
    def stream(
        self, data_set: Literal["open_interest"], **of: Unpack[Of]
    ) -> Stream[OpenInterest]: ...
    @overload
    def stream(self, data_set: Literal["klines"], **of: Unpack[Of]) -> Stream[Kline]: ...
    @overload
    def stream(
        self, data_set: Literal["liquidations"], **of: Unpack[Of]
    ) -> Stream[Liquidation]: ...
    @overload
    def stream(self, data_set: Literal["gaps"], **of: Unpack[Of]) -> Stream[Gap]: ...
    def stream(
        self, data_set: str, *, depth: int | None = None, **of: Unpack[Of]
    ) -> Stream[Struct]:
        """Live rows, without end: ``async for trade in client.stream("trades", symbol="BTC")``.

        Raises ``BadInput`` for a data set that there is not.
        """
        row = known(data_set).row
        channels = [
            Channel(data_set, exchange, symbol, depth)
            for exchange in _names(of.get("exchange", ANY))
            for symbol in _names(of.get("symbol", ANY))
        ]
        return Stream(Line(self.http), row, channels, of.get("on_gap", tell))


def _names(names: Names) -> list[str]:
    return names.split(",") if isinstance(names, str) else list(names)
