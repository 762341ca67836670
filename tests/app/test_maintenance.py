"""The database is put in order beside what else is done."""

import asyncio

import asyncpg
import pytest
from structlog.testing import capture_logs

from perps_stats.app import maintenance
from perps_stats.app.maintenance import in_order
from perps_stats.database.link import Link
from perps_stats.database.markets import Markets
from perps_stats.settings import Settings

from ..database.samples import market  # noqa: TID252

NOTED = "select count(*) from rollups where noted_to > now() - interval '3 hours'"


@pytest.fixture(autouse=True)
def _slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is frozen here: that a statement was called off is waited for."""
    monkeypatch.setattr(maintenance, "CANCEL_SECONDS", 60.0)


async def wait_for(link: Link, query: str, expected: int) -> None:
    while (await link.fetch(query))[0][0] != expected:
        await asyncio.sleep(0.02)


async def forget(link: Link) -> None:
    await link.fetch("update rollups set noted_to = default")


@pytest.mark.needs_real_server
async def test_it_is_done_at_once_and_again(link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    """All three rollups are stored up to the last hour, not only the first time; then it ends."""
    monkeypatch.setattr(maintenance, "HOUR_SECONDS", 0.01)
    async with in_order(Settings(), link):
        for _ in range(2):
            await wait_for(link, NOTED, 3)
            await forget(link)
    await forget(link)
    await asyncio.sleep(0.1)
    assert (await link.fetch(NOTED))[0][0] == 0


@pytest.mark.needs_real_server
async def test_who_writes_long_does_not_stop_it(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction with rows that nobody noted is waited for a little, and again the next time:
    its rows are in their hour.
    """
    monkeypatch.setattr(maintenance, "HOUR_SECONDS", 0.01)
    monkeypatch.setattr("perps_stats.database.rollups.LOCK_TIMEOUT", "20ms")
    await Markets(link).store([market()], simulated=True)
    await link.fetch("select create_partitions('tickers', array['2026-01-01']::date[])")
    writer = await asyncpg.connect(link.url)
    writing = writer.transaction()
    await writing.start()
    await writer.execute("insert into tickers (ts, market_id) values ('2026-01-01', 1)")
    await writer.execute("select note_hours('tickers', '{1}', '{2026-01-01}')")
    with capture_logs() as said:
        async with in_order(Settings(), link):
            while not said:
                await asyncio.sleep(0.02)
    assert "not put in order" in said[0]["event"]
    async with in_order(Settings(), link):
        assert (await link.fetch(NOTED))[0][0] == 0
        await writing.commit()
        await wait_for(link, NOTED, 3)
        await wait_for(link, "select count(*) from tickers_1h_stored", 1)
    await writer.close()
