"""One simulated exchange in memory: the real dialect, its truth, and the trouble it is in."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from aiohttp import web
from msgspec import Struct
from tests.simulation.requests import HANDSHAKE, request_of
from tests.simulation.truth import Reference, Topic, Witness

from perps_stats.core.types import Market
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Answer, Ask, Request, Subscription
from perps_stats.exchanges.events import Channel, TradeTick
from perps_stats.ingest.collector import Listening
from perps_stats.sim.dialect.manners import Manners
from perps_stats.sim.dialect.venue import Dialect
from perps_stats.sim.model.source import ModelSource
from perps_stats.sim.model.world import World
from perps_stats.sim.server import DIALECTS

CHAINED = {"binance", "aster", "kucoin", "lighter"}
"""Venues that number what changes in a book. At Paradex every frame is a whole one."""
NUMBERED_TRADES = {"binance", "aster"}


class Answered(Struct, frozen=True):
    """What REST says."""

    status: int
    headers: dict[str, str]
    body: bytes


class Venue:
    """``clock`` gives the venue's own time in ms. ``step`` moves its markets on to now."""

    def __init__(
        self, name: str, world: World, channels: Iterable[Channel], skew_us: int = 0
    ) -> None:
        made = DIALECTS[name](world, ())
        if not isinstance(made, Dialect):
            raise TypeError(f"{name} is no dialect of the model")
        self.name = name
        self.exchange = EXCHANGES[name]
        self.dialect = made
        self.world = world
        self.skew_us = skew_us
        stream = self.exchange.stream
        if stream is None:
            raise ValueError(f"{name} streams nothing")
        offered = [channel for channel in channels if channel in stream.paths]
        self.listening = Listening(stream, f"ws://{name}", {}, offered)
        self.witness = Witness(lambda: world.clock() * 1000)
        self.references: dict[str, Reference] = {}
        self.rows_references: dict[str, Reference] = {}
        self.markets: dict[str, Market] = {}
        self._topics: dict[tuple[str, Channel], str] = {}
        self._models: list[ModelSource] = []

    def door(self, address: str) -> Manners | web.Response | None:
        """What opens to who connects there."""
        return self.dialect._door(request_of(address, headers=HANDSHAKE))

    async def ask(self, request: Request) -> Answered:
        """Over HTTP, without any delay of a network."""
        asked = request_of(
            f"https://{self.name}{request.path}",
            method=request.method,
            query=request.query,
            body=request.body,
        )
        response = await self.dialect.answer(asked)
        body = response.body if isinstance(response, web.Response) else None
        if not isinstance(body, bytes):
            raise TypeError(f"no whole answer to {request.path}")
        return Answered(response.status, dict(response.headers), body)

    async def send(self, ask: Ask) -> Answer:
        """For who stands beside: of no budget, and without faults."""
        if isinstance(ask, Request):
            return (await self.ask(ask)).body
        return tuple([(await self.ask(each)).body for each in ask])

    async def open(self, markets: Iterable[Market]) -> None:
        """The witness listens to all that can be listened to of these markets."""
        self.markets = {market.native: market for market in markets}
        stream = self.listening.stream
        self.witness.decode = stream.decoder(list(self.markets.values()))
        for path, subscription in self.listening.plan(list(self.markets.values())):
            manners = self.door(await self.listening.address(path, self.send, "witness"))
            if not isinstance(manners, Manners):
                raise TypeError(f"{self.name} does not let the witness in")
            self._learn_topics(manners, subscription)
            for frame in stream.subscribe(subscription):
                manners.hear(self.witness, frame.decode())
        for native in self.markets:
            self._open_book(native)

    def _learn_topics(self, manners: Manners, subscription: Subscription) -> None:
        """The venue's topic of each channel is the one that our subscription leads to."""
        channels: defaultdict[tuple[str, str], list[Channel]] = defaultdict(list)
        for market in subscription.markets:
            for channel in subscription.channels:
                one = Subscription(channels=(channel,), markets=(market,))
                for frame in self.listening.stream.subscribe(one):
                    manners.hear(self.witness, frame.decode())
                for topic in manners.topics:
                    channels[topic, market.native].append(channel)
                manners.leave(self.witness)
        for (topic, native), served in channels.items():
            chain = Channel.ORDERBOOK in served and self.is_chained
            numbered = Channel.TRADES in served and self.name in NUMBERED_TRADES
            self.witness.topics[topic] = Topic(native, tuple(served), chain or numbered)
            self._topics |= {(native, channel): topic for channel in served}
        self.witness.told.clear()

    def _open_book(self, native: str) -> None:
        source = self.dialect.source(native)
        if not isinstance(source, ModelSource):
            raise TypeError(f"{native} does not trade")
        self._models.append(source)
        number = self._number_of(native, source)
        self.references[native] = Reference(source.market, number)
        self.rows_references[native] = Reference(source.market, number)

    def _number_of(self, native: str, source: ModelSource) -> Callable[[], int]:
        """How this venue numbers the states of a book."""
        board = self.dialect._board
        numbers = getattr(board, "numbers", None) or getattr(board, "_sequences", None)
        if numbers is None:
            return lambda: source.market.book.id
        counted = numbers[native]
        return lambda: int(counted.last)

    @property
    def is_chained(self) -> bool:
        return self.name in CHAINED

    @property
    def patience_us(self) -> int:
        """How long a connection may say nothing until it is hung up on, with the check of that."""
        strictest = min(self.listening.stream.silence_seconds.values())
        return round((strictest * 1.5 + 5) * 1e6)

    def topic_of(self, native: str, channel: Channel) -> str:
        """Raises ``KeyError``."""
        return self._topics[native, channel]

    def trades_in(self, frame: bytes) -> set[tuple[str, str]]:
        """Market and id of the trades that a frame tells."""
        decode = self.witness.decode
        events = decode(frame) if decode else ()
        return {(each.native, each.id) for each in events if isinstance(each, TradeTick)}

    def jump(self, ahead: int) -> None:
        """The next update of each book is numbered so much higher."""
        board = self.dialect._board
        numbers = getattr(board, "numbers", None) or getattr(board, "_sequences", {})
        for source, native in zip(self._models, self.markets, strict=True):
            if native in numbers:
                numbers[native].last += ahead
            else:
                source.market.book._start += ahead

    def topics_of(self, channel: Channel) -> frozenset[str]:
        """Of all markets."""
        return frozenset(topic for (_, of), topic in self._topics.items() if of is channel)

    def step(self) -> None:
        for source in self._models:
            source.market.advance(self.world.clock())

    def rest(self) -> None:
        """From now on nobody trades or quotes."""
        for source in self._models:
            source.market.rests = True
