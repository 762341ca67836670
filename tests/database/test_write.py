"""Batches: whole or not at all, each row at most once."""

import asyncio
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from msgspec.structs import replace

from perps_stats.core import catalogue
from perps_stats.core.errors import BadInput, DatabaseError
from perps_stats.core.stored import Mark, Query, Row, Written
from perps_stats.core.types import GapCause
from perps_stats.database.copy import apart
from perps_stats.database.failures import DatabaseAway, RowRefused
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.database.rows import to_row

from .samples import NOON, gap, market, ticker, trade


@pytest.fixture
async def btc(repository: PostgresRepository) -> int:
    return (await repository.store_markets([market()], simulated=False))["BTCUSDT"]


def rows(market_id: int, first: int, count: int) -> list[Row]:
    return [
        to_row(catalogue.TRADES, trade(number), market_id) for number in range(first, first + count)
    ]


async def stored_ids(repository: PostgresRepository) -> list[str]:
    return sorted(one.id for one in await repository.get_trades(Query(limit=10_000)))


async def test_duplicates_are_kept_once(repository: PostgresRepository, btc: int) -> None:
    """Within a batch, across batches, and partly new: the others were known."""
    twice = rows(btc, 1, 3) + rows(btc, 2, 3)
    assert await repository.write({"trades": twice}, ()) == Written(new=4, known=2)
    assert await repository.write({"trades": twice}, ()) == Written(known=6)
    assert await repository.write({"trades": rows(btc, 3, 4)}, ()) == Written(new=2, known=2)
    assert await repository.write({"trades": rows(btc, 7, 2)}, ()) == Written(new=2)
    assert await repository.write({"trades": rows(btc, 9, 1)}, ()) == Written(new=1)
    assert await stored_ids(repository) == [str(number) for number in range(1, 10)]


async def test_equal_numbers_are_one_key(repository: PostgresRepository, btc: int) -> None:
    """1.5 and 1.50 are the same price: the database decides, not the text."""
    values = (str(btc), "1.5", "2", "buy", "2026-03-01 12:00:00+00", None)
    again = (str(btc), "1.50", "2", "buy", "2026-03-01 12:00:00+00", None)
    written = await repository.write({"liquidations": [values, again]}, ())
    assert written == Written(new=1, known=1)


def test_the_first_of_duplicates_is_kept() -> None:
    """As ``on conflict do nothing`` would have it; a later one is of interest where it differs."""
    tail = ("3", "buy", "2026-03-01 12:00:00+00", None, None)
    first, second = ("1", "7", "1.0", *tail), ("1", "7", "2.0", *tail)
    third = ("1", "8", "1.0", *tail)
    assert apart(catalogue.TRADES, [first, third, second, first]) == ([first, third], [second])
    assert apart(catalogue.TRADES, [first]) == ([first], ())


async def test_a_batch_is_all_or_nothing(repository: PostgresRepository, btc: int) -> None:
    """A bad row in one data set undoes the others, and the error names line and column."""
    bad = to_row(catalogue.TICKERS, ticker(), btc)
    bad = (bad[0], "cheap", *bad[2:])
    with pytest.raises(RowRefused, match="COPY tickers, line 1, column last_price") as told:
        await repository.write({"trades": rows(btc, 1, 3), "tickers": [bad]}, ())
    assert not isinstance(told.value, DatabaseAway)
    assert await stored_ids(repository) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("1", "7"), "missing data for column"),
        (("1", None, "1", "1", "buy", "2026-03-01 12:00:00+00", None, None), "not-null"),
        (("1", "7", "1", "1", "up", "2026-03-01 12:00:00+00", None, None), "side_check"),
        (("1", "7", "1", "1", "buy", None, None, None), "a row has no time in UTC"),
        (("1", "7", "1", "1", "buy", "yesterday", None, None), "a row has no time in UTC"),
        (("1", "\ud800", "1", "1", "buy", "2026-03-01 12:00:00+00", None, None), "no text"),
        (("1", "\0", "1", "1", "buy", "2026-03-01 12:00:00+00", None, None), "invalid byte"),
    ],
)
async def test_a_bad_row_is_one_clear_line(
    repository: PostgresRepository, row: Row, said: str
) -> None:
    """And a short or mistyped row never lands in the wrong columns."""
    padded = row if len(row) > 5 else (*row, "1", "1", "buy", "2026-03-01 12:00:00+00")
    with pytest.raises(DatabaseError, match=said) as told:
        await repository.write({"trades": [padded]}, ())
    assert "\n" not in str(told.value)


async def test_only_closed_candles_are_stored(repository: PostgresRepository, btc: int) -> None:
    """A candle that is still forming is refused by the database itself."""
    time = "2026-03-01 12:00:00+00"
    forming = (str(btc), "1m", time, time, "1", "1", "1", "1", "1", None, None, "f", None, None)
    with pytest.raises(DatabaseError, match="only_closed_candles_are_kept"):
        await repository.write({"klines": [forming]}, ())


async def test_an_unknown_data_set_is_named(repository: PostgresRepository) -> None:
    """With near names."""
    with pytest.raises(BadInput, match=r"tradez.*trades"):
        await repository.write({"tradez": []}, ())


async def test_marks_need_a_session(repository: PostgresRepository, btc: int) -> None:
    """A mark says how far a session has come."""
    with pytest.raises(DatabaseError, match="begin one first"):
        await repository.write({}, [Mark(btc, "trades", NOON, NOON)])


