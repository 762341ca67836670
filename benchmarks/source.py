"""A loopback WebSocket source: the tape's session, spread over many symbols, as finished bytes.

Each symbol plays the first frames of the tape under a name of its own, all by turns: its book
begins with the tape's snapshot. ``/fast…`` sends as fast as is read, ``/paced…?rate=…&at=SECONDS``
each frame at its own time of the machine's steady clock. Prints its port, and ends with its input.
"""

import asyncio
import base64
import hashlib
import sys
import time
from urllib.parse import parse_qs, urlsplit

from tape import read_tape

SYMBOLS, EACH = 200, 450
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CHUNK = 1 << 16
SHORT, LONG = 126, 127
TICK_SECONDS = 0.001


def native(number: int) -> str:
    return f"C{number:03}USDT"


def frames_of_many() -> list[bytes]:
    """By turns: the first of each symbol, the second of each, and so on."""
    _, frames = read_tape()
    names = [native(number).encode() for number in range(SYMBOLS)]
    return [
        frame.replace(b"BTCUSDT", name).replace(b"btcusdt", name.lower())
        for frame in frames[:EACH]
        for name in names
    ]


def framed(payload: bytes) -> bytes:
    """As the one text frame of a server."""
    size = len(payload)
    if size < SHORT:
        return bytes([0x81, size]) + payload
    if size < 1 << 16:
        return bytes([0x81, SHORT]) + size.to_bytes(2, "big") + payload
    return bytes([0x81, LONG]) + size.to_bytes(8, "big") + payload


class Source:
    def __init__(self) -> None:
        self._frames = [framed(frame) for frame in frames_of_many()]
        self._all = b"".join(self._frames)
        self.count = len(self._frames)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        path = asked[0].split()[1].decode()
        [key] = [line[19:] for line in asked if line.lower().startswith(b"sec-websocket-key: ")]
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())  # noqa: S324 the protocol's
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        try:
            await (self._paced(path, writer) if path.startswith("/paced") else self._fast(writer))
            await reader.read()  # until the client has seen all and leaves
        except (ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    async def _fast(self, writer: asyncio.StreamWriter) -> None:
        for first in range(0, len(self._all), CHUNK):
            writer.write(self._all[first : first + CHUNK])
            await writer.drain()

    async def _paced(self, path: str, writer: asyncio.StreamWriter) -> None:
        asked = parse_qs(urlsplit(path).query)
        rate, at = float(asked["rate"][0]), float(asked["at"][0])
        sent = 0
        while sent < self.count:
            due = min(max(int((time.monotonic() - at) * rate), 0), self.count)
            writer.write(b"".join(self._frames[sent:due]))
            sent = max(sent, due)
            await asyncio.sleep(TICK_SECONDS)


async def main() -> None:
    source = Source()
    server = await asyncio.start_server(source.serve, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await ended
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
