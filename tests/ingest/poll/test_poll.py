"""Questions come on a grid of wall time; what is not answered for long is a gap."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from random import Random

import pytest
from tests.simulation.loop import VirtualLoop

from perps_stats.core.errors import ExchangeError, Refused, Unreachable
from perps_stats.core.stored import Row
from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Answer, Ask
from perps_stats.exchanges.events import Channel
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.outside import Outside
from perps_stats.ingest.poll.poll import Poll
from perps_stats.ingest.poll.questions import Told

GRID = 1_790_000_040
"""A full minute; collecting begins ten seconds after it."""
SECOND = timedelta(seconds=1)
Say = Callable[[int, Sequence[MarketFeed], datetime], Awaitable[list[Told]]]
"""Is told which question of all it is, of whom, and when."""


class Kept:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, Row]] = []
        self.gaps: list[Gap] = []

    def keep(self, data_set: str, row: Row) -> None:
        self.rows.append((data_set, row))

    def keep_gap(self, gap: Gap) -> None:
        self.gaps.append(gap)


class Scripted:
    """Answers what the test says. ``asked``: seconds after ``GRID``, and of whom."""

    channels = (Channel.OPEN_INTEREST,)
    data_set = "open_interest"

    def __init__(self, say: Say, *, of_all: bool) -> None:
        self._say = say
        self.of_all = of_all
        self.asked: list[tuple[float, list[int]]] = []

    async def ask(
        self, client: ExchangeClient, feeds: Sequence[MarketFeed], now: Callable[[], datetime]
    ) -> list[Told]:
        del client
        at = now()
        self.asked.append((at.timestamp() - GRID, [feed.market_id for feed in feeds]))
        return await self._say(len(self.asked), feeds, at)


class Polled:
    """What became of polling for so many seconds; after ``late`` ones the markets are known."""

    def __init__(
        self,
        say: Say,
        seconds: float,
        *,
        markets: int = 1,
        of_all: bool = False,
        late: float = 0.0,
    ) -> None:
        self.question = Scripted(say, of_all=of_all)
        self.kept = Kept()
        self.ended = False
        self._markets = markets
        self._late = late
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            self.poll = runner.run(self._poll_for(seconds))

    async def _poll_for(self, seconds: float) -> Poll:
        loop = asyncio.get_running_loop()
        began = (GRID + 10) * 1_000_000
        outside = Outside(
            now_us=lambda: began + round(loop.time() * 1_000_000),
            chance=Random(7),  # noqa: S311 the same each time
        )
        feeds = [
            MarketFeed(coin(number), number, Grids(), self.kept)
            for number in range(1, self._markets + 1)
        ]
        client = ExchangeClient(EXCHANGES["binance"], nobody, now=outside.now)
        poll = Poll(
            self.question,
            client,
            feeds=lambda: feeds if loop.time() >= self._late else [],
            sink=self.kept,
            outside=outside,
            period=60.0,
        )
        try:
            async with asyncio.timeout(seconds):
                await poll.run()
                self.ended = True
        except TimeoutError:
            pass
        return poll


async def nobody(_ask: Ask) -> Answer:
    raise AssertionError("the question is scripted")


def coin(number: int) -> Market:
    name = f"COIN{number}"
    return Market(
        exchange="binance",
        symbol=name,
        native=f"{name}USDT",
        contract=f"{name}-USDT-PERP",
        base=name,
        quote="USDT",
        settle="USDT",
    )


async def answer(_number: int, feeds: Sequence[MarketFeed], at: datetime) -> list[Told]:
    """A row of each market, of half a second ago."""
    return [Told(feed, [(str(feed.market_id),)], at - SECOND / 2) for feed in feeds]


def test_each_market_has_its_share_of_the_period() -> None:
    """From the next full minute on, jittered by a twentieth of the share at most."""
    asked = Polled(answer, 170, markets=4).question.asked
    expected = [60 + 15 * number for number in range(8)]
    late = [seconds - due for (seconds, _), due in zip(asked, expected, strict=True)]
    assert [whom for _, whom in asked] == [[1], [2], [3], [4]] * 2
    assert all(0 <= each <= 0.75 for each in late)
    assert len(set(late)) > 4


@pytest.mark.parametrize("of_all", [False, True])
def test_markets_are_looked_up_when_they_are_asked_for(*, of_all: bool) -> None:
    """The exchange was slow to list them: they are asked for in the first period they are in."""
    before, after = (Polled(answer, 70, late=late, of_all=of_all) for late in (45, 55))
    assert [whom for _, whom in before.question.asked] == [[1]]
    assert after.question.asked == []


def test_one_answer_for_all_is_asked_for_once() -> None:
    """Its rows are kept, and each market is vouched for at the exchange's time."""
    polled = Polled(answer, 120, markets=3, of_all=True)
    assert [whom for _, whom in polled.question.asked] == [[1, 2, 3]] * 2
    assert polled.kept.rows == [("open_interest", (name,)) for name in ("1", "2", "3")] * 2
    assert polled.poll.counts == {"asked": 2, "rows": 6}


