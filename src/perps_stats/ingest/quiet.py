"""Whether a silent channel says nothing because nothing happens: the exchange is asked by REST.

Mark prices and funding come by the clock, so that their silence needs no question; whether there
was a liquidation nobody can be asked.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias

import structlog

from perps_stats.core.errors import ExchangeError
from perps_stats.core.times import from_us
from perps_stats.core.traits import IPerps
from perps_stats.core.types import Orderbook, OrderbookLevel
from perps_stats.exchanges.events import BestTick, Channel
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Outside

log = structlog.get_logger()
CHECK_SECONDS = 3.0
LEVELS = 5
"""Of a book that is asked for to be compared."""
CANDLE = timedelta(minutes=1)
Top: TypeAlias = tuple[Decimal | None, ...]
"""The best bid's price and quantity, then the best ask's."""


class Quiet:
    """Asks of the market that was the last to speak on the channel."""

    def __init__(self, client: IPerps, outside: Outside) -> None:
        self._client = client
        self._outside = outside

    async def is_quiet(
        self, channel: Channel, feeds: Sequence[MarketFeed], best: BestTick | None, silent: float
    ) -> bool:
        """After ``silent`` seconds; ``best`` is the last one told. No answer is a no."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                match channel:
                    case Channel.LIQUIDATIONS:
                        return True
                    case Channel.ORDERBOOK:
                        return await self._has_no_newer_book(feeds)
                    case Channel.BEST:
                        return best is not None and await self._is_still(best)
                    case Channel.TRADES | Channel.DAY | Channel.KLINES:
                        return await self._nobody_traded(channel, feeds, silent)
                    case _:
                        return False
        except (ExchangeError, TimeoutError) as error:
            exchange = feeds[0].market.exchange
            log.warning("silence not checked", exchange=exchange, stream=channel, error=repr(error))
            return False

    async def _has_no_newer_book(self, feeds: Sequence[MarketFeed]) -> bool:
        verified = [feed for feed in feeds if feed.book.verified]
        if not verified:
            return False
        feed = max(verified, key=lambda feed: feed.book.ts)
        book = await self._client.get_orderbook(feed.market.native, LEVELS)
        if not feed.book.verified:
            return False
        if book.sequence is not None:
            return book.sequence <= feed.book.last
        ours = feed.book.orderbook(LEVELS)
        return (book.bids, book.asks) == (ours.bids, ours.asks)

    async def _is_still(self, best: BestTick) -> bool:
        told = (best.bid_price, best.bid_qty, best.ask_price, best.ask_qty)
        book = await self._client.get_orderbook(best.native, LEVELS)
        return _top(book) == tuple(None if text is None else Decimal(text) for text in told)

    async def _nobody_traded(
        self, channel: Channel, feeds: Sequence[MarketFeed], silent: float
    ) -> bool:
        """Since the channel spoke last; of a candle, since its minute."""
        feed = max(feeds, key=lambda feed: feed.ledger[channel].last)
        newest = await self._client.get_recent_trades(feed.market.native, 1)
        told = from_us(feed.ledger[channel].last)
        if channel is Channel.KLINES:
            told += CANDLE
        since = max(told, self._outside.now() - timedelta(seconds=silent))
        return all(trade.timestamp <= since for trade in newest)


def _top(book: Orderbook) -> Top:
    best = (side[0] if side else None for side in (book.bids, book.asks))
    return tuple(part for level in best for part in _parts(level))


def _parts(level: OrderbookLevel | None) -> Top:
    return (None, None) if level is None else (level.price, level.quantity)
