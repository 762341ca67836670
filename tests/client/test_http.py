"""What is worth another try is tried again; every failure is one clear error."""

import asyncio

import pytest
from aiohttp import web

from perps_stats.client import AsyncClient
from perps_stats.client.errors import (
    BadQuestion,
    NotAllowed,
    NotFound,
    NotReached,
    NotUnderstood,
    Refused,
    TooMany,
    Unavailable,
)

from .conftest import answering

PROBLEM = {
    "type": "urn:perps-stats:problem:bad-parameter",
    "title": "Bad parameter",
    "detail": "symbol: 'BTX' is not accepted; did you mean BTC?",
    "instance": "/api/v1/trades",
    "field": "symbol",
    "value": "BTX",
    "remedy": "did you mean BTC?",
}
EMPTY = {
    "data": [],
    "meta": {
        "as_of": None,
        "served_at": "2026-03-01T13:00:00.000000Z",
        "next": None,
        "units": {},
        "simulated": False,
    },
}


class Scripted:
    """Answers with one status after the other, at last with an empty answer; notes when and how it
    was asked.
    """

    def __init__(self, *statuses: int, retry_after: str | None = None) -> None:
        self.statuses = list(statuses)
        self.headers = {} if retry_after is None else {"Retry-After": retry_after}
        self.times: list[float] = []
        self.requests: list[web.Request] = []

    async def __call__(self, request: web.Request) -> web.Response:
        self.times.append(asyncio.get_running_loop().time())
        self.requests.append(request)
        if not self.statuses:
            return web.json_response(EMPTY)
        status = self.statuses.pop(0)
        return web.json_response(PROBLEM | {"status": status}, status=status, headers=self.headers)


def patient(address: str) -> AsyncClient:
    return AsyncClient(address, patience_seconds=600)


async def test_it_waits_as_long_as_it_is_asked_to() -> None:
    """Not a moment less; then the answer is the answer."""
    script = Scripted(429, 503, retry_after="1")
    async with answering(script) as address, patient(address) as client:
        assert await client.trades().all() == []
    waits = [
        later - earlier for earlier, later in zip(script.times, script.times[1:], strict=False)
    ]
    assert len(waits) == 2
    assert min(waits) >= 1


@pytest.mark.parametrize(("status", "kind"), [(429, TooMany), (503, Unavailable)])
async def test_patience_ends(status: int, kind: type[Refused]) -> None:
    """Who would have to wait longer than that is told at once, and for how long."""
    script = Scripted(status, retry_after="60")
    async with answering(script) as address, AsyncClient(address) as client:
        with pytest.raises(kind) as raised:
            await client.trades().all()
    assert (raised.value.retry_after, len(script.times)) == (60, 1)


async def test_without_a_word_the_waits_grow() -> None:
    """It is asked again before patience ends, not in a hurry."""
    script = Scripted(503, 503)
    async with answering(script) as address, patient(address) as client:
        assert await client.trades().all() == []
    assert len(script.times) == 3
    assert script.times[2] - script.times[0] >= (0.25 + 0.5) / 2


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadQuestion),
        (401, NotAllowed),
        (403, NotAllowed),
        (404, NotFound),
        (405, Refused),
        (500, Refused),
    ],
)
async def test_what_is_refused_is_not_asked_again(status: int, kind: type[Refused]) -> None:
    """The error bears the problem document."""
    script = Scripted(status)
    async with answering(script) as address, AsyncClient(address) as client:
        with pytest.raises(kind) as raised:
            await client.trades().all()
    assert type(raised.value) is kind
    assert len(script.times) == 1
    problem = raised.value.problem
    assert (problem.status, problem.field, problem.remedy) == (status, "symbol", PROBLEM["remedy"])
    assert str(raised.value) == f"{status} Bad parameter: {PROBLEM['detail']}"


async def test_what_a_proxy_says() -> None:
    """In words of its own: they are told as they are."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="<h1>Bad gateway</h1>", status=502)

    async with answering(answer) as address, AsyncClient(address) as client:
        with pytest.raises(Refused) as raised:
            await client.trades().all()
    assert str(raised.value) == "502 Bad Gateway: <h1>Bad gateway</h1>"


@pytest.mark.parametrize("text", ["", "<html>", '{"data":[]}', '{"data":[{"id":7}],"meta":{}}'])
async def test_what_is_no_answer(text: str) -> None:
    """It is said so, with the path."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="application/json")

    async with answering(answer) as address, AsyncClient(address) as client:
        with pytest.raises(NotUnderstood, match=r"^trades: "):
            await client.trades().all()


async def test_nobody_is_there() -> None:
    """After patience: where it was looked for, and why not."""
    async with AsyncClient("http://127.0.0.1:1", patience_seconds=0) as client:
        with pytest.raises(
            NotReached, match=r"^http://127\.0\.0\.1:1/api/v1/trades does not answer"
        ):
            await client.trades().all()


async def test_an_answer_that_does_not_come() -> None:
    """A question has its time."""

    async def answer(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with (
        answering(answer) as address,
        AsyncClient(address, timeout_seconds=0.2, patience_seconds=0) as client,
    ):
        with pytest.raises(NotReached, match="TimeoutError"):
            await client.trades().all()


async def test_the_key_is_said() -> None:
    """As a bearer; without one nothing is."""
    script = Scripted()
    async with answering(script) as address:
        async with AsyncClient(address, key="ps_abc_secret") as client:
            await client.trades().all()
        async with AsyncClient(address) as client:
            await client.trades().all()
    said = [request.headers.get("Authorization") for request in script.requests]
    assert said == ["Bearer ps_abc_secret", None]
