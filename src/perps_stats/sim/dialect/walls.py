"""What stands before an exchange: a wall that refuses in words of its own, and a slow road."""

import asyncio
from contextlib import suppress

from aiohttp import web

PAGE = "text/html"


def refused_by_wall(status: int, seconds: float) -> web.Response:
    """A web page, with Retry-After where there are seconds."""
    headers = {"Retry-After": str(-int(-seconds // 1))} if seconds else {}
    page = f"<html><head><title>{status}</title></head><body></body></html>"
    return web.Response(status=status, text=page, content_type=PAGE, headers=headers)


async def waited(seconds: float, closing: asyncio.Event) -> None:
    """So long, but not longer than the venue is open."""
    with suppress(TimeoutError):
        await asyncio.wait_for(closing.wait(), seconds)
