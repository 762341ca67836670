"""What the feeds know is what the exchange said, or nothing."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from perps_stats.app.live import LiveFeeds
from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.live import EVENTS, STREAMS
from perps_stats.core.stored import Query
from perps_stats.core.types import Gap, Orderbook, Ticker, Trade
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges.events import Channel
from perps_stats.sim import Simulator

from .listening import listening, so

BTC = ("binance", "BTC")
STATES = ("tickers", "orderbooks", "liquidity", "slippage", "funding_rates", "open_interest")
FROM = {
    "orderbook": ("orderbooks", "liquidity", "slippage"),
    "best": ("tickers",),
    "trades": ("trades",),
    "funding": ("funding_rates",),
}
Level: TypeAlias = tuple[Decimal, Decimal]
ALL = Query(exchange="binance", symbol="BTC", limit=1_000_000)


def book_of(feeds: LiveFeeds) -> tuple[list[Level], list[Level]]:
    """The seven best levels a side."""
    (book,) = feeds.newest("orderbooks", *BTC, 7)
    assert isinstance(book, Orderbook)
    bids, asks = ([(one.price, one.quantity) for one in side] for side in (book.bids, book.asks))
    return bids, asks


def true_book(simulator: Simulator) -> tuple[list[Level], list[Level]]:
    truth = simulator.venues["binance"].truth("BTCUSDT")
    return list(truth.bids[:7]), list(truth.asks[:7])


def test_every_data_set_has_its_streams() -> None:
    """Of the catalogue, by the names of the ledger."""
    assert set(STREAMS) == set(DATA_SETS)
    assert {stream for streams in STREAMS.values() for stream in streams} == set(Channel)
    assert set(DATA_SETS) - EVENTS == set(STATES)


async def test_all_that_is_collected_is_known(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """By its market's names; a book's best levels are the venue's own, a ticker has its top."""
    async with listening(repository, tmp_path) as (feeds, simulator):
        assert (feeds.markets(), feeds.newest("tickers", *BTC)) == ([], ())
        await so(lambda: all(feeds.newest(name, *BTC) for name in STATES))
        assert feeds.markets() == [("binance", "BTC"), ("binance", "ETH")]
        assert feeds.simulated() == {"binance": True}
        simulator.rest()
        await so(lambda: book_of(feeds) == true_book(simulator))
        (ticker,) = feeds.newest("tickers", *BTC)
        assert isinstance(ticker, Ticker)
        assert (ticker.exchange, ticker.symbol) == BTC
        assert (ticker.best_bid_price or Decimal(0)) < (ticker.best_ask_price or Decimal(0))
        assert feeds.newest("gaps", *BTC) == ()
        assert feeds.newest("tickers", "binance", "DOGE") == ()


async def test_each_trade_is_told_once(repository: PostgresRepository, tmp_path: Path) -> None:
    """What a follower hears of a market is what is stored of it, in the order of time."""
    told: list[Struct] = []
    async with listening(repository, tmp_path) as (feeds, _):
        stop = feeds.follow("trades", *BTC, told.extend)
        await so(lambda: len(told) >= 100)
        (last,) = feeds.newest("trades", *BTC)
        assert last == told[-1]
        count = len(told)
        stop()
        await so(lambda: feeds.newest("trades", *BTC) != (last,))
        assert len(told) == count
    trades = [one for one in told if isinstance(one, Trade)]
    assert [one.timestamp for one in trades] == sorted(one.timestamp for one in trades)
    stored = {one.id: one for one in await repository.get_trades(ALL)}
    assert [stored[one.id] for one in trades] == trades
    before = {name for name, one in stored.items() if one.timestamp < trades[-1].timestamp}
    assert before <= {one.id for one in trades}
    assert len({one.id for one in trades}) == count


async def test_versions_grow_when_there_is_news(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """0 before there is anything; the same as long as the answer is."""
    async with listening(repository, tmp_path) as (feeds, _):
        assert feeds.version("tickers", *BTC) == 0
        await so(lambda: feeds.version("tickers", *BTC) > 0)
        before, known = feeds.version("tickers", *BTC), feeds.newest("tickers", *BTC)
        assert (feeds.version("tickers", *BTC), feeds.newest("tickers", *BTC)) == (before, known)
        await so(lambda: feeds.newest("tickers", *BTC) != known)
        assert feeds.version("tickers", *BTC) > before


def in_doubt(feeds: LiveFeeds) -> set[str]:
    """The streams that are in a gap at this moment: nothing is known that comes from one."""
    streams = {gap.stream for gap in feeds.newest("gaps", *BTC) if isinstance(gap, Gap)}
    for stream, names in FROM.items():
        if stream in streams:
            assert [feeds.newest(name, *BTC) for name in names] == [()] * len(names)
    return streams


async def test_what_is_in_doubt_is_nothing(repository: PostgresRepository, tmp_path: Path) -> None:
    """At whichever moment one looks, while all connections are closed, with no time for others to
    take over, and opened anew; the gaps are told, opened and then closed.
    """
    told: list[Gap] = []

    def hear(gaps: Sequence[Struct]) -> None:
        told.extend(gap for gap in gaps if isinstance(gap, Gap))

    async with listening(repository, tmp_path) as (feeds, simulator):
        feeds.follow("gaps", *BTC, hear)
        await so(lambda: all(feeds.newest(name, *BTC) for name in STATES))
        version = feeds.version("orderbooks", *BTC)
        simulator.venues["binance"].inject("restart", seconds=0)
        await so(lambda: bool(closed_by(told) - in_doubt(feeds)))
        await so(lambda: not in_doubt(feeds) and bool(feeds.newest("orderbooks", *BTC)))
        assert feeds.version("orderbooks", *BTC) > version
    for stream in closed_by(told):
        assert next(gap.end_time for gap in told if gap.stream == stream) is None


def closed_by(told: Sequence[Gap]) -> set[str]:
    """The streams of which a gap was closed."""
    return {gap.stream for gap in told if gap.end_time is not None}
