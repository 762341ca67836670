"""Spreads between the best prices: of one market, and of a coin over all that quote it alike."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from perps_stats.aggregator.comparing import spread_bps
from perps_stats.aggregator.exact import ratio, to_bps
from perps_stats.core.comparisons import CrossSpread, QuotedSpread, SpreadAverage
from perps_stats.core.figures import LiquidityAverages
from perps_stats.core.types import Market, Orderbook, Ticker


def with_best_prices(ticker: Ticker | None, book: Orderbook | None) -> Ticker | None:
    """A ticker that lacks them has those of the book: not every exchange tells them by both. The
    older of the two times is then that of both.
    """
    if ticker and spread_bps(ticker.best_bid_price, ticker.best_ask_price) is not None:
        return ticker
    if book is None or not book.bids or not book.asks:
        return ticker
    told = ticker or Ticker(exchange=book.exchange, symbol=book.symbol, timestamp=book.timestamp)
    times = [time for time in (told.timestamp, book.timestamp) if time is not None]
    return replace(
        told,
        best_bid_price=book.bids[0].price,
        best_ask_price=book.asks[0].price,
        timestamp=min(times, default=None),
    )


def quoted_spread(market: Market, ticker: Ticker | None, why: Sequence[str]) -> QuotedSpread:
    """``why`` there is no ticker."""
    told = ticker or Ticker(exchange=market.exchange, symbol=market.symbol, timestamp=None)
    spread = spread_bps(told.best_bid_price, told.best_ask_price)
    unknown = ["a best price is missing, or they are crossed"] if spread is None else []
    return QuotedSpread(
        base=market.base,
        exchange=market.exchange,
        symbol=market.symbol,
        quote=market.quote,
        best_bid_price=told.best_bid_price,
        best_ask_price=told.best_ask_price,
        spread_bps=spread,
        timestamp=told.timestamp,
        missing=list(why) or unknown,
    )


class _PerCoin(Struct, frozen=True):
    market: Market
    bid: Decimal
    ask: Decimal
    timestamp: datetime | None


def cross_spread(markets: Sequence[Market], quoted: Sequence[QuotedSpread]) -> CrossSpread:
    """``markets`` bear one coin in one quote currency, ``quoted`` are theirs in the same order."""
    prices = [
        _PerCoin(
            market,
            ratio(each.best_bid_price, market.multiplier),
            ratio(each.best_ask_price, market.multiplier),
            each.timestamp,
        )
        for market, each in zip(markets, quoted, strict=True)
        if each.spread_bps is not None and each.best_bid_price and each.best_ask_price
    ]
    bid = max(prices, key=lambda each: each.bid, default=None)
    ask = min(prices, key=lambda each: each.ask, default=None)
    times = [each.timestamp for each in (bid, ask) if each and each.timestamp]
    return CrossSpread(
        base=markets[0].base,
        quote=markets[0].quote,
        venues=len(prices),
        bid_exchange=bid.market.exchange if bid else None,
        bid_symbol=bid.market.symbol if bid else None,
        best_bid=bid.bid if bid else None,
        ask_exchange=ask.market.exchange if ask else None,
        ask_symbol=ask.market.symbol if ask else None,
        best_ask=ask.ask if ask else None,
        spread_bps=to_bps((ask.ask - bid.bid) * 2, ask.ask + bid.bid) if ask and bid else None,
        apart=Decimal(str((max(times) - min(times)).total_seconds())) if times else None,
        timestamp=min(times, default=None),
        missing=[
            f"{each.exchange}:{each.symbol}: {why}" for each in quoted for why in each.missing
        ],
    )


def spread_average(window: LiquidityAverages) -> SpreadAverage:
    return SpreadAverage(
        exchange=window.exchange,
        symbol=window.symbol,
        mid_price=window.mid_price,
        spread_bps=window.spread_bps,
        known_seconds=window.exact_seconds + window.floor_seconds,
        suspect_seconds=window.suspect_seconds,
        timestamp=window.timestamp,
    )
