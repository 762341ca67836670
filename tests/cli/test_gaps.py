"""``gaps`` and ``coverage --streams`` as processes, on a ledger whose every second is known."""

import asyncio
import json
import signal
from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.cli.program import Program, stop
from tests.database.samples import NOON, gap, market

from perps_stats.core.stored import Mark
from perps_stats.core.types import GapCause
from perps_stats.database.repository import PostgresRepository

SECOND = timedelta(seconds=1)
SPAN = ("--from", "2026-03-01T12:00:00Z", "--to", "2026-03-01T12:01:40Z")


@pytest.fixture
async def told(program: Program, repository: PostgresRepository, url: str) -> Program:
    """BTC was heard for 60 s; a gap of its book is closed, one of its trades is repaired."""
    program.environ["DATABASE_URL"] = url
    ids = await repository.store_markets([market()], simulated=True)
    session = await repository.begin_session()
    for stream in ("orderbook", "trades"):
        mark = Mark(ids["BTCUSDT"], stream, NOON, NOON + 60 * SECOND)
        await repository.write({}, [mark])
    await repository.end_session(session)
    book = replace(gap("orderbook", NOON + 10 * SECOND), end_time=NOON + 12.5 * SECOND)
    trades = replace(
        gap("trades", NOON + 20 * SECOND),
        end_time=NOON + 30 * SECOND,
        cause=GapCause.DISCONNECT,
        missed=None,
        repaired_at=NOON + 40 * SECOND,
        rows_recovered=17,
    )
    for each in (book, trades):
        await repository.store_gap(each)
    return program


async def opened(repository: PostgresRepository, stream: str = "orderbook") -> None:
    """A gap that nobody has closed."""
    await repository.store_gap(gap(stream, NOON + 60 * SECOND))


async def test_each_gap_is_a_row(told: Program) -> None:
    """Newest first: how long, why, and what became of it; the sums are in the answer, too."""
    done = told("gaps", "--json")
    assert (done.code, done.err) == (0, "perps-stats: simulated data: binance\n")
    answer = json.loads(done.out)
    assert [row["stream"] for row in answer["data"]] == ["trades", "orderbook"]
    assert answer["data"][1] == {
        "exchange": "binance",
        "symbol": "BTC",
        "stream": "orderbook",
        "start_time": "2026-03-01T12:00:10.000000Z",
        "end_time": "2026-03-01T12:00:12.500000Z",
        "seconds": "2.5",
        "cause": "sequence",
        "missed": 3,
        "detail": None,
        "detected_at": "2026-03-01T12:00:10.000000Z",
        "repaired_at": None,
        "rows_recovered": None,
    }
    assert answer["data"][0]["rows_recovered"] == 17
    assert answer["meta"]["units"] == {"seconds": "seconds"}
    assert answer["meta"]["summary"][1]["seconds"] == "10.000000"


@pytest.mark.parametrize(
    ("words", "streams"),
    [
        (["--stream", "orderbook"], ["orderbook"]),
        (["--cause", "disconnect,crash"], ["trades"]),
        (["--unrepaired"], ["orderbook"]),
        (["--open"], []),
        (["--limit", "1"], ["trades"]),
        (["--to", "2026-03-01T12:00:20Z"], ["orderbook"]),
        (["--from", "2026-03-01T12:00:12.5Z"], ["trades"]),
        (["-e", "binance", "-s", "BTC"], ["trades", "orderbook"]),
    ],
)
async def test_gaps_are_chosen(told: Program, words: list[str], streams: list[str]) -> None:
    """By stream, cause, state and span: half-open as everywhere."""
    rows = told("gaps", *words, "--csv").out.splitlines()[1:]
    assert [row.split(",")[2] for row in rows] == streams


async def test_a_summary_is_a_row_for_each_cause(told: Program) -> None:
    """Counts and seconds over all gaps, whatever the limit."""
    assert told("gaps", "--summary", "--csv", "--limit", "1").out == (
        "stream,cause,gaps,open,collected,unrepaired,seconds,missed,rows_recovered\n"
        "orderbook,sequence,1,0,0,1,2.500000,3,\n"
        "trades,disconnect,1,0,0,0,10.000000,,17\n"
    )


