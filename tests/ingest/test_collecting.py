"""From the exchange's socket to the database: recorded and simulated markets, faults on request."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import pytest

from perps_stats.app.collect import collect, open_streamed
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.stored import Query
from perps_stats.core.types import Gap, GapCause
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.events import Channel
from perps_stats.settings import Settings, load_settings
from perps_stats.sim import SimSettings, Simulator
from perps_stats.sim.server import Venue

CAPTURES = os.environ.get("PERPS_STATS_CAPTURES")
TAPE = Path(
    CAPTURES or "",
    "binance/ws/continuous_btcusdt_depth0ms_trade_bookTicker_20240808.jsonl.gz",
)
needs_tape = pytest.mark.skipif(CAPTURES is None, reason="PERPS_STATS_CAPTURES names no captures")
ALL = Query(limit=100_000)
MOST_SECONDS = 50.0
"""Of collecting: nothing here takes so long."""
SILENCE_SECONDS = 4.0
"""Less than the usual, and more than a machine stalls."""
OTHERWISE = "select distinct data_set from contradictions"
TAPE_TRADES = 21_313
LAST_TRADE = "select from trades where id = '5266605247'"
Enough: TypeAlias = Callable[[], Awaitable[bool]]
Strike: TypeAlias = Callable[[Venue], None]


def settings_for(simulator: Simulator, **flags: str) -> Settings:
    venue = simulator.venues["binance"]
    given = {
        "exchanges.binance.rest_url": venue.rest_url,
        "exchanges.binance.ws_url": venue.ws_url,
        "stream.exchanges": "binance",
        "stream.symbols": "BTC",
        "stream.store_seconds": "1",
        **{f"stream.{name}": value for name, value in flags.items()},
    }
    return load_settings(given, {}, Path.cwd())[0]


async def play(
    repository: PostgresRepository,
    sim: SimSettings,
    *,
    frames: int | None = None,
    enough: Enough | None = None,
    strike: Strike | None = None,
    after: str = "verified_books",
    **flags: str,
) -> dict[str, int]:
    """Collect until so many frames came, or what is stored is enough; all rows are written then.

    A fault strikes once there is a count of ``after``: what it is to befall has begun.
    """
    until, counts = asyncio.Event(), dict[str, int]()
    strikes = [] if strike is None else [strike]

    def report(news: Mapping[str, int]) -> None:
        counts.update(news)
        if strikes and counts.get(after):
            strikes.pop()(simulator.venues["binance"])
        if frames is not None and counts.get("frames", 0) >= frames:
            until.set()

    async with Simulator(sim) as simulator:
        settings = settings_for(simulator, max_duration_seconds=str(MOST_SECONDS), **flags)
        async with open_streamed(settings) as exchanges:
            watching = asyncio.create_task(watch(enough, until))
            await collect(settings, exchanges.values(), repository, until=until, report=report)
            watching.cancel()
    return counts


async def watch(enough: Enough | None, until: asyncio.Event) -> None:
    while enough is not None and not await enough():
        await asyncio.sleep(0.1)
    if enough is not None:
        until.set()


async def are_closed(repository: PostgresRepository, count: int = 1) -> bool:
    """Whether there are so many gaps, and none of them is open."""
    gaps = await repository.get_gaps(ALL)
    return len(gaps) >= count and all(gap.end_time is not None for gap in gaps)


def tape(speed: float | str = "max", *faults: str) -> SimSettings:
    return SimSettings(
        tape=TAPE, symbols=("BTC",), speed="max" if speed == "max" else float(speed), faults=faults
    )


async def inside(repository: PostgresRepository, gap: Gap) -> Sequence[LiquidityDepthStats]:
    """The figures that claim a time strictly within a gap."""
    assert gap.end_time is not None
    rows = await repository.get_liquidity_depth(ALL)
    return [row for row in rows if row.timestamp and gap.start_time < row.timestamp < gap.end_time]


async def assert_left_out(repository: PostgresRepository, gap: Gap) -> None:
    """Each mean leaves out what its window shares with the gap, and tells how long that is."""
    assert gap.end_time is not None
    windows = await repository.get_liquidity_averages(ALL)
    for window in windows:
        start, end = window.timestamp, window.timestamp + timedelta(seconds=1)
        shared = min(end, gap.end_time) - max(start, gap.start_time)
        left_out = max(shared, timedelta(0)) / timedelta(microseconds=1)
        assert window.suspect_seconds == Decimal(int(left_out)).scaleb(-6)
    assert {gap.start_time.replace(microsecond=0)} <= {window.timestamp for window in windows}


@needs_tape
async def test_a_recorded_session_is_kept_whole_and_only_once(
    repository: PostgresRepository,
) -> None:
    """No gap; every trade; the book ends where the recording ends; a second run adds no trade and
    no ticker, and none says otherwise. (What is known of a book depends on when its snapshot came.)
    """
    await play(repository, tape(), frames=93_953)
    assert await repository.get_gaps(ALL) == []
    trades, tickers = await repository.get_trades(ALL), await repository.get_tickers(ALL)
    assert len(trades) == len({trade.id for trade in trades}) == TAPE_TRADES
    assert tickers
    (book,) = await repository.get_latest_orderbooks(ALL)
    assert (book.bids[0].price, book.asks[0].price) == (Decimal("61659.70"), Decimal("61659.80"))
    await play(repository, tape(), frames=93_953)
    assert await repository.get_trades(ALL) == trades
    assert await repository.get_tickers(ALL) == tickers
    said = await repository.link.fetch(OTHERWISE)
    assert [row[0] for row in said if row[0] in {"trades", "tickers"}] == []


@needs_tape
async def test_a_dropped_update_is_one_gap_and_one_resync(repository: PostgresRepository) -> None:
    """With bounds, no figure inside, and the right book after it. (Its 3,000th frame is played
    after 36,000 others: the book has begun by then, however slow all of it goes.)
    """
    counts = await play(repository, tape(40, "drop:3000"), frames=93_952)
    (gap,) = await repository.get_gaps(ALL)
    assert (gap.stream, gap.cause) == ("orderbook", GapCause.SEQUENCE)
    assert await inside(repository, gap) == []
    await assert_left_out(repository, gap)
    assert counts["snapshots"] == 2  # the first, and one resync
    (book,) = await repository.get_latest_orderbooks(ALL)
    assert (book.bids[0].price, book.asks[0].price) == (Decimal("61659.70"), Decimal("61659.80"))
    assert len(await repository.get_trades(ALL)) == TAPE_TRADES


@needs_tape
async def test_a_disconnect_is_a_gap_of_each_stream(repository: PostgresRepository) -> None:
    """The trades that were missed are counted exactly, by the exchange's own numbers."""

    async def enough() -> bool:
        is_over = bool(await repository.link.fetch(LAST_TRADE))
        return is_over and await are_closed(repository, 3)

    await play(repository, tape(40), enough=enough, strike=lambda venue: venue.inject("disconnect"))
    gaps = {gap.stream: gap for gap in await repository.get_gaps(ALL)}
    assert set(gaps) == {"orderbook", "trades", "best"}
    assert {gap.cause for gap in gaps.values()} == {GapCause.DISCONNECT}
    kept = await repository.get_trades(ALL)
    assert gaps["trades"].missed == TAPE_TRADES - len(kept)
    assert await inside(repository, gaps["orderbook"]) == []


