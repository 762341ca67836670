"""The aggregator as the rest of the system sees it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from perps_stats.aggregator import Aggregator, calculate_liquidity_depth
from perps_stats.core.errors import Unreachable
from perps_stats.core.traits import IAggregator
from perps_stats.core.types import Orderbook


@dataclass
class Venue:
    """Answers its book once every venue of the barrier was asked, or fails."""

    name: str
    answer: Orderbook | Exception
    barrier: asyncio.Barrier

    def get_name(self) -> str:
        return self.name

    async def get_orderbook(self, symbol: str, depth: int) -> Orderbook:
        assert (symbol, depth) == ("BTC", 50)
        await self.barrier.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_all_are_asked_together_and_one_failure_spoils_nothing(
    book_of: Callable[..., Orderbook],
) -> None:
    """Three venues answer only when all were asked; the broken ones are told beside the good."""
    book, barrier = book_of([("99", "1")], [("101", "1")]), asyncio.Barrier(3)
    away, broken = Unreachable("no answer in 10 s"), KeyError("bids")
    answers: dict[str, Orderbook | Exception] = {"binance": book, "kucoin": away, "lighter": broken}
    venues = [Venue(name, answer, barrier) for name, answer in answers.items()]
    asked = Aggregator(asyncio.gather).calculate_liquidity_depth_all(venues, "BTC", 50)
    async with asyncio.timeout(60):
        outcomes = await asked
    assert outcomes == {
        "binance": calculate_liquidity_depth(book),
        "kucoin": away,
        "lighter": broken,
    }


def test_it_is_the_aggregator_of_the_core() -> None:
    """The type checker holds it against the protocol; every method of it is there."""
    aggregator: IAggregator = Aggregator(asyncio.gather)
    methods = {name for name in vars(IAggregator) if name.startswith("calculate_")}
    assert len(methods) == 5
    assert all(callable(getattr(aggregator, name)) for name in methods)
