"""Stands before the routes: an answer that still holds is sent again as the bytes it was."""

import asyncio
from collections import OrderedDict
from http import HTTPStatus
from typing import TypeAlias

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from msgspec import Struct

from perps_stats.api.fast.fresh import Fresh
from perps_stats.core.live import LiveSource

MOST_BYTES = 64 << 20
"""Of all bodies that are kept."""
FRESH = "fresh"
"""Under this name a route says in the scope's state how long its answer holds."""
OVERHEAD_BYTES = 1024
"""Of one that is kept, beside its body."""
Key: TypeAlias = tuple[bytes, ...]
"""Path, query, and the headers that an answer depends on."""
Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]


class Kept(Struct, frozen=True):
    """An answer as it was sent. ``until`` is a time of the loop."""

    headers: Headers
    body: bytes
    tag: bytes
    fresh: Fresh
    until: float

    async def send(self, send: Send, known: bytes) -> None:
        """Without a body where the one who asks has it: ``known`` are the tags of what it has."""
        has_it = self.tag and self.tag in known
        headers = [each for each in self.headers if not has_it or each[0] != b"content-length"]
        status, body = (304, b"") if has_it else (200, self.body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


class Front:
    def __init__(self, app: ASGIApp, live: LiveSource | None) -> None:
        self._app = app
        self._live = live
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0
        self._making: dict[Key, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        key, known = _asked(scope)
        kept = self._holding(key)
        if kept is None and (making := self._making.get(key)) is not None:
            await making.wait()
            kept = self._holding(key)
        if kept is not None:
            await kept.send(send, known)
        elif scope["method"] == "GET":
            await self._make(key, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _holding(self, key: Key) -> Kept | None:
        kept = self._kept.get(key)
        if kept is None or asyncio.get_running_loop().time() >= kept.until:
            return None
        return kept if kept.fresh.holds(self._live) else None

    async def _make(self, key: Key, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Who asks the same meanwhile waits, if an answer like that was kept before. It waits until
        the answer is made, not until someone slow has read it.
        """
        made = asyncio.Event()
        if key in self._kept:
            self._making.setdefault(key, made)
        headers: Headers = ()

        async def keep(message: Message) -> None:
            nonlocal headers
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
                headers = tuple(message["headers"])
            elif message["type"] == "http.response.body" and headers:
                fresh = scope["state"].get(FRESH)
                if isinstance(fresh, Fresh) and not message["more_body"]:
                    self._keep(key, headers, message["body"], fresh)
                made.set()
            await send(message)

        try:
            await self._app(scope, receive, keep)
        finally:
            made.set()
            if self._making.get(key) is made:
                del self._making[key]

    def _keep(self, key: Key, headers: Headers, body: bytes, fresh: Fresh) -> None:
        until = asyncio.get_running_loop().time() + fresh.seconds
        tag = next((value for name, value in headers if name == b"etag"), b"").removeprefix(b"W/")
        if key in self._kept:
            self._forget(key)
        self._kept[key] = Kept(headers, body, tag, fresh, until)
        self._bytes += _size(key, body)
        while self._bytes > MOST_BYTES:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        self._bytes -= _size(key, self._kept.pop(key).body)


def _size(key: Key, body: bytes) -> int:
    return sum(map(len, key)) + len(body) + OVERHEAD_BYTES


def _asked(scope: HTTPScope) -> tuple[Key, bytes]:
    """The key, and the tags of what the one who asks has."""
    accept = packing = known = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept += b"," + value
        elif name == b"accept-encoding":
            packing += b"," + value
        elif name == b"if-none-match":
            known += b"," + value
    return (scope["raw_path"], scope["query_string"], accept, packing), known
