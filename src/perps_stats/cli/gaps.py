"""``gaps``: the ledger of what we cannot vouch for."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import click
from msgspec import structs

from perps_stats.app.logs import configure_logs
from perps_stats.app.storage import open_storage
from perps_stats.cli.options import (
    CONTEXT,
    WATCH_OPTION,
    database_options,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output, Printed, Record, Screen, plain, show
from perps_stats.cli.stored import Chosen, choosing_options, names_among, simulated_of
from perps_stats.core.catalogue import units_of
from perps_stats.core.errors import BadInput
from perps_stats.core.ledger import GapSum
from perps_stats.core.stored import GapFilter
from perps_stats.core.types import Gap, GapCause
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges.events import Channel

GAPS_FOUND = 7
NAMED = ("exchange", "symbol", "stream", "start_time", "end_time", "seconds", "cause")
FIELDS = (*NAMED, *(name for name in Gap.__struct_fields__ if name not in NAMED))
COLUMNS = (*NAMED, "missed", "rows_recovered", "repaired_at", "detail")
UNTOLD: dict[str, str] = dict.fromkeys(COLUMNS[len(NAMED) :], "")
"""Columns that are left out where no gap has them."""
SUMMED = GapSum.__struct_fields__
UNITS = {"seconds": "seconds"}


@click.command(context_settings=CONTEXT)
@click.option("--stream", "--streams", metavar="NAMES", help=f"Of {', '.join(Channel)}.")
@click.option("--cause", "--causes", metavar="NAMES", help=f"Of {', '.join(GapCause)}.")
@click.option("--open", "still_open", is_flag=True, help="Only those that have no end yet.")
@click.option("--unrepaired", is_flag=True, help="Only those of which nothing was fetched again.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="The newest so many.",
)
@click.option("--summary", is_flag=True, help="One row for each stream and cause, over all gaps.")
@click.option("--check", is_flag=True, help="Exit with 7 where a gap is open.")
@choosing_options
@WATCH_OPTION
@database_options
@output_options
def command(
    chosen: Chosen,
    *,
    stream: str | None,
    cause: str | None,
    still_open: bool,
    unrepaired: bool,
    limit: int,
    summary: bool,
    check: bool,
    watch: float | None,
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """The intervals in which streams cannot be vouched for, newest first, each with its cause.

    A gap is open as long as its stream was not heard again: its seconds are those until now. With
    --from and --to those that reach into the span. --check exits with 7 where one is open, and
    says whether anybody collects its stream.
    """
    where = Output(as_json, as_csv, output)
    if watch is not None and (where.path is not None or check):
        raise BadInput("watch", watch, "print to stdout without --check, or ask once")
    settings = settings_with_database({}, database_url, database_dir)
    which = GapFilter(
        streams=tuple(names_among(stream, "stream", Channel)),
        causes=tuple(names_among(cause, "cause", GapCause)),
        still_open=still_open or None,
        unrepaired=unrepaired or None,
    )

    async def ask() -> list[GapSum]:
        configure_logs(settings.log)
        times = 0
        async with open_storage(settings) as repository:
            while True:
                printed, sums = await _asked(repository, chosen, which, limit, summary=summary)
                show(replace(printed, again=None if watch is None else times), where)
                if watch is None:
                    return sums
                times += 1
                await asyncio.sleep(watch)

    sums = asyncio.run(ask())
    return _checked(sums) if check else 0


async def _asked(
    repository: PostgresRepository,
    chosen: Chosen,
    which: GapFilter,
    limit: int,
    *,
    summary: bool,
) -> tuple[Printed, list[GapSum]]:
    query = structs.replace(await chosen.query(repository), limit=limit, newest_first=True)
    found = await repository.get_gaps(query, which)
    sums = await repository.sum_gaps(query, which)
    printed = _summary(sums) if summary else _listed(found, sums)
    simulated = await simulated_of(repository, {gap.exchange for gap in found})
    return replace(printed, simulated=simulated), sums


def _listed(found: Sequence[Gap], sums: Sequence[GapSum]) -> Printed:
    now = datetime.now(UTC)
    return Printed(
        records=[_record(gap, now) for gap in found],
        fields=FIELDS,
        screen=Screen(COLUMNS, units=UNITS, usual=UNTOLD, rows=_shown),
        units=UNITS,
        notes=[*_notes(len(found), sums)],
        meta={"summary": [plain(one) for one in sums]},
    )


def _record(gap: Gap, now: datetime) -> Record:
    lasted = max((gap.end_time or now) - gap.start_time, now - now)
    return {**plain(gap), "seconds": f"{lasted.total_seconds():.6f}".rstrip("0").rstrip(".")}


def _shown(record: Record) -> Iterable[Record]:
    yield {**record, "end_time": record["end_time"] or "open"}


def _notes(shown: int, sums: Sequence[GapSum]) -> Iterable[str]:
    count = sum(one.gaps for one in sums)
    if shown < count:
        yield f"the newest {shown} of {count} gaps: --limit lists more"
    for one in sums:
        states = ", ".join(
            f"{number} {state}"
            for number, state in ((one.open, "open"), (one.unrepaired, "unrepaired"))
            if number
        )
        told = f" ({states})" if states else ""
        yield f"{one.stream}, {one.cause}: {one.gaps}{told}, {one.seconds:,.3f} s"


def _summary(sums: Sequence[GapSum]) -> Printed:
    units = units_of(GapSum)
    return Printed(
        records=[plain(one) for one in sums],
        fields=SUMMED,
        screen=Screen(SUMMED, units=units),
        units=units,
    )


def _checked(sums: Sequence[GapSum]) -> int:
    """The exit code; one line on stderr where a gap is open."""
    count = sum(one.open for one in sums)
    if not count:
        return 0
    heard, unheard = Counter[str](), Counter[str]()
    for one in sums:
        heard[one.stream] += one.collected
        unheard[one.stream] += one.open - one.collected
    parts = [
        f"{counts.total()} of streams that {state} ({', '.join(sorted(+counts))})"
        for counts, state in ((heard, "are collected now"), (unheard, "nobody collects now"))
        if counts.total()
    ]
    noun = "gap is" if count == 1 else "gaps are"
    sys.stderr.write(f"perps-stats: {count} {noun} open: {', '.join(parts)}\n")
    return GAPS_FOUND
