"""What an observer sees of a collector: against a real simulator and a real database."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from perps_stats.app.collect import collect, open_streamed
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges.events import (
    BestTick,
    Event,
    FundingTick,
    KlineTick,
    TradeTick,
)
from perps_stats.ingest.observer import Observer, lag_seconds
from perps_stats.ingest.pulse import Pulse
from perps_stats.ingest.vitals import Vitals
from perps_stats.settings import load_settings
from perps_stats.sim import SimSettings, Simulator

RECEIVED = 2_500_000
REFUSED = tuple(f"503:ws:{number}" for number in range(2, 12))
"""Every handshake but the first."""


@pytest.mark.parametrize(
    ("event", "lag"),
    [
        (TradeTick("BTCUSDT", 2_000_000, "1", "1", "1", "buy"), 0.5),
        (BestTick("BTCUSDT", 2_750_000, None, "1", "1", "2", "1"), -0.25),
        (FundingTick("BTCUSDT", 2_000_000, "0.1"), None),
        (
            KlineTick("BTCUSDT", "1m", 0, 1, "1", "1", "1", "1", None, None, None, closed=True),
            None,
        ),
        (None, None),
    ],
)
def test_lag_is_what_lies_between_the_clocks(event: Event | None, lag: float | None) -> None:
    """Below zero where the exchange's is ahead; none where the event's time is not of sending."""
    pulse = Pulse()
    if event is not None:
        pulse.beat(event, RECEIVED)
    assert lag_seconds(pulse) == lag


def is_well(vitals: Vitals) -> bool:
    """Both books are good, and each channel was heard and looked at."""
    (exchange,) = vitals.exchanges
    return exchange.verified == 2 and all(each.lags.count for each in exchange.channels)


async def watch(
    repository: PostgresRepository,
    spool: Path,
    until_seen: Callable[[Vitals], bool],
    *faults: str,
    is_cut: bool = False,
) -> Vitals:
    """Collect two markets of a simulated Binance until the vitals are as wanted: the last ones.

    ``is_cut``: the connection is, once all is well.
    """
    strikes = ["disconnect"] if is_cut else []
    observers: list[Observer] = []
    seen: list[Vitals] = []
    until = asyncio.Event()

    def report(_counts: Mapping[str, int]) -> None:
        if not until.is_set():
            seen.append(observers[0].vitals())
            if strikes and is_well(seen[-1]):
                venue.inject(strikes.pop())
            elif until_seen(seen[-1]):
                until.set()

    sim = SimSettings(exchanges=("binance",), symbols=("BTC", "ETH"), faults=faults)
    async with Simulator(sim) as simulator:
        venue = simulator.venues["binance"]
        given = {
            "exchanges.binance.rest_url": venue.rest_url,
            "exchanges.binance.ws_url": venue.ws_url,
            "stream.exchanges": "binance",
            "stream.symbols": "BTC,ETH",
            "stream.data": "orderbook,trades",
            "stream.spool_dir": str(spool),
            "stream.max_duration_seconds": "60",
        }
        settings = load_settings(given, {}, Path.cwd())[0]
        async with open_streamed(settings) as exchanges:
            await collect(
                settings,
                exchanges.values(),
                repository,
                until=until,
                report=report,
                observe=observers.append,
            )
    return seen[-1]


async def test_all_is_well(repository: PostgresRepository, tmp_path: Path) -> None:
    """Every connection is open, every book verified, no gap; messages have a time and a lag."""

    def settled(vitals: Vitals) -> bool:
        return is_well(vitals) and vitals.writer.rows > 20

    vitals = await watch(repository, tmp_path, settled)
    (exchange,) = vitals.exchanges
    assert (exchange.exchange, exchange.begun, exchange.banned) == ("binance", True, False)
    assert exchange.connections == exchange.wanted == exchange.connected > 0
    assert exchange.books == {"BTC": True, "ETH": True}
    assert (exchange.resyncs, exchange.open_gaps, exchange.unreadable) == (0, 0, 0)
    channels = {channel.channel: channel for channel in exchange.channels}
    assert set(channels) == {"orderbook", "trades"}
    for channel in channels.values():
        assert channel.messages > 0
        assert channel.last_message is not None
        assert channel.last_message <= vitals.time
        assert channel.lag_seconds is not None
        assert channel.lags.count > 0
    assert exchange.lag_seconds == max(each.lag_seconds or 0 for each in channels.values())
    assert exchange.messages == sum(each.messages for each in channels.values())
    (weight,) = [each for each in exchange.weights if each.pool == ""]
    assert 0 < weight.used < weight.limit
    writer = vitals.writer
    assert writer.rows == writer.new + writer.known
    assert writer.write_seconds.count > 0
    assert (writer.last_error, writer.refused, writer.contradicting) == (None, 0, 0)
    assert (writer.gaps_opened, writer.gaps_closed) == ({}, {})
    assert writer.spool.limit_bytes == 4 << 30


async def test_a_cut_connection_is_seen_and_healed(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    """Each of its streams had a gap, which is closed; both books were verified again."""

    def healed(vitals: Vitals) -> bool:
        exchange, writer = vitals.exchanges[0], vitals.writer
        return exchange.resyncs == 2 and writer.gaps_closed == writer.gaps_opened

    vitals = await watch(repository, tmp_path, healed, is_cut=True)
    (exchange,) = vitals.exchanges
    assert exchange.connected == exchange.wanted + 1
    assert exchange.verified == 2
    assert exchange.open_gaps == 0
    gap = "binance", "orderbook", "disconnect"
    assert vitals.writer.gaps_opened[gap] == 2


async def test_open_gaps_are_of_now(repository: PostgresRepository, tmp_path: Path) -> None:
    """While the exchange refuses connections the gaps are open, by their cause; no book is good."""

    def away(vitals: Vitals) -> bool:
        return vitals.exchanges[0].open_gaps > 0

    vitals = await watch(repository, tmp_path, away, *REFUSED, is_cut=True)
    (exchange,) = vitals.exchanges
    (book,) = [channel for channel in exchange.channels if channel.channel == "orderbook"]
    assert book.open_gaps == {"disconnect": 2}
    assert exchange.verified == 0
    assert exchange.connections < exchange.wanted
