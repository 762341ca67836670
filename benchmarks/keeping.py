"""A writer with a session and a spool, as the service has it."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path

from perps_stats.core.stored import Mark
from perps_stats.database.repository import PostgresRepository
from perps_stats.ingest.outside import Outside, wall_us
from perps_stats.ingest.spool.disk import Directory
from perps_stats.ingest.spool.spool import Spool
from perps_stats.ingest.writer import Writer

SPOOL_BYTES = 1 << 30


@asynccontextmanager
async def a_writer(repository: PostgresRepository, directory: Path) -> AsyncGenerator[Writer]:
    """That nobody has started."""
    with closing(Directory(directory)) as disk:
        spool = Spool(disk, wall_us, max_bytes=SPOOL_BYTES)
        spool.recover()
        writer = Writer(repository, no_marks, spool, Outside())
        session = await repository.begin_session()
        writer.begin(await repository.get_session(session))
        yield writer


def no_marks() -> Iterable[Mark]:
    return ()
