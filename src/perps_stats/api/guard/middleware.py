"""The guard in front of all answers: lets in or refuses, and adds the headers that all bear."""

import asyncio
from http import HTTPStatus
from random import uniform
from time import perf_counter

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from perps_stats.api.guard.admission import Admission
from perps_stats.api.guard.refusals import (
    Headers,
    Received,
    Refusal,
    document,
    response_headers,
    too_large,
)
from perps_stats.api.guard.tally import Tally
from perps_stats.api.guard.turns import Turns

MOST_BYTES = 64 << 20
HELD_SECONDS = 0.5
"""Who does not wait though it was told to is made to: its refusals then cost others little. So long
on average: who came at once does not come back at once.
"""
MOST_HELD = 200
COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
POLICY = b"content-security-policy"
NOTHING = (POLICY, b"default-src 'none'; frame-ancestors 'none'")
"""Of what says nothing else: the page has a policy of its own."""
OWN_ORIGIN = (b"cross-origin-resource-policy", b"same-origin")
ANY_ORIGIN = (b"cross-origin-resource-policy", b"cross-origin")
EXPOSED = b"ETag, Link, Perps-Stats-Meta, RateLimit, RateLimit-Policy, Retry-After"
PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"Authorization, X-API-Key, If-None-Match"),
    (b"access-control-max-age", b"600"),
    (b"content-length", b"0"),
)
log = structlog.get_logger()


class Guard:
    """Stands before ``app``. ``most_bytes``: of an answer."""

    def __init__(
        self,
        app: ASGIApp,
        admission: Admission,
        *,
        tally: Tally | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._app = app
        self._admission = admission
        self._tally = tally or Tally()
        self._most_bytes = most_bytes
        self._held = 0
        self._turns = Turns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        headers, method, path = scope["headers"], scope["method"], scope["path"]
        crossing = self._crossing(headers)
        if method == "OPTIONS" and _is_preflight(headers, crossing):
            self._tally.answers[HTTPStatus.NO_CONTENT] += 1
            await _send(send, HTTPStatus.NO_CONTENT, [*PREFLIGHT, *crossing, *COMMON])
            return
        peer = scope["client"]
        admitted = self._admission.may_ask(method, path, headers, peer and peer[0])
        answer = _Answer(send, path, [*COMMON, *crossing], self._tally, self._most_bytes)
        if isinstance(admitted, Refusal):
            await self._hold(admitted)
            await answer.refuse(admitted)
            return
        if not admitted.told:
            await self._app(scope, receive, answer.send)
            return
        answer.headers += admitted.told
        async with self._turns.turn(admitted.name, is_last=admitted.is_used_up):
            await self._app(scope, receive, answer.send)

    async def _hold(self, refusal: Refusal) -> None:
        """So many at once, that they do not take up all connections."""
        if refusal.status is HTTPStatus.TOO_MANY_REQUESTS and self._held < MOST_HELD:
            self._held += 1
            try:
                await asyncio.sleep(HELD_SECONDS * uniform(0.5, 1.5))  # noqa: S311
            finally:
                self._held -= 1

    def _crossing(self, headers: Received) -> Headers:
        """Whether a page of another origin may read the answer: where the settings name it."""
        named = self._admission.rules.cors_origins
        if not named:
            return (OWN_ORIGIN,)
        vary = (b"vary", b"Origin")
        for name, value in headers:
            if name == b"origin" and value in named:
                allowed = (b"access-control-allow-origin", value)
                return allowed, (b"access-control-expose-headers", EXPOSED), vary, ANY_ORIGIN
        return vary, OWN_ORIGIN


class _Answer:
    """One answer on its way: counted, with our headers, and no larger than may be."""

    __slots__ = ("_began", "_is_cut", "_left", "_most", "_path", "_send", "_tally", "headers")

    def __init__(
        self, send: Send, path: str, headers: list[tuple[bytes, bytes]], tally: Tally, most: int
    ) -> None:
        self._began = perf_counter()
        self._send = send
        self._path = path
        self._tally = tally
        self._most = self._left = most
        self._is_cut = False
        self.headers = headers

    async def refuse(self, refusal: Refusal) -> None:
        self._tally.refuse(refusal)
        body = document(refusal, self._path)
        headers = [*response_headers(refusal, body), NOTHING, *self.headers]
        await _send(self._send, refusal.status, headers, body)

    async def send(self, message: Message) -> None:
        if self._is_cut:
            return
        if message["type"] == "http.response.start":
            await self._begin(message)
            return
        if message["type"] == "http.response.body":
            self._left -= len(message["body"])
            if (
                self._left < 0
            ):  # uvicorn then cuts the connection: no end, so nobody takes it for all
                self._is_cut = True
                log.warning("an answer was cut", path=self._path, most_bytes=self._most)
                return
        await self._send(message)
        if message["type"] == "http.response.body" and not message["more_body"]:
            self._tally.seconds.add(perf_counter() - self._began)

    async def _begin(self, message: HTTPResponseStartEvent) -> None:
        has_policy = False
        for name, value in message["headers"]:
            if name == POLICY:
                has_policy = True
            elif name == b"content-length" and int(value) > self._most:
                self._is_cut = True
                await self.refuse(too_large(self._most))
                return
        self._tally.answers[message["status"]] += 1
        own = self.headers if has_policy else [NOTHING, *self.headers]
        message["headers"] = [*message["headers"], *own]
        await self._send(message)


def _is_preflight(headers: Received, crossing: Headers) -> bool:
    """Browsers ask before they ask: without a key, and only whether they may."""
    names = {name for name, _ in headers}
    return ANY_ORIGIN in crossing and b"access-control-request-method" in names


async def _send(
    send: Send, status: HTTPStatus, headers: list[tuple[bytes, bytes]], body: bytes = b""
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
