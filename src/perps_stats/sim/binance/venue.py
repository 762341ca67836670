"""A simulated Binance: one address that answers REST and WebSocket from one market or one tape."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from aiohttp import web

from perps_stats.sim.binance.board import ModelBoard
from perps_stats.sim.binance.conversation import Conversation, Hub
from perps_stats.sim.binance.feed import ModelHub
from perps_stats.sim.binance.questions import Board
from perps_stats.sim.binance.recording import Recording
from perps_stats.sim.binance.rest import Rest
from perps_stats.sim.binance.stage import TapeStage
from perps_stats.sim.binance.streams import Address, parse_address
from perps_stats.sim.binance.weights import Weights
from perps_stats.sim.counters import Counters
from perps_stats.sim.facts import Truth
from perps_stats.sim.faults import Fault, Faults
from perps_stats.sim.model.world import World
from perps_stats.sim.tape import read_tape


class TruthfulBoard(Board, Protocol):
    def truth(self, symbol: str) -> Truth: ...


class Binance:
    """The dialect. Make it with ``of_model`` or ``of_tape``."""

    def __init__(
        self,
        board: TruthfulBoard,
        hub: Hub,
        faults: Faults,
        clock: Callable[[], int],
        stage: TapeStage | None = None,
    ) -> None:
        self.counters = Counters()
        self._board = board
        self._hub = hub
        self._faults = faults
        self._stage = stage
        self._closing = asyncio.Event()
        self._rest = Rest(board, Weights(clock), faults, self.counters, self._closing)
        self._conversations: set[Conversation] = set()

    @classmethod
    def of_model(cls, world: World, faults: tuple[Fault, ...]) -> "Binance":
        board, pending = ModelBoard(world), Faults(faults)
        return cls(board, ModelHub(board, pending), pending, world.clock)

    @classmethod
    def of_tape(
        cls, path: Path, speed: float, faults: tuple[Fault, ...], clock: Callable[[], int]
    ) -> "Binance":
        """``speed`` 0 is as fast as listeners take it. Raises ``BadInput`` for a bad tape."""
        pending = Faults(faults)
        stage = TapeStage(Recording(str(path), read_tape(path)), speed, pending)
        return cls(stage, stage, pending, clock, stage)

    def truth(self, symbol: str) -> Truth:
        """The exact book at this moment. Raises ``KeyError`` for a symbol that does not trade."""
        return self._board.truth(symbol)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        address = parse_address(request.path, request.query.get("streams", ""))
        if address is None:
            return await self._rest.answer(request)
        if not web.WebSocketResponse().can_prepare(request):
            return web.json_response({"code": -1000, "msg": "Upgrade to WebSocket."}, status=400)
        return await self._talk(request, address)

    async def close(self) -> None:
        self._closing.set()
        if self._stage is not None:
            await self._stage.close()
        await asyncio.gather(*(conversation.close() for conversation in self._conversations))

    async def _talk(self, request: web.Request, address: Address) -> web.StreamResponse:
        conversation = Conversation(request, address, self._hub, self._faults, self.counters)
        self._conversations.add(conversation)
        self.counters.connections += 1
        try:
            return await conversation.run()
        finally:
            self._conversations.discard(conversation)
