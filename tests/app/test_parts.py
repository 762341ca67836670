"""Parts of a service: none of them holds up the end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from structlog.testing import capture_logs

from perps_stats.app.parts import Cut, named, side_by_side, unless_told
from perps_stats.core.errors import DatabaseError

LONG = 60.0
SHORT = 0.05


class Journal:
    """What parts do, in the order they do it."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def obey(self, name: str, until: asyncio.Event) -> None:
        await until.wait()
        self.done.append(name)

    async def hang(self, name: str) -> None:
        """Ends only when it is cancelled."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.done.append(f"{name} was cancelled")
            raise

    async def fail(self, name: str) -> None:
        raise DatabaseError(name)


async def deaf(release: asyncio.Event) -> None:
    """Does not even hear that it is cancelled."""
    while not release.is_set():
        try:
            await release.wait()
        except asyncio.CancelledError:
            continue


async def test_all_end_when_told() -> None:
    """Each in its own time."""
    until, journal = asyncio.Event(), Journal()
    parts = {name: journal.obey(name, until) for name in ("a", "b")}
    working = asyncio.create_task(side_by_side(until, parts, LONG))
    await asyncio.sleep(0)
    assert journal.done == []
    until.set()
    await working
    assert sorted(journal.done) == ["a", "b"]


async def test_it_ends_with_its_parts() -> None:
    """Nobody needs to be told where nothing goes on; one that ends early ends only itself."""
    until, journal = asyncio.Event(), Journal()
    ended = asyncio.Event()
    ended.set()
    await side_by_side(until, {"a": journal.obey("a", ended), "b": journal.obey("b", ended)}, LONG)
    assert sorted(journal.done) == ["a", "b"]
    assert until.is_set()


async def test_a_failure_tells_the_others() -> None:
    """They end as if told, and the failure is what is raised."""
    until, journal = asyncio.Event(), Journal()
    parts = {"a": journal.obey("a", until), "b": journal.fail("away")}
    with pytest.raises(DatabaseError, match="away"):
        await side_by_side(until, parts, LONG)
    assert journal.done == ["a"]


async def test_who_does_not_end_is_cut_and_named() -> None:
    """The others have ended well; the log and the error say who had not."""
    until, journal = asyncio.Event(), Journal()
    until.set()
    parts = {"a": journal.obey("a", until), "b": journal.hang("b")}
    with capture_logs() as logs, pytest.raises(Cut, match=r"cut after 0\.05 s: b; the next start"):
        await side_by_side(until, parts, SHORT)
    assert journal.done == ["a", "b was cancelled"]
    assert [(log["event"], log["parts"]) for log in logs] == [("did not end in time", "b")]


async def test_who_does_not_hear_is_left_alone() -> None:
    """The end does not wait for it."""
    until, release = asyncio.Event(), asyncio.Event()
    until.set()
    with pytest.raises(Cut, match="deaf"):
        await side_by_side(until, {"deaf": deaf(release)}, SHORT)
    release.set()


async def test_why_one_failed_is_more_than_that_another_hangs() -> None:
    """What is raised is the failure."""
    until, journal = asyncio.Event(), Journal()
    parts = {"a": journal.hang("a"), "b": journal.fail("away")}
    with pytest.raises(DatabaseError, match="away"):
        await side_by_side(until, parts, SHORT)


async def test_parts_end_with_who_runs_them() -> None:
    """Cancelled from outside, no part is left running."""
    until, journal = asyncio.Event(), Journal()
    working = asyncio.create_task(side_by_side(until, {"a": journal.hang("a")}, LONG))
    await asyncio.sleep(0.01)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert journal.done == ["a was cancelled"]


async def open_it(journal: Journal) -> str:
    journal.done.append("opened")
    return "it"


async def test_what_opens_is_there() -> None:
    """Unless we are told to stop before, it is as if it had been awaited."""
    journal = Journal()
    assert await unless_told(asyncio.Event(), open_it(journal)) == "it"
    until = asyncio.Event()
    opening = asyncio.create_task(unless_told(until, journal.hang("opening")))
    await asyncio.sleep(0.01)
    until.set()
    await opening
    assert journal.done == ["opened", "opening was cancelled"]


async def test_a_failure_to_open_is_raised() -> None:
    """It is what the user must know."""
    with pytest.raises(DatabaseError, match="away"):
        await unless_told(asyncio.Event(), Journal().fail("away"))


@asynccontextmanager
async def lent(closing: asyncio.Event) -> AsyncGenerator[str]:
    yield "it"
    await closing.wait()


async def test_closing_is_waited_for() -> None:
    """As long as there is time."""
    closing = asyncio.Event()
    async with AsyncExitStack() as stack:
        assert await stack.enter_async_context(named("a pool", lent(closing))) == "it"
        asyncio.get_running_loop().call_later(0.01, closing.set)
    assert closing.is_set()


async def test_who_does_not_close_is_named() -> None:
    """When there is no time left, and it is left alone."""

    async def use() -> None:
        async with named("a pool", lent(asyncio.Event())):
            pass

    using = asyncio.create_task(use())
    await asyncio.sleep(0.01)
    with capture_logs() as logs:
        using.cancel()
        with pytest.raises(asyncio.CancelledError):
            await using
    assert [(log["event"], log["part"]) for log in logs] == [("did not close in time", "a pool")]
