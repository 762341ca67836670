"""Killed at any moment and started again: nothing is lost, and hardly a page asked for twice."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from perps_stats.core.spans import Span
from perps_stats.core.times import to_ms
from perps_stats.database.repository import open_repository
from perps_stats.exchanges import EXCHANGES
from perps_stats.sim import SimSettings, Simulator
from perps_stats.sim.truths import checksum

from .exchanges import GENEROSITY, VENUES, is_history, program, records
from .harness import Past, stored_candles, stored_settlements, true_candles, true_settlements

LONG = "PERPS_STATS_LONG" in os.environ
KILLS, DAYS = (50, 300) if LONG else (3, 20)
SYMBOLS = ("BTC", "ETH", "DOGE") if LONG else ("BTC",)
END = datetime(2026, 11, 20, tzinfo=UTC)
SPAN = Span(END - timedelta(days=DAYS), END)
SEED = 20261120


@pytest.mark.timeout(3600 if LONG else 120)
async def test_killed_and_resumed(directory: Path) -> None:
    """`kill -9` at random moments: the truth by checksum; a page a series and kill, at most, more
    than the plan said.
    """
    span = ["--from", SPAN.start.isoformat(), "--to", SPAN.end.isoformat(), "--json"]
    words = ["backfill", "-e", ",".join(VENUES), "-s", ",".join(SYMBOLS), *span]
    moments = random.Random(SEED)  # noqa: S311 reproducible
    settings = SimSettings(exchanges=VENUES, symbols=SYMBOLS, generosity=int(GENEROSITY))
    async with Simulator(settings) as simulator:
        environ = environ_of(simulator) | {"PERPS_STATS__DATABASE__DIR": str(directory / "db")}
        code, out, err = await asyncio.to_thread(program, environ, *words, "--dry-run")
        assert code == 0, err
        predicted, page_each = planned(out)
        for _ in range(KILLS):
            requests = moments.uniform(0, predicted.total() / (KILLS + 1))
            await kill_after(simulator, environ, words, round(requests))
        code, out, err = await asyncio.to_thread(program, environ, *words)
        assert code == 0, err
        done = asked_of(simulator)
    searches = 3 * len(SYMBOLS) * (KILLS + 2)
    for name in VENUES:
        twice = done[name] - predicted[name]
        assert twice <= KILLS * page_each[name] + searches, (name, done[name], predicted[name])
    sys.stdout.write(f"{KILLS} kills; predicted {dict(predicted)}, asked {dict(done)}\n")
    await assert_true(directory / "db")


def environ_of(simulator: Simulator) -> dict[str, str]:
    """What points a program at the simulated exchanges, as fast as they answer."""
    environ: dict[str, str] = {}
    for name, venue in simulator.venues.items():
        own = f"PERPS_STATS__EXCHANGES__{name.upper()}__"
        told = {"REST_URL": venue.rest_url, "WS_URL": venue.ws_url, "LIMIT_FACTOR": GENEROSITY}
        environ |= {own + key: value for key, value in told.items()}
    return environ


def planned(out: str) -> tuple[Counter[str], Counter[str]]:
    """By exchange: the requests that the plan predicts, and those of a page of each series."""
    predicted, page_each = Counter[str](), Counter[str]()
    for row in records(out):
        name = str(row["exchange"])
        predicted[name] += int(str(row["requests"]))
        page_each[name] += requests_of_a_page(name, str(row["data"]))
    return predicted, page_each


def asked_of(simulator: Simulator) -> Counter[str]:
    """Requests for history by exchange, so far."""
    counts = Counter[str]()
    for name, venue in simulator.venues.items():
        counts[name] = sum(
            count for path, count in venue.counters.requests.items() if is_history(path)
        )
    return counts


def requests_of_a_page(exchange: str, data: str) -> int:
    """Paradex is asked for each settlement of a page on its own."""
    if data == "klines":
        return EXCHANGES[exchange].kline_page("1m").requests
    page = EXCHANGES[exchange].funding_page
    return page.requests + (page.rows if page.row_by_row else 0)


async def kill_after(
    simulator: Simulator, environ: dict[str, str], words: list[str], requests: int
) -> None:
    """So many of them: it is still at work then, as there are more."""
    enough = asked_of(simulator).total() + requests
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "perps_stats", *words),
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    while asked_of(simulator).total() <= enough:
        assert process.returncode is None
        await asyncio.sleep(0.005)
    process.kill()
    assert await process.wait() == -signal.SIGKILL


async def assert_true(database: Path) -> None:
    """Candles by checksum, settlements one by one."""
    settings = SimSettings(exchanges=VENUES, symbols=SYMBOLS)
    async with (
        Simulator(settings, clock=lambda: to_ms(END) + 86_400_000) as simulator,
        open_repository(None, database) as repository,
    ):
        past = Past(simulator, repository)
        markets = await repository.get_markets()
        assert {market.exchange for market in markets} == set(VENUES)
        for market in markets:
            stored = await stored_candles(past, market, "1m", SPAN)
            assert checksum(stored) == checksum(true_candles(past, market, "1m", SPAN))
            settled = await stored_settlements(past, market, SPAN)
            assert settled == true_settlements(past, market, SPAN)
