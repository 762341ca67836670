"""A book that is told one level at a time, each change numbered one above the last."""

from msgspec import Struct

from perps_stats.sim.dialect.emitters import Event, changed, phantoms
from perps_stats.sim.model.market import Step
from perps_stats.sim.model.source import ModelSource


class LevelChange(Struct, frozen=True):
    """``quantity`` is absolute, 0 with the lot's decimals removes."""

    sequence: int
    is_bid: bool
    price: str
    quantity: str


class Sequence:
    """``last`` is the number of the market's state: make one a market, before any hub's line.

    It counts whether or not anybody listens, since REST gives the same numbers.
    """

    def __init__(self, source: ModelSource) -> None:
        self.last = source.market.book.id
        self.changes: list[LevelChange] = []
        self._source = source
        source.market.listeners.append(self._count)

    def _count(self, step: Step) -> None:
        """What goes is told before what comes, so that no state between is crossed."""
        self.last += step.leap
        bids, asks = changed(self._source, step.bids, step.asks)
        levels = [(True, *level) for level in bids] + [(False, *level) for level in asks]
        levels.sort(key=lambda level: float(level[2]) > 0)
        levels += [(True, *level) for level in phantoms(self._source, step)]
        self.changes = [
            LevelChange(self.last + number, *level) for number, level in enumerate(levels, 1)
        ]
        self.last += len(levels)


class OneByOne:
    """The emitter of a sequence's changes."""

    def __init__(self, sequence: Sequence) -> None:
        self._sequence = sequence

    def on_event(self, event: Event, time: int) -> list[LevelChange]:  # noqa: ARG002
        return []

    def on_step(self, step: Step) -> list[LevelChange]:  # noqa: ARG002  # the sequence counted it
        return self._sequence.changes
