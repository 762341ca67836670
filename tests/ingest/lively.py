"""Lively simulated markets, a PostgreSQL of our own, and the real program between them."""

import asyncio
import subprocess
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import TypeAlias

import asyncpg
from msgspec import Struct
from tests.cli.own_server import PASSWORD, OwnServer
from tests.cli.program import Program

from perps_stats.sim import SimSettings, Simulator
from perps_stats.sim.facts import Span
from perps_stats.sim.server import Venue

SYMBOLS = ("BTC", "ETH", "SOL", "DOGE")
RATE = 40.0
"""Makes about 2,000 messages a second of four markets."""
NUMBERS = count()
MANY = 10_000_000
GENEROSITY = 1000
Told: TypeAlias = tuple[str, int, Decimal, Decimal, str]
"""Id, time in ms, price, quantity, the taker's side."""
Interval: TypeAlias = tuple[int, int | None]
"""From and to, in ms; ``None``: it is open."""
STORED = """
    select id, (extract(epoch from ts) * 1000)::bigint, price, quantity, side
    from trades join markets using (market_id) where native = $1
"""
MARKED = """
    select (extract(epoch from min(first_ts)) * 1000)::bigint,
        (extract(epoch from max(last_ts)) * 1000)::bigint
    from coverage join markets using (market_id) where native = $1 and stream = 'trades'
"""
GAPS = """
    select (extract(epoch from ts) * 1000)::bigint, (extract(epoch from end_time) * 1000)::bigint
    from gaps join markets using (market_id) where native = $1 and stream = 'trades'
"""


class Audit(Struct):
    """Of one market, what its venue told and the database says."""

    stored: list[Told]
    true: list[Told]
    gaps: list[Interval]

    def assert_true(self) -> None:
        """None twice, none made up; whatever is missing lies in a gap."""
        assert len(self.stored) == len(set(self.stored))
        assert sorted(set(self.stored) - set(self.true)) == []
        lost = set(self.true) - set(self.stored)
        assert [one for one in sorted(lost) if not self._in_gap(one[1])] == []

    def _in_gap(self, time: int) -> bool:
        return any(start <= time and (end is None or time <= end) for start, end in self.gaps)


class Lively(Struct):
    """``url`` is that of a role that is no superuser, in a database of its own."""

    program: Program
    venue: Venue
    server: OwnServer
    database: str
    url: str

    def start(self, *words: str) -> "subprocess.Popen[str]":
        what = ("stream", "-s", ",".join(SYMBOLS), "-e", "binance", "--database-url", self.url)
        return self.program.start(*what, *words)

    @property
    def spooled(self) -> int:
        """Bytes on disk that wait for the database."""
        return spooled_in(self.program.directory / "spool")

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """As a superuser."""
        return await asyncpg.connect(self.server.url(self.database))

    async def ask(self, sql: str, *values: object) -> Sequence[asyncpg.Record]:
        connection = await self.connect()
        try:
            return await connection.fetch(sql, *values)
        finally:
            await connection.close()

    async def count(self) -> int:
        """Of the trades that can be seen; 0 as long as there is no table."""
        if not (await self.ask("select to_regclass('trades')"))[0][0]:
            return 0
        return int((await self.ask("select count(*) from trades"))[0][0])

    async def audit(self) -> dict[str, Audit]:
        """By market, of the time from its first mark to before the millisecond of its last: of that
        one more may have been told than was heard.
        """
        return {f"{symbol}USDT": await self._audit(f"{symbol}USDT") for symbol in SYMBOLS}

    def told_since(self, native: str, time: int) -> list[Told]:
        """The trades of a market until now, in the order of time."""
        source = self.venue.source(native)
        fills = sum(map(len, self._fills(native, time).values()))
        return [
            (str(fact.id), fact.time, Decimal(fact.price), Decimal(fact.quantity), side)
            for fact in source.trades(fills)
            if fact.time >= time
            for side in ["sell" if fact.maker_buys else "buy"]
        ]

    def _fills(self, native: str, since: int) -> dict[str, range]:
        """The numbers of the single trades in each aggregated one, by the id of a repaired row."""
        facts = self.venue.source(native).aggregates(Span(since, None, MANY), None)
        return {f"a{fact.id}": range(fact.first, fact.last + 1) for fact in facts}

    async def _audit(self, native: str) -> Audit:
        ((first, last),) = await self.ask(MARKED, native)
        true = [one for one in self.told_since(native, first) if one[1] < last]
        singles, fills = {one[0]: one for one in true}, self._fills(native, first)
        rows: list[Told] = []
        for row in await self.ask(STORED, native):
            if row["id"] in fills:
                rows += [singles[name] for name in map(str, fills[row["id"]]) if name in singles]
            else:
                rows.append(tuple(row))
        gaps = [(row[0], row[1]) for row in await self.ask(GAPS, native)]
        return Audit([row for row in rows if first <= row[1] < last], true, gaps)


@asynccontextmanager
async def lively(
    directory: Path, server: OwnServer, rate: float = RATE, **environ: str
) -> AsyncGenerator[Lively]:
    """``directory`` is where the program works, and has its spool."""
    name = f"lively_{next(NUMBERS)}"
    await server.execute(f"create role {name} login password '{PASSWORD}'")
    await server.execute(f"create database {name} owner {name}")
    settings = SimSettings(
        exchanges=("binance",), symbols=SYMBOLS, rate=rate, generosity=GENEROSITY
    )
    async with Simulator(settings) as simulator:
        venue = simulator.venues["binance"]
        address = "PERPS_STATS__EXCHANGES__BINANCE__"
        given = {
            f"{address}REST_URL": venue.rest_url,
            f"{address}WS_URL": venue.ws_url,
            f"{address}LIMIT_FACTOR": str(GENEROSITY),
        }
        program = Program(directory, {**given, **environ})
        yield Lively(program, venue, server, name, server.url(name, name))


def spooled_in(directory: Path) -> int:
    """Bytes."""
    size = 0
    for path in directory.glob("*.spool"):
        with suppress(FileNotFoundError):  # its rows were stored meanwhile
            size += path.stat().st_size
    return size


async def until(true: Callable[[], object], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


async def until_more(scene: Lively, process: "subprocess.Popen[str]", than: int) -> int:
    """So many trades can be seen; how many. If not, what the process has said."""
    try:
        async with asyncio.timeout(60):
            while (seen := await scene.count()) <= than and process.poll() is None:
                await asyncio.sleep(0.05)
            if seen > than:
                return seen
    except TimeoutError:
        process.kill()
    raise AssertionError(await asyncio.to_thread(process.communicate))


def rss(pid: int) -> int:
    """Bytes of memory that the process has now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * 1024
