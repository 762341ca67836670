"""``websockets.broadcast`` to a hundred clients: see ``told.py``. Its one mode is ``burst``."""

import asyncio
import sys

import uvloop
from told import AT_ONCE, CLIENTS, DELIVERED, FRAME, HEAD, cost, heard, hearers
from websockets.asyncio.server import ServerConnection, broadcast, serve


async def bursts() -> tuple[float, str]:
    connections: set[ServerConnection] = set()

    async def keep(connection: ServerConnection) -> None:
        connections.add(connection)
        await connection.wait_closed()

    async with serve(keep, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        process = await hearers(port, "/", b"")
        while len(connections) < CLIENTS:  # noqa: ASYNC110 nobody tells
            await asyncio.sleep(0.01)
        texts = [f"{number:0{FRAME - HEAD}}" for number in range(AT_ONCE)]

        async def burst(_number: int) -> None:
            for text in texts:
                broadcast(connections, text)

        seconds = await cost(burst)
        total, *_ = await heard(process)
        assert total == DELIVERED * FRAME
    return seconds, f"{DELIVERED}"


def main() -> None:
    print("ready", DELIVERED, flush=True)
    for _ in sys.stdin:
        print(*uvloop.run(bursts()), flush=True)


if __name__ == "__main__":
    main()
