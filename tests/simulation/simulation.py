"""A run: venues that trade, a collector, a database, and the troubles of a seed."""

import asyncio
import math
from random import Random

from msgspec import Struct
from tests.simulation.cross import crossing
from tests.simulation.disk import MemoryDisk
from tests.simulation.life import Gate, Life, Surroundings
from tests.simulation.memory import Database
from tests.simulation.rest import Desk, RestFault, Weather
from tests.simulation.trouble import OfDatabase, OfProcess, OfVenue, OfWire, Trouble
from tests.simulation.venue import Venue
from tests.simulation.watch import Watch
from tests.simulation.wire import Parcel, Spoil, Wire

from perps_stats.core.errors import DatabaseError, ExchangeError
from perps_stats.core.times import from_us
from perps_stats.exchanges.events import Channel
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.collector import DATA
from perps_stats.ingest.grids import Grids
from perps_stats.sim.model.world import World

MARCH = 1_772_323_200_000_000
"""2026-03-01 00:00 UTC."""
HOUR_US = 3_600_000_000
FRAMED = (Channel.ORDERBOOK, Channel.BEST, Channel.DAY, Channel.MARK, Channel.FUNDING)
"""Channels of which every frame counts; of the others every row does."""
SOON = 31.0
RESTART_SECONDS = 2.0
CHANNELS = tuple(channel for channels in DATA.values() for channel in channels)


class Scenario(Struct, frozen=True, kw_only=True):
    """``seconds`` in all; the troubles happen early enough to be over ``calm`` seconds before."""

    seed: int
    venues: tuple[str, ...]
    symbols: tuple[str, ...]
    seconds: float
    troubles: tuple[Trouble, ...]
    grids: Grids = Grids(stored=1.0, books=1.0, tickers=1.0, funding=1.0)
    step: float = 0.1


class Disturbance(Struct, frozen=True):
    """Something was wrong then (us, by the venue's clock) with these topics; ``None``: with all."""

    venue: str
    what: str
    at: int
    topics: frozenset[str] | None = None


