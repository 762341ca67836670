"""What is heard of a connection that is lost: its error, once, and nothing beside it."""

import asyncio
import gc

import asyncpg
import pytest

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
