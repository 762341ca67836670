"""The life of a simulated venue: one address that answers REST and WebSocket."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, Protocol, TypeAlias, TypeVar

from aiohttp import web

from perps_stats.sim.counters import Counters
from perps_stats.sim.dialect.conversation import Conversation
from perps_stats.sim.dialect.handshake import obstructed
from perps_stats.sim.dialect.manners import Manners
from perps_stats.sim.dialect.rest import Question, Rest, Words
from perps_stats.sim.dialect.weights import Weights
from perps_stats.sim.facts import Source, Truth
from perps_stats.sim.faults import Fault, Kind
from perps_stats.sim.losses import Losses
from perps_stats.sim.pending import Faults


class Board(Protocol):
    """``ModelBoard`` is one."""

    def time(self) -> int: ...
    def source(self, symbol: str) -> Source | None: ...
    def truth(self, symbol: str) -> Truth: ...


B = TypeVar("B", bound=Board)
Door: TypeAlias = Callable[[web.Request], Manners | web.Response | None]
"""Who comes for a stream gets manners for it, or is turned away; ``None`` is REST."""


class Dialect(Generic[B]):
    """A venue as the server knows it. ``stop`` ends what else it has started."""

    def __init__(
        self,
        *,
        board: B,
        questions: Mapping[str, Question[B]],
        words: Words,
        weights: Weights,
        door: Door,
        faults: Faults,
        stop: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.counters = Counters(faults=faults.played)
        self._board = board
        self._door = door
        self._faults = faults
        self._weights = weights
        self._stop = stop
        self._closing = asyncio.Event()
        self._rest = Rest(
            board=board,
            questions=questions,
            words=words,
            weights=weights,
            faults=faults,
            counters=self.counters,
            closing=self._closing,
        )
        self._conversations: dict[Conversation, None] = {}

    @property
    def losses(self) -> Losses:
        return self._faults.losses

    def truth(self, symbol: str) -> Truth:
        """The exact book at this moment. Raises ``KeyError`` for a symbol that does not trade."""
        return self._board.truth(symbol)

    def source(self, symbol: str) -> Source:
        """Every fact at this moment, in base coin. Raises ``KeyError`` for an unknown symbol."""
        source = self._board.source(symbol)
        if source is None:
            raise KeyError(symbol)
        return source

    def loosen(self, times: int) -> None:
        """Take so many times as many requests."""
        self._weights.loosen(times)

    def inject(self, fault: Fault) -> None:
        """From now on it may happen; a restart begins at once."""
        if fault.kind is not Kind.RESTART:
            self._faults.add(fault)
            return
        self.counters.faults[fault.kind.value] += 1
        for conversation in self._conversations:
            conversation.restart(self._board.time(), fault.seconds)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        entered = self._door(request)
        if entered is None:
            return await self._rest.answer(request)
        if isinstance(entered, web.Response):
            return entered
        fault = self._faults.on_handshake()
        if fault is not None:
            refused = await obstructed(fault, request, self._closing)
            if refused is not None:
                return refused
        number = self.counters.connections + 1
        return await self._talk(Conversation(request, entered, self._faults, self.counters, number))

    async def close(self) -> None:
        self._closing.set()
        if self._stop is not None:
            await self._stop()
        await asyncio.gather(*(conversation.close() for conversation in self._conversations))

    async def _talk(self, conversation: Conversation) -> web.StreamResponse:
        self._conversations[conversation] = None
        self.counters.connections += 1
        try:
            return await conversation.run()
        finally:
            self._conversations.pop(conversation)


def wants_upgrade(request: web.Request) -> bool:
    """Whether the request is the handshake of a WebSocket."""
    return web.WebSocketResponse().can_prepare(request).ok
