"""Attacks on a connection, with real sockets: each is bounded, and others are served meanwhile."""

import asyncio
import os
import resource
import tracemalloc
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from litestar import Litestar, get
from tests.api.guard.known import Door, opened, problem_of, status_of

from perps_stats.api.guard import Limits, watch
from perps_stats.api.guard.connection import MOST_PIPELINED

ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
ASK_LARGE = ASK.replace(b"/ ", b"/large ", 1)
LONG = os.environ.get("PERPS_STATS_LONG")
HUGE = b"x" * (10 << 20)
PART = 1 << 16
LARGE = b"y" * (24 << 20)
"""More than the kernel holds for a reader who does not read."""


@get("/")
async def index() -> bytes:
    return b"fine"


@get("/large")
async def large() -> bytes:
    return LARGE


APP = Litestar([index, large], openapi_config=None)


@pytest.fixture
async def door() -> AsyncGenerator[Door]:
    async with opened(APP, Limits(head_seconds=0.6, answer_seconds=0.3)) as running:
        yield running


async def is_served(door: Door) -> bool:
    with door.patient():
        answer = await door.ask(LAST)
    return status_of(answer) == 200 and answer.endswith(b"fine")


async def test_a_head_that_trickles_in(door: Door) -> None:
    """It is cut after its time, however it is kept alive; a whole one is answered."""
    raw = await door.connect()
    await raw.say(ASK[:20])

    async def trickle() -> None:
        while True:
            await asyncio.sleep(0.05)
            await raw.say(b"X-A: b\r\n")

    trickling = asyncio.create_task(trickle())
    assert await is_served(door)
    async with asyncio.timeout(60):
        assert await raw.rest() == b""
    trickling.cancel()
    await asyncio.wait((trickling,))


async def test_a_second_head_that_trickles_in(door: Door) -> None:
    """On a connection that was answered before, it has no more time."""
    with door.patient():
        raw = await door.connect()
        await raw.say(ASK)
        assert (await raw.answer())[0] == 200
    await raw.say(b"GET / HT")
    async with asyncio.timeout(60):
        assert await raw.rest() == b""


async def test_sockets_that_say_nothing(door: Door) -> None:
    """They are closed, and none of it is an answer."""
    raws = [await door.connect() for _ in range(20)]
    async with asyncio.timeout(60):
        assert [await raw.rest() for raw in raws] == [b""] * 20
    assert await is_served(door)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nX-A: " + HUGE,
        b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * (10 << 17),
        b"GET / HTTP/1.1\r\n" + HUGE + b": b\r\n",
    ],
    ids=["one long header", "many headers", "a long name"],
)
async def test_ten_megabytes_of_headers(door: Door, head: bytes) -> None:
    """431 and no more; at no moment is more than a part of it held."""
    tracemalloc.start()
    with door.patient():
        raw = await door.connect()
        for begin in range(0, len(head), PART):
            await raw.say(head[begin : begin + PART])
        answer = await raw.rest()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert status_of(answer) == 431
    assert problem_of(answer)["detail"] == "too many headers, or too long ones"
    assert peak < len(HUGE) / 4
    assert await is_served(door)


async def test_a_long_target(door: Door) -> None:
    """414."""
    with door.patient():
        answer = await door.ask(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert status_of(answer) == 414
    assert problem_of(answer)["status"] == 414


async def test_a_long_body(door: Door) -> None:
    """It is not kept, and not read for long."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with asyncio.timeout(60):
        await door.ask(head, *[b"10000\r\n" + b"z" * 0x10000 + b"\r\n"] * 16)
    assert await is_served(door)


async def test_an_answer_that_nobody_reads(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for a while, and is cut: what it held is free."""
    monkeypatch.setattr(watch, "SLOWEST", len(LARGE))
    with door.patient():
        raw = await door.connect()
        await raw.say(ASK_LARGE)
        assert await is_served(door)
        async with asyncio.timeout(60):
            while await connections(door) > 0:
                await asyncio.sleep(0.05)


async def test_an_answer_that_is_taken_late() -> None:
    """It has the time of an answer: nobody owes the head of a question before it has that of the
    last one. Once it has it, it does.
    """
    async with opened(APP, Limits(head_seconds=0.1, answer_seconds=3600)) as door:
        with door.patient():
            raw = await door.connect()
            await raw.say(ASK_LARGE)
            await raw.reader.readuntil(b"\r\n\r\n")
        silent = await door.connect()
        async with asyncio.timeout(60):
            assert await silent.rest() == b""
            assert await raw.rest() == LARGE


async def connections(door: Door) -> int:
    """That the kernel has on the server's side, established."""
    port = f":{door.address[1]:04X}"
    text = await asyncio.to_thread(Path("/proc/net/tcp").read_text)
    rows = [line.split() for line in text.splitlines()[1:]]
    return sum(row[1].endswith(port) and row[3] == "01" for row in rows)


async def test_requests_that_do_not_wait_for_answers(door: Door) -> None:
    """So many are answered in turn; of thousands at once the connection is cut."""
    with door.patient():
        answers = await door.ask(ASK * MOST_PIPELINED, LAST)
        assert answers.count(b"HTTP/1.1 200 ") == MOST_PIPELINED + 1
        async with asyncio.timeout(60):
            await door.ask(ASK * 9000)
    assert await is_served(door)


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n X-A: folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\rX-B: c\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_others_might_read_otherwise(door: Door, said: bytes) -> None:
    """Two lengths, odd spellings, other protocols: refused, and what follows is not read."""
    async with asyncio.timeout(60):
        answer = await door.ask(said, ASK)
    assert status_of(answer) in {400, 0}
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert await is_served(door)


async def test_what_follows_a_refusal_is_not_an_answer(door: Door) -> None:
    """A request that is malformed while another one is answered ends the connection."""
    answer = await door.ask(ASK + b"nonsense\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") <= 1


@pytest.mark.parametrize("sockets", [300, *([10_000] if LONG else [])])
async def test_many_idle_sockets(sockets: int) -> None:
    """They are bounded, they go first, and others are answered among them."""
    enough = resource.getrlimit(resource.RLIMIT_NOFILE)[0] > sockets + 500
    if not enough:
        pytest.skip("the system grants too few files")
    most = 100
    async with opened(APP, Limits(connections=most, head_seconds=3600)) as door:
        for number in range(sockets):
            await door.connect()
            if number % 100 == 0:
                assert await is_served(door)
        assert await is_served(door)
        async with asyncio.timeout(60):
            while await connections(door) > most:
                await asyncio.sleep(0.05)
        assert await is_served(door)
