"""Live rows over a real stream, and over its cuts: each trade once, every hole told."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import suppress
from typing import Generic, TypeVar

import pytest
from tests.api.guard.known import admission, key
from tests.api.live.spoken import MARKETS, Spoken, Stream, gap, so, streaming, ticker, trade

from perps_stats.api.live import topics
from perps_stats.api.live.clients import Code
from perps_stats.client import AsyncClient, Missed
from perps_stats.client.errors import BadQuestion, NotAllowed, NotReached
from perps_stats.core.errors import BadInput
from perps_stats.core.types import Gap

T = TypeVar("T")


class Ear(Generic[T]):
    """Hears rows as they come, by a task of its own. ``error`` is what ended it."""

    def __init__(self, rows: AsyncIterable[T]) -> None:
        self.heard: list[T] = []
        self.error: Exception | None = None
        self._task = asyncio.create_task(self._listen(rows))

    async def _listen(self, rows: AsyncIterable[T]) -> None:
        try:
            async for row in rows:
                self.heard.append(row)
        except Exception as error:  # noqa: BLE001  told to the test
            self.error = error

    async def end(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


@pytest.fixture
def source() -> Spoken:
    return Spoken()


@pytest.fixture
async def stream(source: Spoken) -> AsyncGenerator[Stream]:
    async with streaming(source) as served:
        yield served


def client_of(stream: Stream, **more: str) -> AsyncClient:
    address = stream.address.replace("ws", "http", 1).partition("/api")[0]
    return AsyncClient(address, patience_seconds=600, **more)  # type: ignore[arg-type]


@pytest.fixture
async def client(stream: Stream) -> AsyncGenerator[AsyncClient]:
    async with client_of(stream) as opened:
        yield opened


async def listening(ear: AsyncIterable[T], stream: Stream, count: int = 1) -> Ear[T]:
    """Once it has so many topics."""
    heard = Ear(ear)
    await so(lambda: sum(len(each.topics) for each in stream.hub.clients) == count)
    return heard


def cut(stream: Stream, code: Code = Code.GOING_AWAY) -> None:
    for client in tuple(stream.hub.clients):
        client.line.close(code, "cut")


async def test_rows_as_they_come(client: AsyncClient, stream: Stream, source: Spoken) -> None:
    """Typed, each once, of the markets that were asked for; not what was before."""
    source.say("trades", trade(0))
    ear = await listening(client.stream("trades", exchange="binance", symbol="BTC"), stream)
    source.say("trades", trade(1), trade(2))
    source.say("trades", trade(3, "kucoin"), market=("kucoin", "BTC"))
    source.say("trades", trade(4))
    await so(lambda: len(ear.heard) == 3)
    assert ear.heard == [trade(1), trade(2), trade(4)]
    await ear.end()


async def test_over_cuts_each_trade_once(
    client: AsyncClient, stream: Stream, source: Spoken
) -> None:
    """Also those of while nobody was there, in order, whatever the cut is called."""
    ear = await listening(client.stream("trades", symbol="BTC"), stream, 2)
    said = 0
    for code in (None, Code.GOING_AWAY, Code.POLICY, None, Code.TRY_AGAIN_LATER, None):
        for _ in range(5):
            for exchange in ("binance", "kucoin"):
                source.say("trades", trade(said, exchange), market=(exchange, "BTC"))
            said += 1
            await asyncio.sleep(0.01)
        if code is not None:
            cut(stream, code)
    await so(lambda: len(ear.heard) == 2 * said)
    for exchange in ("binance", "kucoin"):
        ids = [each.id for each in ear.heard if each.exchange == exchange]
        assert ids == [str(n) for n in range(said)]
    assert ear.error is None
    await ear.end()


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that remembers the last message alone."""
    monkeypatch.setattr(topics, "REMEMBERED_SECONDS", -1.0)


def cut_and_lose(stream: Stream, source: Spoken) -> None:
    """Two trades of which only the second is remembered, before anybody can be back."""
    cut(stream)
    for number in (2, 3):
        source.say("trades", trade(number))
        stream.hub.tick()


@pytest.mark.usefixtures("forgetful")
async def test_what_is_lost_is_an_error(
    client: AsyncClient, stream: Stream, source: Spoken
) -> None:
    """It says between which numbers."""
    ear = await listening(client.stream("trades", exchange="binance", symbol="BTC"), stream)
    source.say("trades", trade(1))
    await so(lambda: len(ear.heard) == 1)
    cut_and_lose(stream, source)
    await so(lambda: ear.error is not None)
    assert isinstance(ear.error, Missed)
    assert (ear.error.topic.exchange, ear.error.topic.symbol) == MARKETS[0]
    assert ear.error.seq == ear.error.after + 1
    assert "what was said after" in str(ear.error)


