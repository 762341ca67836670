"""Virtual time."""

import asyncio

import pytest
from tests.simulation.loop import Stuck, VirtualLoop


def test_an_hour_passes_at_once() -> None:
    """The loop's time is the sum of what was waited for."""

    async def wait() -> float:
        await asyncio.gather(asyncio.sleep(3600), asyncio.sleep(5))
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert runner.run(wait()) == pytest.approx(3600)


def test_who_waits_for_nothing_is_told() -> None:
    """An event that nobody will set is no wait, but a mistake."""

    async def wait() -> None:
        await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner, pytest.raises(Stuck):
        runner.run(wait())


def test_time_that_stands_still_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who goes in circles without waiting is stopped."""
    monkeypatch.setattr("tests.simulation.loop.MOST_IN_CIRCLES", 100)

    async def spin() -> None:
        while True:
            await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner, pytest.raises(Stuck):
        runner.run(spin())


def test_work_for_a_thread_is_done_in_place() -> None:
    """Its result and its error come back; nothing runs beside the loop."""

    async def work() -> tuple[int, str]:
        loop = asyncio.get_running_loop()
        good = await loop.run_in_executor(None, lambda a, b: a + b, 2, 3)
        try:
            await loop.run_in_executor(None, int, "x")
        except ValueError as error:
            return good, type(error).__name__
        return good, ""

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert runner.run(work()) == (5, "ValueError")
