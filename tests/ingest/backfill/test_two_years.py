"""Two years of minutes and funding of four exchanges: whole, exact, as planned, asked for once."""

import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from perps_stats.core.spans import Span
from perps_stats.core.times import to_ms
from perps_stats.database.repository import open_repository
from perps_stats.sim import SimSettings, Simulator
from perps_stats.sim.truths import checksum

from .exchanges import VENUES, asked, measured, program, records, simulated
from .harness import (
    Past,
    stored_candles,
    stored_settlements,
    true_candles,
    true_settlements,
)

pytestmark = pytest.mark.skipif(
    "PERPS_STATS_LONG" not in os.environ, reason="takes minutes: `make long` runs it"
)
SYMBOLS = "BTC,DOGE,HYPE"
"""DOGE's funding interval changed, HYPE was listed within the time."""
END = datetime(2026, 11, 20, tzinfo=UTC)
START = datetime(2024, 11, 20, tzinfo=UTC)


@pytest.mark.timeout(7200)
async def test_two_years(directory: Path, tmp_path: Path) -> None:
    """What `backfill --dry-run` predicts, `backfill` does; then there is nothing left to ask."""
    span = ["--from", START.isoformat(), "--to", END.isoformat(), "--json"]
    words = ["backfill", "-e", ",".join(VENUES), "-s", SYMBOLS, *span]
    log = tmp_path / "sim.log"
    with simulated(log, SYMBOLS) as environ:
        environ["PERPS_STATS__DATABASE__DIR"] = str(directory / "db")
        code, out, err = program(environ, *words, "--dry-run")
        assert code == 0, err
        predicted = Counter[str]()
        for row in records(out):
            predicted[str(row["exchange"])] += int(str(row["requests"]))
    looked = asked(log)
    with simulated(log, SYMBOLS) as where:
        environ |= where
        with measured() as cost:
            code, out, err = program(environ, *words)
        tell(f"{cost['seconds']:.0f} s, {cost['cpu']:.0f} s CPU, at most {cost['mb']:.0f} MB")
        assert code == 0, err
        rows = sum(int(str(row["new"])) for row in records(out))
        tell(f"{rows} rows; to find where history begins {looked}")
    done = asked(log)
    tell(f"predicted {dict(predicted)}, asked {done}")
    with simulated(log, SYMBOLS) as where:
        code, out, err = program(environ | where, *words)
        assert code == 0, err
        assert sum(int(str(row["pages"])) for row in records(out)) == 0
    assert asked(log) == dict.fromkeys(VENUES, 0)
    await assert_true(directory / "db")
    for name in VENUES:
        assert abs(predicted[name] - done[name]) <= 0.05 * done[name]


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")


async def assert_true(database: Path) -> None:
    settings = SimSettings(exchanges=VENUES, symbols=tuple(SYMBOLS.split(",")))
    span = Span(START, END)
    async with (
        Simulator(settings, clock=lambda: to_ms(END) + 86_400_000) as simulator,
        open_repository(None, database) as repository,
    ):
        past = Past(simulator, repository)
        for market in await repository.get_markets():
            stored = await stored_candles(past, market, "1m", span)
            truth = list(true_candles(past, market, "1m", span))
            tell(f"{market.exchange} {market.symbol}: {len(stored)} of {len(truth)} candles")
            assert checksum(stored) == checksum(truth)
            settled = await stored_settlements(past, market, span)
            assert settled == true_settlements(past, market, span)
