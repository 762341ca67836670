"""Asking over real sockets: every way an exchange can fail becomes one kind of error."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from tests.exchanges.meeting import PATIENT

from perps_stats.core.errors import RateLimited, Refused, Unreachable, Unreadable
from perps_stats.exchanges.contract import Limit, Request, Rest
from perps_stats.net.http import HttpLimits, HttpSender, http_session

LIMITS = replace(PATIENT, max_body_bytes=1 << 20)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refusal(status: int, body: bytes) -> Refused | None:
    if 400 <= status < 500 and body[:1] == b"{":
        said = json.loads(body)
        return Refused(str(said["code"]), said["msg"])
    return None


REST = Rest(url="", limits={"": Limit(100, 60, used_header="X-Used")}, refusal=refusal)


@asynccontextmanager
async def sender_of(
    handler: Handler, rest: Rest = REST, limits: HttpLimits = LIMITS
) -> AsyncGenerator[HttpSender, None]:
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        async with http_session(limits) as session:
            yield HttpSender(rest, f"http://{host}:{port}", session, limits)
    finally:
        await runner.cleanup()


def ask(path: str = "/x", weight: int = 1) -> Request:
    return Request("GET", path, {"symbol": "BTCUSDT"}, weight=weight)


def saying(*answers: tuple[int, str], headers: dict[str, str] | None = None) -> Handler:
    """Answers in turn; the last again and again."""
    left = list(answers)

    async def handler(_request: web.Request) -> web.StreamResponse:
        status, text = left.pop(0) if len(left) > 1 else left[0]
        return web.Response(status=status, text=text, headers=headers)

    return handler


async def test_a_body_comes_back_as_it_was_sent() -> None:
    """The query reaches the exchange, the bytes come back."""

    async def echo(request: web.Request) -> web.StreamResponse:
        return web.Response(text=request.path_qs)

    async with sender_of(echo) as sender:
        assert await sender.send(ask("/depth")) == b"/depth?symbol=BTCUSDT"
        assert await sender.send((ask("/a"), ask("/b"))) == (
            b"/a?symbol=BTCUSDT",
            b"/b?symbol=BTCUSDT",
        )


async def test_a_refusal_is_told_and_not_repeated() -> None:
    """Its code and message are the exchange's own."""
    async with sender_of(
        saying((400, '{"code":-1121,"msg":"Invalid symbol."}'), (200, "{}"))
    ) as sender:
        with pytest.raises(Refused, match=r"Invalid symbol\. \(code -1121\)"):
            await sender.send(ask())


async def test_a_failing_server_is_asked_again() -> None:
    """Two failures, then the answer."""
    async with sender_of(saying((500, "oops"), (503, "oops"), (200, "[1]"))) as sender:
        assert await sender.send(ask()) == b"[1]"


async def test_a_server_that_keeps_failing_is_unreachable() -> None:
    """The last failure is told."""
    async with sender_of(saying((502, "oops")), limits=replace(LIMITS, attempts=2)) as sender:
        with pytest.raises(Unreachable, match="HTTP 502"):
            await sender.send(ask())


async def test_html_is_unreadable() -> None:
    """A gateway's page with status 200 is no answer."""
    async with sender_of(saying((200, "<html>hello</html>"))) as sender:
        with pytest.raises(Unreadable, match=r"HTML instead of JSON.*<html>hello"):
            await sender.send(ask())