async def test_marks_only_widen(repository: PostgresRepository, btc: int) -> None:
    """Whatever their order, coverage spans from the first to the last."""
    session = await repository.begin_session()
    second = timedelta(seconds=1)
    marks = [
        Mark(btc, "trades", NOON, NOON + second),
        Mark(btc, "trades", NOON - second, NOON),
        Mark(btc, "orderbook", NOON, NOON),
    ]
    await repository.write({}, marks)
    await repository.write({}, [Mark(btc, "trades", NOON, NOON)])
    kept = await repository.link.fetch("select * from coverage order by stream")
    assert [tuple(row) for row in kept] == [
        (session, btc, "orderbook", NOON, NOON),
        (session, btc, "trades", NOON - second, NOON + second),
    ]


@pytest.mark.needs_real_server
async def test_writers_at_once_lose_nothing(repository: PostgresRepository, btc: int) -> None:
    """Eight overlapping batches in both orders: each row once, and no deadlock is seen."""
    batches = [rows(btc, 1 + 50 * part, 200) for part in range(4)]
    writes = [repository.write({"trades": batch}, ()) for batch in batches]
    writes += [repository.write({"trades": batch[::-1]}, ()) for batch in batches]
    done = sum(await asyncio.gather(*writes), Written())
    assert done == Written(new=350, known=8 * 200 - 350)
    assert len(await stored_ids(repository)) == 350


@pytest.mark.needs_real_server
async def test_who_stands_in_the_way_is_let_pass(url: str, tmp_path: Path) -> None:
    """Another inserts the same rows the other way round: ours is undone, and done again.

    Ours waits for a third while the circle is closed, so that it is the one who notices.
    """
    text = "insert into trades select ts, null, market_id, null, $1, side, 1, 1 from trades"
    async with open_repository(f"{url}&deadlock_timeout=10ms", tmp_path) as repository:
        number = (await repository.store_markets([market()], simulated=False))["BTCUSDT"]
        await repository.store_trades([trade(9)])
        other, third = [await asyncpg.connect(f"{url}&deadlock_timeout=60s") for _ in range(2)]
        async with other.transaction():
            await other.execute(text, "3")
            passing = third.transaction()
            await passing.start()
            await third.execute(text, "2")
            writing = asyncio.create_task(repository.write({"trades": rows(number, 1, 3)}, ()))
            await until_waiting(repository, 1)
            closing = asyncio.create_task(other.execute(f"{text} where id = '9'", "1"))
            await until_waiting(repository, 2)
            await passing.rollback()
            await closing
        assert await writing == Written(new=1, contradicting=2)
        await other.close()
        await third.close()


async def until_waiting(repository: PostgresRepository, count: int) -> None:
    """Until so many wait for a lock."""
    text = "select count(*) from pg_locks where not granted"
    while (await repository.link.fetch(text))[0][0] < count:
        await asyncio.sleep(0.01)


async def test_a_dropped_part_is_made_again(repository: PostgresRepository, btc: int) -> None:
    """Another process may clean while this one remembers the part."""
    await repository.write({"trades": rows(btc, 1, 1)}, ())
    ((part,),) = await repository.link.fetch("select part from partitions")
    await repository.link.fetch(f"drop table {part}")
    assert await repository.write({"trades": rows(btc, 2, 1)}, ()) == Written(new=1)


async def test_a_gap_is_completed_not_overwritten(repository: PostgresRepository, btc: int) -> None:
    """The row with the same start learns its end and repair; what was known stays."""
    later = NOON + timedelta(seconds=5)
    opened = gap()
    await repository.store_gap(opened)
    ended = gap_row = to_row(catalogue.GAPS, opened, btc)
    place = catalogue.GAPS.columns.index
    ended = (*gap_row[: place("end_time")], "2026-03-01 12:00:05+00", *gap_row[place("cause") :])
    assert await repository.write({"gaps": [gap_row, ended]}, ()) == Written(known=2)
    await repository.store_gap(opened)
    (stored,) = await repository.get_gaps(Query())
    assert (stored.end_time, stored.cause, stored.missed) == (later, GapCause.SEQUENCE, 3)


async def test_gaps_come_with_the_marks_that_pass_them(
    repository: PostgresRepository, btc: int
) -> None:
    """In one transaction, of any session; they count as no rows."""
    session = await repository.begin_session()
    await repository.end_session(session)
    mark = Mark(btc, "trades", NOON, NOON + timedelta(seconds=1))
    bad = ("x", *rows(btc, 1, 1)[0][1:])
    with pytest.raises(RowRefused):
        await repository.write({"trades": [bad]}, [mark], gaps=[gap()], session=session)
    assert await repository.get_gaps(Query()) == []
    written = await repository.write({}, [mark], gaps=[gap()], session=session)
    assert written == Written()
    assert [one.start_time for one in await repository.get_gaps(Query())] == [NOON]
    stored = await repository.get_session(session)
    assert stored is not None
    assert (stored.session, stored.marks) == (session, [mark])
    assert await repository.get_session(session + 1) is None
    with pytest.raises(RowRefused, match="no market 'NONE' was ever stored"):
        await repository.write({}, gaps=[replace(gap(), symbol="NONE")])


async def test_the_end_of_a_gap_only_grows(repository: PostgresRepository, btc: int) -> None:
    """What is replayed says less than what is known by now."""
    del btc
    for seconds in (2, None, 5, 1):
        end = None if seconds is None else NOON + timedelta(seconds=seconds)
        await repository.store_gap(replace(gap(), end_time=end))
    (known,) = await repository.get_gaps(Query())
    assert known.end_time == NOON + timedelta(seconds=5)
