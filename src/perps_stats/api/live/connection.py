"""A WebSocket of the stream, behind uvicorn: the handshake, what comes, how it ends.

The rules of RFC 6455 are those of ``websockets``, which does no I/O here. What is said by the hub
is framed already, and written straight to the transport. No extension is agreed on: to compress for
each client would cost more than all the rest.
"""

import asyncio
import logging
import socket
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from uvicorn import Config
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from perps_stats.api.guard import Caller, Refusal, Tally, document, response_headers
from perps_stats.api.guard.admission import SUBPROTOCOL
from perps_stats.api.live.clients import Client, Code
from perps_stats.api.live.hub import Hub

PATH = "/api/v1/stream"
PROTOCOL = Subprotocol("perps-stats.v1")
HIGH_BYTES, LOW_BYTES = 1 << 18, 1 << 16
UNSENT_BYTES = 1 << 17
"""So much lies in the system unsent: what lies there can not be conflated."""
FAREWELL_SECONDS = 1.0
"""So long the other side may take to answer a close."""
SLOW_FAREWELL_SECONDS = 5.0
LOST = 1006
"""Nobody said farewell."""
RETRY = ((b"retry-after", b"5"),)
UNHEARD = logging.getLogger("perps_stats.api.live")
UNHEARD.addHandler(logging.NullHandler())
UNHEARD.propagate = False
UNHEARD.setLevel(logging.CRITICAL)


class Connection(asyncio.Protocol):
    """A ``Line``. ``hub`` and ``tally`` are set by ``protocol_of``; uvicorn makes one for each
    handshake.
    """

    hub: Hub
    tally: Tally

    def __init__(
        self, config: Config, server_state: ServerState, app_state: Mapping[str, object]
    ) -> None:
        del config, app_state
        self._all = server_state.connections
        self._rules = ServerProtocol(
            select_subprotocol=_select, max_size=self.hub.limits.message_bytes, logger=UNHEARD
        )
        self._client: Client | None = None
        self._fragments: list[bytes] = []
        self._kind = Opcode.TEXT
        self._ending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._all.add(self)  # type: ignore[arg-type]  # it asks them for nothing but shutdown()
        transport.set_write_buffer_limits(HIGH_BYTES, LOW_BYTES)
        bare = transport.get_extra_info("socket")
        if bare is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
            bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._all.discard(self)
        self._leave()
        if self._ending is not None:
            self._ending.cancel()

    def data_received(self, data: bytes) -> None:
        self._rules.receive_data(data)
        for event in self._rules.events_received():
            if isinstance(event, Request):
                self._open(event)
            elif isinstance(event, Frame) and self._client is not None:
                self._take(self._client, event)
        self._send()

    def eof_received(self) -> None:
        self._rules.receive_eof()
        self._send()

    def pause_writing(self) -> None:
        """What it asks for is not read either, until it takes the answers."""
        self._transport.pause_reading()
        if self._client is not None:
            self.hub.fill(self._client)

    def resume_writing(self) -> None:
        self._transport.resume_reading()
        if self._client is not None:
            self.hub.drain(self._client)

    def shutdown(self) -> None:
        """Asked for by uvicorn, when the server ends."""
        if self._client is None:
            self._transport.abort()
        self.close(Code.GOING_AWAY, "the server stops: resume from the last numbers")

    def write(self, frames: bytes) -> None:
        self._transport.write(frames)

    def ping(self) -> None:
        self._rules.send_ping(b"")
        self._send()

    def close(self, code: Code, reason: str) -> None:
        if self._client is not None:
            is_slow = code is Code.TRY_AGAIN_LATER
            self._end_within(SLOW_FAREWELL_SECONDS if is_slow else FAREWELL_SECONDS)
            self._rules.send_close(code, reason)
            self._send()
            self._transport.resume_reading()

    def _send(self) -> None:
        """What the rules want said. After a farewell nothing else is."""
        for data in self._rules.data_to_send():
            if data:
                self._transport.write(data)
            elif not self._transport.is_closing():
                self._transport.write_eof()
        if self._rules.state is not State.OPEN:
            self._leave()
        if self._rules.close_expected():
            self._end_within(FAREWELL_SECONDS)

    def _end_within(self, seconds: float) -> None:
        if self._ending is None:
            loop = asyncio.get_running_loop()
            self._ending = loop.call_later(seconds, self._transport.abort)

    def _leave(self) -> None:
        if self._client is not None:
            farewell = self._rules.close_sent or self._rules.close_rcvd
            self.hub.leave(self._client, farewell.code if farewell else LOST)
            self._client = None

    def _open(self, request: Request) -> None:
        caller = self._caller(request)
        if isinstance(caller, Refusal):
            self._refuse(request, caller)
            return
        response = self._rules.accept(request)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            detail = bytes(response.body).decode().strip()
            refusal = Refusal(HTTPStatus(response.status_code), "bad-handshake", detail)
            self._refuse(request, refusal)
            return
        self.tally.answers[response.status_code] += 1
        self._rules.send_response(response)
        self._send()
        self._client = self.hub.join(caller, self)

    def _caller(self, request: Request) -> Caller | Refusal:
        path, _, query = request.path.partition("?")
        if path != PATH:
            detail = f"the stream is at {PATH}"
            return Refusal(HTTPStatus.NOT_FOUND, "not-found", detail)
        if query:
            detail = "the stream takes no parameters: subscribe by messages"
            return Refusal(HTTPStatus.BAD_REQUEST, "unknown-parameter", detail)
        if len(self.hub.clients) >= self.hub.limits.clients:
            detail = "there are as many clients of the stream as may be"
            return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "too-many-clients", detail, RETRY)
        peer = self._transport.get_extra_info("peername")
        headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in request.headers.raw_items()
        ]
        return self.hub.admission.may_stream(headers, peer[0] if peer else None)

    def _refuse(self, request: Request, refusal: Refusal) -> None:
        self.tally.refuse(refusal)
        body = document(refusal, request.path)
        headers = Headers([("connection", "close")])
        for name, value in response_headers(refusal, body):
            headers[name.decode("latin-1")] = value.decode("latin-1")
        phrase = refusal.status.phrase
        self._rules.send_response(Response(refusal.status, phrase, headers, body))

    def _take(self, client: Client, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            return
        if not client.may_speak(self.hub.seconds()):
            most = self.hub.limits.messages
            self.close(Code.POLICY, f"more than {most:g} messages a second")
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self._collect(client, frame)

    def _collect(self, client: Client, frame: Frame) -> None:
        """Fragments are a message at the last one."""
        if frame.opcode is not Opcode.CONT:
            self._kind = frame.opcode
        self._fragments.append(bytes(frame.data))
        if not frame.fin:
            return
        text, self._fragments = b"".join(self._fragments), []
        if self._kind is Opcode.BINARY:
            self.close(Code.UNSUPPORTED, "send text")
        elif not _is_utf8(text):
            self.close(Code.NOT_UTF8, "a text is UTF-8")
        else:
            self.hub.hear(client, text)


def protocol_of(hub: Hub, tally: Tally | None = None) -> type[Connection]:
    """What uvicorn is to make for each handshake. ``tally``: of what handshakes are answered."""
    return type("Connection", (Connection,), {"hub": hub, "tally": tally or Tally()})


def _select(_rules: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Browsers want one of those that they offered."""
    keys = (each for each in offered if each.encode().startswith(SUBPROTOCOL))
    return PROTOCOL if PROTOCOL in offered else next(keys, None)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
