"""One HTTP connection: uvicorn's, with bounds on the head of a request, and no bodies."""

import asyncio
from http import HTTPStatus
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from perps_stats.api.guard.admission import UNKNOWN
from perps_stats.api.guard.refusals import Refusal, document, response_headers
from perps_stats.api.guard.watch import Watch

MOST_PIPELINED = 64
MOST_TARGET_BYTES = 8192
MOST_FIELDS = 100
MOST_BODY_BYTES = 1 << 16
MOST_LATE_BYTES = 16 << 20
"""So much is read and thrown away after a refusal: were it left, the refusal would not arrive."""
NOT_HTTP = (HTTPStatus.BAD_REQUEST, "this is not HTTP as RFC 9112 has it")
LONG_TARGET = (
    HTTPStatus.REQUEST_URI_TOO_LONG,
    f"path and query are longer than {MOST_TARGET_BYTES} bytes",
)
LONG_HEAD = (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too many headers, or too long ones")
LONG_BODY = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "no question takes a body")
MANY = (HTTPStatus.TOO_MANY_REQUESTS, "too many requests before the answer to the first")


class Bound(Exception):
    """Something is longer than may be."""


class Connection(HttpToolsProtocol):
    watch: ClassVar[Watch]
    address = UNKNOWN
    _why = NOT_HTTP
    _is_refused = False
    _is_in_head = False
    _heads = 0
    """How many have begun; of those how many are questions, and of these how many are answered."""
    _asked = 0
    _answered = 0
    _head = 0
    """Bytes of the head that were parsed."""
    _fed = 0
    """Bytes of it that came after the ones it began with, parsed or not."""
    _body = 0
    _late = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            self.address = self.client[0]
        self.watch.enter(self, self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        self.watch.leave(self)
        super().connection_lost(exc)

    def is_gone(self) -> bool:
        return self.transport.is_closing()

    def cut(self) -> None:
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            self._late += len(data)
            if self._late > MOST_LATE_BYTES:
                self.cut()
            return
        heads = self._heads
        super().data_received(data)
        if self._is_in_head and heads == self._heads:
            self._fed += len(data)
            if self._fed > self.watch.limits.head_bytes and not self._is_refused:
                self._refuse(*LONG_HEAD)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._heads += 1
        self._is_in_head = True
        self._head = self._fed = self._body = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._bound(LONG_TARGET, len(self.url) > MOST_TARGET_BYTES)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._head += len(name) + len(value)
        is_long = self._head > self.watch.limits.head_bytes or len(self.headers) > MOST_FIELDS
        self._bound(LONG_HEAD, is_long)

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self.watch.work(self)
        self._bound(MANY, len(self.pipeline) >= MOST_PIPELINED)
        super().on_headers_complete()
        self._asked += 1

    def on_body(self, body: bytes) -> None:
        """It is thrown away: nothing here takes one."""
        self._body += len(body)
        self._bound(LONG_BODY, self._body > MOST_BODY_BYTES)

    def on_response_complete(self) -> None:
        self._answered += 1
        super().on_response_complete()
        self._await_head()

    def handle_websocket_upgrade(self) -> None:
        self.watch.upgrade(self)
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.watch.send(self, self.transport.get_write_buffer_size(), self.loop.time())

    def resume_writing(self) -> None:
        super().resume_writing()
        self.watch.sent(self)
        self._await_head()

    def _await_head(self) -> None:
        """Once every question is answered, and the answers are taken."""
        is_idle = self._asked == self._answered and not self.flow.write_paused
        if is_idle and not self.transport.is_closing():
            self.watch.wait(self, self.loop.time())

    def send_400_response(self, msg: str) -> None:
        """The parser could not go on."""
        del msg
        self._refuse(*self._why)

    def _bound(self, why: tuple[HTTPStatus, str], is_over: bool) -> None:  # noqa: FBT001  of a check
        if is_over:
            self._why = why
            raise Bound

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Said, and no more is sent. It is closed by the other side, or by ``watch`` as late."""
        self._is_refused = True
        if self._asked > self._answered:
            self.cut()  # the refusal would stand in the middle of an answer
            return
        kind = status.phrase.lower().replace(" ", "-")
        refusal = Refusal(status, kind, detail, ((b"connection", b"close"),))
        self.watch.tally.refuse(refusal)
        self.transport.write(_response(refusal))
        self.transport.write_eof()
        self.watch.wait(self, self.loop.time())


def watched(limits: Watch) -> type[Connection]:
    """What uvicorn makes of each connection."""

    class Watched(Connection):
        watch = limits

    return Watched


def _response(refusal: Refusal) -> bytes:
    body = document(refusal, "/")
    lines = [b"%s: %s\r\n" % header for header in response_headers(refusal, body)]
    return b"".join((STATUS_LINE[refusal.status], *lines, b"\r\n", body))
