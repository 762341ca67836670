"""What a process knows of itself."""

import asyncio
import time

import pytest
from msgspec.structs import replace
from tests.vitals import VITALS, WRITER

from perps_stats.api import State
from perps_stats.app import condition
from perps_stats.app.condition import Condition, Heartbeat
from perps_stats.ingest.vitals import Vitals

OPENING = "the database is being opened"
BLOCKED_SECONDS = 0.1


class Seen:
    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals

    def vitals(self) -> Vitals:
        return self._vitals


async def test_who_only_answers_waits_for_the_database() -> None:
    """And for nothing after it; whether anything is collected is not its matter."""
    process = Condition(collects=False)
    assert process.state() == State(waits_for=OPENING)
    process.waits_for = None
    assert process.state() == State()


async def test_who_collects_waits_for_that_too() -> None:
    """Then it tells of each exchange, and of what is not stored."""
    process = Condition(collects=True)
    assert process.state().waits_for == OPENING
    process.waits_for = None
    assert process.state().waits_for == "collecting is being started"
    process.observer = Seen(VITALS)
    begun = {"binance": True, "kucoin": False}
    assert process.state() == State(collecting=begun, spool_bytes=0)
    spool = replace(WRITER.spool, bytes=500, records=3)
    writer = replace(WRITER, last_error="no room", spool=spool)
    process.observer = Seen(replace(VITALS, writer=writer))
    assert process.state() == State(collecting=begun, unwritten="no room", spool_bytes=500)


async def test_a_spool_whose_rows_are_stored_holds_nothing() -> None:
    """Its file may be there still, with room for more."""
    process = Condition(collects=True)
    process.waits_for = None
    writer = replace(WRITER, spool=replace(WRITER.spool, bytes=500, records=0))
    process.observer = Seen(replace(VITALS, writer=writer))
    assert process.state().spool_bytes == 0


async def test_metrics_are_of_this_moment() -> None:
    """With what is seen, or without where there is nobody to look at."""
    process = Condition(collects=True)
    told = process.metrics(database=False)
    assert b"perps_stats_database_up 0.0" in told
    assert b"perps_stats_collecting" not in told
    process.observer = Seen(VITALS)
    assert b'perps_stats_collecting{exchange="binance"} 1.0' in process.metrics(database=True)


async def test_before_its_time_a_beat_is_not_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """And before the first one is due nothing is known."""
    monkeypatch.setattr(condition, "BEAT_SECONDS", 3600.0)
    heart = Heartbeat()
    assert heart.late_seconds() is None
    beating = asyncio.create_task(heart.run())
    await asyncio.sleep(0)
    assert heart.late_seconds() == 0
    beating.cancel()


async def test_a_heart_that_is_held_up_beats_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """By as long as the loop was held up, less the time to the next beat."""
    monkeypatch.setattr(condition, "BEAT_SECONDS", BLOCKED_SECONDS / 4)
    heart = Heartbeat()
    beating = asyncio.create_task(heart.run())
    await asyncio.sleep(0)
    time.sleep(BLOCKED_SECONDS)  # noqa: ASYNC251 that is what is tested
    late = heart.late_seconds()
    while not heart.late.distribution().count:
        await asyncio.sleep(0)
    beating.cancel()
    assert late is not None
    assert late >= BLOCKED_SECONDS / 2
    assert heart.late.distribution().sum >= BLOCKED_SECONDS / 2
