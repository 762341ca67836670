"""The bare events of an exchange, without a database."""

from datetime import UTC, datetime

import pytest

from perps_stats.core.errors import Unreachable
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.events import BookDelta, Channel, Event, MarkTick, TradeTick
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.collector import Listening
from perps_stats.ingest.listener import Listener
from perps_stats.net.http import HttpLimits, HttpSender, http_session
from perps_stats.net.websocket import WebSocketLimits
from perps_stats.sim import SimSettings, Simulator

BINANCE = EXCHANGES["binance"]


async def heard(simulator: Simulator, count: int, *channels: Channel) -> list[Event]:
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
        async for event in events:
            found.append(event)
            if len(found) == count:
                break
        await events.aclose()
    return found


async def test_what_was_asked_for_comes_from_both_paths() -> None:
    """Updates of the book, and the mark price that another connection carries: nothing else."""
    async with Simulator(SimSettings(symbols=("BTC",))) as simulator:
        events = await heard(simulator, 30, Channel.ORDERBOOK, Channel.MARK)
    assert {type(event) for event in events} == {BookDelta, MarkTick}
    assert {event.native for event in events} == {"BTCUSDT"}


async def test_a_connection_that_ends_is_an_error() -> None:
    """A listener does not pretend that it goes on."""
    settings = SimSettings(symbols=("BTC",), faults=("disconnect:3",))
    async with Simulator(settings) as simulator:
        with pytest.raises(Unreachable):
            await heard(simulator, 1000, Channel.TRADES, Channel.BEST)


async def test_trades_carry_their_number() -> None:
    """One after the other, as the exchange counts them."""
    async with Simulator(SimSettings(symbols=("BTC",))) as simulator:
        events = await heard(simulator, 4, Channel.TRADES)
    numbers = [event.number for event in events if isinstance(event, TradeTick) and event.number]
    assert numbers == sorted(numbers)
    assert len(numbers) == 4
