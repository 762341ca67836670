"""Killed at any moment and started again: nothing is lost, and hardly a page asked for twice."""

import os
import random
import subprocess
import sys
import time
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

from .exchanges import VENUES, asked, program, records, simulated
from .harness import Past, stored_candles, stored_settlements, true_candles, true_settlements

LONG = "PERPS_STATS_LONG" in os.environ
KILLS, DAYS = (50, 300) if LONG else (3, 20)
SYMBOLS = "BTC,ETH,DOGE" if LONG else "BTC"
END = datetime(2026, 11, 20, tzinfo=UTC)
SPAN = Span(END - timedelta(days=DAYS), END)
SEED = 20261120


@pytest.mark.timeout(3600 if LONG else 120)
async def test_killed_and_resumed(directory: Path, tmp_path: Path) -> None:
    """`kill -9` at random moments: the truth by checksum; a page a series and kill, at most, more
    than the plan said.
    """
    span = ["--from", SPAN.start.isoformat(), "--to", SPAN.end.isoformat(), "--json"]
    words = ["backfill", "-e", ",".join(VENUES), "-s", SYMBOLS, *span]
    log, moments = tmp_path / "sim.log", random.Random(SEED)  # noqa: S311 reproducible
    kills, first = 0, 0.0
    with simulated(log, SYMBOLS) as environ:
        environ["PERPS_STATS__DATABASE__DIR"] = str(directory / "db")
        began = time.monotonic()
        code, out, err = program(environ, *words, "--dry-run")
        assert code == 0, err
        predicted = Counter[str]()
        page_each = Counter[str]()
        for row in records(out):
            name = str(row["exchange"])
            predicted[name] += int(str(row["requests"]))
            page_each[name] += requests_of_a_page(name, str(row["data"]))
        first = time.monotonic() - began
        while kills < KILLS and await_kill(environ, words, moments.uniform(0.3, 0.8) * first):
            kills += 1
        code, out, err = program(environ, *words)
        assert code == 0, err
    assert kills == KILLS
    done = asked(log)
    searches = 3 * len(SYMBOLS.split(",")) * (kills + 2)
    for name in VENUES:
        twice = done[name] - predicted[name]
        assert twice <= kills * page_each[name] + searches, (name, done[name], predicted[name])
    sys.stdout.write(f"{kills} kills; predicted {dict(predicted)}, asked {done}\n")
    await assert_true(directory / "db")


def requests_of_a_page(exchange: str, data: str) -> int:
    """Paradex is asked for each settlement of a page on its own."""
    if data == "klines":
        return EXCHANGES[exchange].kline_page("1m").requests
    page = EXCHANGES[exchange].funding_page
    return page.requests + (page.rows if page.row_by_row else 0)


def await_kill(environ: dict[str, str], words: list[str], seconds: float) -> bool:
    """Whether it was still at work after so long."""
    process = subprocess.Popen(
        [sys.executable, "-m", "perps_stats", *words],
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


async def assert_true(database: Path) -> None:
    """Candles by checksum, settlements one by one."""
    settings = SimSettings(exchanges=VENUES, symbols=tuple(SYMBOLS.split(",")))
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
