"""Shares of a coin's volume, turnover, open interest and liquidity, by market."""

from datetime import datetime
from decimal import Decimal

from perps_stats.aggregator import floors
from perps_stats.aggregator.comparing import (
    OPEN_INTEREST,
    TURNOVER,
    VOLUME,
    Holding,
    currency_of,
    share_rows,
)
from perps_stats.aggregator.exact import ratio
from perps_stats.api.derived.parameters import USUAL_MEASURES
from perps_stats.api.derived.present import Known, by_coin, known
from perps_stats.api.derived.prices import tickers
from perps_stats.api.filters import Filters
from perps_stats.api.names import Choice
from perps_stats.api.sources import Sources
from perps_stats.core import catalogue
from perps_stats.core.comparisons import Share
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.types import Market, OpenInterest, Ticker

COINS = "coins"
NO_MID = ["the book has no mid"]


class Held:
    """What is known now that shares are made of."""

    def __init__(
        self,
        told: Known[Ticker],
        interest: Known[OpenInterest],
        depth: Known[LiquidityDepthStats],
    ) -> None:
        self._tickers = told
        self._interest = interest
        self._depth = depth

    def of(self, measure: str, market: Market) -> Holding:
        if measure == VOLUME:
            return self._volume(market)
        if measure == TURNOVER:
            return self._turnover(market)
        if measure == OPEN_INTEREST:
            return self._open(market)
        return self._within(measure.removeprefix("depth_"), market)

    def _volume(self, market: Market) -> Holding:
        ticker = self._tickers.of(market)
        if ticker is None or ticker.volume_24h is None:
            return unknown(market, self._tickers.why(market) or ["no volume is told"])
        return in_coins(market, ticker.volume_24h, ticker.timestamp)

    def _turnover(self, market: Market) -> Holding:
        ticker, unit = self._tickers.of(market), currency_of(market.quote)
        if ticker is None or ticker.turnover_24h is None:
            why = self._tickers.why(market) or ["no turnover is told"]
            return unknown(market, why, unit)
        return Holding(
            market=market, amount=ticker.turnover_24h, unit=unit, timestamp=ticker.timestamp
        )

    def _open(self, market: Market) -> Holding:
        """As it was polled or heard by itself, else beside the prices."""
        row, ticker = self._interest.of(market), self._tickers.of(market)
        if row is not None and row.open_interest is not None:
            return in_coins(market, row.open_interest, row.timestamp)
        if ticker is not None and ticker.open_interest is not None:
            return in_coins(market, ticker.open_interest, ticker.timestamp)
        return unknown(market, self._interest.why(market) or ["it is not told in base coin"])

    def _within(self, band: str, market: Market) -> Holding:
        """Both sides of the band, at mid."""
        row = self._depth.of(market)
        if row is None:
            return unknown(market, self._depth.why(market))
        names = (f"bid_{band}", f"ask_{band}")
        bid, ask = (_decimal(getattr(row, name)) for name in names)
        if bid is None or ask is None or row.mid_price is None:
            return unknown(market, NO_MID)
        at_least = bool(floors(row) & {*names})
        return in_coins(market, ratio(bid + ask, row.mid_price), row.timestamp, at_least=at_least)


def in_coins(
    market: Market, quantity: Decimal, timestamp: datetime | None, *, at_least: bool = False
) -> Holding:
    coins = quantity * market.multiplier
    return Holding(market=market, amount=coins, unit=COINS, at_least=at_least, timestamp=timestamp)


def unknown(market: Market, why: list[str], unit: str = COINS) -> Holding:
    return Holding(market=market, amount=None, unit=unit, timestamp=None, missing=why)


def _decimal(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


async def shares(sources: Sources, choice: Choice, filters: Filters) -> list[Share]:
    kept = sources.repository
    held = Held(
        await tickers(sources, choice, filters),
        await known(
            sources,
            choice,
            filters,
            data_set=catalogue.OPEN_INTEREST,
            row=OpenInterest,
            stored=kept.get_latest_open_interest,
        ),
        await known(
            sources,
            choice,
            filters,
            data_set=catalogue.LIQUIDITY,
            row=LiquidityDepthStats,
            stored=kept.get_latest_liquidity_depth,
        ),
    )
    coins = by_coin(await sources.markets(choice)).values()
    return [
        row
        for coin in coins
        for measure in filters.measures or USUAL_MEASURES
        for row in share_rows(measure, [held.of(measure, market) for market in coin])
    ]
