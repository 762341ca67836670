"""Simulated exchanges on loopback: real HTTP and WebSocket, each venue on a port of its own."""

import asyncio
import errno
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from aiohttp import web

from perps_stats.core.errors import BadInput
from perps_stats.sim.aster import venue as aster
from perps_stats.sim.binance import venue as binance
from perps_stats.sim.counters import Counters
from perps_stats.sim.facts import Source, Truth
from perps_stats.sim.faults import Fault, parse_fault
from perps_stats.sim.kucoin import venue as kucoin
from perps_stats.sim.lighter import venue as lighter
from perps_stats.sim.model.world import World
from perps_stats.sim.paradex import venue as paradex
from perps_stats.sim.settings import SimSettings

HOST = "127.0.0.1"
HEADER = "X-Perps-Stats-Simulated"
SHUTDOWN_SECONDS = 2.0


class Dialect(Protocol):
    """An exchange's way of speaking. It answers every request of its port."""

    counters: Counters

    def truth(self, symbol: str) -> Truth: ...
    def source(self, symbol: str) -> Source: ...
    def drop_next(self) -> None: ...
    def loosen(self, times: int) -> None: ...
    async def answer(self, request: web.Request) -> web.StreamResponse: ...
    async def close(self) -> None: ...


OfModel: TypeAlias = Callable[[World, tuple[Fault, ...]], Dialect]
OfTape: TypeAlias = Callable[[Path, float, tuple[Fault, ...], Callable[[], int]], Dialect]
DIALECTS: dict[str, OfModel] = {
    "binance": binance.of_model,
    "kucoin": kucoin.of_model,
    "lighter": lighter.of_model,
    "paradex": paradex.of_model,
    "aster": aster.of_model,
}
TAPES: dict[str, OfTape] = {"binance": binance.of_tape}
"""Those that can play a recording."""


class Venue:
    """A simulated exchange that can be reached."""

    def __init__(self, dialect: Dialect, port: int) -> None:
        self._dialect = dialect
        self.port = port
        self.rest_url = f"http://{HOST}:{port}"
        self.ws_url = f"ws://{HOST}:{port}"

    @property
    def counters(self) -> Counters:
        """What it has sent, answered and counted so far."""
        return self._dialect.counters

    def truth(self, symbol: str) -> Truth:
        """The exact book of the exchange's own symbol. Raises ``KeyError``."""
        return self._dialect.truth(symbol)

    def source(self, symbol: str) -> Source:
        """The market's facts at this moment, in base coin. Raises ``KeyError``.

        With a clock that stands still they stay as they are.
        """
        return self._dialect.source(symbol)

    def drop_next(self) -> None:
        """The next change of a book, of whatever market, is never told: as the fault ``drop``."""
        self._dialect.drop_next()


def wall_clock() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Simulator:
    """``async with Simulator(settings) as sim: sim.venues["binance"].rest_url``.

    ``clock`` is the exchanges' time, in ms. Raises ``BadInput`` for settings, a tape, or a port
    that cannot be used.
    """

    def __init__(self, settings: SimSettings, *, clock: Callable[[], int] = wall_clock) -> None:
        settings.check()
        self.settings = settings
        self.venues: dict[str, Venue] = {}
        self._clock = clock
        self._faults = tuple(parse_fault(text) for text in settings.faults)
        self._world = World(settings.seed, settings.traded, clock, settings.rate)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for number, name in enumerate(self._names()):
                dialect = await self._dialect(name)
                dialect.loosen(self.settings.generosity)
                port = self.settings.port and self.settings.port + number
                self.venues[name] = Venue(dialect, await self._serve(dialect, port, stack))
            if self.settings.tape is None:
                trading = asyncio.create_task(self._world.trade())
                stack.push_async_callback(_stop, trading)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def rest(self) -> None:
        """From now on nobody trades or quotes: what the venues tell last stays the truth."""
        for market in self._world.markets.values():
            market.rests = True

    @property
    def mode(self) -> str:
        """``model`` or ``tape``: what the header ``X-Perps-Stats-Simulated`` says."""
        return "model" if self.settings.tape is None else "tape"

    def _names(self) -> tuple[str, ...]:
        spoken = DIALECTS if self.settings.tape is None else TAPES
        named = self.settings.exchanges or tuple(spoken)
        for name in named:
            if name not in DIALECTS:
                raise BadInput("exchanges", name, f"the simulator speaks {', '.join(DIALECTS)}")
            if name not in spoken:
                raise BadInput("exchanges", name, f"only {', '.join(TAPES)} can play a tape")
        return named

    async def _dialect(self, name: str) -> Dialect:
        path, speed = self.settings.tape, self.settings.speed
        if path is None:
            return DIALECTS[name](self._world, self._faults)
        pace = 0.0 if speed == "max" else float(speed)
        return await asyncio.to_thread(TAPES[name], path, pace, self._faults, self._clock)

    async def _serve(self, dialect: Dialect, port: int, stack: AsyncExitStack) -> int:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", dialect.answer)
        app.on_response_prepare.append(self._mark)
        app.on_shutdown.append(lambda _: dialect.close())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        try:
            await web.TCPSite(runner, HOST, port).start()
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            raise BadInput("port", port, "it is taken; 0 is any free one") from error
        return int(runner.addresses[0][1])

    async def _mark(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers[HEADER] = self.mode


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
