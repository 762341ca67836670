"""``db import``: rows of files that ``db export`` wrote, into the database."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import structs

from perps_stats.cli.asking import PARTIAL
from perps_stats.cli.options import (
    CONTEXT,
    database_options,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output, Printed, Record, Screen, show

if TYPE_CHECKING:
    from perps_stats.database.files.importing import Imported
    from perps_stats.settings import Settings

FIELDS = ("file", "data_set", "rows", "new", "known", "contradicting", "missing")


@click.command("import", context_settings=CONTEXT)
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@database_options
@output_options
def import_files(
    *,
    files: tuple[str, ...],
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Store the rows of FILEs that `db export` wrote, and the markets they tell of.

    Twice is the same as once. A row that says otherwise than the stored one is kept apart and
    counted. What a file does not hold is not taken for complete: a backfill asks for it.
    """
    from perps_stats.database.files.forms import IMPORTED, form_of  # noqa: PLC0415 --help is fast

    where = Output(as_json, as_csv, output)
    paths = [Path(file) for file in files]
    forms = [form_of(path, IMPORTED, "file") for path in paths]
    settings = settings_with_database({}, database_url, database_dir)
    done: list[Record] = []
    try:
        asyncio.run(_import(settings, list(zip(paths, forms, strict=True)), done))
    finally:
        if done:
            show(Printed(records=done, fields=FIELDS, screen=Screen(FIELDS)), where)
    return PARTIAL if any(record["missing"] for record in done) else 0


async def _import(
    settings: "Settings", files: Sequence[tuple[Path, str]], done: list[Record]
) -> None:
    """One after the other; ``done`` tells of each that went through."""
    from perps_stats.app.logs import configure_logs  # noqa: PLC0415
    from perps_stats.app.storage import open_storage  # noqa: PLC0415
    from perps_stats.cli.row_progress import rows_shown  # noqa: PLC0415
    from perps_stats.database.files.importing import import_file  # noqa: PLC0415

    configure_logs(settings.log)
    async with open_storage(settings) as repository:
        for path, form in files:
            with rows_shown(path.name) as tell:
                imported = await import_file(repository, path, form, tell=tell)
            done.append(_record(path, imported))
            if imported.missing:
                sys.stderr.write(
                    f"perps-stats: {path}: {imported.about.rows:,} rows were written to it, "
                    f"{imported.rows:,} are in it\n"
                )


def _record(path: Path, imported: "Imported") -> Record:
    return {
        "file": str(path),
        "data_set": imported.about.data_set,
        "rows": imported.rows,
        **structs.asdict(imported.written),
        "missing": imported.missing,
    }
