"""``repair``: what was missed is fetched again, as far as the exchanges still have it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import click
from msgspec import structs

from perps_stats.app.clients import choose, open_exchanges
from perps_stats.app.logs import configure_logs
from perps_stats.app.repair import repair_listed
from perps_stats.app.storage import open_storage
from perps_stats.cli.asking import PARTIAL
from perps_stats.cli.options import (
    CONTEXT,
    database_options,
    names_of,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output, Printed, Record, Screen, plain, show
from perps_stats.core.stored import ClosedGap
from perps_stats.core.times import parse_time
from perps_stats.database.repository import PostgresRepository
from perps_stats.ingest.repair.verdict import UNREPAIRED, End, Verdict
from perps_stats.settings import Settings

FIELDS = (
    *("exchange", "symbol", "stream", "start_time", "end_time", "cause", "missed"),
    *("repaired", "rows_recovered", "note"),
)
EARLY = f"{UNREPAIRED}the exchange's history of it is not final yet; ask again in an hour"


@click.command(context_settings=CONTEXT)
@click.option("--exchanges", "--exchange", "-e", metavar="NAMES", help="Exchanges, by commas.")
@click.option(
    "--from",
    "start",
    metavar="TIME",
    default="-24h",
    show_default=True,
    help="Gaps that ended since: 2026-01-31, an epoch, -24h.",
)
@database_options
@output_options
def command(
    *,
    exchanges: str | None,
    start: str,
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Fetch again what streams missed: trades, candles, open interest, settled funding.

    Each closed gap that nobody is done with is tried once, and says what became of it. What a
    stream told of books, tickers and estimates cannot be had again. `stream` and `run` do the same
    by themselves. Exits with 6 where something could not be repaired.
    """
    where = Output(as_json, as_csv, output)
    settings = settings_with_database({}, database_url, database_dir)
    since = parse_time(start, now=datetime.now(UTC), field="from")
    wanted = None if exchanges is None else names_of(exchanges, "exchanges")
    choose(wanted)
    configure_logs(settings.log)
    done, simulated = asyncio.run(_repair(settings, wanted, since))
    show(_printed(done, simulated), where)
    return PARTIAL if any(verdict.end is not End.REPAIRED for _, verdict in done) else 0


async def _repair(
    settings: Settings, wanted: Sequence[str] | None, since: datetime
) -> tuple[list[tuple[ClosedGap, Verdict]], list[str]]:
    """What became of each gap, and which exchanges are simulated."""
    async with open_storage(settings) as repository:
        stored = await repository.get_exchanges()
        names = [one.name for one in stored if wanted is None or one.name in wanted]
        done = await _repair_each(settings, repository, names, since)
    shown = {closed.gap.exchange for closed, _ in done}
    return done, [one.name for one in stored if one.simulated and one.name in shown]


async def _repair_each(
    settings: Settings, repository: PostgresRepository, names: Sequence[str], since: datetime
) -> list[tuple[ClosedGap, Verdict]]:
    async with open_exchanges(settings, names) as asked:
        repairs = (repair_listed(each, repository, since) for each in asked.values())
        return [each for found in await asyncio.gather(*repairs) for each in found]


def _printed(done: Sequence[tuple[ClosedGap, Verdict]], simulated: list[str]) -> Printed:
    count = sum(verdict.end is End.REPAIRED for _, verdict in done)
    return Printed(
        records=[_record(closed, verdict) for closed, verdict in done],
        fields=FIELDS,
        screen=Screen(FIELDS, usual={"note": ""}),
        notes=[f"{count} of {len(done)} gaps repaired"],
        simulated=simulated,
    )


def _record(closed: ClosedGap, verdict: Verdict) -> Record:
    told = plain(structs.replace(closed.gap, rows_recovered=verdict.rows))
    note = EARLY if verdict.end is End.EARLY else verdict.note
    told |= {"repaired": verdict.end is End.REPAIRED, "note": note}
    return {name: told[name] for name in FIELDS}
