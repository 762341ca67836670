"""What goes on until it is told to stop."""

import asyncio
import gc
import os
import signal
import weakref

import pytest

from perps_stats.cli import service
from perps_stats.core.errors import DatabaseError


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that it would cut is that of the tests."""
    monkeypatch.setattr(service, "STOP_SECONDS", 600.0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_is_the_exit_code(number: signal.Signals) -> None:
    """The service is told, ends in its own time, and the code says which signal it was."""
    ended: list[str] = []

    async def running(until: asyncio.Event) -> None:
        os.kill(os.getpid(), number)
        await until.wait()
        ended.append("flushed")

    assert service.run_until_told(running) == 128 + number
    assert ended == ["flushed"]


def test_an_end_of_its_own_is_zero() -> None:
    """A service that is finished was successful."""

    async def running(_until: asyncio.Event) -> None:
        await asyncio.sleep(0)

    assert service.run_until_told(running) == 0


def test_its_failure_is_passed_on() -> None:
    """What the service raises reaches the one who explains it."""

    async def running(_until: asyncio.Event) -> None:
        raise DatabaseError("it is away")

    with pytest.raises(DatabaseError, match="it is away"):
        service.run_until_told(running)


def test_one_that_does_not_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time it is cancelled, and the user is told what that means."""
    monkeypatch.setattr(service, "GRACE_SECONDS", 0.05)
    cancelled: list[str] = []

    async def running(until: asyncio.Event) -> None:
        until.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append("cut")
            raise

    with pytest.raises(service.TooSlow, match="did not stop within"):
        service.run_until_told(running)
    assert cancelled == ["cut"]


def test_what_only_holds_itself_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Again and again, also where too little is made for the collector to look by itself."""
    monkeypatch.setattr(service, "TIDY_SECONDS", 0.01)

    class Ring:
        def __init__(self) -> None:
            self.itself = self

    async def makes_rings(_until: asyncio.Event) -> None:
        for _ in range(2):
            kept = weakref.ref(Ring())
            while kept() is not None:
                await asyncio.sleep(0.01)

    try:
        assert service.run_until_told(makes_rings) == 0
    finally:
        gc.unfreeze()
