"""What both servers of the fan-out share: how much is sent, who hears it, what it cost."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path

CLIENTS = 100
AT_ONCE = 50
"""Messages of a burst: to each client one of each topic."""
BURSTS = 100
FRAME, HEAD = 278, 4
"""Bytes of one, and of its head."""
DELIVERED = CLIENTS * AT_ONCE * BURSTS
PAUSE_SECONDS = 0.01
"""Between two bursts: the clients, who share the cores, read meanwhile."""


async def hearers(port: int, path: str, ask: bytes, count: int = CLIENTS, deaf: int = 0) -> Process:
    """Once all are connected."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(__file__).with_name("hearers.py"))),
        *(str(port), path, str(count), str(deaf)),
        stdin=PIPE,
        stdout=PIPE,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(ask.hex().encode() + b"\n")
    assert await process.stdout.readline() == b"ready\n"
    return process


async def heard(process: Process) -> list[float]:
    """Bytes, and delays."""
    assert process.stdin
    assert process.stdout
    process.stdin.close()
    told = await process.stdout.readline()
    await process.wait()
    return [float(part) for part in told.split()]


async def cost(burst: Callable[[int], Awaitable[None]]) -> float:
    """Seconds of CPU of this process."""
    began = time.process_time()
    for number in range(BURSTS):
        await burst(number)
        await asyncio.sleep(PAUSE_SECONDS)
    return time.process_time() - began