async def test_a_simulated_market_gives_figures(repository: PostgresRepository) -> None:
    """Bands of every width, both sides; the data is marked as simulated."""

    async def enough() -> bool:
        return len(await repository.get_liquidity_depth(ALL)) >= 3

    sim = SimSettings(symbols=("BTC",))
    await play(repository, sim, enough=enough, data="orderbook,trades,ticker")
    assert await repository.get_gaps(ALL) == []
    rows = await repository.get_liquidity_depth(ALL)
    assert len(rows) >= 3
    assert all(row.bid_10bps and row.ask_10bps for row in rows)
    assert [(one.name, one.simulated) for one in await repository.get_exchanges()] == [
        ("binance", True)
    ]


async def test_silence_is_a_gap(
    repository: PostgresRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The socket is open and answers pings, but the exchange has moved on without us."""
    stream = EXCHANGES["binance"].stream
    assert stream is not None
    monkeypatch.setitem(stream.silence_seconds, Channel.ORDERBOOK, SILENCE_SECONDS)
    await play(
        repository,
        SimSettings(symbols=("BTC",)),
        enough=lambda: are_closed(repository),
        strike=lambda venue: venue.inject("silence", seconds=10 * MOST_SECONDS),
        data="orderbook",
    )
    gaps = await repository.get_gaps(ALL)
    assert [(gap.stream, gap.cause) for gap in gaps] == [("orderbook", GapCause.SILENCE)]
    assert await inside(repository, gaps[0]) == []


async def test_a_frame_that_cannot_be_read_is_a_hole(repository: PostgresRepository) -> None:
    """It may have been a trade: the trades have a gap, and the rest goes on."""
    counts = await play(
        repository,
        SimSettings(symbols=("BTC",)),
        enough=lambda: are_closed(repository),
        strike=lambda venue: venue.inject("badjson"),
        after="rows",
        data="trades",
    )
    assert counts["unreadable"] == 1
    (gap,) = await repository.get_gaps(ALL)
    assert (gap.stream, gap.cause) == ("trades", GapCause.EXCHANGE)
    assert gap.end_time is not None
