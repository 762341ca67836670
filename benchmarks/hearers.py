"""Clients of a WebSocket server, in a process of their own: they read, and that is all.

``hearers.py PORT PATH COUNT DEAF``: so many, of whom some never read. What each asks for, in hex on
the first line of stdin, is sent once. Then ``ready`` is printed; at the end of stdin how many bytes
came, and, of those that bore a time of the monotonic clock, how long they were under way: half
within, 99 % within, the worst (seconds).
"""

import re
import selectors
import socket
import sys
import time

HANDSHAKE = (
    b"GET %b HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TIME = re.compile(rb'"id":"(\d{10,})"')
QUIET_SECONDS = 0.3


def connect(port: int, path: bytes, ask: bytes, *, deaf: bool) -> socket.socket:
    opened = socket.socket()
    if deaf:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.connect(("127.0.0.1", port))
    opened.sendall(HANDSHAKE % path)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += opened.recv(1)
    assert head.startswith(b"HTTP/1.1 101"), head
    if ask:
        size = len(ask).to_bytes(2, "big")
        opened.sendall(bytes((0x81, 0xFE)) + size + bytes(4) + ask)
    return opened


def hear(opened: list[socket.socket], delays: list[float]) -> int:
    """How many bytes came, until stdin ended and nothing came any more."""
    total, buffer = 0, bytearray(1 << 18)
    with selectors.DefaultSelector() as waiting:
        for each in opened:
            waiting.register(each, selectors.EVENT_READ)
        waiting.register(sys.stdin, selectors.EVENT_READ)
        is_ended = False
        while True:
            found = waiting.select(QUIET_SECONDS)
            if is_ended and not found:
                return total
            for key, _ in found:
                if key.fileobj is sys.stdin:
                    is_ended = True
                    waiting.unregister(sys.stdin)
                    continue
                size = key.fileobj.recv_into(buffer)  # type: ignore[union-attr]
                total += size
                if not size:
                    waiting.unregister(key.fileobj)
                elif told := TIME.search(buffer, 0, size):
                    delays.append(time.monotonic() - int(told[1]) / 1e9)


def main() -> None:
    port, path, count, deaf = sys.argv[1:]
    ask = bytes.fromhex(sys.stdin.readline())
    number, silent = int(count), int(deaf)
    opened = [connect(int(port), path.encode(), ask, deaf=at < silent) for at in range(number)]
    print("ready", flush=True)
    delays: list[float] = []
    total = hear(opened[silent:], delays)
    delays.sort()
    late = [delays[int(len(delays) * part)] for part in (0.5, 0.99)] if delays else [0.0, 0.0]
    print(total, *late, max(delays, default=0.0), flush=True)


if __name__ == "__main__":
    main()
