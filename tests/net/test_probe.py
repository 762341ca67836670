"""Whether a host can be reached: names, connections, certificates, on real sockets."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from perps_stats.core.errors import Unreachable
from perps_stats.net.probe import certificate_days, resolved

LOCAL = ["127.0.0.1"]


@asynccontextmanager
async def listening(context: ssl.SSLContext | None = None) -> AsyncGenerator[int]:
    """The port of a server that says nothing."""

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
        except OSError:  # the probe hangs up without a word
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(mute, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Certificate and key of localhost, good for ten days, signed by itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not there to make a certificate")
    made = tmp_path / "localhost.pem"
    request = "req -x509 -newkey rsa:2048 -nodes -days 10 -subj /CN=localhost"
    more = ("-addext", "subjectAltName=DNS:localhost", "-keyout", made, "-out", tmp_path / "only")
    subprocess.run([openssl, *request.split(), *more], check=True, capture_output=True, timeout=60)
    made.write_text(made.read_text() + (tmp_path / "only").read_text())
    return made


def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


async def test_a_name_is_resolved() -> None:
    """An address is its own; what nobody knows is said in one line."""
    assert await resolved("127.0.0.1", 80) == LOCAL
    assert "127.0.0.1" in await resolved("localhost", 80)
    with pytest.raises(Unreachable, match=r"nowhere\.invalid is not resolved"):
        await resolved("nowhere.invalid", 80)
    with pytest.raises(Unreachable, match="is not resolved"):
        await resolved("a" * 64 + ".com", 80)


async def test_who_waits_no_longer_is_not_held_up() -> None:
    """A resolver that answers too late answers nobody, and is no error."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await resolved("localhost", 80)
    assert await resolved("127.0.0.1", 80) == LOCAL


async def test_a_connection_without_a_certificate() -> None:
    """Nothing is encrypted, so nothing ends."""
    async with listening() as port:
        assert await certificate_days(LOCAL, "localhost", port, encrypted=False) is None


async def test_a_closed_port_is_unreachable() -> None:
    """The reason is told once, of however many addresses."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        port = mute.getsockname()[1]
        with pytest.raises(Unreachable, match=f"localhost:{port} takes no connection") as raised:
            await certificate_days(LOCAL * 2, "localhost", port, encrypted=False)
    assert str(raised.value).count("127.0.0.1") == 1


async def test_the_next_address_is_tried() -> None:
    """Where the first does not answer."""
    async with listening() as port:
        addresses = ["127.0.0.2", *LOCAL]
        assert await certificate_days(addresses, "localhost", port, encrypted=False) is None


async def test_days_of_a_certificate(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was made for ten days a moment ago."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with listening(serving(certificate)) as port:
        days = await certificate_days(LOCAL, "localhost", port, encrypted=True)
    assert days is not None
    assert 9.99 < days <= 10


async def test_a_certificate_that_nobody_vouches_for(certificate: Path) -> None:
    """Nor is one trusted that names another host."""
    async with listening(serving(certificate)) as port:
        with pytest.raises(Unreachable, match="certificate verify failed"):
            await certificate_days(LOCAL, "localhost", port, encrypted=True)
