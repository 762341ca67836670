"""The faults still to come at one venue, and the counts that bring them about."""

from collections import Counter
from collections.abc import Iterable

from perps_stats.sim.faults import (
    ANY,
    BOOKS,
    CONNECTION_KINDS,
    HANDSHAKE,
    REST_KINDS,
    TOLD_KINDS,
    Fault,
    Kind,
)
from perps_stats.sim.losses import Losses, Told
from perps_stats.sim.model.noise import dice

CHANCES = (
    *(Kind.SLOW_DOWN, Kind.HTTP_500, Kind.RESET, Kind.HTML, Kind.TRUNCATED),
    *(Kind.WRONG_TYPE, Kind.NEGATIVE_PRICE, Kind.WRONG_ROW),
    *(Kind.EMPTY, Kind.SHUFFLED, Kind.DOUBLED, Kind.CUT_OFF),
)
"""What happens by chance: what costs a client no minutes, and is no matter of books."""
CHANCE_SECONDS = 1.0


class _Pending:
    """``seen`` counts what concerned it, of each connection where it befalls one."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen: Counter[int] = Counter()

    def hits(self, told: Told | None) -> bool:
        """Whether the frame is of the fault's stream; ``None`` is of no stream that is known."""
        fault = self.fault
        stream = fault.where or (ANY if fault.kind in CONNECTION_KINDS else BOOKS)
        if told is None:
            return stream == ANY and not fault.symbol
        is_there = stream == ANY or stream in told.streams
        return is_there and fault.symbol in {"", told.symbol, told.coin}

    def is_due(self, connection: int = 0) -> bool:
        """Count one more. Who was kept from happening in time happens at the next."""
        self.seen[connection] += 1
        return self.seen[connection] >= self.fault.number


class Faults:
    """``losses`` are what they cost so far; ``played`` counts those that happened, by kind."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.losses = Losses()
        self.played: Counter[str] = Counter()
        self._told: list[_Pending] = []
        self._again: list[_Pending] = []
        self._frames: list[_Pending] = []
        self._requests: list[_Pending] = []
        self._chances: list[_Pending] = []
        for fault in faults:
            if fault.at is None and fault.kind is not Kind.CHAOS:
                self.add(fault)

    def add(self, fault: Fault) -> None:
        """From now on it counts, and happens when its number is reached."""
        self._of(fault.kind).append(_Pending(fault))

    def on_told(self, told: Told) -> Fault | None:
        """A frame is about to be told to all who listen."""
        return self._befallen(self._told, told) if self._told else None

    def on_subscribed_again(self, told: Told) -> Fault | None:
        return self._befallen(self._again, told)

    def on_frame(self, connection: int, told: Told | None) -> Fault | None:
        """A data frame is about to be written to a connection."""
        return self._befallen(self._frames, told, connection) if self._frames else None

    def on_request(self, path: str, *, is_known: bool = False) -> Fault | None:
        """Count a REST request, or the handshake of a stream: what happens to it? ``is_known`` is
        an order book that was asked for in the same words before.
        """
        concerned = [
            one
            for one in self._requests
            if one.fault.concerns(path) and (is_known or one.fault.kind is not Kind.STALE)
        ]
        fault = self._struck(self._requests, concerned)
        chances = [one for one in self._chances if one.fault.concerns(path)]
        by_chance = [thrown for one in chances if (thrown := _thrown(one, path))]
        return fault or (by_chance[0] if by_chance else None)

    def on_handshake(self) -> Fault | None:
        return self._counted(self.on_request(HANDSHAKE))

    def _of(self, kind: Kind) -> list[_Pending]:
        if kind is Kind.RANDOM:
            return self._chances
        if kind in REST_KINDS:
            return self._requests
        if kind in TOLD_KINDS:
            return self._told
        return self._frames if kind in CONNECTION_KINDS else self._again

    def _befallen(
        self, pending: list[_Pending], told: Told | None, connection: int = 0
    ) -> Fault | None:
        """What befalls a frame."""
        concerned = [one for one in pending if one.hits(told)]
        return self._counted(self._struck(pending, concerned, connection))

    def _counted(self, fault: Fault | None) -> Fault | None:
        if fault is not None:
            self.played[fault.kind.value] += 1
        return fault

    def _struck(
        self, pending: list[_Pending], concerned: Iterable[_Pending], connection: int = 0
    ) -> Fault | None:
        due = [one for one in concerned if one.is_due(connection)]
        if not due:
            return None
        if due[0].fault.number:
            pending.remove(due[0])
        return due[0].fault


def _thrown(chance: _Pending, path: str) -> Fault | None:
    chance.seen[0] += 1
    number = chance.seen[0]
    thrown = dice(chance.fault.number, number)
    if thrown.random() * 100 >= chance.fault.seconds:
        return None
    kind = thrown.choice(CHANCES)
    seconds = CHANCE_SECONDS if kind is Kind.SLOW_DOWN else 0.0
    return Fault(kind, number, path, seconds)
