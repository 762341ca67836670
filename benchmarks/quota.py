"""What others notice of a client at ten times its quota: their 99th percentile, and without it.

A service of 2,000 stored candles; ten clients who ask for 100 of them, ten times a second each;
and one, in a process of its own, that asks two hundred times a second where twenty are allowed.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import aiohttp
from filling import fill, markets
from msgspec import Struct, field
from rounds import HERE, spread

from perps_stats.core.catalogue import KLINES
from perps_stats.database.repository import open_repository

PROGRAM = str(Path(sys.executable).parent / "perps-stats")
CANDLES, DAYS = 2_000, 2
CLIENTS, A_SECOND, SECONDS = 10, 10, 3.0
TURNS = 4
"""Of each a round: what else the machine does hits both."""
EMPTYING = 1.0
"""Seconds in which it uses up what flowed in meanwhile."""
PORT = "18651"


class Noticed(Struct):
    """By round: seconds within which 99 of 100 of the others' requests were answered; of the greedy
    client how many were refused, and answered in all.
    """

    alone: list[float] = field(default_factory=list[float])
    beside: list[float] = field(default_factory=list[float])
    refused: list[float] = field(default_factory=list[float])


def key(number: int) -> str:
    return f"ps_bench{number:02}_{'5' * 64}"


async def notice(rounds: int) -> Noticed:
    with TemporaryDirectory(dir="/tmp") as directory:
        Path(directory).chmod(0o755)
        async with open_repository(None, Path(directory)) as repository:
            ids = (await repository.store_markets(markets(1), simulated=True)).values()
            end = datetime.now(UTC).replace(second=0, microsecond=0)
            await fill(repository, KLINES, list(ids), rows=CANDLES, days=DAYS, end=end)
            with serving(directory), greedy() as often:
                return await take_rounds(often, rounds)


async def take_rounds(often: "subprocess.Popen[str]", rounds: int) -> Noticed:
    """One before, unmeasured."""
    noticed = Noticed()
    for _ in range(rounds + 1):
        alone, beside = list[float](), list[float]()
        refused = answered = 0
        for _ in range(TURNS):
            alone += await others()
            beside += await others_beside(often)
            assert often.stdout
            counts = (await asyncio.to_thread(often.stdout.readline)).split()
            refused, answered = refused + int(counts[0]), answered + int(counts[1])
        noticed.alone.append(quantiles(alone, n=100)[98])
        noticed.beside.append(quantiles(beside, n=100)[98])
        noticed.refused.append(refused / answered)
    return Noticed(noticed.alone[1:], noticed.beside[1:], noticed.refused[1:])


async def others_beside(often: "subprocess.Popen[str]") -> list[float]:
    """Once the greedy one has used up its quota."""
    assert often.stdin
    often.stdin.write(f"{SECONDS + EMPTYING}\n")
    often.stdin.flush()
    await asyncio.sleep(EMPTYING)
    return await others()


async def others() -> list[float]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{PORT}") as session:
        told = await asyncio.gather(*(other(session, number) for number in range(1, CLIENTS + 1)))
    return [each for seconds in told for each in seconds]


async def other(session: aiohttp.ClientSession, number: int) -> list[float]:
    """How long each of its requests took; it asks by chance, on average so often."""
    loop, chance = asyncio.get_running_loop(), random.Random(number)  # noqa: S311  when to ask
    due, found = loop.time(), list[float]()
    for _ in range(int(SECONDS * A_SECOND)):
        due += chance.expovariate(A_SECOND)
        await asyncio.sleep(max(0.0, due - loop.time()))
        asked = time.perf_counter()
        async with session.get(
            "/api/v1/klines?limit=100", headers={"X-API-Key": key(number)}
        ) as answer:
            await answer.read()
            assert answer.status == 200
        found.append(time.perf_counter() - asked)
    return found


@contextmanager
def serving(directory: str) -> Generator[None]:
    keys = ",".join(key(number) for number in range(CLIENTS + 1))
    environ = {**os.environ, "PERPS_STATS__API__KEYS": keys}
    command = [PROGRAM, "serve", "--port", PORT, "--database-dir", directory]
    with subprocess.Popen(command, env=environ) as process:  # noqa: S603 our own program
        try:
            wait()
            yield
        finally:
            process.terminate()


def wait() -> None:
    command = ["curl", "-sf", "-o", "/dev/null", f"http://127.0.0.1:{PORT}/readyz"]
    while subprocess.run(command, check=False).returncode:  # noqa: S603 our own words
        time.sleep(0.1)


@contextmanager
def greedy() -> Generator["subprocess.Popen[str]"]:
    command = [sys.executable, str(HERE / "greedy.py"), PORT, key(0)]
    with subprocess.Popen(  # noqa: S603 our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        assert process.stdin
        process.stdin.close()


def tell(noticed: Noticed) -> None:
    rate = CLIENTS * A_SECOND
    print(f"\n99 % of {rate} requests a second within (ms), alone and beside one at 10 x its quota")
    print(f"{'':18} {'min':>9} {'median':>9} {'max':>9}")
    for name, values in (("alone", noticed.alone), ("beside it", noticed.beside)):
        print(f"{name:18} {spread(values, 0.001)}")
    more = [beside / alone - 1 for alone, beside in zip(noticed.alone, noticed.beside, strict=True)]
    print(f"{'more, of 1':18} {spread(more)}")
    print(f"{'refused, of 1':18} {spread(noticed.refused)}")
