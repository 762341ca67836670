"""``IPerpsStream``: the bare events of an exchange, for who wants no database."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack
from functools import partial

from perps_stats.core.errors import PerpsError, Unreachable
from perps_stats.core.traits import IPerps
from perps_stats.exchanges.events import Channel, Event
from perps_stats.feed.flow import Send
from perps_stats.feed.session import Session
from perps_stats.ingest.collector import Listening
from perps_stats.ingest.outside import Line, Outside, steady
from perps_stats.ingest.pace import Pace
from perps_stats.net.websocket import WebSocketLimits

MOST_WAITING = 10_000
TALK_SECONDS = 0.05


class Listener:
    """``symbols`` are any form that ``client`` knows; ``listening`` was made for ``channels``.

    ``send`` asks the exchange where to connect, if it must be asked.
    """

    def __init__(
        self, client: IPerps, send: Send, listening: Listening, limits: WebSocketLimits
    ) -> None:
        self._client = client
        self._send = send
        self._listening = listening
        self._limits = limits
        self._outside = Outside()

    async def stream(
        self, channels: Sequence[str], symbols: Sequence[str]
    ) -> AsyncGenerator[Event, None]:
        """Events as they come. Raises ``Unreachable`` when a connection ends, ``Unreadable``."""
        markets = [await self._client.get_market(symbol) for symbol in symbols]
        waiting: asyncio.Queue[Event | PerpsError] = asyncio.Queue()
        wanted = [Channel(channel) for channel in channels]
        with ExitStack() as stack:
            connections: list[Line] = []
            for path, subscription in self._listening.only(wanted).plan(markets):
                session = Session(self._listening.stream, subscription, steady())
                receive = partial(_receive, session, waiting, connections)
                url = await self._listening.address(path, self._send, self._outside.name())
                connection = await self._outside.connect(url, receive, self._limits)
                stack.callback(connection.close)
                connections.append(connection)
                for work in (self._talk(session, connection), _watch(connection, waiting)):
                    stack.callback(asyncio.ensure_future(work).cancel)
            while True:
                event = await waiting.get()
                if isinstance(event, PerpsError):
                    raise event
                if waiting.empty():
                    for connection in connections:
                        connection.resume()
                yield event

    async def _talk(self, session: Session, connection: Line) -> None:
        """Say what the session has to say: subscriptions, answers, pings."""
        pace = Pace(self._listening.stream.messages_per_second)
        while True:
            session.due(steady())
            for frame in session.to_send():
                await pace.turn()
                connection.send(frame)
            await asyncio.sleep(TALK_SECONDS)


def _receive(
    session: Session,
    waiting: asyncio.Queue[Event | PerpsError],
    connections: Sequence[Line],
    frame: bytes,
    _recv_us: int,
) -> None:
    try:
        for event in session.received(frame, steady()):
            waiting.put_nowait(event)
    except PerpsError as error:
        waiting.put_nowait(error)
    if waiting.qsize() > MOST_WAITING:
        for connection in connections:
            connection.pause()


async def _watch(connection: Line, waiting: asyncio.Queue[Event | PerpsError]) -> None:
    waiting.put_nowait(Unreachable(await connection.ended()))
