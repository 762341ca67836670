"""What one market's feed vouches for at this moment, data set by data set.

A channel in doubt has nothing to say, and neither has a suspect book, nor one that the exchange's
own best prices speak against.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from perps_stats.core.catalogue import FUNDING_RATES, OPEN_INTEREST, TICKERS, DataSet
from perps_stats.core.live import STREAMS
from perps_stats.core.stored import Row
from perps_stats.core.times import from_us
from perps_stats.core.types import Gap
from perps_stats.database.underway import from_row
from perps_stats.exchanges.events import Channel
from perps_stats.ingest.interests import interest_row
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.rows import funding_row, ticker_row

State: TypeAlias = tuple[object, ...] | None
"""Differs whenever the rows would; ``None``: there are none."""


class Present(NamedTuple):
    """``rows`` are given how many levels a side are wanted of a book."""

    state: Callable[[MarketFeed], State]
    rows: Callable[[MarketFeed, int], Sequence[Struct]]


def is_vouched_for(feed: MarketFeed, data_set: str) -> bool:
    """Whether none of its streams is in a gap."""
    return all(feed.ledger[Channel(stream)].gap is None for stream in STREAMS[data_set])


def open_gaps(feed: MarketFeed) -> tuple[Gap, ...]:
    gaps = (feed.ledger[channel].gap for channel in Channel)
    return tuple(gap for gap in gaps if gap is not None)


def record(feed: MarketFeed, data_set: DataSet, row: Row) -> Struct:
    return from_row(data_set, row, feed.market.exchange, feed.market.symbol)


def _ticker_state(feed: MarketFeed) -> State:
    told = feed.ticker
    return None if told.best is None else (told.best, told.day, told.mark, told.last_price)


def _tickers(feed: MarketFeed, _depth: int) -> Sequence[Struct]:
    best = feed.ticker.best
    if best is None:
        return ()
    return (record(feed, TICKERS, ticker_row(str(feed.market_id), best, feed.ticker)),)


def _book_state(feed: MarketFeed) -> State:
    book = feed.book
    return None if feed.live is None else (book.begun, book.last, book.ts)


def _books(feed: MarketFeed, depth: int) -> Sequence[Struct]:
    book = None if feed.live is None else feed.sampler.best_known(depth)
    if book is None or (book.bids and book.asks and book.bids[0].price >= book.asks[0].price):
        return ()
    return (replace(book, recv_ts=from_us(feed.book_recv)),)


def _live_state(feed: MarketFeed) -> State:
    return None if feed.live is None else (feed.live,)


def _depth(feed: MarketFeed, _depth: int) -> Sequence[Struct]:
    return () if feed.live is None else (feed.live.depth,)


def _slippages(feed: MarketFeed, _depth: int) -> Sequence[Struct]:
    return () if feed.live is None else feed.live.slippages


def _funding_state(feed: MarketFeed) -> State:
    return feed.last_funding


def _funding(feed: MarketFeed, _depth: int) -> Sequence[Struct]:
    if feed.last_funding is None:
        return ()
    row = funding_row(str(feed.market_id), feed.market, *feed.last_funding)
    return (record(feed, FUNDING_RATES, row),)


def _interest_state(feed: MarketFeed) -> State:
    return feed.interests.last


def _interest(feed: MarketFeed, _depth: int) -> Sequence[Struct]:
    if feed.interests.last is None:
        return ()
    return (record(feed, OPEN_INTEREST, interest_row(str(feed.market_id), *feed.interests.last)),)


def _gap_state(feed: MarketFeed) -> State:
    return open_gaps(feed) or None


def _gaps(feed: MarketFeed, _depth: int) -> Sequence[Struct]:
    return open_gaps(feed)


PRESENT: Mapping[str, Present] = {
    "tickers": Present(_ticker_state, _tickers),
    "orderbooks": Present(_book_state, _books),
    "liquidity": Present(_live_state, _depth),
    "slippage": Present(_live_state, _slippages),
    "funding_rates": Present(_funding_state, _funding),
    "open_interest": Present(_interest_state, _interest),
    "gaps": Present(_gap_state, _gaps),
}
"""Of the others the last row that was kept is what is known."""
