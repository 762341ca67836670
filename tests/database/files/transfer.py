"""Rows to a file and back, without a word to a user."""

from pathlib import Path

from perps_stats.core.catalogue import DataSet
from perps_stats.database.files.about import About
from perps_stats.database.files.export import Wanted, export
from perps_stats.database.files.forms import EXPORTED, IMPORTED, form_of
from perps_stats.database.files.importing import Imported, import_file
from perps_stats.database.repository import PostgresRepository


async def exported(repository: PostgresRepository, wanted: Wanted, path: Path) -> About:
    form = form_of(path, EXPORTED, "output")
    return await export(repository.link, wanted, path, form, version="1", tell=lambda *_: None)


async def imported(repository: PostgresRepository, path: Path) -> Imported:
    return await import_file(
        repository, path, form_of(path, IMPORTED, "file"), tell=lambda *_: None
    )


async def texts(repository: PostgresRepository, data_set: DataSet) -> list[str]:
    """The rows of a table as the server tells them, but for the market's number."""
    columns = ", ".join(f'r."{column}"' for column in data_set.columns[1:])
    rows = await repository.link.fetch(
        f"select row(m.exchange, m.native, {columns})::text from {data_set.table} r "  # noqa: S608
        "join markets m using (market_id) order by 1"
    )
    return [row[0] for row in rows]


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())