def test_a_poll_that_fails_for_three_periods_is_a_gap() -> None:
    """From the last answer's time to the next one's, with the first reason."""

    async def say(number: int, feeds: Sequence[MarketFeed], at: datetime) -> list[Told]:
        if number in range(2, 6):
            raise Unreachable(f"no answer {number}")
        return await answer(number, feeds, at)

    polled = Polled(say, 400)
    opened, closed = polled.kept.gaps
    times = [from_us(round((GRID + at) * 1_000_000)) for at, _ in polled.question.asked]
    assert (closed.start_time, closed.end_time) == (times[0] - SECOND / 2, times[5] - SECOND / 2)
    assert (opened.stream, opened.cause) == ("open_interest", GapCause.DISCONNECT)
    late = "no answer 4" if times[3] - times[0] >= 180 * SECOND else "no answer 5"
    assert (opened.detail, opened.detected_at in times[3:5]) == (late, True)
    assert polled.poll.counts == {"asked": 6, "failed": 4, "rows": 2}


def test_what_fails_twice_is_no_gap() -> None:
    """The next answer comes in time."""

    async def say(number: int, feeds: Sequence[MarketFeed], at: datetime) -> list[Told]:
        if number in {2, 3}:
            raise Unreachable("no answer")
        return await answer(number, feeds, at)

    assert Polled(say, 400).kept.gaps == []


def test_who_refuses_is_at_fault() -> None:
    """The cause is the exchange, and where nothing was ever answered there is no gap."""

    def refusing(first: int) -> Say:
        async def say(number: int, feeds: Sequence[MarketFeed], at: datetime) -> list[Told]:
            if number >= first:
                raise Refused("-4108", "Symbol is settling")
            return await answer(number, feeds, at)

        return say

    (gap,) = Polled(refusing(2), 600).kept.gaps
    assert (gap.cause, gap.end_time) == (GapCause.EXCHANGE, None)
    assert Polled(refusing(1), 600).kept.gaps == []


def test_what_bears_no_time_is_not_kept() -> None:
    """It is counted, and not asked for again: there is no key for such a row."""

    async def say(_number: int, feeds: Sequence[MarketFeed], _at: datetime) -> list[Told]:
        return [Told(feed, (), None) for feed in feeds]

    polled = Polled(say, 600, markets=2)
    assert polled.ended
    assert (polled.kept.rows, polled.kept.gaps) == ([], [])
    assert polled.poll.counts == {"asked": 2, "untimed": 2}


def test_a_slow_round_skips_points_of_the_grid() -> None:
    """It is counted; the next question comes at once, and those after it on the grid again."""

    async def say(number: int, feeds: Sequence[MarketFeed], at: datetime) -> list[Told]:
        await asyncio.sleep(150 if number == 1 else 0)
        return await answer(number, feeds, at)

    polled = Polled(say, 320)
    assert (polled.poll.counts["skipped"], polled.poll.counts["late"]) == (1, 1)
    assert [round(at / 30) for at, _ in polled.question.asked] == [2, 7, 8, 10]
    assert polled.poll.drift_seconds < 3


def test_an_error_of_the_exchange_ends_nothing() -> None:
    """Whatever it is: the next question is asked."""

    async def say(number: int, feeds: Sequence[MarketFeed], at: datetime) -> list[Told]:
        if number == 1:
            raise ExchangeError("odd")
        return await answer(number, feeds, at)

    assert Polled(say, 180).poll.counts == {"asked": 3, "failed": 1, "rows": 2}
