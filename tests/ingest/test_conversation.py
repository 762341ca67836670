"""How a subscription is kept alive: mute channels, restarts, refusals, bans; over real sockets."""

import asyncio
from math import inf

import pytest

from perps_stats.exchanges.contract import Stream
from perps_stats.exchanges.events import BestTick, BookDelta, Channel, TradeTick
from perps_stats.ingest import conversation, quiet
from perps_stats.ingest.outside import Connect, Line, Outside, Receive, steady
from perps_stats.net.websocket import WebSocketLimits, connect
from perps_stats.sim import SimSettings, Simulator

from .collecting import PATIENCE_SECONDS, Kept, collecting, stream_of, until, verified

BINANCE = SimSettings(exchanges=("binance",), symbols=("BTC",))
BOOK_AND_BEST = (Channel.ORDERBOOK, Channel.BEST)
QUICK_SECONDS = 1.5


def soon_missed(channel: Channel) -> Stream:
    """Binance's, of which one channel is missed soon: nobody else is, if the machine stalls."""
    usual = stream_of("binance").silence_seconds
    return stream_of("binance", silence_seconds={**usual, channel: QUICK_SECONDS})


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds a day takes a part of a second here; an answer may take its time."""
    monkeypatch.setattr(conversation, "RELIEF_SECONDS", 0.1)
    monkeypatch.setattr(conversation, "OVERLAP_SECONDS", 0.5)
    monkeypatch.setattr(quiet, "CHECK_SECONDS", PATIENCE_SECONDS)


def mute_on_the_first(word: bytes) -> Connect:
    """A way to connect: on the first connection, only one message with this word comes."""
    opened = heard = 0

    async def connected(url: str, receive: Receive, limits: WebSocketLimits) -> Line:
        nonlocal opened
        opened += 1
        is_first = opened == 1

        def hear(frame: bytes, recv_us: int) -> None:
            nonlocal heard
            if is_first and word in frame:
                heard += 1
                if heard > 1:
                    return
            receive(frame, recv_us)

        return await connect(url, hear, limits)

    return connected


async def test_a_mute_channel_is_a_gap_of_that_channel_alone() -> None:
    """The book goes on over the same connection, and over the next, which takes over from it."""
    kept = Kept()
    stream = soon_missed(Channel.BEST)
    outside = Outside(connect=mute_on_the_first(b"bookTicker"))
    async with (
        Simulator(BINANCE) as simulator,
        collecting(simulator, stream, kept, channels=BOOK_AND_BEST, outside=outside) as (
            collector,
            _,
        ),
    ):
        await until(lambda: kept.told == [("best", "silence", True)])
        assert collector.counts()["connections"] == 2
        await until(lambda: verified(collector))
    assert kept.told == [("best", "silence", True)]


async def test_a_quiet_market_is_not_taken_for_a_mute_one() -> None:
    """Nobody trades or quotes: the exchange is asked, and has nothing newer."""
    kept = Kept()
    channels = (*BOOK_AND_BEST, Channel.TRADES)
    stream = stream_of("binance", silence_seconds=dict.fromkeys(Channel, QUICK_SECONDS))
    spoken = {BookDelta, BestTick, TradeTick}
    async with (
        Simulator(BINANCE) as simulator,
        collecting(simulator, stream, kept, channels=channels) as (collector, _),
    ):
        pulses = collector.conversations[0].pulses
        await until(lambda: verified(collector) and spoken <= set(pulses))
        simulator.rest()
        counters = simulator.venues["binance"].counters
        asked = counters.requests["/fapi/v1/trades"]
        await until(lambda: counters.requests["/fapi/v1/trades"] >= asked + 3)
        assert collector.counts()["connections"] == 1
    assert kept.gaps == {}


def remembering(opened: list[Line]) -> Outside:
    """Connects as ever, and keeps the connections."""

    async def connected(url: str, receive: Receive, limits: WebSocketLimits) -> Line:
        opened.append(await connect(url, receive, limits))
        return opened[-1]

    return Outside(connect=connected)


async def test_an_announced_restart_is_no_gap() -> None:
    """The next connection has taken over before the exchange ends the first."""
    kept = Kept()
    opened: list[Line] = []
    async with (
        Simulator(BINANCE) as simulator,
        collecting(simulator, stream_of("binance"), kept, outside=remembering(opened)) as (
            collector,
            _,
        ),
    ):
        await until(lambda: verified(collector))
        simulator.venues["binance"].inject("restart", seconds=2 * PATIENCE_SECONDS)
        async with asyncio.timeout(PATIENCE_SECONDS):
            reason = await opened[0].ended()
        assert "1012" not in reason
        assert len(opened) == 2
        told = collector.counts()["frames"]
        await until(lambda: collector.counts()["frames"] > told + 10)
        assert verified(collector)
    assert kept.gaps == {}


async def test_a_restart_without_notice_is_one_gap() -> None:
    """With the exchange's code and words; the next connection comes at once."""
    kept = Kept()
    settings = SimSettings(exchanges=("kucoin",), symbols=("BTC",))
    async with Simulator(settings) as simulator:
        stream = stream_of("kucoin")
        async with collecting(simulator, stream, kept, name="kucoin") as (collector, _):
            await until(lambda: verified(collector))
            simulator.venues["kucoin"].inject("restart")
            await until(lambda: kept.told == [("orderbook", "disconnect", True)])
    (gap,) = kept.gaps.values()
    assert gap.detail == "the exchange closed it (1012 service restart)"