@pytest.mark.usefixtures("forgetful")
async def test_who_asks_is_told_and_goes_on(
    client: AsyncClient, stream: Stream, source: Spoken
) -> None:
    """The loss comes where it happened; what is remembered follows."""
    told: list[object] = []
    rows = client.stream("trades", exchange="binance", symbol="BTC", on_gap=told.append)
    ear = await listening(rows, stream)
    source.say("trades", trade(1))
    await so(lambda: len(ear.heard) == 1)
    cut_and_lose(stream, source)
    await so(lambda: len(ear.heard) == 2)
    assert ear.heard == [trade(1), trade(3)]
    [missed] = told
    assert isinstance(missed, Missed)
    await ear.end()


async def test_holes_of_the_feed_are_told(
    client: AsyncClient, stream: Stream, source: Spoken, caplog: pytest.LogCaptureFixture
) -> None:
    """Those that are open at first, and those that come; without a callback they are logged."""
    told: list[Gap | Missed] = []
    source.say("gaps", gap())
    asked = await listening(
        client.stream("trades", exchange="binance", symbol="BTC", on_gap=told.append), stream
    )
    with caplog.at_level(logging.WARNING, "perps_stats.client"):
        rows = client.stream("trades", exchange="binance", symbol="BTC")
        silent = await listening(rows, stream, 2)
        source.say("gaps", gap(end=gap().start_time))
        await so(lambda: len(told) == 2 and len(caplog.records) == 2)
    assert told == [gap(), gap(end=gap().start_time)]
    time = "2026-03-01T12:00:00.000000Z"
    assert [record.getMessage() for record in caplog.records] == [
        f"binance BTC trades: a gap from {time} to now",
        f"binance BTC trades: a gap from {time} to {time}",
    ]
    await asked.end()
    await silent.end()


async def test_states_are_the_newest(client: AsyncClient, stream: Stream, source: Spoken) -> None:
    """What holds at first, and what changes; after a cut the state of then, once."""
    source.say("tickers", ticker(1))
    ear = await listening(client.stream("tickers", exchange="binance", symbol="BTC"), stream)
    await so(lambda: ear.heard == [ticker(1)])
    cut(stream)
    await so(lambda: not stream.hub.clients)
    source.say("tickers", ticker(2))
    await so(lambda: ear.heard == [ticker(1), ticker(2)])
    source.say("tickers", ticker(3))
    await so(lambda: len(ear.heard) == 3)
    assert ear.heard == [ticker(1), ticker(2), ticker(3)]
    await ear.end()


async def test_a_service_that_begins_anew(
    client: AsyncClient, stream: Stream, source: Spoken
) -> None:
    """While it listens to no market yet it is asked again; of a state nothing is lost."""
    source.say("tickers", ticker(1))
    ear = await listening(client.stream("tickers", exchange="binance", symbol="BTC"), stream)
    await so(lambda: ear.heard == [ticker(1)])
    source.listed = []
    for topic in stream.hub.topics.values():
        topic.seq += 10_000_000  # as if its numbers had begun later
    cut(stream)
    accepted = stream.hub.counts["accepted"]
    await so(lambda: stream.hub.counts["accepted"] > accepted + 1)
    source.listed = list(MARKETS)
    source.say("tickers", ticker(2))
    await so(lambda: ear.heard[-1] == ticker(2))
    assert ear.error is None
    await ear.end()


async def test_a_market_that_is_new(client: AsyncClient, stream: Stream, source: Spoken) -> None:
    """Who asks for all hears it, too."""
    ear = await listening(client.stream("trades", exchange="kucoin"), stream)
    source.listed.append(("kucoin", "SOL"))
    await so(lambda: ("kucoin", "SOL") in {key[1:3] for key in stream.hub.topics})
    source.say("trades", trade(1, "kucoin", "SOL"), market=("kucoin", "SOL"))
    await so(lambda: ear.heard == [trade(1, "kucoin", "SOL")])
    await ear.end()


async def test_what_is_wrong_from_the_start(client: AsyncClient) -> None:
    """It is said at once: by the service of a market, before anybody is asked of a data set."""
    with pytest.raises(BadQuestion) as raised:
        await anext(aiter(client.stream("trades", symbol="BTX")))
    problem = raised.value.problem
    assert (problem.field, problem.value) == ("channels[0].symbol", "BTX")
    assert problem.remedy == "did you mean BTC?"
    with pytest.raises(BadInput, match="data set: 'trade' is not accepted"):
        client.stream("trade")  # type: ignore[call-overload]


async def test_without_its_key(source: Spoken) -> None:
    """The stream is not opened, and it is not tried again."""
    _, kept = key()
    async with streaming(source, admitting=await admission(kept)) as closed:
        async with client_of(closed) as client:
            with pytest.raises(NotAllowed) as raised:
                await anext(aiter(client.stream("trades")))
        assert raised.value.problem.status == 401


async def test_nobody_is_there() -> None:
    """After patience it is said where."""
    async with AsyncClient("http://127.0.0.1:1", patience_seconds=0) as client:
        with pytest.raises(NotReached, match="v1/stream does not answer"):
            await anext(aiter(client.stream("trades")))
