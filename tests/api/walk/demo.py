"""What ``run --demo`` starts, with the simulator at hand, until its clock stops at a full minute.

The exchanges' clock is some seconds behind ours, so that the minute is full soon: then everything
that they tell once in a second, five or sixty is told, and what they know stays as it is.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import msgspec
from msgspec.structs import replace
from tests.api.conftest import Ask, Reply
from tests.api.derived.conftest import FEES, World
from tests.api.walk.past import Past
from tests.api.walk.rows import Rows
from tests.cli.own_server import free_port

from perps_stats.app.run import of_demo, run
from perps_stats.cli.run import DEMO_DATA, DEMO_SYMBOLS
from perps_stats.core.times import from_us, rfc3339
from perps_stats.core.types import Market
from perps_stats.settings import Settings, load_settings
from perps_stats.sim import SimSettings, Simulator, Truth
from perps_stats.sim.candles import MINUTE_MS
from perps_stats.sim.model.coins import coin_named
from perps_stats.sim.model.history import History, Print
from perps_stats.sim.model.trades import is_forced
from perps_stats.sim.server import DIALECTS, wall_clock

SYMBOLS = tuple(DEMO_SYMBOLS.split(","))
NAMES = [(exchange, symbol) for exchange in sorted(DIALECTS) for symbol in SYMBOLS]
LIVELY_MS = 16_000
"""So long at least the demo lives."""
START_MS = 7000
"""After so long it hears everybody, where the machine is as fast as it should be."""
MINUTES = 4
POLLED = {name for name in NAMES if name[0] in {"aster", "binance"}}
"""Whose open interest is not streamed. KuCoin's bears no time, and is not kept."""
AT_ONCE = (
    *("tickers", "orderbooks", "liquidity", "slippage?limit=5000"),
    *("funding/matrix", "funding/matrix?symbol=BTC", "funding/arbitrage?symbol=BTC&hold=72h"),
    *("basis", "spread", "spread/cross", "cost?size=100k", "cost?size=2.5m&side=buy&symbol=BTC"),
    "shares?measure=volume_24h,turnover_24h,open_interest",
    *("shares?measure=depth_10bps&symbol=BTC", "coverage/streams?by=stream&limit=5000"),
    *("gaps?limit=5000", "catalog?limit=5000", "coverage?limit=5000"),
    *("stats", "liquidity/averages?limit=5000"),
)
"""Asked as soon as the clock stands: of who is silent for ten seconds nothing is known, and from
then on there is a gap.
"""
PATIENCE_SECONDS = 60.0


class Clock:
    """The exchanges' time in ms: ``end`` comes after ``lively`` ms; it can be stopped."""

    def __init__(self, end: int, lively: int) -> None:
        self._behind = wall_clock() - end + lively
        self.end = end
        self._stops = False

    def __call__(self) -> int:
        now = wall_clock() - self._behind
        return min(now, self.end) if self._stops else now

    def stop(self) -> None:
        """At the end of the minute."""
        while self.end <= self():
            self.end += MINUTE_MS
        self._stops = True


class Demo(World, frozen=True, kw_only=True):
    """Its truth is known at every moment of the past too; everybody was heard from ``live`` on,
    in ms, to the ``end``.
    """

    past: Mapping[tuple[str, str], Past]
    live: int
    end: int
    answers: dict[str, Rows]

    def truth(self, exchange: str, symbol: str, time: object = None) -> Truth:
        if time is None:
            return super().truth(exchange, symbol)
        return self.past[exchange, symbol].truth(str(time))

    async def rows(self, path: str) -> Rows:
        """Page after page, asked for once."""
        if path not in self.answers:
            self.answers[path] = await rows_of(self.ask, path)
        return self.answers[path]


async def rows_of(ask: Ask, path: str) -> Rows:
    found: Rows = []
    joined = f"/api/v1/{path}{'&' if '?' in path else '?'}"
    reply = await ask(joined.rstrip("?&"))
    while True:
        assert reply.status == 200, (path, reply.text)
        found += reply.data
        cursor = reply.meta.get("next")
        if cursor is None:
            return found
        reply = await ask(f"{joined}cursor={cursor}")


@asynccontextmanager
async def demo(url: str, directory: Path) -> AsyncGenerator[Demo]:
    """Collected until the clock stops, and everything that was told is stored."""
    end, lively = _end()
    wanted, clock = SimSettings(symbols=SYMBOLS), Clock(end, lively)
    async with Simulator(wanted, clock=clock) as simulator:
        past = {name: Past(simulator, *name) for name in NAMES}
        settings, until = _settings(simulator, url, directory), asyncio.Event()
        running = asyncio.create_task(
            run(
                settings,
                demo=False,
                faults=(),
                until=until,
                report=lambda _counts: None,
                observe=lambda _observer: None,
            )
        )
        try:
            async with _asking(settings.api.port) as ask:
                await _so(lambda: _is_live(ask), running)
                live = clock()
                _disturb(simulator)
                await _so(lambda: _is_whole(ask), running)
                clock.stop()
                await _so(lambda: _is_over(ask, clock.end), running)
                await _still(ask)
                yield Demo(
                    simulator=simulator,
                    markets=await _markets(ask),
                    ask=ask,
                    symbols=SYMBOLS,
                    told_by_all=frozenset({"turnover_24h"}),
                    short_books=frozenset({"paradex"}),
                    past=past,
                    live=live,
                    end=clock.end,
                    answers={path: await rows_of(ask, path) for path in AT_ONCE},
                )
        finally:
            until.set()
            await running