async def test_a_body_without_end_is_cut_off() -> None:
    """More than the bound is never held in memory."""

    async def huge(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(64):
            await response.write(b"0" * (1 << 18))
        return response

    async with sender_of(huge) as sender:
        with pytest.raises(Unreadable, match="larger than 1 MiB"):
            await sender.send(ask())


async def test_a_server_that_hangs_is_given_up() -> None:
    """The deadline holds for each attempt."""

    async def hang(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    limits = replace(LIMITS, attempts=1, total_seconds=0.2)
    async with sender_of(hang, limits=limits) as sender:
        with pytest.raises(Unreachable, match="does not answer"):
            await sender.send(ask())


async def test_nobody_at_home() -> None:
    """A refused connection names the address."""
    async with http_session(LIMITS) as session:
        sender = HttpSender(REST, "http://127.0.0.1:1", session, replace(LIMITS, attempts=2))
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1/x does not answer"):
            await sender.send(ask())


async def test_retry_after_is_honoured() -> None:
    """After 429 the next attempt comes when the exchange said, and succeeds."""
    seen: list[float] = []

    async def handler(_request: web.Request) -> web.StreamResponse:
        seen.append(asyncio.get_running_loop().time())
        if len(seen) == 1:
            return web.Response(status=429, headers={"Retry-After": "1"})
        return web.Response(text="[]")

    async with sender_of(handler) as sender:
        assert await sender.send(ask()) == b"[]"
    assert seen[1] - seen[0] >= 1


async def test_a_long_pause_is_told_instead_of_waited_for() -> None:
    """Longer than the caller's patience."""
    async with sender_of(saying((429, ""), headers={"Retry-After": "100"})) as sender:
        with pytest.raises(RateLimited, match="asks to slow down"):
            await sender.send(ask())


async def test_after_a_ban_nothing_is_sent() -> None:
    """418 silences the host until its end: the second request never leaves."""
    count = 0

    async def handler(_request: web.Request) -> web.StreamResponse:
        nonlocal count
        count += 1
        return web.Response(status=418, headers={"Retry-After": "100"})

    async with sender_of(handler) as sender:
        for _ in range(2):
            with pytest.raises(RateLimited, match="banned"):
                await sender.send(ask())
    assert count == 1


async def test_the_budget_is_kept_and_the_header_believed() -> None:
    """The exchange says that another process has spent nearly all: we wait, or say so."""
    async with sender_of(saying((200, "[]"), headers={"X-Used": "99"})) as sender:
        await sender.send(ask())
        with pytest.raises(RateLimited):
            await sender.send(ask(weight=2))


async def test_a_simulator_is_recognised() -> None:
    """By its header, from the first answer on."""
    async with sender_of(saying((200, "[]"), headers={"X-Perps-Stats-Simulated": "model"})) as our:
        seen = [our.simulated]
        await our.send(ask())
        assert [*seen, our.simulated] == [None, True]
    async with sender_of(saying((200, "[]"))) as live:
        await live.send(ask())
        assert live.simulated is False


async def test_a_refusal_that_only_says_slow_down_is_waited_out() -> None:
    """Whatever its status: after the end of the window that the exchange states, asked again."""

    def too_fast(_status: int, body: bytes) -> Refused | None:
        return Refused("429000", "too many requests", too_fast=True) if body == b"slow" else None

    rest = replace(REST, refusal=too_fast, limits={"": Limit(100, 30, reset_header="X-Reset")})
    handler = saying((200, "slow"), (200, "[1]"), headers={"X-Reset": "300"})
    async with sender_of(handler, rest) as sender:
        assert await sender.send(ask()) == b"[1]"


async def test_a_wall_before_the_exchange_bans_too() -> None:
    """403 with a web page; what the exchange itself forbids with a reason is its refusal."""
    async with sender_of(saying((403, "<html>"), headers={"Retry-After": "3"})) as sender:
        with pytest.raises(RateLimited, match="banned"):
            await sender.send(ask())
    async with sender_of(saying((403, '{"code":7,"msg":"not here"}'))) as sender:
        with pytest.raises(Refused, match="not here"):
            await sender.send(ask())
        assert not sender.budget.bans


async def test_after_three_bans_nothing_is_sent_for_an_hour() -> None:
    """Each was waited out; the third says so, whatever end it states."""
    async with sender_of(saying((418, ""), headers={"Retry-After": "1"})) as sender:
        untils: list[datetime] = []
        for _ in range(3):
            while sender.budget.is_banned(asyncio.get_running_loop().time()):
                await asyncio.sleep(0.05)
            with pytest.raises(RateLimited, match="banned") as raised:
                await sender.send(ask())
            untils.append(raised.value.until)
        with pytest.raises(RateLimited, match="banned"):
            await sender.send(ask())
    assert sender.budget.bans == 3
    assert untils[2] - untils[1] > timedelta(minutes=59)