async def test_no_open_gap_passes_the_check(told: Program) -> None:
    """Closed ones are history."""
    assert told("gaps", "--check", "--csv").code == 0


async def test_an_open_gap_fails_the_check(told: Program, repository: PostgresRepository) -> None:
    """Exit 7, and one line that says whether anybody collects the stream; the row says open."""
    await opened(repository)
    done = told("gaps", "--check", "--csv", "--limit", "1")
    assert done.code == 7
    assert done.err.splitlines()[-1] == (
        "perps-stats: 1 gap is open: 1 of streams that nobody collects now (orderbook)"
    )
    assert told("gaps", "--check", "--stream", "trades", "--csv").code == 0
    assert " open " in told.on_terminal("gaps", "--open").out


@pytest.mark.needs_real_server
async def test_the_check_knows_who_collects(told: Program, repository: PostgresRepository) -> None:
    """A running collector has heard the one stream, and not the other."""
    await opened(repository)
    await opened(repository, "trades")
    await repository.begin_session()
    ids = await repository.store_markets([market()], simulated=True)
    await repository.write({}, [Mark(ids["BTCUSDT"], "trades", NOON, NOON + 60 * SECOND)])
    assert told("gaps", "--check", "--csv").err.splitlines()[-1] == (
        "perps-stats: 2 gaps are open: 1 of streams that are collected now (trades), "
        "1 of streams that nobody collects now (orderbook)"
    )


async def test_streams_are_covered_by_day(told: Program) -> None:
    """Of 100 s: a book that is verified, trades that are numbered, 40 s that nobody heard."""
    answer = json.loads(told("coverage", "--streams", *SPAN, "--json").out)
    assert answer["data"][0] == {
        "exchange": "binance",
        "symbol": "BTC",
        "stream": "orderbook",
        "start": "2026-03-01T12:00:00.000000Z",
        "end": "2026-03-01T12:01:40.000000Z",
        "verified": "57.500000",
        "unverifiable": "0",
        "in_gaps": "2.500000",
        "not_collected": "40.000000",
        "gap_pct": "0.0416667",
    }
    assert answer["meta"]["units"]["verified"] == "seconds"
    assert answer["meta"]["simulated"] is True


async def test_coverage_by_itself_means_streams_where_they_are_named(told: Program) -> None:
    """``--by`` and ``--stream`` are of streams alone."""
    rows = told("coverage", "--by", "hour", *SPAN, "--csv").out.splitlines()
    assert [row.split(",")[2] for row in rows] == ["stream", "orderbook", "trades"]
    rows = told("coverage", "--stream", "trades", *SPAN, "--csv").out.splitlines()
    assert [row.split(",")[2] for row in rows] == ["stream", "trades"]


async def test_a_ledger_can_be_watched(told: Program) -> None:
    """One JSON document a line, again and again, until it is told to stop."""
    process = told.start("gaps", "--watch", "0.5", "--json")
    assert process.stdout is not None
    lines = [await asyncio.to_thread(process.stdout.readline) for _ in range(2)]
    assert stop(process, signal.SIGINT).code == 130
    assert [len(json.loads(line)["data"]) for line in lines] == [2, 2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gaps", "--stream", "trade"], "stream: 'trade' is not accepted; use trades"),
        (["gaps", "--cause", "boredom"], "cause: 'boredom' is not accepted; use disconnect"),
        (["gaps", "--watch", "1", "--check"], "watch: 1.0 is not accepted; print to stdout"),
        (["coverage", "--streams", "--holes"], "holes, data, intervals: '' is not accepted; they"),
        (["coverage", "--by", "hour", "--from", "2025-01-01"], "by: 'hour' is not accepted; the"),
    ],
)
async def test_what_is_wrong_is_one_line(told: Program, words: list[str], said: str) -> None:
    """With the field, the value and the remedy."""
    done = told(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"perps-stats: {said}")
    assert done.err.count("\n") == 1