def _end() -> tuple[int, int]:
    """One of the last full minutes, and how long before it the demo must begin so that it hears of
    somebody who is liquidated on Binance.
    """
    now = wall_clock()
    distances = {
        end: min(end - each.time for each in _forced(end // MINUTE_MS - 1))
        for end in range(now - now % MINUTE_MS, now - MINUTES * MINUTE_MS, -MINUTE_MS)
    }
    end = min(distances, key=lambda each: distances[each])
    return end, max(LIVELY_MS, distances[end] + START_MS)


def _forced(minute: int) -> list[Print]:
    """And one of long before, if there is nobody."""
    seed = SimSettings().seed
    histories = (History(seed, symbol, coin_named(symbol)) for symbol in SYMBOLS)
    prints = [each for history in histories for each in history.prints(minute)]
    return [each for each in prints if is_forced(each.id)] or prints[:1]


def _settings(simulator: Simulator, url: str, directory: Path) -> Settings:
    """Those of ``run --demo``. What is asked for by the clock is asked for more often."""
    given = {
        "stream.symbols": DEMO_SYMBOLS,
        "stream.data": DEMO_DATA,
        "stream.poll_seconds": "2",
        "stream.spool_dir": str(directory / "spool"),
        "api.port": str(free_port()),
    }
    settings = of_demo(load_settings(given, {}, directory)[0], simulator)
    exchanges = {
        name: replace(each, taker_fee=float(FEES[name]))
        for name, each in settings.exchanges.items()
    }
    database = replace(settings.database, url=url)
    return replace(settings, database=database, exchanges=exchanges)


@asynccontextmanager
async def _asking(port: int) -> AsyncGenerator[Ask]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:

        async def ask(
            path: str, method: str = "GET", headers: dict[str, str] | None = None
        ) -> Reply:
            async with session.request(method, path, headers=headers) as response:
                return Reply(response.status, response.headers, await response.read())

        yield ask


def _disturb(simulator: Simulator) -> None:
    """A change of a book and a trade that are never told, and a connection that is cut."""
    simulator.venues["binance"].inject("drop:orderbook", symbol="BTC")
    simulator.venues["binance"].inject("drop:trades", symbol="ETH")
    simulator.venues["paradex"].inject("disconnect")


async def _so(condition: Callable[[], Awaitable[bool]], running: "asyncio.Task[None]") -> None:
    """Wait until it is so. Raises what the service raised, or ``TimeoutError``."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():
            if running.done():
                running.result()
            await asyncio.sleep(0.1)


async def _is_live(ask: Ask) -> bool:
    """Of every market all states are known."""
    with suppress(aiohttp.ClientError):
        for path in ("orderbooks?depth=1", "tickers", "liquidity"):
            reply = await ask(f"/api/v1/{path}")
            if reply.status != 200 or len(reply.data) < len(NAMES):
                return False
        return True
    return False


async def _is_whole(ask: Ask) -> bool:
    """What was disturbed is a gap that is over."""
    gaps = (await ask("/api/v1/gaps")).data
    told = {(gap["exchange"], gap["stream"]) for gap in gaps}
    hurt = {("binance", "orderbook"), ("binance", "trades"), ("paradex", "trades")}
    return hurt <= told and all(gap["end_time"] for gap in gaps) and await _is_live(ask)


async def _is_over(ask: Ask, end: int) -> bool:
    """Every book is of the last moment, and what is polled has been asked for since."""
    last = rfc3339(from_us(end * 1000))
    books = (await ask("/api/v1/orderbooks?depth=1")).data
    held = (await ask("/api/v1/open-interest?limit=5000")).data
    polled = {(row["exchange"], row["symbol"]) for row in held if row["timestamp"] == last}
    return all(book["timestamp"] == last for book in books) and polled >= POLLED


async def _still(ask: Ask) -> None:
    """Until nothing more comes into the database for a second."""
    before: list[object] = []
    same = 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while same < 4:
            now = [row["rows"] for row in (await ask("/api/v1/coverage?limit=5000")).data]
            same = same + 1 if now == before else 0
            before = list(now)
            await asyncio.sleep(0.25)


async def _markets(ask: Ask) -> dict[tuple[str, str], Market]:
    rows = await rows_of(ask, "markets?limit=5000")
    markets = [msgspec.convert(row, Market, strict=False) for row in rows]
    return {(each.exchange, each.symbol): each for each in markets}
