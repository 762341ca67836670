"""What passes the writer is seen once, whenever one looks, and however often it is flushed."""

from pathlib import Path

from perps_stats.core.types import Gap, GapCause
from perps_stats.database.repository import PostgresRepository
from perps_stats.ingest.tap import Tap

from .writing import NOON, at_work, running, until

GAP = Gap(
    exchange="binance",
    symbol="BTC",
    stream="trades",
    start_time=NOON,
    cause=GapCause.SILENCE,
    detected_at=NOON,
)


async def test_every_row_is_seen_once(repository: PostgresRepository, tmp_path: Path) -> None:
    """Before a flush, after it, and over several; what was seen before it is not seen again."""
    seen: list[str | None] = []
    async with at_work(repository, tmp_path) as work:
        tap = Tap(work.writer)
        work.trade(3)
        seen += [row[1] for row in tap.take()[0]["trades"]]
        assert seen == ["0", "1", "2"]
        assert tap.take() == ({}, [])
        work.trade(2)
        async with running(work):
            await until(lambda: work.writer.counts["new"] == 5)
            work.trade(2)
            await until(lambda: work.writer.counts["new"] == 7)
            work.trade(1)
            rows, gaps = tap.take()
        assert ([row[1] for row in rows["trades"]], gaps) == (["3", "4", "5", "6", "7"], [])


async def test_gaps_are_seen_once(repository: PostgresRepository, tmp_path: Path) -> None:
    """As rows are."""
    async with at_work(repository, tmp_path) as work:
        tap = Tap(work.writer)
        async with running(work):
            work.writer.keep_gap(GAP)
            await until(lambda: not work.writer.fresh_gaps)
            assert tap.take() == ({}, [GAP])
            assert tap.take() == ({}, [])
