"""``backfill`` (also ``fetch``): history into the database, each part of it asked for once."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from perps_stats.cli.options import (
    CONTEXT,
    EXCHANGES_OPTION,
    SYMBOL_FORMS,
    database_options,
    names_of,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output
from perps_stats.core.errors import BadInput
from perps_stats.core.times import parse_time

if TYPE_CHECKING:
    from perps_stats.ingest.backfill.backfill import Wish
    from perps_stats.settings import Settings

ALL = "all"


@click.command(context_settings=CONTEXT)
@EXCHANGES_OPTION
@click.option(
    "--symbols",
    "--symbol",
    "-s",
    metavar="NAMES",
    required=True,
    help=f"Symbols, separated by commas, or {ALL}: {SYMBOL_FORMS}.",
)
@click.option(
    "--from",
    "start",
    metavar="TIME",
    default="-30d",
    show_default=True,
    help="Where to begin: 2024-01-01, RFC 3339, an epoch, -30d.",
)
@click.option("--to", "end", metavar="TIME", help="Where to end, exclusive.  [default: now]")
@click.option(
    "--data",
    metavar="NAMES",
    default="klines,funding",
    show_default=True,
    help="What to fetch: klines, funding, trades, open_interest.",
)
@click.option(
    "--intervals",
    "--interval",
    metavar="NAMES",
    default="1m",
    show_default=True,
    help="Of candles: 1m, 5m, 15m, 1h, 4h, 1d, …",
)
@click.option("--force", is_flag=True, help="Ask again for what was answered before.")
@click.option("--dry-run", is_flag=True, help="Only tell the plan: requests, rows, time.")
@database_options
@output_options
def command(
    *,
    exchanges: str | None,
    symbols: str,
    start: str,
    end: str | None,
    data: str,
    intervals: str,
    force: bool,
    dry_run: bool,
    database_url: str | None,
    database_dir: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Fetch history: only what is missing, exactly, to go on after any interruption.

    What was answered is remembered, also where an exchange has nothing. Exit code 6 says that
    something is still missing; the table says what and why.
    """
    where = Output(as_json, as_csv, output)
    settings = settings_with_database({"ask.exchanges": exchanges}, database_url, database_dir)
    wish = _wish(symbols, start, end, data, intervals, force=force)
    return _run(settings, wish, where, dry_run=dry_run)


def _wish(
    symbols: str, start: str, end: str | None, data: str, intervals: str, *, force: bool
) -> "Wish":
    """Raises ``BadInput``."""
    from perps_stats.app.backfill import data_sets_of, intervals_of  # noqa: PLC0415 --help is fast
    from perps_stats.core.spans import Span  # noqa: PLC0415
    from perps_stats.ingest.backfill.backfill import Wish  # noqa: PLC0415

    now = datetime.now(UTC)
    first = parse_time(start, now=now, field="from")
    after = now if end is None else parse_time(end, now=now, field="to")
    if first >= after:
        raise BadInput("from", start, "begin before the end: --from 2024-01-01 --to 2024-02-01")
    if first >= now:
        raise BadInput("from", start, "history ends now: begin earlier")
    wanted = names_of(symbols, "symbols")
    return Wish(
        symbols=() if wanted == [ALL] else wanted,
        data=data_sets_of(names_of(data, "data")),
        intervals=intervals_of(names_of(intervals, "intervals")),
        span=Span(first, after),
        force=force,
    )


def _run(settings: "Settings", wish: "Wish", where: Output, *, dry_run: bool) -> int:
    from perps_stats.app.backfill import open_backfill  # noqa: PLC0415 --help is fast
    from perps_stats.app.logs import configure_logs  # noqa: PLC0415
    from perps_stats.cli.backfill_report import show_outcomes, show_plan  # noqa: PLC0415
    from perps_stats.cli.progress import Bars  # noqa: PLC0415
    from perps_stats.cli.service import run_fast  # noqa: PLC0415

    configure_logs(settings.log)
    bars = Bars()

    async def work() -> int:
        names = list(settings.ask.exchanges) or None
        async with open_backfill(settings, names, bars.watch()) as backfill:
            plan = await backfill.plan(wish)
            if dry_run:
                return show_plan(plan, where)
            with bars.shown(plan):
                outcomes = await backfill.run(plan)
            return show_outcomes(plan, outcomes, where)

    return run_fast(work())
