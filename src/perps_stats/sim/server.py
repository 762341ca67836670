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
from perps_stats.sim.faults import Fault, Kind, fault_now, parse_fault
from perps_stats.sim.kucoin import venue as kucoin
from perps_stats.sim.lighter import venue as lighter
from perps_stats.sim.losses import Losses
from perps_stats.sim.model.world import World
from perps_stats.sim.paradex import venue as paradex
from perps_stats.sim.script import schedule
from perps_stats.sim.settings import SimSettings

HOST = "127.0.0.1"
HEADER = "X-Perps-Stats-Simulated"
SHUTDOWN_SECONDS = 2.0


class Dialect(Protocol):
    """An exchange's way of speaking. It answers every request of its port."""

    counters: Counters

    @property
    def losses(self) -> Losses: ...
    def truth(self, symbol: str) -> Truth: ...
    def source(self, symbol: str) -> Source: ...
    def inject(self, fault: Fault) -> None: ...
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


class VenueClock:
    """An exchange's own time in ms, which may be wrong."""

    def __init__(self, right: Callable[[], int]) -> None:
        self.wrong_by_ms = 0
        self._right = right

    def __call__(self) -> int:
        return self._right() + self.wrong_by_ms


class Venue:
    """A simulated exchange that can be reached."""

    def __init__(self, name: str, dialect: Dialect, clock: VenueClock, port: int) -> None:
        self.name = name
        self._dialect = dialect
        self._clock = clock
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

    @property
    def losses(self) -> Losses:
        """What clients did not get, and which connections were cut, because of faults."""
        return self._dialect.losses

    def inject(self, what: str, *, symbol: str = "", seconds: float | None = None) -> None:
        """A fault, ``KIND[:WHERE]``, the next time it can happen: ``inject("drop:trades",
        symbol="BTC")``, ``inject("silence", seconds=5)``. Raises ``BadInput``.
        """
        self.suffer(fault_now(what, symbol, seconds))

    def suffer(self, fault: Fault) -> None:
        """A fault whose time has come. What is counted is counted from now on."""
        if fault.kind is Kind.SKEW:
            self.counters.faults[fault.kind] += 1
            self._clock.wrong_by_ms = round(fault.seconds * 1000)
        else:
            self._dialect.inject(fault)

    async def play(self, faults: tuple[Fault, ...]) -> None:
        """Those that happen by the clock, until there are none left."""
        began = asyncio.get_running_loop().time()
        for at, fault in schedule(faults, self.name):
            await asyncio.sleep(began + at - asyncio.get_running_loop().time())
            self.suffer(fault)


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
        self._worlds: list[World] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for number, name in enumerate(self._names()):
                clock = VenueClock(self._clock)
                dialect = await self._dialect(name, clock)
                dialect.loosen(self.settings.generosity)
                port = self.settings.port and self.settings.port + number
                port = await self._serve(dialect, port, stack)
                self.venues[name] = Venue(name, dialect, clock, port)
            lives = [world.trade() for world in self._worlds]
            lives += [venue.play(self._faults) for venue in self.venues.values()]
            for life in lives:
                stack.push_async_callback(_stop, asyncio.create_task(life))
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
        for world in self._worlds:
            for market in world.markets.values():
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

    async def _dialect(self, name: str, clock: VenueClock) -> Dialect:
        """A venue has a world of its own, whose prices are those of all the others."""
        asked = self.settings
        for fault in self._faults:
            if fault.kind is Kind.SKEW and not fault.at:
                clock.wrong_by_ms = round(fault.seconds * 1000)
        if asked.tape is None:
            world = World(asked.seed, asked.traded, clock, asked.rate)
            self._worlds.append(world)
            return DIALECTS[name](world, self._faults)
        pace = 0.0 if asked.speed == "max" else float(asked.speed)
        return await asyncio.to_thread(TAPES[name], asked.tape, pace, self._faults, clock)

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
