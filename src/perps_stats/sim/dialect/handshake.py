"""The handshake of a stream, when it goes wrong."""

import asyncio

from aiohttp import web

from perps_stats.sim.dialect.raw import reset
from perps_stats.sim.dialect.walls import refused_by_wall, waited
from perps_stats.sim.faults import Fault, Kind

STATUSES = {
    Kind.SLOW_DOWN: 429,
    Kind.BANNED: 418,
    Kind.FORBIDDEN: 403,
    Kind.UNAVAILABLE: 503,
    Kind.HTTP_500: 500,
}
BAD_GATEWAY = 502
"""What any other fault of REST makes of it."""


async def obstructed(
    fault: Fault, request: web.Request, closing: asyncio.Event
) -> web.Response | None:
    """What is answered instead; ``None`` where it goes on after all."""
    match fault.kind:
        case Kind.SLOW:
            await waited(fault.seconds, closing)
            return None
        case Kind.HANG:
            await closing.wait()
        case Kind.RESET:
            reset(request.transport)
        case _:
            return refused_by_wall(STATUSES.get(fault.kind, BAD_GATEWAY), fault.seconds)
    return refused_by_wall(STATUSES[Kind.UNAVAILABLE], 0.0)
