"""``repair`` as a process: what is listed is tried once, and the exit code says what came of it."""

import asyncio
import json

import pytest
from tests.cli.program import Ended, Program
from tests.ingest.repair.test_trades import cut, stored
from tests.ingest.repair.wounded import Wounded, span_before_now, wounded

from perps_stats.database.repository import PostgresRepository

SINCE = ("--from", "2026-11-20")
AROUND, HOLE = span_before_now((30, 0)), span_before_now((20, 8))


@pytest.fixture
def here_program(program: Program, url: str) -> Program:
    program.environ["DATABASE_URL"] = url
    return program


async def repaired(program: Program, here: Wounded, *words: str) -> Ended:
    name = here.market.exchange.upper()
    program.environ[f"PERPS_STATS__EXCHANGES__{name}__REST_URL"] = here.venue.rest_url
    return await asyncio.to_thread(program, "repair", *words)


async def test_what_was_missed_is_there_again(
    here_program: Program, repository: PostgresRepository
) -> None:
    """A row of each gap; the next time there is nothing to do."""
    async with wounded(repository, "binance") as here:
        truth, span = await cut(here, AROUND, HOLE)
        missed = len(truth) - len(await stored(repository))
        await repository.store_gap(here.gap("trades", span, missed=missed))
        code, out, _ = await repaired(here_program, here, *SINCE, "--json")
        (row,) = json.loads(out)["data"]
        assert (code, row["repaired"], row["rows_recovered"], row["note"]) == (0, True, missed, "")
        assert json.loads(out)["meta"]["simulated"] is True
        assert sorted(truth) == await stored(repository)
        again = await repaired(here_program, here, *SINCE)
        assert (again.code, again.out.count("\n")) == (0, 1)


async def test_what_cannot_be_had_exits_with_6(
    here_program: Program, repository: PostgresRepository
) -> None:
    """And says why in its row; of other exchanges than the named nothing is asked."""
    async with wounded(repository, "kucoin") as here:
        await repository.store_gap(here.gap("open_interest", HOLE))
        other = await repaired(here_program, here, *SINCE, "-e", "binance")
        assert (other.code, other.out.count("\n")) == (0, 1)
        code, out, _ = await repaired(here_program, here, *SINCE, "--json")
        (row,) = json.loads(out)["data"]
        note = "not repaired: the exchange lists no past open interest"
        assert (code, row["repaired"], row["note"]) == (6, False, note)


def test_an_unknown_exchange_is_told(program: Program) -> None:
    """With the names that there are."""
    code, _, err = program("repair", "-e", "bitmex")
    assert (code, "exchange: 'bitmex' is not accepted" in err) == (2, True)
