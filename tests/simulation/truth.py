"""What a venue told, whether or not anybody heard it: the truth that rows are held against.

A witness listens to every topic of a venue all the time. Each frame has a number within its topic;
what arrives at the collector is noted by that number, so that the rest was lost.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from decimal import Decimal

from msgspec import Struct

from perps_stats.exchanges.contract import Decode
from perps_stats.exchanges.events import Channel, KlineTick, TradeTick
from perps_stats.sim.dialect.manners import Parting
from perps_stats.sim.model.market import Market, Step

Levels = list[tuple[Decimal, Decimal]]


class Topic(Struct, frozen=True):
    """What a topic of the venue is in our words."""

    native: str
    channels: tuple[Channel, ...]
    is_chain: bool
    """Whether a frame that is missing is missed: by the numbers of those around it."""


class Told(Struct):
    """The frames of a topic: when each was told (us, by the venue's clock), which arrived."""

    times: list[int] = []
    heard: set[int] = set()
    unnoticed: set[int] = set()
    """Lost one by one where nothing in the stream can tell."""
    last: bytes = b""


class Witness:
    """A client that is never disturbed. ``clock`` gives the venue's us."""

    is_silenced = False
    trouble = ""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.topics: dict[str, Topic] = {}
        self.told: defaultdict[str, Told] = defaultdict(lambda: Told([], set(), set()))
        self.trades: dict[str, list[TradeTick]] = defaultdict(list)
        self.candles: dict[str, dict[int, KlineTick]] = defaultdict(dict)
        self.decode: Decode | None = None
        self._clock = clock

    def say(self, frame: bytes) -> None:
        """Acknowledgements are no truth."""

    def post(self, kind: str, frame: bytes, topic: str = "", told: object = None) -> None:
        del kind, told
        told = self.told[topic]
        told.times.append(self._clock())
        told.last = frame
        channels = self.topics[topic].channels if topic in self.topics else ()
        if self.decode and (Channel.TRADES in channels or Channel.KLINES in channels):
            self._note(frame)

    async def send(self, kind: str, frame: bytes, told: object = None) -> None:
        self.post(kind, frame, "", told)

    def end(self, parting: Parting) -> None:
        """It stays."""

    def heard(self) -> None:
        """It need not be heard."""

    def number(self, topic: str, frame: bytes) -> int | None:
        """Of the frame that is told to all just now; ``None`` for one to a newcomer alone."""
        told = self.told.get(topic)
        return len(told.times) - 1 if told and told.last is frame else None

    def _note(self, frame: bytes) -> None:
        for event in self.decode(frame) if self.decode else ():
            if isinstance(event, TradeTick):
                self.trades[event.native].append(event)
            elif isinstance(event, KlineTick):
                self.candles[event.native][event.open_ts] = event


class Reference:
    """A market's exact book, which can be moved on to any of its past states, in order.

    ``number`` gives the venue's number of the present state.
    """

    def __init__(self, market: Market, number: Callable[[], int]) -> None:
        coin = market.coin
        self._price, self._quantity = coin.tick.text, coin.lot.text
        self._sides = (dict(market.book.bids.levels), dict(market.book.asks.levels))
        self._market = market
        self._number = number
        self.last, self.time = number(), market.time
        self._ahead: deque[tuple[int, int, Mapping[int, int], Mapping[int, int]]] = deque()
        market.listeners.append(self._note)

    def _note(self, step: Step) -> None:
        book = self._market.book
        bids, asks = (
            {tick: half.levels.get(tick, 0) for tick in ticks}
            for half, ticks in ((book.bids, step.bids), (book.asks, step.asks))
        )
        self._ahead.append((self._number(), step.time, bids, asks))

    def reach(self, number: int) -> bool:
        """Move on to the state of that number; false where there is none, or it is past."""
        while self._ahead and self._ahead[0][0] <= number:
            self._step()
        return self.last == number

    def reach_time(self, time: int) -> bool:
        """Move on to the state of that time, in ms."""
        while self._ahead and self._ahead[0][1] <= time:
            self._step()
        return self.time == time

    def _step(self) -> None:
        self.last, self.time, *changes = self._ahead.popleft()
        for side, changed in zip(self._sides, changes, strict=True):
            for tick, lots in changed.items():
                if lots:
                    side[tick] = lots
                else:
                    side.pop(tick, None)

    def best(self, bids: int, asks: int) -> tuple[Levels, Levels]:
        """So many levels of each side, best first."""
        return (
            [self._level(0, tick) for tick in sorted(self._sides[0], reverse=True)[:bids]],
            [self._level(1, tick) for tick in sorted(self._sides[1])[:asks]],
        )

    def _level(self, side: int, tick: int) -> tuple[Decimal, Decimal]:
        lots = self._sides[side][tick]
        return Decimal(self._price(tick)), Decimal(self._quantity(lots))
