"""What is heard of a connection that is lost: its error, once, and nothing beside it."""

import asyncio
import gc
import socket

import asyncpg
import pytest
from tests.cli.own_server import own_server
from tests.engines import reachable_directory

from perps_stats.database.link import Link


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (asyncpg.ConnectionDoesNotExistError("closed in the middle"), 0),
        (BrokenPipeError("at goodbye"), 0),
        (KeyError("ours"), 1),
    ],
)
async def test_what_the_driver_leaves_behind_is_no_news(
    link: Link, caplog: pytest.LogCaptureFixture, error: Exception, lines: int
) -> None:
    """A future of the driver that nobody waits for is not logged; one of ours is."""
    assert await link.fetch("select 1")
    asyncio.get_running_loop().create_future().set_exception(error)
    gc.collect()
    assert len(caplog.records) == lines


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="of Linux")
async def test_a_machine_that_vanishes_is_noticed() -> None:
    """The kernel asks after ten seconds of silence, and gives up after 25: of each connection."""
    with own_server(reachable_directory()) as server:
        link = Link(server.url("postgres"))
        await link.open()
        own = await link.connect()
        async with link.borrow() as connection:
            for each in (getattr(connection, "_con"), own):  # noqa: B009
                line = getattr(each, "_transport").get_extra_info("socket")  # noqa: B009
                assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
                assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10
                assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 25_000
        await own.close()
        await link.close()
