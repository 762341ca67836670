"""``verify``: figures derived anew from stored rows, and compared with the stored ones."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import click

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
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.verify.checks import CHECKS
from perps_stats.database.verify.running import Step, Tell, verify
from perps_stats.database.verify.verdicts import Difference, Outcome, total

DIFFERENCES_FOUND = 7
FIELDS = ("check", "exchange", "compared", "equal", "different", "not_comparable", "reasons")
LINE_SECONDS = 5.0
MEANINGS = "\n".join(f"{check.name:<11} {check.meaning}" for check in CHECKS.values())
HELP = f"""Derive stored figures anew from the rows they were made of, and compare.

\b
{MEANINGS}

What one side does not hold is not compared, and the reason is told. Exits with 7 where anything
differs; the first differences of each check are told with both values. Candles of an exchange that
makes them of other trades than it publishes differ: that is found, not excused."""


@click.command(context_settings=CONTEXT, help=HELP)
@click.option("--checks", "--check", metavar="NAMES", help=f"Of {', '.join(CHECKS)}.")
@click.option("--differences", is_flag=True, help="One row for each of the first differences.")
@choosing_options
@database_options
@output_options
def command(
    chosen: Chosen,
    *,
    checks: str | None,
    differences: bool,
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    where = Output(as_json, as_csv, output)
    names = names_among(checks, "checks", CHECKS)

    async def ask(repository: PostgresRepository) -> tuple[Printed, list[Outcome]]:
        query = await chosen.query(repository)
        now = datetime.now(UTC)
        found = await verify(repository.link, query, names, now=now, tell=told_every())
        printed = _differences(found) if differences else _outcomes(found)
        simulated = await simulated_of(repository, {one.exchange for one in found})
        return replace(printed, simulated=simulated), found

    settings = settings_with_database({}, database_url, database_dir)
    printed, found = with_repository(settings, ask)
    show(printed, where)
    return _ended(found)


def told_every(seconds: float = LINE_SECONDS, clock: Callable[[], float] = time.monotonic) -> Tell:
    """A line on stderr every so often, which says how far it is."""
    told = clock()

    def tell(step: Step, rows: int) -> None:
        nonlocal told
        if clock() - told >= seconds:
            told = clock()
            part = f"{step.number} of {step.count}: {step.check} of {step.market}"
            sys.stderr.write(f"perps-stats: {part}, {rows:,} rows\n")

    return tell


def _outcomes(found: Sequence[Outcome]) -> Printed:
    listed = [plain(each) for one in found for each in one.first]
    notes = [
        f"{each['exchange']}:{each['symbol']} {each['timestamp']}, {each['what']}: "
        f"{each['field']} is {each['stored']}, derived {each['derived']}"
        for each in listed
    ]
    return Printed(
        records=[_record(one) for one in found],
        fields=FIELDS,
        screen=Screen(FIELDS),
        notes=notes,
        meta={"differences": listed},
    )


def _record(one: Outcome) -> Record:
    return {
        "check": one.check,
        "exchange": one.exchange,
        "compared": one.compared,
        "equal": one.equal,
        "different": one.different,
        "not_comparable": one.not_comparable.total(),
        "reasons": [f"{rows}: {reason};" for reason, rows in one.not_comparable.most_common()],
    }


def _differences(found: Sequence[Outcome]) -> Printed:
    fields = Difference.__struct_fields__
    records = [plain(each) for one in found for each in one.first]
    return Printed(records=records, fields=fields, screen=Screen(fields))


def _ended(found: Sequence[Outcome]) -> int:
    """The exit code, and one line."""
    compared, different = total(found)
    if not compared:
        sys.stderr.write("perps-stats: nothing could be compared\n")
    if different:
        sys.stderr.write(f"perps-stats: {different:,} of {compared:,} comparisons differ\n")
    return DIFFERENCES_FOUND if different else 0
