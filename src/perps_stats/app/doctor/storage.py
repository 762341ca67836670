"""The database: there, of a known kind, up to date, writable, with room."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from perps_stats.app.doctor.findings import Finding, Place, Status, sized
from perps_stats.core.errors import PerpsError
from perps_stats.database.cluster import Cluster
from perps_stats.database.health import server, write_ms
from perps_stats.database.link import Link
from perps_stats.database.migrate import pending
from perps_stats.database.repository import open_link
from perps_stats.database.stats import stats
from perps_stats.settings import DatabaseSettings

CHECKS = ("database", "engine", "schema", "writing", "disk")
"""In this order."""
AWAY = "start it, or name another: DATABASE_URL, or --database-dir"
SLOW_MS = 250.0
"""As long as a batch of rows waits at most before it is written."""
SCARCE_DAYS, FEW_DAYS = 30.0, 3.0


async def look_at_database(settings: DatabaseSettings, seconds: float) -> list[Finding]:
    found: list[Finding] = []
    try:
        async with asyncio.timeout(seconds):
            async for one in _looks(settings):
                found.append(one)  # noqa: PERF401 what was found before a failure counts
    except TimeoutError:
        found.append(_failed(len(found), f"no answer within {seconds:g} s"))
    except PerpsError as error:
        found.append(_failed(len(found), str(error)))
    return found


def _failed(checked: int, reason: str) -> Finding:
    """Of the check after those that were good; what the database itself says has its remedy."""
    return _finding(CHECKS[checked], Status.FAILED, reason, None if checked else AWAY)


async def _looks(settings: DatabaseSettings) -> AsyncIterator[Finding]:
    if settings.url is None and Cluster(settings.dir).version() is None:
        reason = f"there is none in {settings.dir} yet"
        yield _finding("database", Status.NOT_CHECKED, reason, "`perps-stats db init` makes one")
        return
    began = time.monotonic()
    async with open_link(settings.url, settings.dir) as link:
        took = (time.monotonic() - began) * 1000
        yield _finding("database", Status.OK, f"{link.target} answers in {took:.0f} ms")
        about = await server(link)
        yield _finding("engine", Status.OK, about.text)
        if todo := await pending(link):
            names = ", ".join(one.name for one in todo)
            yield _finding(
                "schema", Status.WARNING, f"it lacks {names}", "`perps-stats db migrate`"
            )
            return
        yield _finding("schema", Status.OK, "up to date")
        yield await _writing(link)
        yield await _room(link)


async def _writing(link: Link) -> Finding:
    took = await write_ms(link)
    status = Status.WARNING if took > SLOW_MS else Status.OK
    remedy = "its disk is slow or busy: rows will wait in memory and in the spool"
    return _finding("writing", status, f"a commit takes {took:.1f} ms", remedy)


async def _room(link: Link) -> Finding:
    held = await stats(link, now=datetime.now(UTC))
    grown = f"{sized(held.bytes)}, {sized(held.bytes_per_day)} more each day"
    if held.free_bytes is None:
        reason = f"{grown}; the disk of its server cannot be seen from here"
        return _finding("disk", Status.NOT_CHECKED, reason)
    free, days = f"{sized(held.free_bytes)} are free", held.days_until_full
    if days is None:
        return _finding("disk", Status.OK, f"{grown}; {free}; how fast it grows is not known yet")
    status = (
        Status.FAILED if days < FEW_DAYS else Status.WARNING if days < SCARCE_DAYS else Status.OK
    )
    remedy = "make room, or set how long rows are kept: `perps-stats db stats`, retention.*"
    return _finding("disk", status, f"{grown}; {free}: enough for {days:,.1f} days", remedy)


def _finding(check: str, status: Status, found: str, remedy: str | None = None) -> Finding:
    return Finding(
        place=Place.DATABASE,
        subject="database",
        check=check,
        status=status,
        found=found,
        remedy=None if status is Status.OK else remedy,
    )
