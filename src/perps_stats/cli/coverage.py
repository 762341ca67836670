"""``coverage``: what is held of each series and what is missing; how good streams were."""

from collections.abc import Sequence
from dataclasses import replace

import click
from msgspec import structs

from perps_stats.cli.options import (
    CONTEXT,
    database_options,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output, Printed, Record, Screen, plain, show
from perps_stats.cli.stored import (
    Chosen,
    choosing_options,
    names_among,
    simulated_of,
    with_repository,
)
from perps_stats.core.catalogue import DATA_SETS, units_of
from perps_stats.core.errors import BadInput
from perps_stats.core.figures import Coverage, Hole
from perps_stats.core.intervals import INTERVALS
from perps_stats.core.ledger import StreamCoverage
from perps_stats.database.ledger import STEPS
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import EXCHANGES, verifiable_streams
from perps_stats.exchanges.events import Channel

SERIES = ("exchange", "symbol", "data_set", "interval", "kind")
COLUMNS = (*SERIES, "first", "last", "rows", "missing", "holes")


@click.command(context_settings=CONTEXT)
@click.option("--holes", is_flag=True, help="One row for each hole of a series.")
@click.option("--streams", is_flag=True, help="How long streams were collected and vouched for.")
@click.option("--by", type=click.Choice(list(STEPS)), help="Of streams: each.  [default: day]")
@click.option("--stream", metavar="NAMES", help=f"Of {', '.join(Channel)}.  [default: all]")
@click.option("--data", metavar="NAMES", help=f"Of {', '.join(DATA_SETS)}.  [default: all]")
@click.option("--intervals", metavar="NAMES", help="Of candles: 1m,1h.  [default: all]")
@choosing_options
@database_options
@output_options
def command(
    chosen: Chosen,
    *,
    holes: bool,
    streams: bool,
    by: str | None,
    stream: str | None,
    data: str | None,
    intervals: str | None,
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """What is held of each series: first and last row, how many, and what is missing.

    Of candles and settled funding every hole is known; of what comes at no fixed distance it is
    null. Without --from a series is expected from where the exchange's history begins, if that is
    known, else from its first row.

    With --streams (or --by, --stream): for how long each stream was verified (the exchange counts
    its messages and none is missing), unverifiable (it counts nothing), in a gap, or not collected:
    seconds of each day. `perps-stats gaps` lists the gaps.
    """
    where = Output(as_json, as_csv, output)
    settings = settings_with_database({}, database_url, database_dir)
    wanted, lengths = (
        names_among(data, "data", DATA_SETS),
        names_among(intervals, "intervals", INTERVALS),
    )
    channels = names_among(stream, "stream", Channel)
    of_streams = streams or by is not None or stream is not None
    if of_streams and (holes or data or intervals):
        raise BadInput("holes, data, intervals", "", "they are of series: leave --streams out")

    async def ask(repository: PostgresRepository) -> Printed:
        query = await chosen.query(repository)
        if of_streams:
            printed = _streams(
                await repository.get_stream_coverage(
                    query, channels, by=by or "day", verifiable=verifiable_streams(EXCHANGES)
                )
            )
        else:
            found = await repository.get_coverage(query, wanted, lengths)
            printed = _holes(found) if holes else _series(found)
        shown = (record["exchange"] for record in printed.records)
        return replace(printed, simulated=await simulated_of(repository, shown))

    show(with_repository(settings, ask), where)
    return 0


def _series(found: Sequence[Coverage]) -> Printed:
    count = sum(len(one.holes or ()) for one in found)
    return Printed(
        records=[
            {**plain(structs.replace(one, holes=None)), "holes": _count(one.holes)} for one in found
        ],
        fields=Coverage.__struct_fields__,
        screen=Screen(COLUMNS, usual={"interval": "", "kind": ""}),
        notes=[
            *([f"{count} holes: --holes lists each"] if count else []),
            "--streams tells how long streams were collected and vouched for",
        ],
    )


def _count(holes: Sequence[Hole] | None) -> int | None:
    return None if holes is None else len(holes)


def _holes(found: Sequence[Coverage]) -> Printed:
    fields = (*SERIES, *Hole.__struct_fields__)
    records: list[Record] = []
    for one in found:
        series = plain(structs.replace(one, holes=None))
        named: Record = {name: series[name] for name in SERIES}
        records += [{**named, **plain(hole)} for hole in one.holes or ()]
    return Printed(
        records=records, fields=fields, screen=Screen(fields, usual={"interval": "", "kind": ""})
    )


def _streams(found: Sequence[StreamCoverage]) -> Printed:
    fields, units = StreamCoverage.__struct_fields__, units_of(StreamCoverage)
    gaps = any(one.in_gaps for one in found)
    return Printed(
        records=[plain(one) for one in found],
        fields=fields,
        screen=Screen(fields, units=units),
        units=units,
        notes=["`perps-stats gaps` lists each gap"] if gaps else [],
    )
