"""The spool that the settings name."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing

import structlog

from perps_stats.core.errors import ConfigError
from perps_stats.ingest.outside import wall_us
from perps_stats.ingest.spool.disk import Directory
from perps_stats.ingest.spool.spool import SEGMENT_BYTES, Spool
from perps_stats.settings import Settings

log = structlog.get_logger()
FOLDER = "spool"
SEGMENTS = 8
"""At least: what is dropped at once is no greater part."""


@asynccontextmanager
async def open_spool(settings: Settings) -> AsyncGenerator[Spool]:
    """With what an earlier process left there. Raises ``ConfigError``."""
    stream = settings.stream
    path = stream.spool_dir or settings.database.dir / FOLDER
    loop = asyncio.get_running_loop()
    with closing(await loop.run_in_executor(None, Directory, path)) as directory:
        spool = Spool(
            directory,
            wall_us,
            max_bytes=stream.spool_max_bytes,
            drops_oldest=stream.spool_when_full == "drop_oldest",
            segment_bytes=min(SEGMENT_BYTES, stream.spool_max_bytes // SEGMENTS),
        )
        try:
            left = await loop.run_in_executor(None, spool.recover)
        except OSError as error:
            raise ConfigError(f"stream.spool_dir: {path}: {error.strerror or error}") from error
        if left.records:
            log.warning("an earlier collector left a spool", records=left.records)
        if left.damaged or left.torn_bytes:
            log.error("spool damaged", places=left.damaged, torn_bytes=left.torn_bytes)
        yield spool
