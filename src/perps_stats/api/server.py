"""The server: uvicorn inside a loop that is already running, ended by an event, not by a signal."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import structlog
import uvicorn
from litestar.types import ASGIApp, Receive, Scope, Send

from perps_stats.api.guard.connection import watched
from perps_stats.api.guard.tally import Tally
from perps_stats.api.guard.watch import Limits, Watch
from perps_stats.core.errors import ConfigError

GRACE_SECONDS = 2
IDLE_SECONDS = 5
HIGHEST_PORT = 65535
USUAL = Limits()
log = structlog.get_logger()


class Door:
    """Leads to ``app``, which may be exchanged for another while requests come."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals are the caller's."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Port 0 takes a free one. Raises ``ConfigError`` where the address cannot be listened on."""
    if not 0 <= port <= HIGHEST_PORT:  # the C library would take the rest of a division
        raise ConfigError(f"port {port} does not exist; choose one from 0 to {HIGHEST_PORT}")
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.create_server(address[:2], family=family, backlog=512)
    except OSError as error:
        raise ConfigError(_reason(host, port, error)) from error
    # Connections inherit it. asyncio sets it only where the protocol is named, which accept() does
    # not do: every small answer would wait 40 ms for the client's delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _reason(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another with --port"
    if isinstance(error, PermissionError):
        return f"port {port} needs privileges; choose one above 1023 with --port"
    reason = error.strerror or error
    return f"cannot listen on {host} port {port} ({reason}); choose another with --host"


def address_of(listener: socket.socket) -> str:
    """``http://127.0.0.1:8080``"""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    until: asyncio.Event,
    *,
    ready: Callable[[str], None] = lambda _address: None,
) -> None:
    """Answer until told. ``ready`` is given the address. Raises ``ConfigError`` at once."""
    await serve_on(app, listen(host, port), until, ready=ready)


async def serve_on(
    app: ASGIApp,
    listener: socket.socket,
    until: asyncio.Event,
    *,
    ready: Callable[[str], None] = lambda _address: None,
    limits: Limits = USUAL,
    stream: type[asyncio.Protocol] | None = None,
    tally: Tally | None = None,
) -> None:
    """Answer on ``listener``, and close it. Requests under way at the end have two seconds.

    ``stream`` is what is made of each WebSocket; ``None``: there are none. ``tally``: of what is
    refused here.
    """
    address = address_of(listener)
    watch = Watch(limits, tally)
    server = Server(_config(app, watch, stream))
    watching = asyncio.create_task(watch.run())
    running = asyncio.create_task(server.serve(sockets=[listener]))
    ending = asyncio.create_task(until.wait())
    try:
        log.info("listening", address=address)
        ready(address)
        await asyncio.wait((running, ending), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (ending, watching):
            task.cancel()
        server.should_exit = True
        await running


def _config(app: ASGIApp, watch: Watch, stream: type[asyncio.Protocol] | None) -> uvicorn.Config:
    _forward_warnings()
    return uvicorn.Config(
        app,
        http=watched(watch),
        proxy_headers=False,  # whose word counts on an address is for the guard
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws=stream or "none",
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


class Forward(logging.Handler):
    """What uvicorn has to say, into our log as one line: malformed requests, cut connections."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        told = record.getMessage().strip()
        log.warning("http", told=told, **({} if error is None else {"error": repr(error)}))


def _forward_warnings() -> None:
    spoken = logging.getLogger("uvicorn.error")
    spoken.handlers = [Forward(logging.WARNING)]
    spoken.setLevel(logging.WARNING)
    spoken.propagate = False
