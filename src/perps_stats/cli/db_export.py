"""``db export``: rows of a data set as a file."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from perps_stats.cli import VERSION
from perps_stats.cli.options import (
    CONTEXT,
    SYMBOL_FORMS,
    database_options,
    names_of,
    settings_with_database,
)
from perps_stats.core.catalogue import DATA_SETS, KLINES, data_set
from perps_stats.core.errors import BadInput
from perps_stats.core.intervals import interval_length
from perps_stats.core.times import parse_time

if TYPE_CHECKING:
    from perps_stats.database.files.about import About
    from perps_stats.database.files.export import Wanted
    from perps_stats.database.repository import PostgresRepository
    from perps_stats.settings import Settings


@click.command("export", context_settings=CONTEXT)
@click.option("--data", required=True, metavar="NAME", help=f"One of {', '.join(DATA_SETS)}.")
@click.option(
    "--exchanges",
    "--exchange",
    "-e",
    metavar="NAMES",
    help="Exchanges, separated by commas.  [default: all]",
)
@click.option(
    "--symbols",
    "--symbol",
    "-s",
    metavar="NAMES",
    help=f"Symbols, separated by commas: {SYMBOL_FORMS}.  [default: all]",
)
@click.option(
    "--intervals",
    "--interval",
    metavar="NAMES",
    help="Of klines: 1m,1h.  [default: all]",
)
@click.option("--from", "start", metavar="TIME", help="First time.  [default: the first there is]")
@click.option("--to", "end", metavar="TIME", help="End, exclusive.  [default: the last there is]")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="Its name ends in .parquet, .csv, .csv.gz or .xlsx.",
)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@database_options
def export_rows(
    *,
    data: str,
    exchanges: str | None,
    symbols: str | None,
    intervals: str | None,
    start: str | None,
    end: str | None,
    output: str,
    force: bool,
    database_url: str | None,
    database_dir: str | None,
) -> int:
    """Write rows of a data set to FILE: every digit, null apart from an empty text.

    Parquet, csv and csv.gz can be imported again; csv has a second file beside it that says where
    its rows come from. A workbook (.xlsx) is for reading.
    """
    from perps_stats.database.files.export import Wanted  # noqa: PLC0415 --help is fast
    from perps_stats.database.files.forms import EXPORTED, form_of  # noqa: PLC0415
    from perps_stats.database.files.place import require_free  # noqa: PLC0415

    path = Path(output)
    form = form_of(path, EXPORTED, "output")
    if not force:
        require_free(path)
    now = datetime.now(UTC)
    wanted = Wanted(
        data_set=data_set(data),
        intervals=_intervals(data, intervals),
        start=None if start is None else parse_time(start, now=now, field="from"),
        end=None if end is None else parse_time(end, now=now, field="to"),
    )
    if wanted.start is not None and wanted.end is not None and wanted.start >= wanted.end:
        raise BadInput("from", start, "begin before the end: --from 2024-01-01 --to 2024-02-01")
    names = (_named(exchanges, "exchanges"), _named(symbols, "symbols"))
    settings = settings_with_database({}, database_url, database_dir)
    _tell(asyncio.run(_export(settings, wanted, names, path, form)), path)
    return 0


def _named(text: str | None, field: str) -> list[str]:
    """Empty: all."""
    return [] if text is None else names_of(text, field)


def _intervals(data: str, text: str | None) -> list[str] | None:
    if text is None:
        return None
    if data != KLINES.name:
        raise BadInput("intervals", text, f"only {KLINES.name} have them")
    names = names_of(text, "intervals")
    for name in names:
        interval_length(name)
    return names


async def _export(
    settings: "Settings",
    wanted: "Wanted",
    names: tuple[list[str], list[str]],
    path: Path,
    form: str,
) -> "About":
    """``names`` are those of exchanges and symbols that were asked for."""
    from msgspec.structs import replace  # noqa: PLC0415

    from perps_stats.app.logs import configure_logs  # noqa: PLC0415
    from perps_stats.app.storage import open_storage  # noqa: PLC0415
    from perps_stats.cli.row_progress import rows_shown  # noqa: PLC0415
    from perps_stats.database.files.export import export  # noqa: PLC0415

    configure_logs(settings.log)
    async with open_storage(settings) as repository:
        wanted = replace(wanted, markets=await _chosen(repository, *names))
        with rows_shown(path.name) as tell:
            return await export(repository.link, wanted, path, form, version=VERSION, tell=tell)


def _tell(about: "About", path: Path) -> None:
    simulated = [name for name, is_simulated in about.simulated.items() if is_simulated]
    if simulated:
        sys.stderr.write(f"perps-stats: simulated data: {', '.join(simulated)}\n")
    counts = f"{about.rows:,} rows of {len(about.markets):,} markets"
    sys.stderr.write(f"perps-stats: {path}: {counts}, {path.stat().st_size:,} bytes\n")


async def _chosen(
    repository: "PostgresRepository", exchanges: list[str], symbols: list[str]
) -> tuple[tuple[str, str], ...] | None:
    """Among the markets that are stored. Raises ``BadInput``."""
    from perps_stats.api.names import Names  # noqa: PLC0415

    stored = await repository.get_exchanges()
    return Names((), stored, await repository.get_markets()).choose(exchanges, symbols)
