"""``exchanges``: the exchanges, and what each of them offers, read from their own values."""

import click

from perps_stats.cli.options import CONTEXT, output_options
from perps_stats.cli.output import Printed, Record, show
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Exchange

QUESTIONS = ("trades", "klines", "funding", "funding_history", "open_interest", "stats")


@click.command(context_settings=CONTEXT)
@output_options
def command(*, as_json: bool, as_csv: bool, output: str | None) -> int:
    """The exchanges, and what each of them offers."""
    records = [_record(exchange) for exchange in EXCHANGES.values()]
    printed = Printed(records=records, columns=list(records[0]), units={})
    show(printed, as_json=as_json, as_csv=as_csv, output=output)
    return 0


def _record(exchange: Exchange) -> Record:
    questions: Record = {name: getattr(exchange, name) is not None for name in QUESTIONS}
    streams = [str(channel) for channel in exchange.stream.paths] if exchange.stream else []
    return {
        "exchange": exchange.name,
        "max_depth": exchange.max_depth,
        **questions,
        "intervals": list(exchange.intervals),
        "streams": streams,
    }
