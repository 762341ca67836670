"""A server that says it is an older PostgreSQL, and nothing else."""

import asyncio
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

SSL_REQUEST = 80877103
"""https://www.postgresql.org/docs/current/protocol-message-formats.html"""


@asynccontextmanager
async def old_server(version: str) -> AsyncGenerator[str]:
    """Its url. Anybody may log in, and every statement is done."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while await _startup(reader) == SSL_REQUEST:
                writer.write(b"N")
            writer.write(_message(b"R", struct.pack("!I", 0)))
            writer.write(_message(b"S", f"server_version\0{version}\0".encode()))
            writer.write(_message(b"Z", b"I"))
            while await reader.readexactly(1) != b"X":
                (length,) = struct.unpack("!I", await reader.readexactly(4))
                await reader.readexactly(length - 4)
                writer.write(_message(b"C", b"SELECT 0\0") + _message(b"Z", b"I"))
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port: int = listener.sockets[0].getsockname()[1]
    async with listener:
        yield f"postgresql://me@127.0.0.1:{port}/perps"


async def _startup(reader: asyncio.StreamReader) -> int:
    """The code of a message without a kind: a version of the protocol, or a request."""
    length, code = struct.unpack("!II", await reader.readexactly(8))
    await reader.readexactly(length - 8)
    return int(code)


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body
