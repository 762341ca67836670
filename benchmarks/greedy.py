"""Somebody who asks ten times as often as its quota allows: ``greedy.py PORT KEY``.

Prints a line when its bucket is empty. Then, for each line on stdin, asks for so many seconds, and
prints how many answers were refused and how many there were.
"""

import asyncio
import sys

SOCKETS = 100
A_SECOND = 200
EMPTIED = 1500
"""Requests after which a bucket of 1200, and what flows in meanwhile, is empty."""
CHEAP = "/api/v1/klines?limit=0"


class Line:
    """One connection, one request at a time."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self.refused = self.answered = 0

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def ask(self, path: str = "/api/v1/klines?limit=100") -> None:
        said = f"GET {path} HTTP/1.1\r\nHost: a\r\nX-API-Key: {self._key}\r\n\r\n"
        self._writer.write(said.encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
        await self._reader.readexactly(int(length))
        self.answered += 1
        self.refused += head.startswith(b"HTTP/1.1 429 ")

    async def ask_often(self, seconds: float) -> None:
        """On time, or as soon as it can."""
        await self.open()
        loop = asyncio.get_running_loop()
        due, end = loop.time(), loop.time() + seconds
        while due < end:
            await asyncio.sleep(due - loop.time())
            await self.ask()
            due = max(due + SOCKETS / A_SECOND, loop.time())
        self._writer.close()


async def main(port: int, key: str) -> None:
    lines = [Line(port, key) for _ in range(SOCKETS)]
    await asyncio.gather(*(line.open() for line in lines))
    while sum(line.answered for line in lines) < EMPTIED:
        await asyncio.gather(*(line.ask(CHEAP) for line in lines))
    print("ready", flush=True)
    while text := await asyncio.to_thread(sys.stdin.readline):
        for line in lines:
            line.refused = line.answered = 0
        await asyncio.gather(*(line.ask_often(float(text)) for line in lines))
        refused, answered = (
            sum(getattr(line, name) for line in lines) for name in ("refused", "answered")
        )
        print(refused, answered, flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
