"""The program's answers, made of Decimals: ``python rest_decimals.py DIRECTORY PORT``."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from perps_stats.api import State, create_app, serve
from perps_stats.api.records import encoded_lines
from perps_stats.cli.service import run_fast
from perps_stats.core.catalogue import DataSet
from perps_stats.core.stored import ALL_GAPS, GapFilter, Query, Shown
from perps_stats.database.pages import page
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.exchanges import EXCHANGES


class Decimals(PostgresRepository):
    async def get_lines(
        self,
        data_set: DataSet,
        query: Query,
        shown: Shown,
        which: GapFilter = ALL_GAPS,  # noqa: ARG002 gaps are not asked for
    ) -> bytes:
        records = await page(self.link, data_set, query)
        return encoded_lines(records, {"aster": True}, as_numbers=shown.as_numbers)


class Process:
    def state(self) -> State:
        return State()

    def metrics(self, *, database: bool) -> bytes:
        return f"database_up {database:d}\n".encode()


async def main(directory: Path, port: int) -> None:
    async with open_repository(None, directory) as repository:
        slow = Decimals(repository.link)
        app = create_app(
            slow, exchanges=EXCHANGES, now=lambda: datetime.now(UTC), process=Process()
        )
        await serve(app, "127.0.0.1", port, asyncio.Event())


if __name__ == "__main__":
    run_fast(main(Path(sys.argv[1]), int(sys.argv[2])))
