"""From the exchange's socket to the database: recorded and simulated markets, faults on request."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from perps_stats.app.collect import collect, open_streamed
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.stored import Query
from perps_stats.core.types import Gap, GapCause
from perps_stats.database.repository import PostgresRepository
from perps_stats.settings import Settings, load_settings
from perps_stats.sim import SimSettings, Simulator

CAPTURES = os.environ.get("PERPS_STATS_CAPTURES")
TAPE = Path(
    CAPTURES or "",
    "binance/ws/continuous_btcusdt_depth0ms_trade_bookTicker_20240808.jsonl.gz",
)
needs_tape = pytest.mark.skipif(CAPTURES is None, reason="PERPS_STATS_CAPTURES names no captures")
ALL = Query(limit=100_000)
OTHERWISE = "select distinct data_set from contradictions"
TAPE_TRADES = 21_313


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
    seconds: float = 40,
    **flags: str,
) -> dict[str, int]:
    """Collect until so many frames came and all rows are written, or for ``seconds``."""
    until, counts = asyncio.Event(), dict[str, int]()

    def report(news: Mapping[str, int]) -> None:
        counts.update(news)
        if frames is not None and counts.get("frames", 0) >= frames:
            until.set()

    async with Simulator(sim) as simulator:
        settings = settings_for(simulator, max_duration_seconds=str(seconds), **flags)
        async with open_streamed(settings) as exchanges:
            await collect(settings, exchanges.values(), repository, until=until, report=report)
    return counts


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
    """With bounds, no figure inside, and the right book after it."""
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
    await play(repository, tape(60, "disconnect:40000"), seconds=9)
    gaps = {gap.stream: gap for gap in await repository.get_gaps(ALL)}
    assert set(gaps) == {"orderbook", "trades", "best"}
    assert {gap.cause for gap in gaps.values()} == {GapCause.DISCONNECT}
    kept = await repository.get_trades(ALL)
    assert gaps["trades"].missed == TAPE_TRADES - len(kept)
    assert await inside(repository, gaps["orderbook"]) == []


async def test_a_simulated_market_gives_figures(repository: PostgresRepository) -> None:
    """Bands of every width, both sides; the data is marked as simulated."""
    await play(repository, SimSettings(symbols=("BTC",)), seconds=6, data="orderbook,trades,ticker")
    assert await repository.get_gaps(ALL) == []
    rows = await repository.get_liquidity_depth(ALL)
    assert len(rows) >= 3
    assert all(row.bid_10bps and row.ask_10bps for row in rows)
    assert [(one.name, one.simulated) for one in await repository.get_exchanges()] == [
        ("binance", True)
    ]


async def test_silence_is_a_gap(repository: PostgresRepository) -> None:
    """The socket is open and answers pings, but the exchange has moved on without us."""
    sim = SimSettings(symbols=("BTC",), faults=("silence:20:60",))
    await play(repository, sim, seconds=14.5, data="orderbook")
    gaps = await repository.get_gaps(ALL)
    assert [(gap.stream, gap.cause) for gap in gaps] == [("orderbook", GapCause.SILENCE)]
    assert await inside(repository, gaps[0]) == []


async def test_a_frame_that_cannot_be_read_is_a_hole(repository: PostgresRepository) -> None:
    """It may have been a trade: the trades have a gap, and the rest goes on."""
    sim = SimSettings(symbols=("BTC",), faults=("badjson:5",))
    counts = await play(repository, sim, seconds=7, data="trades")
    assert counts["unreadable"] == 1
    (gap,) = await repository.get_gaps(ALL)
    assert (gap.stream, gap.cause) == ("trades", GapCause.EXCHANGE)
    assert gap.end_time is not None
