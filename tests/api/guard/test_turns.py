"""So many at once of each caller."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as some

from perps_stats.api.guard import turns as turns_module
from perps_stats.api.guard.turns import Turns


async def test_others_of_a_caller_wait_in_order() -> None:
    """Those of another caller do not."""
    turns, log = Turns(2), list[str]()
    ends = {name: asyncio.Event() for name in ("a1", "a2", "a3", "a4", "b1")}

    async def ask(name: str) -> None:
        async with turns.turn(name[0]):
            log.append(name)
            await ends[name].wait()

    asking = {name: asyncio.create_task(ask(name)) for name in ends}
    await asyncio.sleep(0)
    assert log == ["a1", "a2", "b1"]
    ends["a2"].set()
    await asking["a2"]
    await asyncio.sleep(0)
    assert log == ["a1", "a2", "b1", "a3"]
    for end in ends.values():
        end.set()
    await asyncio.gather(*asking.values())
    assert log == ["a1", "a2", "b1", "a3", "a4"]
    assert (turns._busy, turns._waiting) == ({}, {})


async def test_who_has_used_up_its_quota_comes_after_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One at a time, in moments in which nobody is answered."""
    monkeypatch.setattr(turns_module, "PATIENCE_SECONDS", 3600)
    turns, log = Turns(), list[str]()
    ends = {name: asyncio.Event() for name in ("other", "last1", "last2", "late")}

    async def ask(name: str) -> None:
        async with turns.turn(name, is_last=name.startswith("last")):
            log.append(name)
            await ends[name].wait()

    asking = {name: asyncio.create_task(ask(name)) for name in ("other", "last1", "last2")}
    await settle()
    assert log == ["other"]
    ends["other"].set()
    await settle()
    assert log == ["other", "last1"]
    asking["late"] = asyncio.create_task(ask("late"))
    ends["last1"].set()
    await settle()
    assert log == ["other", "last1", "late"]
    ends["late"].set()
    ends["last2"].set()
    await asyncio.gather(*asking.values())
    assert log == ["other", "last1", "late", "last2"]


async def test_who_comes_last_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while it is answered beside the others."""
    monkeypatch.setattr(turns_module, "PATIENCE_SECONDS", 0.01)
    turns = Turns()
    async with turns.turn("other"), turns.turn("last", is_last=True):
        pass


async def settle() -> None:
    """What can go on now goes on."""
    for _ in range(10):
        await asyncio.sleep(0)


@given(steps=some.lists(some.tuples(some.sampled_from("se"), some.integers(0, 9)), max_size=40))
def test_no_turn_is_lost(steps: list[tuple[str, int]]) -> None:
    """Whoever is called off, before its turn, as it comes or in it: never more at once than may
    be, and at the end nobody is left waiting.
    """
    asyncio.run(play(steps))


async def play(steps: list[tuple[str, int]]) -> None:
    turns, busy = Turns(2), set[int]()
    tasks: list[asyncio.Task[None]] = []

    async def ask(number: int) -> None:
        async with turns.turn("a"):
            busy.add(number)
            assert len(busy) <= 2
            try:
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            finally:
                busy.discard(number)

    for kind, number in steps:
        if kind == "s":
            tasks.append(asyncio.create_task(ask(len(tasks))))
        elif number < len(tasks):
            tasks[number].cancel()
        if number % 3:
            await asyncio.sleep(0)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(each is None or isinstance(each, asyncio.CancelledError) for each in results)
    assert (turns._busy, turns._waiting) == ({}, {})