class Run:
    """``go`` simulates it to the end; what came of it is for the auditor."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.disturbances: list[Disturbance] = []
        self.crossed: list[tuple[str, str, int]] = []
        self.unnoticed_trades: set[tuple[str, str]] = set()
        self.errors: list[str] = []
        self._chance = Random(scenario.seed)  # noqa: S311  # a seed is the point of it
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _loop, told: self.errors.append(repr(told)))
        self._began = MARCH + self._chance.randrange(24 * HOUR_US // 100_000) * 100_000
        self.database = Database(lambda: from_us(self.now_us()))
        self.venues = {name: self._venue(name) for name in scenario.venues}
        self._desks = {
            name: Desk(venue, Random(self._chance.random()))  # noqa: S311
            for name, venue in self.venues.items()
        }
        self._gates = {name: Gate() for name in scenario.venues}
        self._around = Surroundings(
            venues=self.venues,
            desks=self._desks,
            gates=self._gates,
            database=self.database,
            disk=MemoryDisk(Random(self._chance.random())),  # noqa: S311
            symbols=scenario.symbols,
            grids=scenario.grids,
            now_us=self.now_us,
            dress=self._dress,
        )
        self.watch = Watch(self.venues, self.database.names, lambda: self.life)
        self.life: Life | None = None
        self._again = RESTART_SECONDS

    def now_us(self) -> int:
        return self._began + round(self._loop.time() * 1e6)

    def _venue(self, name: str) -> Venue:
        """Its clock may be off by seconds."""
        skew = round(self._chance.gauss(0, 1000)) if self._chance.random() < 0.5 else 0
        world = World(7, self.scenario.symbols, lambda: self.now_us() // 1000 + skew)
        return Venue(name, world, CHANNELS, skew * 1000)

    async def go(self) -> None:
        for venue in self.venues.values():
            client = ExchangeClient(
                venue.exchange, venue.send, now=lambda: from_us(self.now_us()), report=print
            )
            await venue.open([await client.get_market(each) for each in self.scenario.symbols])
        self.database.on_new = self.watch.row
        works = [
            asyncio.create_task(work)
            for work in (self._trade(), self._trouble(), self._supervise())
        ]
        await asyncio.sleep(self.scenario.seconds)
        for venue in self.venues.values():
            venue.rest()
        await asyncio.sleep(2)
        self.watch.settle()
        if self.life is not None:
            self._again = math.inf
            self.life.stop()
            await self.life.failure()
        for work in works:
            work.cancel()
        for told in await asyncio.gather(*works, return_exceptions=True):
            if isinstance(told, Exception):
                raise told

    async def _supervise(self) -> None:
        """Who started the collector starts it again: also where the database was away."""
        while True:
            self.life = life = Life(self._around, Random(self._chance.random()))  # noqa: S311
            self._again = RESTART_SECONDS
            failure = await life.failure()
            self.life = None
            if failure is not None and not _is_usual(failure):
                raise failure
            await life.die()
            await asyncio.sleep(self._again)

    async def _trade(self) -> None:
        """The markets go on, and the auditor looks after each step."""
        while True:
            await asyncio.sleep(self.scenario.step)
            for venue in self.venues.values():
                venue.step()
            self.watch.look()

    async def _trouble(self) -> None:
        for trouble in self.scenario.troubles:
            await asyncio.sleep(trouble.at - self._loop.time())
            await self._befall(trouble)

    async def _befall(self, trouble: Trouble) -> None:
        venue, until = self.venues[trouble.venue], self._loop.time() + trouble.seconds
        match trouble.what:
            case Spoil() as spoil:
                self._spoil(spoil, trouble.pick, venue)
            case OfWire():
                self._break(trouble, venue)
            case OfVenue.JUMP:
                venue.jump(1 + int(trouble.pick * 1000))
                self._disturb(venue, trouble.what, venue.topics_of(Channel.ORDERBOOK))
            case OfVenue.MUTE_CHANNEL:
                self._mute_channel(trouble, venue)
            case RestFault():
                self._desks[venue.name].weather = Weather(trouble.what, until)
                self.watch.excuse(until)
            case OfDatabase.AWAY:
                self.database.away_until = until
            case OfDatabase.SLOW_COMMITS:
                self.database.slow_until = until
            case OfDatabase.NO_ANSWER:
                self.database.loses_answer = True
            case OfProcess():
                await self._begin_anew(trouble)

    def _spoil(self, spoil: Spoil, pick: float, venue: Venue) -> None:
        wires = self.life.open_wires(venue.name) if self.life else []
        choices = [(wire, topic) for wire in wires for topic in wire.manners.topics]
        if spoil is Spoil.CROSS:
            choices = [each for each in choices if _is_book(venue, each[1])]
        if choices:
            wire, topic = choices[int(pick * len(choices))]
            wire.armed[topic] = spoil

    def _break(self, trouble: Trouble, venue: Venue) -> None:
        wires = self.life.open_wires(venue.name) if self.life else []
        if trouble.what is OfWire.REFUSE:
            self._gates[venue.name].refuses_until = self._loop.time() + trouble.seconds
            self.watch.excuse(self._loop.time() + trouble.seconds)
            chosen = wires
        else:
            chosen = wires[int(trouble.pick * len(wires)) :][:1]
        for wire in chosen:
            self._disturb(venue, trouble.what, frozenset(wire.manners.topics))
            if trouble.what is OfWire.MUTE:
                wire.mute = True
            elif trouble.what is OfWire.HALF_OPEN:
                wire.leave_half_open()
            else:
                wire.cut("the connection was reset")

    def _mute_channel(self, trouble: Trouble, venue: Venue) -> None:
        """One of those that are missed soon."""
        limits = venue.listening.stream.silence_seconds
        soon = [channel for channel in FRAMED if limits.get(channel, SOON) < SOON]
        topics = venue.topics_of(soon[int(trouble.pick * len(soon))])
        for wire in self.life.open_wires(venue.name) if self.life else []:
            wire.muted = topics
        self._disturb(venue, trouble.what, topics)

    async def _begin_anew(self, trouble: Trouble) -> None:
        for venue in self.venues.values():
            self._disturb(venue, trouble.what, None)
        if self.life is None:
            return
        self._again = trouble.seconds
        if trouble.what is OfProcess.CRASH:
            await self.life.die()
        else:
            self.life.stop()

    def _disturb(self, venue: Venue, what: str, topics: frozenset[str] | None) -> None:
        at = venue.world.clock() * 1000
        self.disturbances.append(Disturbance(venue.name, what, at, topics))

    def _dress(self, wire: Wire, venue: Venue) -> None:
        wire.tell = lambda spoil, parcel: self._spoilt(venue, wire, spoil, parcel)
        wire.crossed = lambda parcel: crossing(venue, parcel.topic, parcel.frame)

    def _spoilt(self, venue: Venue, wire: Wire, spoil: Spoil, parcel: Parcel) -> None:
        unreadable = spoil in {Spoil.TRUNCATE, Spoil.BAD_JSON}
        topics = wire.manners.topics if unreadable else [parcel.topic]
        self._disturb(venue, spoil, frozenset(topics))
        topic = venue.witness.topics[parcel.topic]
        if spoil is Spoil.CROSS and venue.is_chained:
            self.crossed.append((venue.name, topic.native, venue.world.clock() * 1000))
        if topic.is_chain or parcel.number is None or spoil is Spoil.DUPLICATE:
            return
        venue.witness.told[parcel.topic].unnoticed.add(parcel.number)
        if Channel.TRADES in topic.channels and not unreadable:
            self.unnoticed_trades |= venue.trades_in(parcel.frame)


def _is_usual(failure: BaseException) -> bool:
    """The database or the exchange was away: the program says so and ends."""
    if isinstance(failure, BaseExceptionGroup):
        return all(_is_usual(each) for each in failure.exceptions)
    return isinstance(failure, DatabaseError | ExchangeError)


def _is_book(venue: Venue, topic: str) -> bool:
    return Channel.ORDERBOOK in venue.witness.topics[topic].channels
