"""One process of the collector, from its start to a stop or to its death."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from random import Random

from aiohttp import web
from msgspec import Struct
from tests.simulation.disk import MemoryDisk
from tests.simulation.loop import VirtualLoop
from tests.simulation.memory import Database
from tests.simulation.repository import Handle
from tests.simulation.rest import Desk, Sender
from tests.simulation.venue import Venue
from tests.simulation.wire import Wire

from perps_stats.core.errors import Unreachable
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.outside import Line, Outside, Receive, steady
from perps_stats.ingest.service import Collecting, Plan, Source
from perps_stats.ingest.spool.spool import Spool
from perps_stats.net.websocket import WebSocketLimits

SPOOL_BYTES = 64 << 20
CONNECT_SECONDS = 0.05


class Gate(Struct):
    """Where a venue lets nobody in until then."""

    refuses_until: float = 0.0


class Surroundings(Struct, frozen=True):
    """What outlives a process. ``now_us`` is the clock of the machine."""

    venues: Mapping[str, Venue]
    desks: Mapping[str, Desk]
    gates: Mapping[str, Gate]
    database: Database
    disk: MemoryDisk
    symbols: Sequence[str]
    grids: Grids
    now_us: Callable[[], int]
    dress: Callable[[Wire, Venue], None]
    """Is shown each new connection."""


class Life:
    """``chance`` is the collector's own."""

    def __init__(self, around: Surroundings, chance: Random) -> None:
        self._around = around
        self._handle = Handle(around.database)
        self._chance = chance
        self._stop = asyncio.Event()
        self._older = asyncio.all_tasks()
        self.wires: list[tuple[Venue, Wire]] = []
        self._plan = Plan(
            symbols=around.symbols,
            grids=around.grids,
            limits=WebSocketLimits(),
            outside=Outside(connect=self._connect, now_us=around.now_us, chance=chance),
        )
        self.collecting = Collecting(
            [self._source(venue) for venue in around.venues.values()],
            self._plan,
            self._handle,  # type: ignore[arg-type]  # what collecting asks of a repository
            self._spool(),
        )
        self.running = asyncio.create_task(self.collecting.run(self._stop))

    def _spool(self) -> Spool:
        """With what an earlier process left."""
        spool = Spool(self._around.disk, self._around.now_us, max_bytes=SPOOL_BYTES)
        spool.recover()
        return spool

    def _source(self, venue: Venue) -> Source:
        now = self._plan.outside.now
        sender = Sender(self._around.desks[venue.name], now, self._chance)
        client = ExchangeClient(
            venue.exchange, sender.send, now=now, report=_refuse, lock=asyncio.Lock()
        )
        return Source(
            exchange=venue.exchange, client=client, sender=sender, listening=venue.listening
        )

    async def _connect(self, url: str, receive: Receive, limits: WebSocketLimits) -> Line:
        venue = self._around.venues[url.partition("//")[2].partition("/")[0].partition("?")[0]]
        await asyncio.sleep(CONNECT_SECONDS)
        if steady() < self._around.gates[venue.name].refuses_until:
            raise Unreachable(f"{venue.name} does not accept a connection")
        manners = venue.door(url)
        if manners is None or isinstance(manners, web.Response):
            raise Unreachable(f"{venue.name} does not accept a connection")
        wire = Wire(
            manners,
            receive,
            limits,
            witness=venue.witness,
            chance=Random(self._chance.random()),  # noqa: S311  # a latency, no secret
            now_us=self._around.now_us,
        )
        self.wires.append((venue, wire))
        self._around.dress(wire, venue)
        wire.begin()
        return wire.ours

    def open_wires(self, venue: str) -> list[Wire]:
        self.wires = [(at, wire) for at, wire in self.wires if wire.open]
        return [wire for at, wire in self.wires if at.name == venue]

    async def failure(self) -> BaseException | None:
        """What it ended with, once it has."""
        await asyncio.wait([self.running])
        return None if self.running.cancelled() else self.running.exception()

    def stop(self) -> None:
        """As it should be."""
        self._handle.stopping(self._around.now_us())
        self._stop.set()

    async def die(self) -> None:
        """At once: nothing that it has in hand is said, asked or written any more."""
        self._handle.die()
        loop = asyncio.get_running_loop()
        if isinstance(loop, VirtualLoop):
            loop.permit = _forbid
        for _, wire in self.wires:
            wire.cut("the process died")
        own = asyncio.all_tasks() - self._older - {asyncio.current_task()}
        for task in sorted(own, key=_number):
            task.cancel()
        await asyncio.gather(*own, return_exceptions=True)
        self._around.disk.lose_power()
        if isinstance(loop, VirtualLoop):
            loop.permit = lambda: None


def _refuse(row: Exception) -> None:
    raise row


def _forbid() -> None:
    raise OSError("the process is dead")


def _number(task: asyncio.Task[object]) -> int:
    return int(task.get_name().rpartition("-")[2])
