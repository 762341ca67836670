"""``IPerpsStream``: the bare events of an exchange, for who wants no database."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack
from functools import partial

from perps_stats.core.errors import PerpsError, Unreachable
from perps_stats.core.traits import IPerps
from perps_stats.exchanges.events import Channel, Event
from perps_stats.feed.session import Session
from perps_stats.ingest.collector import Listening
from perps_stats.net.websocket import Connection, WebSocketLimits, connect

MOST_WAITING = 10_000


class Listener:
    """``symbols`` are any form that ``client`` knows; ``listening`` was made for ``channels``."""

    def __init__(self, client: IPerps, listening: Listening, limits: WebSocketLimits) -> None:
        self._client = client
        self._listening = listening
        self._limits = limits

    async def stream(
        self, channels: Sequence[str], symbols: Sequence[str]
    ) -> AsyncGenerator[Event, None]:
        """Events as they come. Raises ``Unreachable`` when a connection ends, ``Unreadable``."""
        natives = [await self._client.parse_symbol(symbol) for symbol in symbols]
        waiting: asyncio.Queue[Event | PerpsError] = asyncio.Queue()
        wanted = [Channel(channel) for channel in channels]
        with ExitStack() as stack:
            connections: list[Connection] = []
            for url, subscription in self._listening.only(wanted).plan(natives):
                session = Session(self._listening.stream, subscription, time.monotonic())
                receive = partial(_receive, session, waiting, connections)
                connection = await connect(url, receive, self._limits)
                stack.callback(connection.close)
                connections.append(connection)
                await connection.send(session.opened(), self._listening.stream.messages_per_second)
                watch = asyncio.ensure_future(_watch(connection, waiting))
                stack.callback(watch.cancel)
            while True:
                event = await waiting.get()
                if isinstance(event, PerpsError):
                    raise event
                if waiting.empty():
                    for connection in connections:
                        connection.resume()
                yield event


def _receive(
    session: Session,
    waiting: asyncio.Queue[Event | PerpsError],
    connections: Sequence[Connection],
    frame: bytes,
    _recv_us: int,
) -> None:
    try:
        for event in session.received(frame, time.monotonic()):
            waiting.put_nowait(event)
    except PerpsError as error:
        waiting.put_nowait(error)
    if waiting.qsize() > MOST_WAITING:
        for connection in connections:
            connection.pause()


async def _watch(connection: Connection, waiting: asyncio.Queue[Event | PerpsError]) -> None:
    waiting.put_nowait(Unreachable(await connection.ended()))
