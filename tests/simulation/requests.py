"""Requests to a simulated venue as aiohttp's server would hand them over, without its sockets."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import HttpVersion11, web
from aiohttp.http import RawRequestMessage
from aiohttp.streams import EMPTY_PAYLOAD
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@dataclass(frozen=True)
class _NoConnection:
    """What a request asks of the connection it came by."""

    ssl_context: None = None
    peername: None = None
    sockname: None = None


def request_of(
    address: str,
    *,
    method: str = "GET",
    query: Mapping[str, str] | None = None,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> web.Request:
    """``address`` is a whole one. Only within a running loop."""
    whole = URL(address).update_query(query or {})
    told = CIMultiDict({"Host": whole.authority, **(headers or {})})
    raw = tuple((name.encode(), value.encode()) for name, value in told.items())
    message = RawRequestMessage(
        method=method,
        path=whole.raw_path_qs,
        version=HttpVersion11,
        headers=CIMultiDictProxy(told),
        raw_headers=raw,
        should_close=False,
        compression=None,
        upgrade=headers is HANDSHAKE,
        chunked=False,
        url=whole.relative(),
    )
    request = web.Request(
        message,
        EMPTY_PAYLOAD,
        _NoConnection(),  # type: ignore[arg-type]  # nothing is ever written to it
        None,  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        asyncio.get_running_loop(),
        remote="127.0.0.1",
    )
    request._read_bytes = body
    return request
