"""The writer: nothing is lost while the database is away; one bad row does not stop the rest."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from perps_stats.core.errors import DatabaseError
from perps_stats.core.stored import Filled, Mark, Query, Row, Written
from perps_stats.core.types import Market
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.repository import PostgresRepository
from perps_stats.ingest.writer import FULL_ROWS, Writer

MARKET = Market(
    exchange="binance",
    symbol="BTC",
    native="BTCUSDT",
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
)
NEVER: list[Mark] = []


def trade(market_id: int, name: str, price: str = "1.5") -> Row:
    time = "2026-11-23 00:00:00+00"
    return (str(market_id), name, price, "1", "buy", time, None, time)


async def write_all(writer: Writer) -> None:
    stop = asyncio.Event()
    stop.set()
    await writer.run(stop)


async def test_a_row_that_the_database_refuses_is_told_and_the_others_kept(
    repository: PostgresRepository,
) -> None:
    """A price that is no number, in the middle of a batch."""
    ids = await repository.store_markets([MARKET], simulated=False)
    writer = Writer(repository, lambda: NEVER)
    for number in range(100):
        writer.keep("trades", trade(ids["BTCUSDT"], str(number), "x" if number == 37 else "1.5"))
    await write_all(writer)
    kept = {row.id for row in await repository.get_trades(Query(limit=1000))}
    assert kept == {str(number) for number in range(100)} - {"37"}
    assert writer.counts["refused"] == 1


class Away(PostgresRepository):
    """A database that is away for the first two writes."""

    def __init__(self, repository: PostgresRepository) -> None:
        super().__init__(repository.link)
        self.failures = 2

    async def write(
        self,
        batch: Mapping[str, Sequence[Row]],
        marks: Sequence[Mark] = (),
        filled: Sequence[Filled] = (),
    ) -> Written:
        if self.failures:
            self.failures -= 1
            raise DatabaseAway("it is restarting")
        return await super().write(batch, marks, filled)


async def test_rows_wait_for_a_database_that_is_away(repository: PostgresRepository) -> None:
    """They are written when it is back; meanwhile the reason is known."""
    ids = await repository.store_markets([MARKET], simulated=False)
    writer, stop = Writer(Away(repository), lambda: NEVER), asyncio.Event()
    writer.keep("trades", trade(ids["BTCUSDT"], "1"))
    running = asyncio.create_task(writer.run(stop))
    await asyncio.sleep(0.6)
    reasons = [writer.last_error]
    await asyncio.sleep(2)
    stop.set()
    await running
    assert [*reasons, writer.last_error] == ["it is restarting", None]
    assert (writer.counts["new"], writer.waiting) == (1, 0)


async def test_the_last_flush_does_not_wait_for_ever(repository: PostgresRepository) -> None:
    """When it is time to stop, a database that is away is an error."""
    writer = Writer(Away(repository), lambda: NEVER)
    writer.keep("trades", trade(1, "1"))
    with pytest.raises(DatabaseError, match="restarting"):
        await write_all(writer)


async def test_too_much_waiting_stops_the_reading(repository: PostgresRepository) -> None:
    """And it begins again when there is room."""
    ids = await repository.store_markets([MARKET], simulated=False)
    writer = Writer(repository, lambda: NEVER)
    told: list[str] = []
    writer.on_full = lambda: told.append("full")
    writer.on_room = lambda: told.append("room")
    for number in range(FULL_ROWS + 5):
        writer.keep("trades", trade(ids["BTCUSDT"], str(number)))
    assert told == ["full"]
    await write_all(writer)
    assert told == ["full", "room"]
    assert writer.counts["new"] == FULL_ROWS + 5
