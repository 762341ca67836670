"""The bare events of an exchange, without a database."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from perps_stats.core.errors import Unreachable
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.events import (
    BookDelta,
    Channel,
    Event,
    MarkTick,
    NoTrade,
    TradeTick,
)
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.collector import Listening
from perps_stats.ingest.listener import Listener
from perps_stats.net.http import HttpLimits, HttpSender, http_session
from perps_stats.net.websocket import WebSocketLimits
from perps_stats.sim import SimSettings, Simulator

from .collecting import PATIENCE_SECONDS

BINANCE = EXCHANGES["binance"]


async def heard(
    simulator: Simulator, enough: Callable[[list[Event]], bool], *channels: Channel
) -> list[Event]:
    venue = simulator.venues["binance"]
    assert BINANCE.stream is not None
    async with http_session(HttpLimits()) as session:
        sender = HttpSender(BINANCE.rest, venue.rest_url, session, HttpLimits())
        client = ExchangeClient(BINANCE, sender.send, now=lambda: datetime.now(UTC))
        listening = Listening(BINANCE.stream, venue.ws_url, {}, list(BINANCE.stream.paths))
        events = Listener(client, sender.send, listening, WebSocketLimits()).stream(
            channels, ["BTC"]
        )
        found: list[Event] = []
        async with asyncio.timeout(PATIENCE_SECONDS), aclosing(events):
            async for event in events:
                found.append(event)
                if enough(found):
                    break
    return found


async def test_what_was_asked_for_comes_from_both_paths() -> None:
    """Updates of the book, and the mark price that another connection carries: nothing else."""

    def enough(events: list[Event]) -> bool:
        return len(events) >= 30 and len({type(event) for event in events}) >= 2

    async with Simulator(SimSettings(symbols=("BTC",))) as simulator:
        events = await heard(simulator, enough, Channel.ORDERBOOK, Channel.MARK)
    assert {type(event) for event in events} == {BookDelta, MarkTick}
    assert {event.native for event in events} == {"BTCUSDT"}


async def test_a_connection_that_ends_is_an_error() -> None:
    """A listener does not pretend that it goes on."""
    settings = SimSettings(symbols=("BTC",), faults=("disconnect:3",))
    async with Simulator(settings) as simulator:
        with pytest.raises(Unreachable):
            await heard(simulator, lambda _events: False, Channel.TRADES, Channel.BEST)


async def test_trades_carry_their_number() -> None:
    """One after the other, as the exchange counts them, with what is no trade among them."""

    def numbers(events: list[Event]) -> list[int]:
        told = [event for event in events if isinstance(event, TradeTick | NoTrade)]
        return [event.number for event in told if event.number]

    async with Simulator(SimSettings(symbols=("BTC",))) as simulator:
        events = await heard(simulator, lambda events: len(events) == 4, Channel.TRADES)
    first = numbers(events)[0]
    assert numbers(events) == list(range(first, first + 4))
