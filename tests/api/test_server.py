"""The server begins where it is told, and ends when it is told."""

import asyncio
import signal
import socket
from collections.abc import Generator

import aiohttp
import pytest
from litestar import Litestar, get
from tests.cli.own_server import free_port

from perps_stats.api import listen, serve, serve_on, server
from perps_stats.api.server import address_of
from perps_stats.core.errors import ConfigError


@pytest.fixture
def taken() -> Generator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


async def test_a_port_in_use(taken: int) -> None:
    """One line that says what to do."""
    with pytest.raises(ConfigError) as raised:
        await serve(Litestar([]), "127.0.0.1", taken, asyncio.Event())
    assert str(raised.value) == f"port {taken} is in use; choose another with --port"


@pytest.mark.parametrize(
    ("host", "line"),
    [
        ("192.0.2.1", "cannot listen on 192.0.2.1 port 0 ("),
        ("no such host", "cannot listen on no such host port 0 ("),
    ],
)
def test_an_address_that_is_not_ours(host: str, line: str) -> None:
    """Named, with the reason."""
    with pytest.raises(ConfigError) as raised:
        listen(host, 0)
    assert str(raised.value).startswith(line)
    assert str(raised.value).endswith("); choose another with --host")


def test_a_port_that_does_not_exist() -> None:
    """It is not taken modulo 65536."""
    with pytest.raises(ConfigError) as raised:
        listen("127.0.0.1", 70000)
    assert str(raised.value) == "port 70000 does not exist; choose one from 0 to 65535"


def test_the_address_of_a_listener() -> None:
    """Port 0 takes a free one; an IPv6 address stands in brackets."""
    with listen("127.0.0.1", 0) as listener:
        assert address_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
    if socket.has_ipv6:
        with listen("::1", 0) as listener:
            assert address_of(listener).startswith("http://[::1]:")


async def test_answers_are_sent_at_once() -> None:
    """A connection does not hold back small packets: its listener says so."""
    with listen("127.0.0.1", 0) as listener:
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        accepted, _ = listener.accept()
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        accepted.close()
        assert await reader.read() == b""
        writer.close()


async def test_it_ends_by_the_event_and_leaves_signals_alone() -> None:
    """What the caller does on Ctrl-C stays as it was; the port is free again."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    until = asyncio.Event()
    during: list[object] = []
    port = free_port()

    def ready(address: str) -> None:
        assert address == f"http://127.0.0.1:{port}"
        during.append((signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)))
        until.set()

    await serve(Litestar([]), "127.0.0.1", port, until, ready=ready)
    assert during == [before]
    listen("127.0.0.1", port).close()


async def test_a_request_under_way_is_answered_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end waits for it, for a little while."""
    monkeypatch.setattr(server, "GRACE_SECONDS", 60)
    until, entered, free = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @get("/")
    async def slow() -> str:
        entered.set()
        await free.wait()
        return "done"

    listener = listen("127.0.0.1", 0)
    serving = asyncio.create_task(serve_on(Litestar([slow]), listener, until))
    async with aiohttp.ClientSession() as session:
        asked = asyncio.create_task(text_of(session, address_of(listener)))
        await entered.wait()
        until.set()
        while listener.fileno() >= 0:  # it is closed as the end begins
            await asyncio.sleep(0.01)
        free.set()
        assert await asked == "done"
        await serving


async def test_a_request_that_never_ends_does_not_hold_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is cut after its time of grace."""
    monkeypatch.setattr(server, "GRACE_SECONDS", 0.1)
    until, entered = asyncio.Event(), asyncio.Event()

    @get("/")
    async def stuck() -> str:
        entered.set()
        await asyncio.Event().wait()
        return "never"

    listener = listen("127.0.0.1", 0)
    serving = asyncio.create_task(serve_on(Litestar([stuck]), listener, until))
    async with aiohttp.ClientSession() as session:
        asked = asyncio.create_task(text_of(session, address_of(listener)))
        await entered.wait()
        until.set()
        async with asyncio.timeout(60):
            await serving
        assert await asked == "Internal Server Error"
    assert "Traceback" not in capsys.readouterr().out


async def test_bytes_that_are_not_http(capsys: pytest.CaptureFixture[str]) -> None:
    """400, one line in our log, and the next client is served."""
    until = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    host, port = listener.getsockname()
    serving = asyncio.create_task(serve_on(Litestar([]), listener, until))
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"\x16\x03\x01 not http\r\n\r\n")
    answer = await reader.read()
    writer.close()
    until.set()
    await serving
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert "Invalid HTTP request received" in capsys.readouterr().out


async def text_of(session: aiohttp.ClientSession, address: str) -> str:
    async with session.get(address) as response:
        return await response.text()