async def test_a_successor_that_is_refused_leaves_the_old_connection() -> None:
    """It is tried again until it works, and there is no gap."""
    kept = Kept()
    async with Simulator(BINANCE) as simulator:
        stream = stream_of("binance", lifetime_seconds=2.0)
        async with collecting(simulator, stream, kept) as (collector, _):
            venue = simulator.venues["binance"]
            await until(lambda: verified(collector))
            venue.inject("503:ws")
            await until(lambda: venue.counters.faults["503"] == 1)
            await until(lambda: collector.counts()["connections"] >= 3)
            assert verified(collector)
    assert kept.gaps == {}


def breaking_off(opened: list[Line]) -> Outside:
    """Connects as ever; the second connection ends with the first word that is heard on it."""

    async def connected(url: str, receive: Receive, limits: WebSocketLimits) -> Line:
        number = len(opened) + 1

        def hear(frame: bytes, recv_us: int) -> None:
            receive(frame, recv_us)
            if number == 2 and b"depthUpdate" in frame:
                opened[1].close()

        opened.append(await connect(url, hear, limits))
        return opened[-1]

    return Outside(connect=connected)


async def test_a_successor_that_breaks_off_leaves_the_old_connection() -> None:
    """What it had brought was not believed yet."""
    kept = Kept()
    opened: list[Line] = []
    async with Simulator(BINANCE) as simulator:
        stream = stream_of("binance", lifetime_seconds=2.0)
        outside = breaking_off(opened)
        async with collecting(simulator, stream, kept, outside=outside) as (collector, _):
            await until(lambda: len(opened) >= 4)
            assert verified(collector)
    assert kept.gaps == {}


@pytest.mark.parametrize(
    ("name", "where"), [("binance", "ws"), ("kucoin", "bullet-public")], ids=["handshake", "token"]
)
async def test_after_a_ban_nobody_connects_until_its_end(name: str, where: str) -> None:
    """Refused in the handshake, or by the token before it, neither a connection nor a request is
    tried for three seconds.
    """
    kept = Kept()
    async with (
        Simulator(SimSettings(exchanges=(name,), symbols=("BTC",))) as simulator,
        collecting(simulator, stream_of(name), kept, name=name) as (collector, sender),
    ):
        venue = simulator.venues[name]
        await until(lambda: verified(collector))
        venue.inject(f"418:{where}", seconds=3)
        venue.inject("disconnect")
        await until(lambda: sender.budget.bans == 1)
        asked, opened = sum(venue.counters.requests.values()), venue.counters.connections
        await until(lambda: sender.budget.silent_for(steady()) < 0.5)
        assert sum(venue.counters.requests.values()) == asked
        assert venue.counters.connections == opened
        await until(lambda: kept.told == [("orderbook", "disconnect", True)])
    (gap,) = kept.gaps.values()
    assert gap.end_time is not None
    assert (gap.end_time - gap.start_time).total_seconds() >= 2.5


async def test_after_three_bans_it_is_given_up_while_others_go_on() -> None:
    """Its gap stays open, nothing is sent; what another exchange tells is collected."""
    kept, other = Kept(), Kept()
    settings = SimSettings(exchanges=("binance", "kucoin"), symbols=("BTC",))
    async with (
        Simulator(settings) as simulator,
        collecting(simulator, stream_of("binance"), kept) as (given_up, sender),
        collecting(simulator, stream_of("kucoin"), other, name="kucoin") as (alive, _),
    ):
        venue = simulator.venues["binance"]
        await until(lambda: verified(given_up) and verified(alive))
        for _ in range(3):
            venue.inject("418:ws", seconds=1)
        venue.inject("disconnect")
        await until(lambda: sender.budget.bans == 3)
        assert 3500 < sender.budget.silent_for(steady()) <= 3600
        assert venue.counters.faults["418"] == 3
        assert verified(alive)
    assert kept.told == [("orderbook", "disconnect", False)]
    assert other.gaps == {}


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("rst", "disconnect"),
        ("truncate", "disconnect"),
        ("oversized", "disconnect"),
        ("halfopen", "silence"),
    ],
)
async def test_whatever_befalls_a_connection_is_one_gap_with_a_reason(
    fault: str, cause: str
) -> None:
    """And a verified book after it, over the next connection."""
    kept = Kept()
    stream = soon_missed(Channel.ORDERBOOK) if cause == "silence" else stream_of("binance")
    async with (
        Simulator(BINANCE) as simulator,
        collecting(simulator, stream, kept) as (collector, _),
    ):
        await until(lambda: verified(collector))
        simulator.venues["binance"].inject(fault)
        await until(lambda: kept.told == [("orderbook", cause, True)])
        assert verified(collector)
        assert collector.counts()["connections"] == 2
    (gap,) = kept.gaps.values()
    assert gap.detail


async def test_who_breaks_off_again_and_again_is_asked_less_and_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That something was told is not enough: each wait is longer than the one before."""
    monkeypatch.setattr(conversation, "GOOD_SECONDS", inf)  # however slow we are to break it off
    opened: list[float] = []

    async def connected(url: str, receive: Receive, limits: WebSocketLimits) -> Line:
        opened.append(steady())
        return await connect(url, receive, limits)

    async with (
        Simulator(BINANCE) as simulator,
        collecting(simulator, stream_of("binance"), Kept(), outside=Outside(connect=connected)) as (
            collector,
            _,
        ),
    ):
        counts = collector.conversations[0].counts
        for number in range(5):
            await until(lambda: len(opened) > number)  # noqa: B023 awaited at once
            heard = counts["frames"]
            await until(lambda: counts["frames"] > heard + 1)  # noqa: B023 awaited at once
            simulator.venues["binance"].inject("rst")
        await until(lambda: len(opened) == 6)
    assert opened[5] - opened[4] > 2.0
