"""Each exchange meets its simulated counterpart over real sockets; none is known by name here."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from perps_stats.core.errors import Unreadable
from perps_stats.core.times import to_ms
from perps_stats.core.types import Market, MarketStatus
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Answer, Ask, Exchange, Request
from perps_stats.exchanges.events import Channel, Event
from perps_stats.feed.client import ExchangeClient
from perps_stats.feed.session import CHANNEL_OF
from perps_stats.ingest.collector import Listening
from perps_stats.ingest.listener import Listener
from perps_stats.net.http import HttpLimits, HttpSender, http_session
from perps_stats.net.websocket import WebSocketLimits
from perps_stats.sim import SimSettings, Simulator
from perps_stats.sim.server import DIALECTS, Venue

NOW = datetime(2026, 11, 23, 12, 34, 56, 789_000, tzinfo=UTC)
"""Where the clock stands still, so that what is asked twice is answered alike."""
PATIENCE_SECONDS = 60.0
"""A trade or a candle may be long in coming, and anything on a machine that stalls."""
PATIENT = HttpLimits(connect_seconds=PATIENCE_SECONDS, total_seconds=PATIENCE_SECONDS)
"""What is asked is asked once."""
SPOKEN = [name for name in EXCHANGES if name in DIALECTS]
"""The exchanges that the simulator speaks."""


class Meeting(Struct):
    exchange: Exchange
    client: ExchangeClient
    sender: HttpSender
    simulator: Simulator
    asked: list[Request]
    """What was sent, in order."""
    unreadable: list[Unreadable]

    @property
    def venue(self) -> Venue:
        return self.simulator.venues[self.exchange.name]

    @property
    def weights(self) -> Counter[str]:
        """What was spent of each pool."""
        spent: Counter[str] = Counter()
        for request in self.asked:
            spent[request.pool] += request.weight
        return spent

    async def bitcoin(self) -> Market:
        """The market that a bare BTC means."""
        return await self.client.get_market("BTC")

    async def heard(self, channels: Sequence[Channel], symbols: list[str]) -> list[Event]:
        """What the stream tells until each channel has spoken, or nobody will wait any longer."""
        stream = self.exchange.stream
        assert stream is not None
        listening = Listening(stream, self.venue.ws_url, {}, channels)
        listener = Listener(self.client, self.sender.send, listening, WebSocketLimits())
        found: list[Event] = []
        silent = set(channels)
        events = listener.stream(channels, symbols)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                async for event in events:
                    found.append(event)
                    silent.discard(CHANNEL_OF[type(event)])
                    if not silent:
                        break
        except TimeoutError:
            pass
        finally:
            await events.aclose()
        return found


@asynccontextmanager
async def meeting_of(
    name: str,
    *,
    clock: Callable[[], int] | None = None,
    symbols: tuple[str, ...] = ("BTC", "ETH"),
) -> AsyncGenerator[Meeting]:
    """``clock`` in ms; without one it stands still at ``NOW``."""
    exchange = EXCHANGES[name]
    settings = SimSettings(exchanges=(name,), symbols=symbols)
    async with (
        Simulator(settings, clock=clock or (lambda: to_ms(NOW))) as simulator,
        http_session(PATIENT) as session,
    ):
        url = simulator.venues[name].rest_url
        sender = HttpSender(exchange.rest, url, session, PATIENT)
        asked: list[Request] = []
        unreadable: list[Unreadable] = []

        async def send(ask: Ask) -> Answer:
            asked.extend([ask] if isinstance(ask, Request) else ask)
            return await sender.send(ask)

        client = ExchangeClient(
            exchange, send, now=lambda: NOW, report=unreadable.append, lock=asyncio.Lock()
        )
        yield Meeting(exchange, client, sender, simulator, asked, unreadable)


def wall_clock() -> int:
    return to_ms(datetime.now(UTC))


def trading(markets: list[Market]) -> list[Market]:
    return [market for market in markets if market.status is MarketStatus.TRADING]


def near(time: datetime | None, span: timedelta = timedelta(days=1)) -> bool:
    """Unknown, or in UTC and not further from ``NOW``."""
    return time is None or (time.tzinfo is UTC and abs(time - NOW) <= span)
