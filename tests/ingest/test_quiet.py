"""Whether a silent channel is a quiet market: each simulated exchange is asked by REST."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.events import BestTick, Channel
from perps_stats.ingest.collector import Collector
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.quiet import Quiet
from perps_stats.sim import SimSettings, Simulator

from .collecting import (
    PATIENCE_SECONDS,
    Kept,
    client_of,
    collecting,
    sender_to,
    stream_of,
    until,
    verified,
)

CHANNELS = (Channel.ORDERBOOK, Channel.BEST, Channel.TRADES)
AGAIN_SECONDS = 1.0
SILENT_SECONDS = 60.0


async def answers(
    simulator: Simulator, name: str, feed: MarketFeed, best: BestTick | None
) -> dict[Channel, bool]:
    async with sender_to(simulator, name) as sender:
        quiet = Quiet(client_of(EXCHANGES[name], sender), Outside())
        asked = (*CHANNELS, Channel.MARK, Channel.LIQUIDATIONS)
        return {
            channel: await quiet.is_quiet(channel, [feed], best, SILENT_SECONDS)
            for channel in asked
        }


async def missed(simulator: Simulator, name: str) -> dict[Channel, bool]:
    """What is answered once a trade has come that the feed was not told of."""
    async with collecting(simulator, stream_of(name), Kept(), name=name, channels=CHANNELS) as (
        collector,
        _,
    ):
        (feed,) = collector.feeds.values()
        best = await until_all_spoke(collector)
    told = feed.ledger[Channel.TRADES].last
    source = simulator.venues[name].source(feed.market.native)
    await until(lambda: source.trades(1)[-1].time * 1000 > told)
    return await answers_at_last(simulator, name, feed, best, expected=False)


async def answers_at_last(
    simulator: Simulator,
    name: str,
    feed: MarketFeed,
    best: Callable[[], BestTick],
    *,
    expected: bool,
) -> dict[Channel, bool]:
    """Once they are the same of each channel: the same top may have come back; what was told may
    be on its way.
    """
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            answered = await answers(simulator, name, feed, best())
            if {answered[channel] for channel in CHANNELS} == {expected}:
                return answered
            await asyncio.sleep(AGAIN_SECONDS)


async def until_all_spoke(collector: Collector) -> Callable[[], BestTick]:
    """Gives what tells the last top."""
    pulses = collector.conversations[0].pulses
    ledgers = [feed.ledger for feed in collector.feeds.values()]
    await until(
        lambda: (
            verified(collector)
            and all(ledger[channel].last for ledger in ledgers for channel in CHANNELS)
        )
    )

    def best() -> BestTick:
        told = pulses[BestTick].event
        assert isinstance(told, BestTick)
        return told

    return best


async def test_what_goes_on_without_us_is_not_quiet() -> None:
    """Nobody is asked about mark prices, which come by the clock, nor about liquidations."""
    async with Simulator(SimSettings(symbols=("BTC",))) as simulator:
        for answered in await asyncio.gather(*(missed(simulator, name) for name in EXCHANGES)):
            assert (answered[Channel.MARK], answered[Channel.LIQUIDATIONS]) == (False, True)


async def test_what_rests_is_quiet() -> None:
    """All was told, and nothing happens any more."""
    async with Simulator(SimSettings(symbols=("BTC",))) as simulator, AsyncExitStack() as stack:
        told: dict[str, tuple[Collector, Callable[[], BestTick]]] = {}
        for name in EXCHANGES:
            collector, _ = await stack.enter_async_context(
                collecting(simulator, stream_of(name), Kept(), name=name, channels=CHANNELS)
            )
            told[name] = collector, await until_all_spoke(collector)
        simulator.rest()
        for name, (collector, best) in told.items():
            (feed,) = collector.feeds.values()
            await answers_at_last(simulator, name, feed, best, expected=True)
