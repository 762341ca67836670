"""What no server's library writes: resets, and frames that are not what they should be."""

import asyncio
import socket
import struct
from contextlib import suppress

from aiohttp import WSMsgType

from perps_stats.sim.faults import HUGE_BYTES

AT_ONCE = struct.pack("ii", 1, 0)
"""What ``SO_LINGER`` takes: nothing is waited for, and the other side is told of a reset."""
CHUNK = b" " * 1_048_576
FULL_SECONDS = 0.01
"""After which a full connection is looked at again."""
FINAL, SHORT, LONG = 0x80, 126, 127
LONGEST_SHORT = 0xFFFF


def reset(transport: asyncio.Transport | None) -> None:
    """The other side gets neither what is under way nor an orderly end."""
    if transport is not None:
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        transport.abort()


def frame_head(opcode: WSMsgType, size: int) -> bytes:
    """Of a whole message of a server: RFC 6455, 5.2."""
    first = FINAL | int(opcode)
    if size < SHORT:
        return bytes((first, size))
    if size <= LONGEST_SHORT:
        return bytes((first, SHORT)) + size.to_bytes(2, "big")
    return bytes((first, LONG)) + size.to_bytes(8, "big")


def write_half(transport: asyncio.Transport | None, opcode: WSMsgType, frame: bytes) -> None:
    """A frame that breaks off in the middle, with the end of the connection."""
    if transport is not None:
        transport.write(frame_head(opcode, len(frame)) + frame[: len(frame) // 2])
        transport.close()


async def write_huge(transport: asyncio.Transport | None, opcode: WSMsgType, frame: bytes) -> None:
    """The frame after 100 MB of spaces, as far as the other side takes it."""
    if transport is None:
        return
    with suppress(ConnectionError):
        transport.write(frame_head(opcode, HUGE_BYTES + len(frame)))
        left = HUGE_BYTES
        while left and not transport.is_closing():
            if transport.get_write_buffer_size() > len(CHUNK):
                await asyncio.sleep(FULL_SECONDS)
                continue
            part = CHUNK[:left]
            transport.write(part)
            left -= len(part)
        if not transport.is_closing():
            transport.write(frame)
